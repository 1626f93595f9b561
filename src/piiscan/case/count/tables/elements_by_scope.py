"""Element table (U3): occurrences and distinct values of each entity in each scope."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.counted_findings import create_counted_view
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import CODE, ENTITY, SCOPE, SCOPE_KIND
from piiscan.pages.report_table import ReportTable, number

Row = dict[str, Any]

_QUERY: Final = """
select kind, scope, entity, sum(hits)::bigint, count(*) from (
    select kind, scope, entity, digest, count(*) as hits from counted c join scoped using (place)
    where kind in ({kinds}) and c.headline and part(digest) group by all)
group by all order by all
"""


def _element_table(context: TableContext) -> list[Row]:
    """Return a row per scope and entity: counted findings and distinct values.

    Refuted and excluded findings are left out.
    """
    if "findings" not in context.case.views:
        return []
    context.once(create_counted_view)
    found = context.by_scope(_QUERY, 3)
    return [_row(*each) for each in found]


def _row(kind: str, scope: str, entity: str, hits: int, distinct: int) -> Row:
    """Return one row of the table ``elements``."""
    return {
        "scope_kind": kind,
        "scope": scope,
        "entity": entity,
        "hits": hits,
        "distinct": distinct,
    }


ELEMENTS: Final = ReportTable(
    "elements",
    (SCOPE_KIND, SCOPE, ENTITY, CODE, number("hits"), number("distinct")),
    section="T4",
    made_by="count",
    build=_element_table,
)
