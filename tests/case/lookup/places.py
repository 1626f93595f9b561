"""Findings of a case read again from their sources, and scanned homes, for the tests here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from piiscan.case.lookup.reread import reread_rows
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from tests.case.dump import scan_dump


def read_again(case: Case, name: str, where: str = "true") -> list[tuple[dict[str, Any], str]]:
    """Each finding of the source that is, or is in, ``name``, and the text at its place."""
    sources = case.manifest.content["sources"]
    (source,) = (each for each in sources if f"/{name}/" in f"{each['path']}/")
    query = f"""SELECT * FROM read_parquet('{case.path}/findings/*.parquet')
        WHERE source = {source["source"]} AND {where}"""
    with duckdb.connect() as connection:
        rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    lines = reread_rows(source, {(row["member"], row["row"]) for row in rows}, load(None))
    found = []
    for row in rows:
        cell = lines[row["member"], row["row"]].cells[max(row["column"] - 1, 0)] or ""
        found.append((row, cell[row["start"] : row["end"]]))
    return found


def scanned_home(
    factory: pytest.TempPathFactory, name: str, write: Callable[[Path], object]
) -> Path:
    """A folder with a dump that ``write`` fills, and the case that it was scanned into."""
    home = factory.mktemp(name)
    (home / "dump").mkdir()
    write(home / "dump")
    scan_dump([home / "dump"], home / "case")
    return home
