"""Two counts differ by what the rows differ by, each with its reason."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan import Case, CaseError, count
from piiscan.case.compare.compare import Comparison, compare
from piiscan.case.compare.read_figures import compare_figures, read_figures
from tests.case.dump import scan_dump
from tests.case.leak import HEADERS, Person, people, write_csv

LISTED = people(24)


def made(home: Path, name: str, lists: dict[str, list[Person]]) -> Case:
    """A counted case of its own dump, all of one key."""
    for file, rows in lists.items():
        write_csv(home / f"{name}-dump" / file, HEADERS, [each.cells for each in rows])
    case = scan_dump([home / f"{name}-dump"], home / name)
    count(case)
    return case


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compared")


@pytest.fixture(scope="module")
def case(home: Path) -> Case:
    """People 0 to 17: those of a number ending in 9 have one that fails its check."""
    return made(home, "case", {"a.csv": LISTED[:12], "b.csv": LISTED[6:18]})


def told(found: Comparison) -> dict[tuple[str, str, str], int]:
    return {(row["side"], row["kind"], row["reason"]): row["count"] for row in found.one_sided}


def sound(listed: list[Person]) -> set[str]:
    """The identity numbers that pass their check: not every tenth one."""
    return {each.identity for each in listed} & {
        p.identity for p in LISTED if p not in LISTED[9::10]
    }


def test_two_cases_differ_by_their_lists(case: Case, home: Path) -> None:
    earlier = made(home, "earlier", {"a.csv": LISTED[:12], "c.csv": LISTED[10:24]})
    found = compare(case, earlier.path, out=home / "diff.xlsx")
    here, there = sound(LISTED[:18]), sound(LISTED[:24])
    (totals,) = found.totals
    assert totals == {
        "kind": "identity",
        "both": len(here & there),
        "only_here": len(here - there),
        "only_there": len(there - here),
    }
    # c.csv was never given to the other case
    assert told(found) == {("there", "identity", "SOURCE_MISSING"): len(there - here)}
    assert [row["step"] for row in found.steps] == [f"R{n}" for n in range(7)]
    assert all(row["difference"] == row["here"] - row["there"] for row in found.steps)
    sheet = openpyxl.load_workbook(home / "diff.earlier.xlsx").worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(there - here)
    text = json.dumps(rows, ensure_ascii=False)
    assert "c.csv" in text
    assert not any(p.phone in text or p.identity in text for p in LISTED)
    assert openpyxl.load_workbook(home / "diff.here.xlsx").worksheets[0].max_row == 1


def test_what_was_left_out_or_counted_otherwise_here_is_told_with_its_reason(home: Path) -> None:
    lists = {"a.csv": LISTED[:8]}
    earlier = made(home, "whole", lists)
    case = scan_dump([home / "whole-dump"], home / "narrowed")
    excluded = home / "exclude.csv"
    write_csv(
        excluded, ("类型", "内容", "理由", "提出人"), [("值", LISTED[2].phone, "本人", "赵六")]
    )
    count(case, exclude=excluded, key=home / "test.key")
    assert told(compare(case, earlier.path)) == {("there", "identity", "EXCLUDED"): 1}
    count(case, key_by=["phone"])
    assert told(compare(case, earlier.path)) == {
        ("there", "identity", "OTHER_KEY"): 8,
        ("here", "phone", "OTHER_KEY"): 8,
    }


def test_reasons_of_both_stand_side_by_side(case: Case, home: Path) -> None:
    earlier = made(home, "alone", {"a.csv": LISTED[:12]})
    reasons = {
        (row["step"], row["reason"]): (row["here"], row["there"])
        for row in compare(case, earlier.path).reasons
    }
    # person 9 is in both lists of this case
    assert reasons["R3", "CHECK_FAIL"] == (2, 1)


def test_a_list_is_compared_like_a_case_and_forgotten(case: Case, home: Path) -> None:
    key = home / "test.key"
    listed = [LISTED[0], LISTED[20]]
    write_csv(home / "list.csv", HEADERS, [each.cells for each in listed])
    found = compare(case, home / "list.csv", key=key)
    assert found.unit == "key"
    assert told(found)["there", "identity", "NOT_FOUND"] == 1
    assert found.totals[0]["both"] == 1
    assert list((case.path / "tmp").glob("compare-*")) == []


def test_a_list_of_bare_values_is_compared_by_value(case: Case, home: Path) -> None:
    numbers = [LISTED[0].phone, LISTED[1].phone, "19900009999"]
    write_csv(home / "phones.csv", ("手机号",), [(each,) for each in numbers])
    found = compare(case, home / "phones.csv", key=home / "test.key")
    assert found.unit == "value"
    (totals,) = found.totals
    here = {p.phone for p in LISTED[:18]}
    assert (totals["both"], totals["only_there"]) == (2, 1)
    assert totals["only_here"] == len(here) - 2
    assert LISTED[9].phone in here  # his identity number fails its check


def test_a_case_of_another_key_says_nothing(case: Case, tmp_path: Path) -> None:
    write_csv(tmp_path / "dump" / "a.csv", HEADERS, [LISTED[0].cells])
    other = scan_dump([tmp_path / "dump"], tmp_path / "other")
    count(other)
    with pytest.raises(CaseError, match="another key"):
        compare(case, other.path)
    with pytest.raises(CaseError, match="is not there"):
        compare(case, tmp_path / "dump" / "a.csv", key=tmp_path / "none.key")
    assert not (tmp_path / "none.key").exists()


def figures(case: Case, file: Path) -> dict[tuple[str, Any], tuple[Any, Any]]:
    read = read_figures(file)
    assert read is not None
    rows = compare_figures(case, read)
    return {(row["name"], row["measure"]): (row["here"], row["difference"]) for row in rows}


@pytest.mark.parametrize("form", ["csv", "json", "list"])
def test_figures_stand_beside_every_way_of_counting(case: Case, tmp_path: Path, form: str) -> None:
    said = {"手机号": 30, "姓名+身份证号+手机号+住址": 24, "R5": 17, "星座": 3, "身份证号": 9}
    file = tmp_path / ("figures.csv" if form == "csv" else "figures.json")
    listed = [{"类型": name, "数量": f"{n}条"} for name, n in said.items()]
    if form == "csv":
        write_csv(file, ("类型", "数量"), [(name, str(n)) for name, n in said.items()])
    else:
        file.write_text(json.dumps(said if form == "json" else listed), "utf-8")
    rows = figures(case, file)
    people_here = (*LISTED[:12], *LISTED[6:18])
    whole = [p for p in people_here if p.identity in sound(LISTED)]
    phones = Counter(p.phone for p in people_here)
    assert rows["手机号", "hits"] == (phones.total(), phones.total() - 30)
    assert rows["身份证号", "less.CHECK_FAIL"] == (phones.total() - len(whole), None)
    assert rows["手机号", "distinct"] == (len(phones), len(phones) - 30)
    assert rows["姓名+身份证号+手机号+住址", "records"][0] == len(whole)
    assert rows["R5", "step.R5"][0] == len({p.identity for p in whole})
    assert rows["星座", None] == (None, None)


def test_a_list_is_no_figures_and_a_count_is_a_number(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", ("姓名", "手机号"), [("张三", "13800138000")])
    assert read_figures(tmp_path / "a.csv") is None
    write_csv(tmp_path / "b.csv", ("类型", "数量"), [("手机号", "许多")])
    with pytest.raises(CaseError, match="no whole number"):
        read_figures(tmp_path / "b.csv")
