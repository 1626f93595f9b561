"""A case of three parties: every cell of the count is what plain Python makes of the same rows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from piiscan.evidence import shards
from piiscan.evidence.case import Case
from piiscan.evidence.counts import Count
from piiscan.run.count import count
from piiscan.sources import decoding, sheet
from piiscan.synth import Made, make
from tests.run.dump import scan_dump
from tests.run.naive import Truth

ROWS = 700
TABLES = (
    *("ladder", "ladder_reasons", "units", "elements", "people", "shared", "conflicts"),
    *("statuses", "parties", "months", "money"),
)


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of this folder."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make("three-party", rows=ROWS, seed=3, out=tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def case(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("case")
    return scan_dump([made.folder], home / "case", workers=1)


def numbered(case: Case, folder: Path) -> dict[str, int]:
    """The number of each source, by its path below the folder."""
    head = f"{folder.as_posix()}/"
    return {
        each["path"].removeprefix(head): each["source"] for each in case.manifest.content["sources"]
    }


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def same(counted: Count, truth: Truth) -> None:
    """Every cell of every table; rows in any order where the order says nothing."""
    tables, wanted = counted.tables(), truth.tables()
    for name in TABLES:
        told = in_order([{**row} for row in tables[name]])
        assert told == in_order(wanted[name]), name


def test_every_cell_is_what_the_rows_say(case: Case, made: Made) -> None:
    assert made.truth_rows is not None
    same(count(case), Truth(made.truth_rows, sources=numbered(case, made.folder)))


def test_other_settings_change_what_they_say(case: Case, made: Made) -> None:
    assert made.truth_rows is not None
    order = ("phone", "identity", "account", "name_address")
    truth = Truth(made.truth_rows, sources=numbered(case, made.folder), order=order)
    same(count(case, key_by=["phone"]), truth)


def test_workers_and_blocks_change_nothing(
    case: Case, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = decoding.read_pieces.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "size", 3000)
    monkeypatch.setattr(sheet, "_ROWS", 40)
    monkeypatch.setattr(shards, "ROW_GROUP", 100)
    other = scan_dump([made.folder], tmp_path / "case", workers=2)
    assert len(list((other.path / "findings").iterdir())) == len(made.files)
    assert count(other).tables() == count(case).tables()


def test_names_of_files_change_nothing_but_the_order_of_sources(made: Made, tmp_path: Path) -> None:
    names = {
        path.relative_to(made.folder).as_posix(): f"{99 - n}{path.suffix}"
        for n, path in enumerate(made.files)
    }
    folder = tmp_path / "dump"
    folder.mkdir()
    for path, name in names.items():
        shutil.copy(made.folder / path, folder / name)
    case = scan_dump([folder], tmp_path / "case")
    numbers = numbered(case, folder)
    assert made.truth_rows is not None
    sources = {path: numbers[name] for path, name in names.items()}
    same(count(case), Truth(made.truth_rows, sources=sources))


def test_the_corpus_has_what_such_a_case_has(made: Made) -> None:
    """A fifth of the rows repeats others, a twentieth is invalid; nothing of it by accident."""
    assert made.truth_rows is not None
    sources = {path.relative_to(made.folder).as_posix(): 0 for path in made.files}
    truth = Truth(made.truth_rows, sources=sources)
    bought = [row for row in truth.rows if row.file == "甲/电脑/上家一.csv"]
    again = 1 - len({row.content for row in bought}) / len(bought)
    wrong = sum(value.refuted for row in bought for value in row.values) / len(bought)
    assert 0.1 < again < 0.2
    assert 0.02 < wrong < 0.09
    tables = truth.tables()
    assert all(tables[name] for name in TABLES)
    reasons = {row["reason"] for row in tables["ladder_reasons"]}
    assert reasons >= {"CHECK_FAIL", "DATE_IMPOSSIBLE", "MASKED", "BARE_PHONE", "PREFIX_UNALLOTTED"}
