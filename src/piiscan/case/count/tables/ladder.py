"""Count ladder (R0 to R6): rows or keys left at each step, for each scope (``docs/counting.md``).

Every number has two more: without public business information, and in layers outside the headline
until a person confirms them.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.tables.count_table_inputs import CountTableInputs
from piiscan.case.count.tallies import Tally
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import EVERYWHERE, ReportTable, coded, number, rows_of_scope

Row = dict[str, Any]

#: Step -> name of its tally (see :mod:`piiscan.case.count.tallies`). R0 counts the rows read.
STEPS: Final = {
    "R1": "found",
    "R2": "named",
    "R3": "passed",
    "R4": "rows",
    "R5": "keys",
    "R6": "persons",
}


def _ladder(inputs: CountTableInputs) -> list[Row]:
    """Return T4: rows or keys left and dropped at each ladder step (R0 to R6) of each scope."""
    rows: list[Row] = []
    tallies = inputs.tallies
    for kind in tallies.kinds:
        for scope, read in sorted(tallies.read(kind).items()):
            previous = read
            rows.append(_row(kind, scope, "R0", read, None))
            for step, name in STEPS.items():
                current = tallies.by_scope(kind, name).get(scope, Tally())
                rows.append(_row(kind, scope, step, current, previous.count - current.count))
                previous = current
    return rows


def _row(kind: str, scope: str, step: str, tally: Tally, dropped: int | None) -> Row:
    """Return one row of the table ``ladder`` (T4): one step of one scope.

    At R0 the figure without business information is None.
    """
    return {
        "scope_kind": kind,
        "scope": scope,
        "step": step,
        "count": tally.count,
        "fell": dropped,
        "without_business": None if step == "R0" else tally.without_business,
        "unconfirmed": tally.unconfirmed,
    }


LADDER: Final = ReportTable(
    "ladder",
    (
        SCOPE_KIND,
        SCOPE,
        coded("step", "ladder_step", EVERYWHERE),
        number("count", EVERYWHERE),
        number("fell", EVERYWHERE),
        number("without_business"),
        number("unconfirmed"),
    ),
    section="T4",
    made_by="count",
    build=_ladder,
    notes=("sheet.note.ladder",),
    rows={
        "summary": rows_of_scope("ladder", "total"),
        "page": rows_of_scope("ladder", "total", "suspect"),
        "statement": rows_of_scope("ladder", "total"),
    },
    row_group="ladder_rows",
)
