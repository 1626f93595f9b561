"""Weighed transfers (UF): the total of art. 11 by category, per suspect and per joint group.

The elements of its sets are rows, keys or persons with their categories. An element that was
acquired with a heavy category and sold with a light one is one with both; different buyers add up,
each with what he got.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.transfers import create_elements

#: SQL: number of elements by scope, mask and figure. What of an element was acquired goes to the
#: buyer who got most of it.
_WEIGHTS: Final = """
with most as (
    select kind, scope, unit, top, any_value(low) as low, any_value(high) as high,
           arg_max(taker, {'got': bit_count(mask & high), 'first': -taker}) as taker
    from sold join got using (kind, scope, unit, top) group by all
    having bool_and(high & ~mask <> 0)),
given as (
    select s.*, s.mask | coalesce(low, 0) as low, s.mask | coalesce(high, 0) as high
    from sold s left join most using (kind, scope, unit, top, taker)),
unsold as (
    select g.*, t.taker from got g anti join sold using (kind, scope, unit, top)
    left join (select kind, scope, unit, min(taker) as taker from sold group by all) t
    on t.kind = g.kind and t.scope = g.scope and t.unit = g.unit),
of_duty as (
    select kind, scope, unit, max(rank) as rank from elements where side = 'duty' group by all),
open as (
    select kind, scope, unit, number, top, bit_or(mask) as mask from elements
    where side = 'unroled' group by all),
known as (
    select kind, scope, unit, top, null as own from elements where side in ('sold', 'acquired')
    union select kind, scope, unit, top, top from open),
weights as (
    select kind, scope, unit, taker, bare, low as mask, number, unnest(['sold', 'total']) as figure
    from given
    union all select kind, scope, unit, taker, bare, high, number, 'total_high' from given
    union all select kind, scope, unit, taker, bare, low, number, 'total' from unsold where rank = 2
    union all select kind, scope, unit, taker, bare, high, number, 'total_high' from unsold
              where rank >= 1
    union all select kind, scope, unit, taker, bare, mask, number,
                     unnest(['duty_high', case rank when 2 then 'duty' end])
    from sold join of_duty using (kind, scope, unit)
    union all select o.kind, o.scope, o.unit, null, false, mask, number, 'unroled' from open o
    anti join known k on o.kind = k.kind and o.scope = k.scope and o.unit = k.unit
        and k.top & o.top = o.top and k.own is distinct from o.top),
units as (
    select kind, scope, bare, figure, number, list_sort(list(distinct mask)) as masks
    from weights where figure is not null
    group by kind, scope, bare, figure, number, unit, taker)
select kind, scope, bare, masks, figure, sum(number)::bigint from units
group by all order by kind, scope, masks
"""


#: Bits of the categories of each element of a unit, sorted.
Masks: TypeAlias = tuple[int, ...]


@dataclass(slots=True)
class WeighedTransfers:
    r"""Units of one suspect or group, each once a taker: masks of its elements -> number.

    ``total``: Σ|S_b| + |A \ ∪S|. ``total_high``: with acquisitions whose unlawfulness is open.
    ``duty``: sold elements that were obtained in duty or service; ``duty_high``: with those of
    which that is open.  ``unroled``: what the register gives no role, beside all of these.
    ``sold``: Σ|S_b|. ``bare``: name of a figure -> number of elements of which only a phone
    number is known.
    """

    sold: dict[Masks, int] = field(default_factory=dict)
    total: dict[Masks, int] = field(default_factory=dict)
    total_high: dict[Masks, int] = field(default_factory=dict)
    duty: dict[Masks, int] = field(default_factory=dict)
    duty_high: dict[Masks, int] = field(default_factory=dict)
    unroled: dict[Masks, int] = field(default_factory=dict)
    bare: dict[str, int] = field(default_factory=dict)


def weigh_transfers(
    context: TableContext, unit: str, apart: int, pieces: str = ""
) -> Mapping[tuple[str, str], WeighedTransfers]:
    """Return (``suspect`` or ``group``, name) -> its elements; none for scopes without any.

    Needs ``masks``. ``unit``, ``apart``, ``pieces``: see ``create_elements``.
    """
    if not context.case.has_flow:
        return {}
    create_elements(context, unit, apart, pieces)
    connection, settings = context.connection, context.rules.flow
    names = connection.execute("select person, name from persons where known").fetchall()
    scopes = {(0, person): ("suspect", name) for person, name in names}
    titles = dict.fromkeys(each.group for each in settings.members)
    scopes |= {(1, at): ("group", title) for at, title in enumerate(titles)}
    found: dict[tuple[str, str], WeighedTransfers] = {}
    for kind, scope, bare, masks, name, number in connection.execute(_WEIGHTS).fetchall():
        if (kind, scope) in scopes:
            one = found.setdefault(scopes[kind, scope], WeighedTransfers())
            figure = getattr(one, name)
            figure[tuple(masks)] = figure.get(tuple(masks), 0) + number
            if bare:
                one.bare[name] = one.bare.get(name, 0) + number
    return {scope: each for scope, each in found.items() if each.total_high}
