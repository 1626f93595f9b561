"""Screens of sample and count: records drawn, marked and rated; a count that is cancelled."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import piiscan
from piiscan import Case, count, import_sample, judge, sample_rows
from piiscan.case.store.attachments import all_attachments
from piiscan.case.store.audit_log import read_events
from piiscan.work_page import count_job
from tests.case.dump import scan_dump
from tests.work_page.conftest import Page, served


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Page]:
    rows = "".join(f"李四,136001360{n}\n" for n in range(10, 40))
    (tmp_path / "a.csv").write_text(f"姓名,手机号\n{rows}", "utf-8")
    case = scan_dump([tmp_path / "a.csv"], tmp_path / "case")
    count(case)
    yield from served(Case.of(case, operator="王检"))


def test_a_sample_is_drawn_marked_and_taken_by_the_command_line(counted: Page) -> None:
    page = counted
    assert page.get("/sample-place?row=1").status_code == 409  # nothing is drawn yet
    assert page.post("/sample", act="draw", size="5").status_code == 303
    rows = sample_rows(page.case)
    assert len(rows) == 5
    shown = page.get("/sample").text
    assert "已核实 0 条，共抽取 5 条（总体 30 条）" in shown
    state = shown.partition('name="state" value="')[2].partition('"')[0]
    bad = page.post("/sample", act="save", state=state, **{"0.result": "也许"})
    assert bad.status_code == 409, re.sub(r"<[^>]*>", "", bad.text).split("未能完成")[-1]
    assert 'aria-invalid="true"' in bad.text
    marks = {f"{n}.result": "实" if n else "虚" for n in range(5)}
    assert page.post("/sample", act="save", state=state, **marks).status_code == 303
    shown = page.get("/sample").text
    assert "已核实 5 条" in shown
    assert "80.00" in shown  # the rate, with bounds beside it
    marked = sample_rows(page.case)
    assert [row["result"] for row in marked] == ["虚", *["实"] * 4]
    assert {row["verifier"] for row in marked} == {"王检"}
    place = page.get("/sample-place?row=1")
    assert place.status_code == 303
    assert marked[0]["row"] in page.client.get(place.headers["location"]).text
    sheet = all_attachments(page.case, "verified-0001")[-1].path
    assert import_sample(page.case, sheet).changed == 0
    told = [e for e in read_events(page.case / "log.jsonl") if e["event"] in ("sample", "handed")]
    assert {e.get("operator") for e in told} == {"王检"}


def test_a_cancelled_count_leaves_the_case_as_it_was(
    counted: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_job, "_PROGRAM", f"import time; time.sleep(60); {count_job._PROGRAM}")
    page, before = counted, counted.log()
    assert page.post("/count").status_code == 303
    assert "正在计数" in page.get("/count").text
    assert page.post("/cancel-count").status_code == 303
    assert "计数已取消" in page.get("/count").text
    assert page.log() == before


def test_an_interrupted_count_leaves_no_file(
    counted: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("piiscan.case.count.count.write_tables", interrupt)
    with pytest.raises(KeyboardInterrupt):
        count(counted.case, key_by=["phone"])
    assert piiscan.verify(counted.case).differences == ()


def test_all_that_the_page_did_is_replayed_from_the_sheets_by_the_command_line(
    tmp_path: Path,
) -> None:
    """Register, columns and judgements of the page give the same count in a case of their own."""
    rows = "".join(f"李四,136001360{n},13700137{n:03}\n" for n in range(10, 40))
    (tmp_path / "a.csv").write_text(f"姓名,手机号,备用\n{rows}", "utf-8")
    case = scan_dump([tmp_path / "a.csv"], tmp_path / "case")
    count(case)
    for page in served(Case.of(case, operator="王检")):
        state = partial(re.findall, r'name="state" value="(\w+)"')
        told = page.get("/register").text
        cells = {"0.suspect": "甲", "0.role": "出售", "0.party_to": "乙", "act": "save"}
        assert page.post("/register", state=state(told)[0], **cells).is_redirect
        told = page.get("/columns").text
        assert page.post("/columns", state=state(told)[0], **{"0.role": "客户"}).is_redirect
        at = re.findall(r"[?&;]at=(\d+-\d+)", page.get("/findings?entity=CN_MOBILE").text)[0]
        assert page.post("/judge", at=at, judge="false", why="测试号").is_redirect
        with page.work.view().case.open_log():  # another writer
            told = page.post("/judge", at=at, judge="right", why="x")
        assert told.status_code == 409
        assert "写入；请等它结束" in told.text
    case = scan_dump([tmp_path / "a.csv"], tmp_path / "case")  # reads the columns of the page
    counted = count(case)
    sheets = {name: case.path / "handed" / f"{name}-0001.xlsx" for name in ("register", "columns")}
    again = scan_dump([tmp_path / "a.csv"], tmp_path / "again", columns=sheets["columns"])
    judge(again, other=case)
    recounted = count(again, register=sheets["register"])
    assert recounted.tables() == counted.tables()
    assert {e["operator"] for e in read_events(case.path / "log.jsonl") if "operator" in e} >= {
        "王检"
    }
    assert piiscan.verify(case.path).differences == ()
