"""Coverage of the sources (T14): bytes read, decoded, listed and unknown.

read: text as it stands; decoded: by the reader of a format; listed: known and not read; unknown
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from piiscan.pages.report_table import ReportTable, coded, numbers, text

if TYPE_CHECKING:
    from piiscan.case.scan.distinct_counts import DistinctCounts
    from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs

_CLASSES: Final = ("read", "decoded", "listed", "unknown")
_UNKNOWN: Final = "BINARY"
_BAR: Final = 40  # signs of a bar for all bytes


class CoveredFile(NamedTuple):
    """Size of a file, its parts that are read (member, encoding), and its troubles."""

    size: int
    parts: list[tuple[str, str | None]]
    troubles: Sequence[Mapping[str, Any]]


def coverage_rows(files: Iterable[CoveredFile]) -> list[Row]:
    """Return a row for each class with its files, bytes, share, bar, and lost parts inside.

    A file with a part that is read counts as read or decoded, whatever else it has.
    """
    rows: dict[str, Row] = {
        name: {"coverage": name, "sources": 0, "size": 0, "lost_parts": 0} for name in _CLASSES
    }
    for file in files:
        lost = sum(bool(each["lost"]) for each in file.troubles)
        row = rows[_class_of(file)]
        row["sources"] += 1
        row["size"] += file.size
        row["lost_parts"] += lost
    total = sum(row["size"] for row in rows.values())
    for row in rows.values():
        part = row["size"] / total if total else 0.0
        row["share"] = round(part, 4)
        row["bar"] = "█" * (round(part * _BAR) or bool(row["size"]))
    return list(rows.values()) if total else []


def _class_of(file: CoveredFile) -> str:
    """Return the class of a file."""
    if file.parts:
        is_text = all(
            encoding is not None and (not member or member.startswith("#"))
            for member, encoding in file.parts
        )
        return "read" if is_text else "decoded"
    return "unknown" if any(e["reason"] == _UNKNOWN for e in file.troubles) else "listed"


def _coverage(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table ``coverage``."""
    return coverage_rows(
        CoveredFile(
            source.size,
            [(part["member"], part["encoding"]) for part in source.outcome.parts],
            source.outcome.errors,
        )
        for source in inputs.sources
    )


COVERAGE: Final = ReportTable(
    "coverage",
    (
        coded("coverage", "coverage", wraps=False),
        *numbers("sources", "size", "share", "lost_parts"),
        text("bar"),
    ),
    section="T14",
    notes=("sheet.note.coverage",),
    build=_coverage,
)
