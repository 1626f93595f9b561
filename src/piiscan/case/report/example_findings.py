"""A few findings of each kind, masked, with the place where each stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect

Row = dict[str, Any]

#: Findings shown of each kind.
PER_KIND: Final = 5
#: Row groups looked through here; DuckDB takes longer to start, and goes on from there.
_GROUPS: Final = 32

_COLUMNS: Final = (
    "source", "member", "row", "column", "header", "line", "start", "byte_offset", "entity",
    "recognizer", "masked", "verdict", "score", "context", "reason", "alternatives",
)  # fmt: skip


def sample_findings(case: Case, entities: Sequence[str]) -> dict[str, list[Row]]:
    """Entity -> its first findings in reading order; paths and members as they may be shown."""
    files = case.shards("findings")
    if not files:
        return {}
    shown = case.shown()
    paths = {s["source"]: s["path"] for s in case.manifest.content["sources"]}
    found, whole = _first(files, entities)
    late = [] if whole else [e for e in entities if len(found[e]) < PER_KIND]
    if late:
        found |= _ask(case, files, late)
    return {entity: [_shown(row, paths, shown) for row in found[entity]] for entity in entities}


def _first(files: Sequence[Path], entities: Sequence[str]) -> tuple[dict[str, list[Row]], bool]:
    """The samples that stand in the first row groups; whether those were all that are needed."""
    found: dict[str, list[Row]] = {entity: [] for entity in entities}
    seen = 0
    for path in files:
        with pq.ParquetFile(path) as file:
            for group in range(file.metadata.num_row_groups):
                if all(len(rows) == PER_KIND for rows in found.values()):
                    return found, True
                if seen == _GROUPS:
                    return found, False
                seen += 1
                _add(file, group, found)
    return found, True


def _add(file: Any, group: int, found: dict[str, list[Row]]) -> None:
    """Add what a row group has of the kinds that are not complete."""
    column = file.read_row_group(group, ["entity"])["entity"].combine_chunks()
    words = column.dictionary.to_pylist()
    numbers = column.indices.to_numpy(zero_copy_only=False)
    places: list[int] = []
    for number, word in enumerate(words):
        lacking = PER_KIND - len(found.get(word, [None] * PER_KIND))
        if lacking:
            places += np.flatnonzero(numbers == number)[:lacking].tolist()
    if places:
        for row in (
            file.read_row_group(group, list(_COLUMNS)).take(pa.array(sorted(places))).to_pylist()
        ):
            found[row["entity"]].append(row)


def _ask(case: Case, files: Sequence[Path], entities: Sequence[str]) -> dict[str, list[Row]]:
    """The same from DuckDB, which keeps the order of files and rows and stops at the limit."""
    wanted = ", ".join(f'"{name}"' for name in _COLUMNS)
    names = [str(path) for path in files]
    found: dict[str, list[Row]] = {}
    with connect(case.path / "tmp") as base:
        for entity in entities:
            rows = base.execute(
                f"select {wanted} from read_parquet(?) where entity = ? limit {PER_KIND}",
                [names, entity],
            ).fetchall()
            found[entity] = [dict(zip(_COLUMNS, r, strict=True)) for r in rows]
    return found


def _shown(row: Row, paths: Mapping[int, str], shown: Mapping[str, str]) -> Row:
    path = paths[row["source"]]
    member = row["member"]
    row |= {"path": shown.get(path, path), "member": shown.get(member, member)}
    return row | {"letter": column_letter(row["column"])}


def column_letter(number: int) -> str:
    """A column's letter as spreadsheets show it; empty for 0, a line that is not split.

    >>> column_letter(1), column_letter(27), column_letter(0)
    ('A', 'AA', '')
    """
    letters = ""
    while number > 0:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


#: Findings shown of a source, where there is room for that many.
PER_SOURCE: Final = 200
#: Findings on the page in all: a page of ten megabytes opens slowly everywhere.
IN_ALL: Final = 8_000
#: Fewest of a source that are worth showing.
_FEWEST: Final = 8

_LISTED: Final = (
    "source", "member", "row", "column", "header", "line", "start", "entity", "masked", "verdict",
    "score", "reason", "role",
)  # fmt: skip


def first_findings(case: Case) -> tuple[list[Row], bool]:
    """Findings in reading order, at most PER_SOURCE of a source; whether any were left out."""
    files = case.shards("findings")
    each = min(PER_SOURCE, max(_FEWEST, IN_ALL // max(len(files), 1)))
    rows: list[Row] = []
    left_out = False
    shown = case.shown()
    for path in files:
        if len(rows) + each > IN_ALL and rows:
            return rows, True
        with pq.ParquetFile(path) as file:
            table = file.read_row_group(0, list(_LISTED)).slice(0, each)
            left_out |= file.metadata.num_rows > table.num_rows
        for row in table.to_pylist():
            row["member"] = shown.get(row["member"], row["member"])
            row["letter"] = column_letter(row["column"])
            rows.append(row)
    return rows, left_out
