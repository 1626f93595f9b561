"""Pages of findings are all findings; facets are their numbers; judging and recounting follow."""

import io
import random
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from piiscan import (
    Case,
    CaseError,
    FindingFilters,
    compare_counts,
    count,
    explain_finding,
    finding_facets,
    findings_page,
    judge_findings,
    recount,
    show_place,
    verify,
)
from piiscan.case.count.subjects.exclusion_list import exclusion_form
from piiscan.case.lookup.findings import SORTS
from piiscan.case.report.case_data import load_case_data
from piiscan.case.report.cover import case_facts
from piiscan.case.report.docx.row_groups import shipped_template
from piiscan.case.report.docx.statement import fill_statement
from piiscan.case.store.audit_log import read_events
from piiscan.forms.writer import SheetRow, write_sheet
from tests.case.scanned import scan_files

ROWS = "".join(f"张三,1390013{n:04},\n" for n in range(40))
FILES = {
    "a.csv": "姓名,手机号,邮箱\n" + ROWS,
    "b/c.csv": "姓名,手机号,备注\n李四,13900137999,<b>\u202e\n王五,13900130007,\n",
    "note.txt": "无\n联系 13900130003\n无\n",
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return scan_files(tmp_path_factory.mktemp("findings"), FILES)


def all_rows(case: Case) -> list[dict[str, Any]]:
    return case.findings().to_pylist()


def facet(row: dict[str, Any], name: str) -> str:
    return str(row[name] if row[name] is not None else "")


def test_pages_are_all_findings_in_reading_order(case: Case) -> None:
    expected = [(r["source"], r["row"], r["start"], r["entity"]) for r in all_rows(case)]
    first = findings_page(case, size=40)
    pages = [findings_page(case, page=n + 1, size=40) for n in range(first.pages)]
    found = [(r["source"], r["row"], r["start"], r["entity"]) for p in pages for r in p.rows]
    assert found == expected
    assert first.total == len(expected)
    assert findings_page(case, page=10**9, size=40) == pages[-1]


def test_filters_and_facets_are_those_of_a_plain_loop(case: Case) -> None:
    drawn = random.Random(1)
    names = ("entity", "source", "verdict", "role", "reason")
    rows = all_rows(case)
    for _ in range(12):
        chosen = {
            name: tuple({facet(drawn.choice(rows), name) for _ in range(2)})
            for name in drawn.sample(names, 2)
        }
        text = drawn.choice(("", "0003", "张"))
        filters = FindingFilters(chosen, text)

        def passes(row: dict[str, Any], but: str = "") -> bool:
            fits = all(facet(row, n) in v for n, v in chosen.items() if n != but)  # noqa: B023
            return fits and text in (row["masked"] or "")  # noqa: B023

        page = findings_page(case, filters, size=1000)
        assert [r["masked"] for r in page.rows] == [r["masked"] for r in rows if passes(r)]
        facets = finding_facets(case, filters)
        for name in names:
            assert facets[name] == Counter(facet(r, name) for r in rows if passes(r, name))


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS[1:]), "x"])
def test_pages_of_an_order_are_all_findings_in_it(case: Case, sort: str) -> None:
    """Equal ones are in reading order."""
    everything = findings_page(case, size=1000).rows
    name, turned = sort.removeprefix("-"), sort.startswith("-")
    keys = {
        "source": lambda row: row["path"],
        "score": lambda row: round(100 * row["score"]),
        "judged": lambda row: "open",
        "suspect": lambda row: row["suspect"] or "",
        **dict.fromkeys(("place", "x"), lambda row: 0),
    }
    value = keys.get(name, lambda row: row[name])
    expected = sorted(everything, key=value, reverse=turned)  # stable
    numbers = range(1, -(-len(everything) // 33) + 1)
    pages = [findings_page(case, page=number, size=33, sort=sort).rows for number in numbers]
    found = [(row["source"], row["nth"]) for page in pages for row in page]
    assert found == [(row["source"], row["nth"]) for row in expected]


def test_a_place_has_its_neighbours_masked_and_a_clear_view_is_logged(case: Case) -> None:
    rows = findings_page(case, FindingFilters({"entity": ("CN_MOBILE",)}), size=1000).rows
    row = next(r for r in rows if r["source"] == 1 and r["row"] == 10)
    before = len(read_events(case.path / "log.jsonl"))
    place = show_place(case, 1, row["nth"], neighbours=2)
    assert [line.row for line in place.spot.lines] == [8, 9, 10, 11, 12]
    (asked,) = (line for line in place.spot.lines if line.asked)
    assert ("手机号", "【139****0008】") in asked.cells
    assert "13900130008" not in str(asked.cells)
    assert len(read_events(case.path / "log.jsonl")) == before
    clear = show_place(case, 1, row["nth"], clear=True, operator="王检")
    assert "【13900130008】" in str([line.cells for line in clear.spot.lines])
    event = read_events(case.path / "log.jsonl")[-1]
    assert (event["event"], event["operator"], event["reveal"]) == ("lookup", "王检", True)
    with pytest.raises(CaseError, match="no such finding"):
        show_place(case, 1, 10**6)


def test_a_batch_is_one_attachment_and_a_recount_keeps_the_settings(tmp_path: Path) -> None:
    case = scan_files(tmp_path, FILES)
    sheet = tmp_path / "exclusions.xlsx"
    line = {"kind": "path", "pattern": "*c.csv", "reason": "测试", "author": "王检"}
    write_sheet(sheet, exclusion_form(), [SheetRow(line)], language="zh")
    before = count(case, key_by=["phone"], exclude=sheet, code_minutes=7)
    assert recount(case).number == before.number  # nothing changed
    case = Case.open(case.path, key=case.key)
    mobile = FindingFilters({"entity": ("CN_MOBILE",)})
    places = [(r["source"], r["nth"]) for r in findings_page(case, mobile).rows][:20]
    made = judge_findings(case, places, "false", reason="测试号", author="王检")
    assert len(made) == 20
    judge_findings(case, places[:5], "right", reason="看错", author="李检")
    handed = sorted(each.name for each in (case.path / "handed").glob("judged-*"))
    assert handed == ["judged-0001.json", "judged-0002.json"]
    judged = FindingFilters({"judged": ("review",)})
    assert [(r["source"], r["nth"]) for r in findings_page(case, judged).rows] == places[5:]
    assert findings_page(case, FindingFilters({"judged": ("right",)})).total == 5
    open_, everything = findings_page(case, FindingFilters({"judged": ("open",)})), all_rows(case)
    assert open_.total == len(everything) - 20
    assert finding_facets(case)["judged"] == {"open": open_.total, "review": 15, "right": 5}
    after = recount(case)
    asked = [{**each.content["asked"], "judged": None} for each in (before, after)]
    assert asked[0] == asked[1]
    changes = compare_counts(case, before.number, after.number)
    assert changes.settings == ["judged"]
    data = load_case_data(case)
    for language, told in (
        ("zh", "有 15 处只有一人认定，待第二人复核"),
        ("en", "15 were called so by one"),
    ):
        words = data.words(language)
        template = shipped_template(language, "police", rows=data.tables)
        filled = fill_statement(data, template, words, {}, document="police").content
        with zipfile.ZipFile(io.BytesIO(filled)) as document:
            assert told in document.read("word/document.xml").decode()
        assert any(told in str(value) for _, value in case_facts(data, words))
    falls = {r["step"]: r["difference"] for r in changes.steps if r["scope"] == "total"}
    assert falls["R2"] == -15
    (reason,) = (r for r in changes.reasons if r["scope_kind"] == "total")
    assert (reason["reason"], reason["difference"]) == ("JUDGED_FALSE", 15)
    for author, agreed in (("王检", 0), ("李检", 2)):  # only a second person agrees
        judge_findings(case, places[5:7], "false", reason="同意", author=author)
        assert finding_facets(case)["judged"].get("false", 0) == agreed
    ((record,),) = [explain_finding(case, *places[5]).records]
    assert record.steps[-1].reason == "JUDGED_FALSE"
    other = tmp_path / "other.key"
    other.write_bytes(bytes(32))
    with pytest.raises(CaseError):  # birthdays would not be read
        recount(case.path, key=other)
    with pytest.raises(CaseError, match="no such finding"):
        judge_findings(case, [(1, 10**6)], reason="x", author="y")
    with pytest.raises(CaseError, match="no count 9"):
        compare_counts(case, 1, 9)
    assert verify(case.path).differences == ()
