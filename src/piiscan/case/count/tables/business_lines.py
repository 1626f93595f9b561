"""Business table: public business information (企业公开信息) at each ladder step, with and without.

Courts differ whether representatives and contacts in lists of firms count. The line is to be
verified by a person (类别确认表).
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tables.ladder import STEPS
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import EVERYWHERE, ReportTable, coded, numbers, rows_of_scope

Row = dict[str, Any]


def _business(context: TableContext) -> list[Row]:
    """Return a row per scope and step with public business information: with, without, itself."""
    rows: list[Row] = []
    for kind in context.tallies.kinds:
        for step, (name, _) in STEPS.items():
            for scope, tally in sorted(context.tallies.by_scope(kind, name).items()):
                if tally.count > tally.without_business:
                    rows.append(
                        {
                            "scope_kind": kind,
                            "scope": scope,
                            "step": step,
                            "business": tally.count - tally.without_business,
                            "count": tally.count,
                            "without_business": tally.without_business,
                        }
                    )
    return sorted(
        rows, key=lambda row: (context.tallies.kinds.index(row["scope_kind"]), row["scope"])
    )


BUSINESS: Final = ReportTable(
    "business",
    (
        SCOPE_KIND,
        SCOPE,
        coded("step", "ladder_step", EVERYWHERE),
        *numbers("business", "count", "without_business", shown=EVERYWHERE),
    ),
    section="T4",
    made_by="count",
    build=_business,
    notes=("sheet.note.business",),
    rows={"summary": rows_of_scope("business", "total")},
)
