"""Ladder reasons: rows and subjects that drop out at each step, and warnings about kept ones."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import IDENTIFIABLE_SQL, PASSED_SQL
from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tallies import Tallies, Tally
from piiscan.case.store.common_columns import CODE, SCOPE, SCOPE_KIND
from piiscan.pages.report_table import ReportTable, coded, named, numbers, rows_of_scope

Row = dict[str, Any]

#: Tallies that tell the rows and subjects that are repeated.
_ROW_TALLIES: Final = ("rows_by_file", "whole_rows", "rows", "keys", "persons")
_SUBJECT_TALLIES: Final = (
    "subjects_passed", "subjects_by_row", "subjects_by_file", "whole_subjects", "subjects",
)  # fmt: skip

#: SQL: rows and subjects that fail at R2 or R3 or pass with a warning, summed by part.
_CREATE_WHY: Final = f"""
create temp table why as
select place, case when not ({IDENTIFIABLE_SQL}) then 'R2' else 'R3' end as step,
       case when excluded is not null then 'EXCLUDED' when period <> 'IN' then period
            when bare then 'BARE_PHONE' else coalesce(reason, 'NOT_IDENTIFIABLE') end as reason,
       {PASSED_SQL} as kept, count(*) filter (main) as rows, count(*) as subjects,
       count(*) filter (main and other_key) as other
from people where data and counted and (not ({PASSED_SQL}) or reason is not null)
group by all
"""


def _ladder_reasons(context: TableContext) -> list[Row]:
    """Return a row per scope, ladder step and reason: number of rows and subjects that drop out.

    It also has the rows dropped with another valid key, and warnings about kept rows.
    """
    connection, tallies = context.connection, context.tallies
    connection.execute(_CREATE_WHY)
    rows: list[Row] = []
    for kind in tallies.kinds:
        rows += _rows_without_record(kind, tallies)
        rows += _duplicate_rows(kind, tallies)
    rows += _dropped_rows(connection)
    return sorted(rows, key=lambda r: (tallies.kinds.index(r["scope_kind"]), r["scope"], r["step"]))


def _rows_without_record(kind: str, tallies: Tallies) -> list[Row]:
    """Return the reason rows of R0 and R1 per scope: rows that are no data, rows without a record.

    Headers, blank rows and titles are no data, so the rows read (R0) do not contain them.
    """
    found = tallies.by_scope(kind, "found")
    rows = []
    for scope, row_counts in tallies.rows[kind].items():
        if True not in row_counts:
            continue
        read, header, blank, title, schema = row_counts[True]
        counts = [
            ("R0", "HEADER_REPEAT", header),
            ("R0", "EMPTY", blank),
            ("R0", "TITLE", title),
            ("R0", "SCHEMA", schema),
            ("R1", "NO_FINDING", read - found.get(scope, Tally()).count),
        ]
        rows += [_row(kind, scope, step, code, n) for step, code, n in counts if n]
    return rows


def _dropped_rows(connection: Any) -> list[Row]:
    """Return rows per scope, reason and step (R2, R3): failed and warned rows and subjects."""
    query = (
        "select kind, scope, step, reason, kept, sum(why.rows)::bigint, sum(subjects)::bigint,"
        " sum(other)::bigint from why join scoped using (place) where headline"
        " group by all order by all"
    )
    return [
        _row(kind, scope, step, reason, number, subjects) | {"other_key": other, "kept": kept}
        for kind, scope, step, reason, kept, number, subjects, other in connection.execute(
            query
        ).fetchall()
    ]


def _duplicate_rows(kind: str, tallies: Tallies) -> list[Row]:
    """Return the reason rows of steps R4 to R6 per scope: rows, keys and persons that are repeated.

    A row is repeated in one file or across files, or in all but bookkeeping columns; a subject also
    in a row that names him twice.
    """
    rows = []
    for scope, passed in tallies.by_scope(kind, "passed").items():
        by_file, whole, distinct, keys, persons = (
            tallies.by_scope(kind, name).get(scope, Tally()).count for name in _ROW_TALLIES
        )
        people, by_row, people_by_file, people_whole, subjects = (
            tallies.by_scope(kind, name).get(scope, Tally()).count for name in _SUBJECT_TALLIES
        )
        counts = [
            ("R4", "DUP_ROW", "row", 0, people - by_row),
            ("R4", "DUP_ROW", "file", passed.count - by_file, by_row - people_by_file),
            ("R4", "DUP_ROW", "across", by_file - whole, people_by_file - people_whole),
            ("R4", "DUP_CONTENT", None, whole - distinct, people_whole - subjects),
            ("R5", "DUP_KEY", None, subjects - keys, subjects - keys),
            ("R6", "DUP_PERSON", None, keys - persons, keys - persons),
        ]
        rows += [
            _row(kind, scope, step, code, n, fell) | {"where": place}
            for step, code, place, n, fell in counts
            if n or fell
        ]
    return rows


def _row(
    kind: str, scope: str, step: str, reason: str, count: int, subjects: int | None = None
) -> Row:
    """Return one row of ``ladder_reasons``: rows and subjects of a scope, step and reason."""
    return {
        "scope_kind": kind,
        "scope": scope,
        "step": step,
        "reason": reason,
        "where": None,
        "count": count,
        "subjects": subjects,
        "other_key": None,
        "kept": False,
    }


LADDER_REASONS: Final = ReportTable(
    "ladder_reasons",
    (
        SCOPE_KIND,
        SCOPE,
        coded("step", "ladder_step"),
        named("reason", "reasons"),
        CODE,
        coded("where", "where"),
        *numbers("count", "subjects", "other_key"),
        coded("kept", "answer"),
    ),
    section="T6",
    made_by="count",
    build=_ladder_reasons,
    notes=("sheet.note.ladder_reasons",),
    order={"statement": ("step", "reason", "where", "count", "other_key", "kept")},
    rows={"statement": rows_of_scope("ladder_reasons", "total")},
    row_group="reason_rows",
    page_rows=80,
)
