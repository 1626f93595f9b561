"""Findings of a case read again from their sources, for the tests here."""

from __future__ import annotations

from typing import Any

from piiscan import Case
from piiscan.case.lookup.reread import reread_rows
from piiscan.detect.catalog.catalog import load


def read_again(case: Case, name: str, where: str = "true") -> list[tuple[dict[str, Any], str]]:
    """Each finding of the source that is, or is in, ``name``, and the text at its place."""
    sources = case.manifest.content["sources"]
    (source,) = (each for each in sources if f"/{name}/" in f"{each['path']}/")
    query = f"select * from findings where source = {source['source']} and {where}"
    rows: list[dict[str, Any]] = case.sql(query).to_pylist()
    lines = reread_rows(source, {(row["member"], row["row"]) for row in rows}, load(None))
    found = []
    for row in rows:
        cell = lines[row["member"], row["row"]].cells[max(row["column"] - 1, 0)] or ""
        found.append((row, cell[row["start"] : row["end"]]))
    return found
