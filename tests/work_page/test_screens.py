"""The screens show a hostile case as text, masked, and judge, recount and write through the log."""

import html
import re

import pytest

from piiscan import Case, column_rows, register_rows, verify
from piiscan.case.store.audit_log import read_events
from tests.work_page.conftest import CELLS, Page, visible

SCREENS = (
    *("/", "/findings", "/tables", "/tables?name=kinds", "/tables?name=<script>"),
    *("/unread", "/register", "/register?all=1", "/register?sheet=dealing", "/count", "/columns"),
    *("/documents", "/log"),
)


def places(page: Page, query: str = "") -> list[str]:
    return re.findall(r"[?&]at=(\d+-\d+)\"", page.get(f"/findings{query}").text.replace("amp;", ""))


def is_inert(html: str) -> bool:
    """No tag or attribute but those of the templates, no character that hides or turns text."""
    tags = set(re.findall(r"<(\w+)", html)) <= {
        *("html", "head", "meta", "title", "link", "script", "body", "a", "nav", "span", "bdi"),
        *("form", "input", "button", "main", "p", "h1", "h2", "h3", "ul", "ol", "li", "b", "i"),
        *("section", "article", "table", "thead", "tbody", "tr", "th", "td", "svg", "rect", "text"),
        *("line", "defs", "marker", "path", "details", "summary", "aside", "label", "kbd", "dl"),
        *("dt", "dd", "select", "option", "div", "mark", "small", "br", "img"),
    }
    scripts = re.findall(r"<script[^>]*>[^<]*", html)
    images = re.findall(r"<img[^>]*>", html)
    handlers = re.findall(r"<[^>\"]*(?:\"[^\"]*\"[^>\"]*)*\son\w+\s*=", html)
    hidden = re.findall("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)
    return tags and len(scripts) == 1 and not handlers and not hidden and not images


def test_every_screen_is_inert_in_both_languages(page: Page) -> None:
    for language in ("en", "zh"):
        assert page.post("/language", language=language).status_code == 303
        for path in SCREENS:
            answer = page.get(path)
            assert answer.status_code == 200, path
            assert is_inert(answer.text), path
            assert "13600136" not in answer.text, path  # masked
        assert f'lang="{"en" if language == "en" else "zh-CN"}"' in page.get("/").text


def test_every_table_of_the_reports_is_inert(page: Page) -> None:
    names = re.findall(r"tables\?name=(\w+)", page.get("/tables").text)
    assert {"by_suspect", "kinds", "ladder", "unread"} <= set(names)
    for name in names:
        told = page.get(f"/tables?name={name}").text
        assert is_inert(told), name
        assert "13600136" not in told, name


def test_every_place_is_inert_masked_and_clear(page: Page) -> None:
    found = places(page)
    assert len(found) > 20
    begun = len(read_events(page.case / "log.jsonl"))
    for at in found[::6]:
        masked = page.get(f"/findings?at={at}").text
        assert is_inert(masked), at
        assert not re.search(r"1360013\d{4}", masked)
        assert len(masked) < 400_000  # a cell of 100 kB is cut
        clear = page.post("/clear", at=at)
        assert clear.status_code == 200
        assert is_inert(clear.text), at
    assert re.search(r"1360013\d{4}", clear.text)
    events = read_events(page.case / "log.jsonl")[begun:]
    assert [e["event"] for e in events] == ["lookup"] * len(found[::6])
    assert {(e["operator"], e["reveal"], e["rows"]) for e in events} == {
        ("<b>王检\u202e</b>", True, 1)
    }


def test_all_places_are_clear_for_a_sitting_with_a_reason_and_each_view_is_logged(
    page: Page,
) -> None:
    begun, at = len(read_events(page.case / "log.jsonl")), places(page)[0]
    assert page.post("/clear", at=at, sitting="begin", why=" ").status_code == 409
    assert 'class="clear' in page.post("/clear", at=at, sitting="begin", why="<b>核对").text
    shown = page.get(f"/findings?at={at}")
    assert "data-sitting" in shown.text  # the browser then posts, see test_browser
    assert 'class="clear' not in shown.text
    assert is_inert(shown.text)
    page.post("/clear", at=at)
    assert (
        page.post("/clear", at=at, sitting="end", entity="PERSON")
        .headers["location"]
        .endswith(f"entity=PERSON&at={at}")
    )
    assert "data-sitting" not in page.get("/").text
    events = read_events(page.case / "log.jsonl")[begun:]
    told = [(e.get("sitting"), e.get("reason"), e["rows"]) for e in events]
    assert told == [("begin", "<b>核对", 0), *[(None, None, 1)] * 2, ("end", None, 0)]


def test_clear_cells_are_shown_as_they_read(page: Page) -> None:
    (source,) = [
        s["source"]
        for s in page.work.case.manifest.content["sources"]
        if s["path"].endswith("cells.csv")
    ]
    at = next(p for p in places(page, f"?source={source}&entity=CN_MOBILE"))
    shown = visible(page.post("/clear", at=at).text)
    for cell in ("&lt;script&gt;document.title", "&lt;img src=x onerror=", "javascript:document"):
        assert cell in shown
    assert "\u202e" not in shown
    assert CELLS[4] not in shown


def test_filters_stand_in_the_address_and_unknown_ones_find_nothing(page: Page) -> None:
    everything = page.get("/findings").text
    assert re.search(r"<h1>命中 \d+ 处</h1>", everything)
    assert "<h1>命中 0 处</h1>" in page.get("/findings?entity=<script>").text
    assert is_inert(page.get("/findings?entity=<script>&text=<img onerror=x>&role='--").text)
    some = page.get("/findings?entity=CN_MOBILE&verdict=plausible").text
    assert "☑" in some
    assert page.get("/findings?at=999999-0").status_code == 200


def test_judging_leads_on_and_a_recount_tells_what_changed(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,) = [
        s["source"]
        for s in page.work.case.manifest.content["sources"]
        if s["path"].endswith("cells.csv")
    ]
    query = {"source": str(source), "entity": "CN_MOBILE"}
    first, second, *_ = places(page, f"?source={source}&entity=CN_MOBILE")
    reason = "<script>测试号</script>"
    answer = page.post("/judge", at=first, judge="false", why=reason, **query)
    assert answer.status_code == 303
    assert f"at={second}" in answer.headers["location"]
    shown = page.get(f"/findings?at={first}").text
    assert is_inert(shown)
    assert "误检" in shown
    assert page.post("/judge", at=first, judge="false", why=" ").status_code == 409
    assert page.post("/judge", at=first, judge="wrong", why="x").status_code == 409
    assert page.post("/judge", at="1-99999", judge="false", why="x").status_code == 409
    assert page.post(
        "/judge", at=first, judge="overlooked", kind="PERSON", cell="3", why="漏"
    ).is_redirect
    total = len(places(page, f"?source={source}&entity=CN_MOBILE"))
    fields = {**query, "judge": "false", "why": "整列", "judged": "open"}
    assert page.post("/judge-all", total=str(total + 5), **fields).status_code == 409
    monkeypatch.setattr("piiscan.work_page.screens.count_singly", lambda *_: 2)
    assert "逐一核实" in page.post("/judge-all", total=str(total - 1), **fields).text
    monkeypatch.undo()
    assert page.post("/judge-all", total=str(total - 1), **fields).is_redirect
    assert page.post("/undo").is_redirect
    assert len(places(page, f"?source={source}&entity=CN_MOBILE&judged=open")) == total - 1
    assert "已撤销" in page.get("/next?judged=open").text or page.get("/next").is_redirect
    assert page.post("/judge-all", total=str(total - 1), **fields).is_redirect
    assert page.post("/count").is_redirect
    assert page.work.counting is not None
    page.work.counting.process.wait(100)
    told = page.get("/count").text
    assert "与上次计数相比" in told
    assert "人工认定为误检" in told or "→" in told
    assert is_inert(told)
    events = read_events(page.case / "log.jsonl")
    assert {e.get("operator") for e in events[-4:]} == {"<b>王检\u202e</b>"}
    assert verify(page.case).differences == ()
    assert is_inert(page.get("/log").text)
    assert is_inert(page.get(f"/explain?at={first}").text)


def test_a_whole_value_is_looked_up_and_stands_nowhere(page: Page) -> None:
    found = page.post("/lookup", value="136 0013 0003").text
    assert is_inert(found)
    assert "136****0003" in found
    assert "13600130003" not in found
    assert page.get("/lookup").status_code == 404
    assert "没有这个值" in page.post("/lookup", value="<script>").text


def test_documents_are_written_and_logged(page: Page) -> None:
    assert page.post("/documents", form="xlsx").is_redirect
    assert "report.xlsx" in page.get("/documents").text
    assert read_events(page.case / "log.jsonl")[-1]["event"] == "report"
    assert page.post("/documents", form="../x").status_code == 409
    assert verify(page.case).differences == ()


def test_a_source_that_is_gone_is_told_and_lists_still_work(page: Page) -> None:
    (source,) = [
        s for s in page.work.case.manifest.content["sources"] if s["path"].endswith("sale.csv")
    ]
    at = places(page, f"?source={source['source']}")[0]
    place = Case.open(page.case).path.parent / "dump" / "sale.csv"
    place.rename(place.with_suffix(".away"))
    try:
        answer = page.get(f"/findings?at={at}")
        assert answer.status_code == 200
        assert "sale.csv" in answer.text
        assert 'class="message"' in answer.text
        assert page.post("/clear", at=at).status_code == 409
    finally:
        place.with_suffix(".away").rename(place)


@pytest.mark.parametrize("path", ["/../manifest.json", "/page.css/../x", "/templates/layout.html"])
def test_no_other_file_is_served(page: Page, path: str) -> None:
    assert page.get(path).status_code in (403, 404)


def grid_form(page: Page, query: str = "", path: str = "/register") -> dict[str, str]:
    """The fields of the sheet's form as they are."""
    told = page.get(f"{path}{query}").text
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', told))
    chosen = re.findall(r'<select name="([^"]+)".*?</select>', told)
    for name in chosen:
        cell = told.partition(f'<select name="{name}"')[2].partition("</select>")[0]
        fields[name] = (re.findall(r'<option value="([^"]*)" selected', cell) or [""])[0]
    return {name: html.unescape(value) for name, value in fields.items() if name != "language"}


def test_the_register_is_edited_previewed_and_stored_as_the_sheet_of_the_command_line(
    page: Page,
) -> None:
    before = page.log()
    form = grid_form(page)
    rows = register_rows(page.case)
    changed = {**form, "0.role": "出售", "0.party_to": "<b>乙</b>", "0.suspect": "甲\u202e"}
    shown = page.post("/register", **changed, act="preview")
    assert is_inert(shown.text)
    assert "&lt;b&gt;乙" in shown.text
    assert 'class="edge"' in shown.text
    wrong = page.post(
        "/register",
        **{**changed, "0.time": "某日", f"{len(rows['register'])}.item": "1"},
        act="save",
    )
    assert wrong.status_code == 409
    assert wrong.text.count('<td class="asked">') == 2
    assert is_inert(wrong.text)
    assert page.log() == before
    assert page.post("/register", **changed, act="save").is_redirect
    assert page.post("/register", **changed, act="save").status_code == 409  # the rows are others
    after = register_rows(page.case)
    sold = {"role": "出售", "party_to": "<b>乙</b>", "suspect": "甲\ufffd"}
    assert {**rows["register"][0], **sold} == {**after["register"][0], **sold}
    assert after["register"][0].items() >= sold.items()
    assert after["register"][1:] == rows["register"][1:]
    (*_, event) = read_events(page.case / "log.jsonl")
    assert (event["event"], event["kind"]) == ("handed", "register")
    assert event["operator"] == "<b>王检\u202e</b>"
    alias = {**grid_form(page, "?sheet=alias"), "0.name": "甲", "0.kind": "昵称", "0.alias": "小甲"}
    assert page.post("/register", **alias, act="save").is_redirect
    assert register_rows(page.case)["alias"] == [{"name": "甲", "kind": "昵称", "alias": "小甲"}]
    assert register_rows(page.case)["register"] == after["register"]
    assert verify(page.case).differences == ()


def test_columns_are_corrected_and_stored_as_the_sheet_of_the_command_line(page: Page) -> None:
    form = grid_form(page, path="/columns")
    rows, before = column_rows(page.case), page.log()
    at = next(n for n, row in enumerate(rows) if row["header"] == "手机号" and row["examples"])
    assert re.search(r"1\d\d\*{4}\d{4}", rows[at]["examples"])
    shown = page.get("/columns").text
    assert is_inert(shown)
    assert "13600136" not in shown
    wrong = page.post("/columns", **{**form, f"{at}.recognizers": "<b>", f"{at}.role": "谁"})
    assert wrong.status_code == 409
    assert wrong.text.count('<td class="asked">') == 2
    assert is_inert(wrong.text)
    assert page.log() == before
    assert page.post("/columns", **{**form, f"{at}.recognizers": "PERSON"}).is_redirect
    assert page.post("/columns", **form).status_code == 409  # the rows are others
    after = column_rows(page.case)
    assert after[at]["recognizers"].startswith("name.")
    assert [row for n, row in enumerate(after) if n != at] == [
        row for n, row in enumerate(rows) if n != at
    ]
    (*_, event) = read_events(page.case / "log.jsonl")
    assert (event["kind"], event["operator"]) == ("columns", "<b>王检\u202e</b>")
    beside = page.case.with_name("columns.xlsx")  # one that is newer
    beside.write_bytes(b"x")
    assert "columns.xlsx 比案卷中的这张表新" in page.get("/columns").text
    beside.unlink()
    assert verify(page.case).differences == ()


def test_a_disc_folder_and_a_seal_are_written_beside_the_case_in_the_name_of_the_operator(
    page: Page,
) -> None:
    for form, name in (("disc", f"{page.case.name}-光盘"), ("seal", f"{page.case.name}.zip")):
        assert page.post("/documents", form=form).is_redirect, form
        assert page.case.with_name(name).exists()
        (*_, event) = read_events(page.case / "log.jsonl")
        assert (event["event"], event["operator"]) == (form, "<b>王检\u202e</b>")
        shown = page.get("/documents").text
        assert is_inert(shown)
        assert name in shown
        assert page.post("/documents", form=form).status_code == 409  # it is there
    assert verify(page.case).differences == ()
