"""Weighed transfers (UF): the total of art. 11 by category, per suspect and per joint group.

The elements of its sets are a unit (row or key) with its categories: one person's phone list and
credit file are two, one row of several kinds is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.transfers import (
    ACQUIRED,
    GROUP_ACQUIRED,
    count_unroled,
    counted,
    create_moves,
    sold_sql,
    totals,
)

#: SQL: the elements; ``field``: column of the table that is the unit.
_UNITS: Final = """
create or replace temp view units as
select place, any_record as record, {field} as unit, mask
from {table} join masks using (holding, business) where {field} is not null
"""
#: SQL: what a person holds of his duty or service, and what of it he sold.
_DUTY: Final = """
with held as (
    select distinct n.person as scope, unit from placed p join party_names n on n.name = p.suspect
    join units using (place) where p.duty in ({states}))
select scope, mask, count(distinct (taker, unit)) from ({sold}) join held using (scope, unit)
group by all
"""
#: States of ``duty`` that count, and that may count.
_DUTY_STATES: Final = ("'yes'", "'yes', 'open'")


@dataclass(slots=True)
class WeighedTransfers:
    r"""Elements of one suspect or group: mask of categories -> number.

    ``total``: Σ|S_b| + |A \ ∪S|. ``total_high``: with acquisitions whose unlawfulness is open.
    ``duty``: sold elements that were obtained in duty or service; ``duty_high``: with those of
    which that is open.  ``unroled``: what the register gives no role, beside all of these.
    ``sold``: Σ|S_b|.
    """

    sold: dict[int, int] = field(default_factory=dict)
    total: dict[int, int] = field(default_factory=dict)
    total_high: dict[int, int] = field(default_factory=dict)
    duty: dict[int, int] = field(default_factory=dict)
    duty_high: dict[int, int] = field(default_factory=dict)
    unroled: dict[int, int] = field(default_factory=dict)


def weigh_transfers(
    context: TableContext, field: str, table: str = "weighed"
) -> Mapping[tuple[str, str], WeighedTransfers]:
    """Return (``suspect`` or ``group``, name) -> its elements; none for scopes without any.

    Needs ``masks``. ``field``: column of ``table`` that is the unit.
    """
    if not context.case.has_flow:
        return {}
    connection, settings = context.connection, context.rules.flow
    create_moves(context, _UNITS.format(field=field, table=table))
    sold, group_sold = sold_sql(settings)
    names = connection.execute("select person, name from persons where known").fetchall()
    suspects = {person: ("suspect", name) for person, name in names}
    titles = dict.fromkeys(each.group for each in settings.members)
    groups = {at: ("group", title) for at, title in enumerate(titles)}
    found: dict[tuple[str, str], WeighedTransfers] = {}
    sides = ((suspects, sold, ACQUIRED, False), (groups, group_sold, GROUP_ACQUIRED, True))
    for scopes, query, acquired, group in sides:
        takers = counted("taker", settings, group=group)
        for (scope, mask), terms in totals(connection, query, acquired, takers).items():
            if scope in scopes and terms["flow_total_high"]:
                one = found.setdefault(scopes[scope], WeighedTransfers())
                one.sold[mask] = terms["sold_sum"]
                one.total[mask] = terms["flow_total"]
                one.total_high[mask] = terms["flow_total_high"]
        for (scope, mask), number in count_unroled(connection, settings, group=group).items():
            if scope in scopes and scopes[scope] in found:
                found[scopes[scope]].unroled[mask] = number
    for states, name in zip(_DUTY_STATES, ("duty", "duty_high"), strict=True):
        rows = connection.execute(_DUTY.format(states=states, sold=sold)).fetchall()
        for scope, mask, number in sorted(rows):
            if scope in suspects:
                getattr(found[suspects[scope]], name)[mask] = number
    return found
