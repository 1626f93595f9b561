"""Which records make which line of a list: the table ``chosen`` on the board of a count.

``line``: running number of the line, in order of its first record; ``record``: a record of it.
Rejects have besides ``reason``, ``elsewhere`` (file | across) and ``repeats``, the record they
repeat.  All of it is the headline's: what nobody confirmed yet stands in no list.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import NAMED, PASSED
from piiscan.errors import CountError

#: Unit -> steps that it can be made of, the usual one first.
STEPS: Final = {"row": ("R4", "R1", "R2", "R3"), "key": ("R5",), "person": ("R6",)}
#: Steps whose rejects are rows that findings know.
REJECTED: Final = ("R2", "R3", "R4", "R5", "R6")

_MADE: Final = (
    "create temp table chosen as select dense_rank() over (order by first)::bigint as line, record,"
    " null::varchar as reason, null::varchar as elsewhere, null::bigint as repeats"
    " from (select record, {first} as first from {table} where headline and {where})"
)
_LINES: Final = {
    "R1": ("rows", "data", "record"),
    "R2": ("rows", NAMED, "record"),
    "R3": ("rows", PASSED, "record"),
    "R4": ("passed", "true", "min(record) over (partition by row_no)"),
    "R5": ("passed", "true", "min(record) over (partition by key_no)"),
    "R6": ("passed", "true", "min(record) over (partition by person)"),
}

_NOT_NAMED: Final = f"not ({NAMED})"
_FELL: Final = """
select record, case when excluded is not null then 'EXCLUDED' when period <> 'IN' then period
       when bare then 'BARE_PHONE' else coalesce(reason, '{other}') end as reason,
       null as elsewhere, null::bigint as repeats
from rows where headline and data and {where}
"""
_FIRSTS: Final = """
with p as (
  select *, min(record) over (partition by row_no) as of_row,
         min(record) over (partition by row_no, place) as of_file,
         min(record) over (partition by key_no) as of_key,
         min(record) over (partition by person) as of_person
  from passed where headline
)
"""
_REPEATED: Final = {
    "R4": "select record, 'DUP_ROW' as reason,"
    " case when of_file < record then 'file' else 'across' end as elsewhere,"
    " case when of_file < record then of_file else of_row end as repeats"
    " from p where of_row < record",
    "R5": "select record, 'DUP_KEY' as reason, null as elsewhere, of_key as repeats"
    " from p where of_row = record and of_key < record",
    "R6": "select record, 'DUP_PERSON' as reason, null as elsewhere, of_person as repeats"
    " from p where of_key = record and of_person < record",
}


def choose(base: Any, unit: str, step: str | None) -> str:
    """The step that the lines are of, ``chosen`` made; CountError if the unit has no such step."""
    steps = STEPS[unit]
    step = step or steps[0]
    if step not in steps:
        raise CountError(f"a list by {unit} is made of {' or '.join(sorted(steps))}, not of {step}")
    table, where, first = _LINES[step]
    base.execute(_MADE.format(table=table, where=where, first=first))
    return step


def choose_rejects(base: Any, step: str) -> None:
    """Nothing; ``chosen`` holds the rows that fell at ``step``, a line each.

    CountError for a step at which no such row falls; what fell at R1 is in no shard.
    """
    if step in _REPEATED:
        query = _FIRSTS + _REPEATED[step]
    elif step == "R2":
        query = _FELL.format(other="NOT_IDENTIFIABLE", where=_NOT_NAMED)
    elif step == "R3":
        query = _FELL.format(other="LOW_CONFIDENCE", where=f"{NAMED} and not ({PASSED})")
    else:
        raise CountError(f"rejects are listed of R1, {', '.join(REJECTED)}, not of {step}")
    base.execute(
        "create temp table chosen as select dense_rank() over (order by record)::bigint as line, *"
        f" from ({query})"
    )
