"""Masked matches: masked values that fit full values of other sources. They prove no identity.

``138****8000`` in one source, ``13800138000`` in another ``-> 1 mask``.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import ENTITY, SOURCE
from piiscan.pages.report_table import ReportTable, number

Row = dict[str, Any]

#: Recognizer of masked values -> entity whose display masks they can equal.
_MASKED_RECOGNIZERS: Final = {"masked.mobile": "CN_MOBILE", "masked.resident_id": "CN_RESIDENT_ID"}


def _masked_value_matches(context: TableContext) -> list[Row]:
    """Return ``flow_masked``: per source pair, masks of one that full values of the other fit.

    Only masks in the display form of piiscan (``138****8000``) can be compared.
    """
    if "findings" not in context.case.views or len(context.case.sources) < 2:
        return []
    kinds = " ".join(f"when '{name}' then '{kind}'" for name, kind in _MASKED_RECOGNIZERS.items())
    chosen = (
        f"from findings where verdict <> 'refuted' and (recognizer in"
        f" ({', '.join(repr(name) for name in _MASKED_RECOGNIZERS)})"
        f" or entity in ({', '.join(repr(kind) for kind in _MASKED_RECOGNIZERS.values())}))"
    )
    hidden = f"select 1 {chosen} and recognizer like 'masked.%' limit 1"
    if not context.connection.execute(hidden).fetchall():
        return []
    found = context.connection.add_up(
        "with seen as (select distinct source, case recognizer"
        f" {kinds} else entity end as kind, recognizer like 'masked.%' as hidden, masked"
        f" {chosen} and part(masked))"
        " select a.source, b.source, a.kind, count(distinct a.masked) from seen a join seen b"
        " on a.masked = b.masked and a.kind = b.kind"
        " where a.hidden and not b.hidden and a.source <> b.source group by all order by all",
        3,
    )
    return [
        {"source": masked_source, "other_source": full_source, "entity": kind, "masks": count}
        for masked_source, full_source, kind, count in found
    ]


FLOW_MASKED: Final = ReportTable(
    "flow_masked",
    (SOURCE, number("other_source"), ENTITY, number("masks")),
    section="T7",
    made_by="count",
    build=_masked_value_matches,
    page_rows=40,
)
