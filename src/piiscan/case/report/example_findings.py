"""Example findings: the first findings of each entity and source, masked, with location."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect
from piiscan.case.store.shards import read_by_source
from piiscan.sources.texts.column_letters import column_letter

Row = dict[str, Any]

#: Findings per entity.
PER_KIND: Final = 5
#: Row groups read directly; DuckDB, which starts slower, reads the rest.
_MAX_ROW_GROUPS: Final = 32

_COLUMNS: Final = (
    "source", "member", "row", "column", "header", "line", "start", "byte_offset", "entity",
    "recognizer", "masked", "verdict", "score", "context", "reason", "alternatives",
)  # fmt: skip


def examples_by_entity(case: Case, entities: Sequence[str]) -> dict[str, list[Row]]:
    """Return entity -> its first masked findings, at most PER_KIND, with location."""
    files = case.shards("findings")
    if not files:
        return {}
    shown = case.shown()
    paths = {s["source"]: s["path"] for s in case.manifest.content["sources"]}
    found, complete = _first_examples(files, entities)
    incomplete = [] if complete else [e for e in entities if len(found[e]) < PER_KIND]
    if incomplete:
        found |= _query_examples(case, files, incomplete)
    return {
        entity: [_with_display_names(row, paths, shown) for row in found[entity]]
        for entity in entities
    }


def _first_examples(
    files: Sequence[Path], entities: Sequence[str]
) -> tuple[dict[str, list[Row]], bool]:
    """Return (entity -> first findings, False if more Parquet row groups must be searched)."""
    found: dict[str, list[Row]] = {entity: [] for entity in entities}
    groups_read = 0
    for path in files:
        with pq.ParquetFile(path) as file:
            for group in range(file.metadata.num_row_groups):
                if all(len(rows) == PER_KIND for rows in found.values()):
                    return found, True
                if groups_read == _MAX_ROW_GROUPS:
                    return found, False
                groups_read += 1
                _add_examples(file, group, found)
    return found, True


def _add_examples(file: Any, group: int, found: dict[str, list[Row]]) -> None:
    """Append the findings of Parquet row group ``group`` to ``found``, up to PER_KIND each."""
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


def _query_examples(
    case: Case, files: Sequence[Path], entities: Sequence[str]
) -> dict[str, list[Row]]:
    """Return entity -> first findings by one DuckDB query per entity; slower, but complete."""
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    names = [str(path) for path in files]
    found: dict[str, list[Row]] = {}
    with connect(case.path / "tmp") as connection:
        for entity in entities:
            rows = connection.sql(
                f"select {columns} from read_parquet(?) where entity = ? limit {PER_KIND}",
                params=[names, entity],
            )
            found[entity] = rows.to_arrow_table().to_pylist()
    return found


def _with_display_names(row: Row, paths: Mapping[int, str], shown: Mapping[str, str]) -> Row:
    """Return a finding with masked path and member, and its column letter (``C``)."""
    path = paths[row["source"]]
    member = row["member"]
    names = {"path": shown.get(path, path), "member": shown.get(member, member)}
    return {**row, **names, "letter": column_letter(row["column"])}


#: Most findings per source.
PER_SOURCE: Final = 200
#: Most findings on the page; larger pages open slowly.
MAX_FINDINGS: Final = 8_000
#: Least findings per source.
_MIN_PER_SOURCE: Final = 8

_BROWSE_COLUMNS: Final = (
    "source", "member", "row", "column", "header", "line", "start", "entity", "masked", "verdict",
    "score", "reason", "role",
)  # fmt: skip


def first_findings(case: Case) -> tuple[list[Row], bool]:
    """Return (findings in reading order, at most PER_SOURCE a source; True if cut).

    The second value is True if any were left out.
    """
    shards = case.source_shards("findings")
    each = min(PER_SOURCE, max(_MIN_PER_SOURCE, MAX_FINDINGS // max(len(shards), 1)))
    rows: list[Row] = []
    left_out = False
    shown = case.shown()
    for path, sources in Counter(shards.values()).items():
        taken: Counter[int] = Counter()
        for number, table in read_by_source(path, _BROWSE_COLUMNS):
            if not taken[number] and len(rows) + each > MAX_FINDINGS and rows:
                return rows, True
            found = table.slice(0, each - taken[number])
            taken[number] += found.num_rows
            left_out |= found.num_rows < table.num_rows
            for row in found.to_pylist():
                row["member"] = shown.get(row["member"], row["member"])
                row["letter"] = column_letter(row["column"])
                rows.append(row)
            if left_out and sources == 1:
                break
    return rows, left_out
