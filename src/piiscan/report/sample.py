"""A few findings of each kind, masked, with the place where each stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from piiscan.evidence.case import Case
from piiscan.evidence.query import connect

Row = dict[str, Any]

#: Findings shown of each kind.
PER_KIND: Final = 5

_COLUMNS: Final = (
    "source", "member", "row", "column", "header", "line", "start", "byte_offset", "entity",
    "recognizer", "masked", "verdict", "score", "context", "reason",
)  # fmt: skip


def sample_findings(case: Case, entities: Sequence[str]) -> dict[str, list[Row]]:
    """Entity -> its first findings in reading order; paths and members as they may be shown."""
    files = [str(path) for path in case.shards("findings")]
    if not files:
        return {}
    shown = case.shown()
    paths = {s["source"]: s["path"] for s in case.manifest.content["sources"]}
    wanted = ", ".join(f'"{name}"' for name in _COLUMNS)
    found: dict[str, list[Row]] = {}
    with connect(case.path / "tmp") as base:
        for entity in entities:
            # DuckDB keeps the order of files and rows, and stops reading at the limit
            rows = base.execute(
                f"select {wanted} from read_parquet(?) where entity = ? limit {PER_KIND}",
                [files, entity],
            ).fetchall()
            found[entity] = [
                _shown(dict(zip(_COLUMNS, r, strict=True)), paths, shown) for r in rows
            ]
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
