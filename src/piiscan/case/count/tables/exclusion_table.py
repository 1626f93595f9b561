"""Exclusion table (T6): lines of the exclusion list and the records that each excludes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from piiscan.case.count.subjects.exclusions import ExclusionLine
from piiscan.pages.report_table import ReportTable, coded, number, text

Row = dict[str, Any]


def _exclusions(
    connection: Any, lines: Sequence[ExclusionLine], unused_numbers: Collection[int]
) -> list[Row]:
    """Return each line of the list with the records it excludes.

    ``unused_numbers``: numbers of the lines that match nothing in the case.
    """
    record_counts = dict(
        connection.execute(
            "select excluded, count(*) from rows where excluded is not null group by excluded"
        ).fetchall()
    )
    return [
        {
            "line": line.number,
            "excluded_by": line.kind,
            "reason_given": line.reason,
            "author": line.author,
            "records": record_counts.get(line.number, 0),
            "idle": line.number in unused_numbers,
        }
        for line in lines
    ]


EXCLUSION_TABLE: Final = ReportTable(
    "exclusions",
    (
        text("line"),
        coded("excluded_by", "excluded_by"),
        text("reason_given"),
        text("author"),
        number("records"),
        coded("idle", "answer"),
    ),
    section="T6",
    made_by="count",
    build=_exclusions,
    row_group="exclusion_rows",
)
