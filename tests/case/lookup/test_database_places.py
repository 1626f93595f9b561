"""Five people in a database of any format are five records, found once, where the findings say."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from piiscan.case.store.case import Case
from tests.case.dump import scan_dump
from tests.case.lookup.places import read_again
from tests.sources.formats.five import HEADERS, PEOPLE
from tests.sources.formats.test_bson import people
from tests.sources.formats.test_dbf import TEXTS, table


def _sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE 客户 ({', '.join(HEADERS)})")
        connection.executemany("INSERT INTO 客户 VALUES (?, ?, ?, ?)", PEOPLE)
        connection.commit()


def _parquet(path: Path) -> None:
    parquet.write_table(pa.Table.from_pylist(_records()), path, row_group_size=2)


def _feather(path: Path) -> None:
    feather.write_feather(pa.Table.from_pylist(_records()), str(path))


def _dbf(path: Path) -> None:
    rows = [tuple(cell.encode("gbk") for cell in person) for person in PEOPLE]
    path.write_bytes(table(TEXTS, rows))


def _bson(path: Path) -> None:
    path.write_bytes(people())


def _records() -> list[dict[str, str]]:
    return [dict(zip(HEADERS, person, strict=True)) for person in PEOPLE]


MAKERS: Final[dict[str, Callable[[Path], None]]] = {
    "a.db": _sqlite,
    "a.parquet": _parquet,
    "a.feather": _feather,
    "a.dbf": _dbf,
    "a.bson": _bson,
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("databases")
    (folder / "in").mkdir()
    for name, make in MAKERS.items():
        make(folder / "in" / name)
    return scan_dump([folder / "in"], folder / "case")


@pytest.mark.parametrize("name", MAKERS)
def test_each_value_is_found_once_and_followed_back(case: Case, name: str) -> None:
    found = [(row["record"], value) for row, value in read_again(case, name)]
    wanted = [(n, value) for n, person in enumerate(PEOPLE, 1) for value in person]
    assert sorted(found) == sorted(wanted)
