"""Cases that are odd in form: counted all the same, and right."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.count.count import count
from piiscan.case.store.count_store import Count
from tests.case.count.test_count import NAMES, phone, rows, steps, write
from tests.case.dump import scan_dump

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


def test_two_hundred_columns_are_one_record(dump: Path, tmp_path: Path) -> None:
    header = [f"栏{n}" for n in range(198)]
    listed = [[*(f"x{n}" for n in range(198)), NAMES[k], phone(k)] for k in range(5)]
    write(dump / "a.csv", ",".join([*header, "姓名", "手机号"]), listed)
    assert steps(counted(tmp_path), "total", "total") == [5] * 7


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
