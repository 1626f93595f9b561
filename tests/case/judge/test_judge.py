"""What a person calls false makes no key, in this scan and the next; nobody's value is written."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError, count, judge, sample
from piiscan.case.store.audit_log import read_events
from piiscan.case.store.count_store import Count
from tests.case.dump import scan_dump
from tests.case.scanned import scan_files
from tests.filled_sheets import fill_in

ROWS = "姓名,手机号,邮箱\n" + "".join(
    f"张三,1390013707{n},{f'ab{n}@example.com' if n < 3 else ''}\n" for n in range(6)
)
BY = {"reason": "号码为测试用", "author": "王检"}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return scan_files(tmp_path, {"a.csv": ROWS, "copy.csv": ROWS})


def ladder(made: Count, scope: str) -> list[int]:
    rows = made.tables()["ladder"]
    return [row["count"] for row in rows if row["scope"] == scope]


def total(made: Count, name: str, **wanted: str) -> list[dict[str, Any]]:
    """The rows of a table that are about the whole case and have these cells."""
    cells = {"scope_kind": "total", **wanted}.items()
    return [row for row in made.tables()[name] if cells <= row.items()]


def conserves(made: Count) -> bool:
    """Each step is the one before less its reasons, in every scope."""
    tables = made.tables()
    left: dict[Any, int] = {}
    for row in tables["ladder_reasons"]:
        if row["step"] != "R0" and not row["kept"]:
            key = row["scope_kind"], row["scope"], row["step"]
            left[key] = left.get(key, 0) + row["count"]
            assert row["count"] > 0
    return all(
        (row["fell"] or 0) == left.get((row["scope_kind"], row["scope"], row["step"]), 0)
        for row in tables["ladder"]
    )


def judged(made: Count) -> list[tuple[Any, ...]]:
    names = ("judged_as", "author", "reason_given", "entity", "effect", "count", "records")
    return [tuple(row[name] for name in names) for row in made.tables()["judged"]]


def test_a_false_finding_makes_no_key_and_the_ladder_conserves(case: Case) -> None:
    before = count(case)
    assert ladder(before, "1")[:4] == [6, 6, 6, 6]
    made = judge(case, "1:6", kind="CN_MOBILE", **BY)  # a.csv, without e-mail
    judge(case, "1:2", column=2, **BY)  # it has an e-mail
    assert [(each.record, each.entity) for each in made] == [(6, "CN_MOBILE")]
    after = count(case)
    assert after.number == before.number + 1
    # copy.csv has the same bytes, so the same findings are false there
    assert ladder(after, "1")[:4] == ladder(after, "2")[:4] == [6, 6, 5, 5]
    assert conserves(before)
    assert conserves(after)
    (reason,) = total(after, "ladder_reasons", reason="JUDGED_FALSE")
    assert (reason["step"], reason["count"]) == ("R2", 2)
    told = ("false", "王检", "号码为测试用", "CN_MOBILE")
    assert judged(after) == [(*told, "left", 2, 2), (*told, "other_key", 2, 2)]
    phones = [total(made, "elements", entity="CN_MOBILE") for made in (before, after)]
    assert [row["distinct"] for (row,) in phones] == [6, 4]


def test_a_judgement_may_be_taken_back_and_is_logged(case: Case) -> None:
    before = count(case)
    judge(case, "1:6", column=2, **BY)
    count(case)
    judge(case, "1:6", verdict="right", column=2, reason="核对原件", author="李检")
    after = count(case)
    assert after.tables()["ladder"] == before.tables()["ladder"]
    assert judged(after) == []
    files = [e["file"] for e in read_events(case.path / "log.jsonl") if e["event"] == "handed"]
    assert files == ["handed/judged-0001.json", "handed/judged-0002.json"]
    assert case.verify() == []
    stored = (case.path / files[1]).read_text("utf-8")
    batch, first = json.loads(stored), (case.path / files[0]).read_bytes()
    assert [each["author"] for each in batch["judgements"]] == ["李检"]
    assert batch["previous"] == hashlib.sha256(first).hexdigest()
    assert "13900137074" not in stored
    (case.path / files[1]).write_text(stored + " ", "utf-8")
    assert [(each.reason, each.name) for each in case.verify()] == [
        ("FILE_CHANGED", "handed/judged-0002.json")
    ]


def test_what_was_overlooked_is_listed_and_not_counted(case: Case) -> None:
    before = count(case)
    judge(case, "1:3", verdict="overlooked", kind="PERSON", **BY)
    after = count(case)
    assert after.tables()["ladder"] == before.tables()["ladder"]
    assert judged(after) == [("overlooked", "王检", "号码为测试用", "PERSON", "not_counted", 1, 0)]


def test_judgements_hold_in_a_new_scan_of_the_same_bytes(case: Case, tmp_path: Path) -> None:
    judge(case, "1:6", **BY)
    wanted = count(case).tables()["ladder"]
    again = scan_files(tmp_path, {"0.csv": "姓名\n王五\n"})  # other numbers of sources
    assert judged(count(again))[0][4] == "left"
    (tmp_path / "dump" / "0.csv").unlink()
    other = scan_dump([tmp_path / "dump"], tmp_path / "other")
    assert len(judge(other, other=again)) == 2
    assert count(other).tables()["ladder"] == wanted
    foreign = scan_dump([tmp_path / "dump"], tmp_path / "foreign", key=tmp_path / "foreign.key")
    with pytest.raises(CaseError, match="different digest keys"):
        judge(foreign, other=again)


def test_a_filled_in_sheet_marks_what_its_verifier_found(case: Case, tmp_path: Path) -> None:
    count(case)
    sheet = tmp_path / "s.xlsx"
    sample(case, sheet, size=None, step="R5", by="total")
    filled = {"核实结果": "虚", "核实人": "赵检", "备注": "空号"}
    fill_in(sheet, lambda row: filled if row["编号"] == "1" else {}, out=tmp_path / "filled.xlsx")
    made = judge(case, sheets=[tmp_path / "filled.xlsx"])
    assert {(each.verdict, each.author, each.reason) for each in made} == {
        ("false", "赵检", "空号")
    }
    assert [row[4] for row in judged(count(case))] == ["left"] * 3
    fill_in(tmp_path / "filled.xlsx", lambda _: {"核实人": None})
    with pytest.raises(CaseError, match="a reason and an author"):
        judge(case, sheets=[tmp_path / "filled.xlsx"])


@pytest.mark.parametrize(
    ("reference", "more", "told"),
    [
        ("x:2", {}, "no source of this path"),
        ("x", {}, "a row is written"),
        ("9:2", {}, "no source 9"),
        ("1:#b:2", {}, "no such part"),
        ("1:99", {}, "no such finding"),
        ("1:2", {"column": 9}, "no such finding"),
        ("1:2", {"author": " "}, "a reason and an author"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    case: Case, reference: str, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(CaseError, match=told):
        judge(case, reference, **{**BY, **more})
    shutil.rmtree(case.path)
