"""Cases that are odd in form: counted all the same, and right."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.count.count import count
from piiscan.case.store.count_store import Count
from tests.case.count.test_count import NAMES, identity, phone, rows, steps, write
from tests.case.dump import scan_dump
from tests.often import long

EMPTY = {"alarms", "exclusions", "compositions", "conflicts", "people", "statuses", "money"}


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of this folder."""


def counted(home: Path, **more: Any) -> Count:
    return count(scan_dump([home / "dump"], home / "case"), **more)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = tmp_path / "dump"
    folder.mkdir()
    return folder


def test_a_case_without_findings_is_counted(dump: Path, tmp_path: Path) -> None:
    (dump / "empty.csv").touch()
    write(dump / "a.csv", "品名,数量", [["杯子", "2"], ["盘子", "3"]])
    made = counted(tmp_path)
    assert steps(made, "total", "total") == [2, 0, 0, 0, 0, 0, 0]
    (fell,) = rows(made, "ladder_reasons", scope_kind="total")
    assert (fell["reason"], fell["count"]) == ("NO_FINDING", 2)
    assert all(not made.tables()[name] for name in EMPTY)


def test_a_list_of_wrong_numbers_alone_falls_at_its_check(dump: Path, tmp_path: Path) -> None:
    listed = [[NAMES[n], identity(n, wrong=True)] for n in range(3)]
    write(dump / "a.csv", "姓名,身份证号", listed)
    write(dump / "b.csv", "身份证号", [[identity(n, wrong=True)] for n in range(4)])
    made = counted(tmp_path)
    assert steps(made, "total", "total") == [7, 7, 7, 0, 0, 0, 0]
    told = {
        r["scope"]: (r["reason"], r["count"])
        for r in rows(made, "ladder_reasons", scope_kind="source")
    }
    assert told == {"1": ("CHECK_FAIL", 3), "2": ("CHECK_FAIL", 4)}
    assert rows(made, "units", scope_kind="total")[0]["U1"] == 3  # the names of a.csv


def test_two_hundred_columns_are_one_record(dump: Path, tmp_path: Path) -> None:
    header = [f"栏{n}" for n in range(198)]
    listed = [[*(f"x{n}" for n in range(198)), NAMES[k], phone(k)] for k in range(5)]
    write(dump / "a.csv", ",".join([*header, "姓名", "手机号"]), listed)
    assert steps(counted(tmp_path), "total", "total") == [5] * 7


def test_tables_side_by_side_have_records_of_their_own(dump: Path, tmp_path: Path) -> None:
    listed = [[NAMES[n], phone(n), "", NAMES[n + 5], phone(n + 5)] for n in range(5)]
    write(dump / "a.csv", "姓名,手机号,,姓名,手机号", listed)
    made = counted(tmp_path)
    assert steps(made, "total", "total")[1:] == [10] * 6
    assert rows(made, "people")[0]["distinct"] == 10


def test_a_name_made_anonymous_names_nobody(dump: Path, tmp_path: Path) -> None:
    listed = [["罗某", phone(1)], ["罗某某", phone(2)], [NAMES[3], phone(3)]]
    write(dump / "a.csv", "姓名,手机号", listed)
    made = counted(tmp_path)
    assert steps(made, "total", "total") == [3, 3, 1, 1, 1, 1, 1]
    assert rows(made, "units", scope_kind="total")[0]["bare_rows"] == 2


@pytest.mark.parametrize("files", [50, long(300)])
def test_many_small_files_are_counted_one_by_one(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    monkeypatch.setattr("piiscan.case.flow.list_overlaps.MOST_LISTED", 1000)
    for n in range(files):
        write(
            dump / f"{n:04d}.csv", "姓名,手机号", [[NAMES[n % 40], phone(n)], [NAMES[0], phone(0)]]
        )
    made = counted(tmp_path)
    assert steps(made, "total", "total") == [2 * files] * 4 + [files] * 3
    told = {
        r["where"]: r["count"]
        for r in rows(made, "ladder_reasons", scope_kind="total", reason="DUP_ROW")
    }
    assert told == {"file": 1, "across": files - 1}
    # each of them shares one row with every other one: the table of pairs ends somewhere
    pairs = rows(made, "flow_matrix", scope_kind="source")
    assert len(pairs) == 1001
    assert (pairs[-1]["one"], pairs[-1]["common"]) == (None, 0)


def test_a_case_added_to_is_counted_whole(dump: Path, tmp_path: Path) -> None:
    write(dump / "a.csv", "姓名,手机号", [[NAMES[n], phone(n)] for n in range(4)])
    first = counted(tmp_path)
    write(dump / "b.csv", "姓名,手机号", [[NAMES[n], phone(n)] for n in range(2, 7)])
    case = scan_dump([dump], tmp_path / "case")
    made = count(case)
    assert (first.number, made.number) == (1, 2)
    assert steps(made, "total", "total") == [9, 9, 9, 9, 7, 7, 7]
    assert case.manifest.generation == 2
    again = count(scan_dump([dump], tmp_path / "other" / "case", key=tmp_path / "test.key"))
    assert again.tables()["ladder"] == made.tables()["ladder"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_case_that_cannot_be_written_says_so(dump: Path, tmp_path: Path) -> None:
    from piiscan.errors import CaseError

    write(dump / "a.csv", "姓名,手机号", [[NAMES[n], phone(n)] for n in range(4)])
    case = scan_dump([dump], tmp_path / "case")
    folders = [case.path, *(p for p in case.path.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with pytest.raises(CaseError):
            count(case)
    finally:
        for folder in folders:
            folder.chmod(0o700)
