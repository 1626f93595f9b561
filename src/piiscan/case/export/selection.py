"""List selection: the table ``chosen`` in a count database: record subjects by list line.

Columns: ``line``, the line number in order of first subjects, and ``subject``; a row is listed by
its main subject. For rejects also ``reason``, ``elsewhere`` (file or across) and ``repeats``, the
repeated subject. Only records of the main count are selected; unconfirmed ones are in no list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from piiscan.case.count.count_database import IDENTIFIABLE_SQL, PASSED_SQL
from piiscan.case.store.connection import literal
from piiscan.errors import CountError

#: Unit -> allowed steps, the default first.
UNIT_STEPS: Final = {"row": ("R4", "R1", "R2", "R3"), "key": ("R5",), "person": ("R6",)}
#: Steps whose rejects have findings.
REJECT_STEPS: Final = ("R2", "R3", "R4", "R5", "R6")

_CREATE_CHOSEN: Final = (
    "create or replace temp table chosen as"
    " select dense_rank() over (order by first)::bigint as line, subject,"
    " null::varchar as reason, null::varchar as elsewhere, null::bigint as repeats"
    " from (select subject, {first} as first from {table} where headline and {where} and {within})"
)
_LINE_SQL: Final = {
    "R1": ("rows", "data", "subject"),
    "R2": ("rows", IDENTIFIABLE_SQL, "subject"),
    "R3": ("rows", PASSED_SQL, "subject"),
    "R4": ("passed", "main", "min(subject) over (partition by content_no)"),
    "R5": ("passed", "true", "min(subject) over (partition by key_no)"),
    "R6": ("passed", "true", "min(subject) over (partition by person)"),
}

_DROPPED_SQL: Final = """
select subject, case when excluded is not null then 'EXCLUDED' when period <> 'IN' then period
       when bare then 'BARE_PHONE' else coalesce(reason, '{other}') end as reason,
       null as elsewhere, null::bigint as repeats
from rows where headline and data and {where} and {within}
"""
_REJECTED_SQL: Final = {
    "R2": _DROPPED_SQL.format(
        other="NOT_IDENTIFIABLE", where=f"not ({IDENTIFIABLE_SQL})", within="{within}"
    ),
    "R3": _DROPPED_SQL.format(
        other="LOW_CONFIDENCE",
        where=f"{IDENTIFIABLE_SQL} and not ({PASSED_SQL})",
        within="{within}",
    ),
}
#: Condition of the records of every suspect.
EVERY_RECORD: Final = "true"
_FIRST_RECORDS_SQL: Final = """
with p as (
  select *, min(subject) filter (main) over (partition by row_no) as of_row,
         min(subject) filter (main) over (partition by row_no, place) as of_file,
         min(subject) filter (main) over (partition by content_no) as of_content,
         min(subject) over (partition by content_no, key_no) as of_row_key,
         min(subject) over (partition by key_no) as of_key,
         min(subject) over (partition by person) as of_person
  from passed where headline and {within}
)
"""
_REPEATED_SQL: Final = {
    "R4": "select subject,"
    " case when of_row < subject then 'DUP_ROW' else 'DUP_CONTENT' end as reason,"
    " case when of_file < subject then 'file' when of_row < subject then 'across' end as elsewhere,"
    " case when of_file < subject then of_file when of_row < subject then of_row"
    " else of_content end as repeats from p where main and of_content < subject",
    "R5": "select subject, 'DUP_KEY' as reason, null as elsewhere, of_key as repeats"
    " from p where of_row_key = subject and of_key < subject",
    "R6": "select subject, 'DUP_PERSON' as reason, null as elsewhere, of_person as repeats"
    " from p where of_key = subject and of_person < subject",
}


def suspect_sql(suspect: str | None) -> str:
    """Return the SQL condition of a suspect's records; None: records without a suspect.

    >>> suspect_sql(None)
    'place in (select place from placed where suspect is not distinct from null)'
    """
    value = "null" if suspect is None else literal(suspect)
    return f"place in (select place from placed where suspect is not distinct from {value})"


def select_lines(
    connection: Any, unit: str, step: str | None, *, within: str = EVERY_RECORD
) -> str:
    """Create ``chosen`` (line, subject) of a list by row, key or person. Return its ladder step.

    ``step`` None: the unit's first step. ``within``: condition of the records that are listed, see
    :func:`suspect_sql`. Raise CountError if the unit has no such step.
    """
    steps = UNIT_STEPS[unit]
    step = step or steps[0]
    if step not in steps:
        raise CountError(
            "export.unknown_step", unit=unit, steps=" or ".join(sorted(steps)), step=step
        )
    table, condition, first = _LINE_SQL[step]
    connection.execute(
        _CREATE_CHOSEN.format(table=table, where=condition, first=first, within=within)
    )
    return step


def select_rejects(connection: Any, steps: Sequence[str], *, within: str = EVERY_RECORD) -> None:
    """Create ``chosen`` with a line per row rejected at ``steps`` (R5, R6: per subject).

    Raise CountError for a step without such rows. Rows rejected at R1 are in no shard.
    """
    unknown = [step for step in steps if step not in REJECT_STEPS]
    if unknown:
        raise CountError("export.unknown_rejects", steps=REJECT_STEPS, step=unknown[0])
    query = " union all ".join(_REPEATED_SQL.get(s) or _REJECTED_SQL[s] for s in steps)
    if not _REPEATED_SQL.keys().isdisjoint(steps):
        query = _FIRST_RECORDS_SQL + query
    query = query.replace("{within}", within)
    connection.execute(
        "create or replace temp table chosen as"
        f" select dense_rank() over (order by subject)::bigint as line, * from ({query})"
    )
