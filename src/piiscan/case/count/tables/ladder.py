"""Count ladder (R0 to R6): rows and subjects left at each step, by scope (``docs/counting.md``).

R0 to R4 count rows, and the subjects of those rows beside them. R5 and R6 count subjects. Every
number has two more: without public business information, and in layers outside the headline until a
person confirms them.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tallies import Tally
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import EVERYWHERE, ReportTable, coded, numbers, rows_of_scope

Row = dict[str, Any]

#: Step -> names of its tallies of rows and of subjects (:mod:`piiscan.case.count.tallies`). R0
#: counts the rows read.
STEPS: Final = {
    "R1": ("found", "subjects_found"),
    "R2": ("named", "subjects_named"),
    "R3": ("passed", "subjects_passed"),
    "R4": ("rows", "subjects"),
    "R5": ("keys", "keys"),
    "R6": ("persons", "persons"),
}


def _ladder(context: TableContext) -> list[Row]:
    """Return T4: rows or keys left and dropped at each ladder step (R0 to R6) of each scope."""
    rows: list[Row] = []
    tallies = context.tallies
    nothing = Tally()
    for kind in tallies.kinds:
        steps = {
            step: tuple(tallies.by_scope(kind, name) for name in names)
            for step, names in STEPS.items()
        }
        for scope, read in sorted(tallies.read(kind).items()):
            left, people = read.count, None
            rows.append(_row(kind, scope, "R0", read))
            for step, counted in steps.items():
                current, subjects = (each.get(scope, nothing) for each in counted)
                before = people if step == "R5" and people is not None else left
                fell = {"fell": before - current.count, "subjects": subjects.count}
                if people is not None:
                    fell["subjects_fell"] = people - subjects.count
                rows.append(_row(kind, scope, step, current) | fell)
                left, people = current.count, subjects.count
    return rows


def _row(kind: str, scope: str, step: str, tally: Tally) -> Row:
    """Return one row of the table ``ladder`` (T4): one step of one scope, without dropped rows.

    At R0 the figure without business information is None.
    """
    return {
        "scope_kind": kind,
        "scope": scope,
        "step": step,
        "count": tally.count,
        "fell": None,
        "subjects": None,
        "subjects_fell": None,
        "without_business": None if step == "R0" else tally.without_business,
        "unconfirmed": tally.unconfirmed,
    }


LADDER: Final = ReportTable(
    "ladder",
    (
        SCOPE_KIND,
        SCOPE,
        coded("step", "ladder_step", EVERYWHERE),
        *numbers("count", "fell", "subjects", shown=EVERYWHERE),
        *numbers("subjects_fell", "without_business", "unconfirmed"),
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
