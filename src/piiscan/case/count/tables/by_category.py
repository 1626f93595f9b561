"""Counts by category: records, rows and keys, to compare with the thresholds of a rule.

Three units are counted: records as seized (U1), rows that pass without repeated ones (U1d), and
distinct keys that pass, of all subjects (U2; 法释〔2017〕10号 art. 11(3) excepts untrue or repeated
information). A row of several categories counts under one of them, which the reading of the rule
decides. A key counts under those of each of its records: lodging and flight in two records are
``lodging+basic|flight+basic``. Categories are bits of a mask: there can be millions of keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tables.contained import ROW_NUMBER, create_identified
from piiscan.case.count.tables.transactions import create_traded
from piiscan.case.tiers.assessment import RECORD_MARK

#: Unit that is assessed -> its column of ``weighed``: records as seized (U1), rows without repeated
#: ones (U1d), distinct keys (U2).
UNIT_FIELDS: Final = {"U1": "record", "U1d": "content", "U2": "key_no"}
ASSESSED_UNITS: Final = tuple(UNIT_FIELDS)
#: Unit of transfers (the total of art. 11) -> the unit of its elements.
TRANSFER_UNITS: Final = {"UF_rows": "content", "UF": "key", "UF_persons": "person"}
#: Scope kinds that are assessed. Sources are not: a file alone belongs to no person.
ASSESSED_SCOPES: Final = ("total", "suspect", "device", "item")

#: Masks of the part combinations, of all records and of those of public business information.
_MASKS: Final = pa.schema(
    [("holding", pa.int32()), ("business", pa.bool_()), ("mask", pa.uint64())]
)
_WEIGHED: Final = """
create temp table holding as
select row_number() over (order by place, combination, aside)::int - 1 as holding, *
from (select distinct place, combination, case when side then role end as aside from people
      where counts and counted and headline and combination is not null);
create temp table weighed as
select r.record as any_record, case when r.main then r.record end as record, r.place, r.business,
       case when r.main then coalesce(p.content_no, b.content_no) end as content,
       coalesce(p.key_no, b.key_no) as key_no, h.holding, r.bare
from people r join holding h on r.place = h.place and r.combination = h.combination
    and h.aside is not distinct from case when side then role end
left join (select subject, key_no, content_no from passed where part(subject)) p using (subject)
left join (select subject, key_no, content_no from bare_rows where part(subject)) b using (subject)
where counts and counted and r.headline and part(r.subject);
"""
#: SQL: subjects whose key fails beside one that would pass, by the other one; then the rows or
#: keys to which they belong, without and with them.
_OTHER_KEYS: Final = f"""
create temp table other_keys as
select r.key, min(key_no) as key_no
from (select subject, key_no from passed union all from bare_keys) k
join people r on r.subject = k.subject
where r.key in (select key from people where step = 2 and other_key) and part(k.subject)
    and part(r.subject)
group by r.key;
create temp table other_weighed as
select r.record as any_record, case when r.main then r.record end as record, r.place, r.business,
       case when r.main then {ROW_NUMBER} end as content,
       coalesce(k.key_no, -dense_rank() over (order by r.key))::int as key_no, h.holding, r.bare
from people r join holding h on r.place = h.place and r.combination = h.combination
    and h.aside is not distinct from case when side then role end
left join (select key, min(key_no) as key_no from other_keys group by key) k
    on r.key = k.key
where counts and counted and headline and step = 2 and other_key and not bare;
"""
_TOUCHED: Final = """
create temp table without_{field} as
select * from weighed where {field} in (select {field} from other_weighed);
create temp view with_{field} as
select * from without_{field} union all select * from other_weighed;
"""
#: SQL condition: parts of recovered data (deleted rows and files) that the register confirms.
RECOVERED: Final = "place in (select place from placed where layer = 'deleted')"
#: SQL: rows and keys of which only a bare phone number is known, by scope.
_BARE_UNITS: Final = """
select kind, scope, count(*) from (
    select s.kind, s.scope, {field} from {table} w {joined}
    and s.scope is not null and part({field})
    and {field} in (select {field} from {table} where bare and part({field}))
    group by all having bool_and(bare))
group by all
"""
#: SQL: elements by scope and mask.
_BY_MASK: Final = """
select kind, scope, mask, count(*) from (
    select {kind} as kind, {scope} as scope, {field},
           case when {whole} then bit_or(mask) end as mask
    from {table} w join masks using (holding, business) {joined}
    and {scope} is not null and {field} is not null and part({field}) group by all)
group by all order by all
"""
#: SQL: a record of the unit has all categories {apart}, so the unit counts once.
_WHOLE: Final = "bit_or(mask & {apart}) = max(mask & {apart})"
#: SQL: keys with records of different categories, by scope and the masks of these records.
_APART: Final = """
select kind, scope, masks, count(*) from (
    select {kind} as kind, {scope} as scope, {field}, list_sort(list(distinct mask)) as masks
    from {table} w join masks using (holding, business) {joined}
    and {scope} is not null and part({field}) and {field} in (
        select {field} from {table} join masks using (holding, business)
        where {field} is not null and part({field}) group by all
        having min(mask & {apart}) <> max(mask & {apart}))
    group by all having not {whole})
group by all order by all
"""
_SCOPED: Final = "join scoped s using (place) where s.kind in ({kinds})"
_TRADED: Final = "join traded t using (record) where true"


@dataclass(frozen=True, slots=True)
class PartCombination:
    """Combination of kinds (``A+B``) of the records in one part of a source.

    ``aside``: role of another person than the subject of the record, None for the subject.
    """

    source: int
    member: str
    combination: str
    aside: str | None = None


def part_combinations(context: TableContext) -> list[PartCombination]:
    """Create the table ``weighed``; return each entity combination of each part."""
    context.once(create_identified)
    context.connection.create(_WEIGHED)
    rows = context.connection.execute(
        "select source, member, combination, aside from holding join placed using (place)"
        " order by holding"
    ).fetchall()
    return [PartCombination(*row) for row in rows]


def create_other_keys(context: TableContext) -> bool:
    """Create the views ``without_content``, ``with_content`` and those of ``key_no``.

    They have the rows and keys that a failed check leaves out beside another key, without and with
    these. Return False if there are none.
    """
    any_other = "select 1 from people where step = 2 and other_key limit 1"
    if not context.connection.execute(any_other).fetchall():
        return False
    context.connection.create(_OTHER_KEYS)
    if not context.connection.execute("from other_weighed limit 1").fetchall():
        return False
    for field in ("content", "key_no"):
        context.connection.execute(_TOUCHED.format(field=field))
    return True


def create_live(context: TableContext) -> bool:
    """Create the views ``live_content`` and ``live_key_no``: rows without recovered data.

    Return False if there is none that the register confirms.
    """
    connection = context.connection
    if not connection.execute(f"from placed where {RECOVERED} limit 1").fetchall():
        return False
    for field in ("content", "key_no"):
        query = f"create temp view live_{field} as select * from weighed where not {RECOVERED}"
        connection.execute(query)
    return True


def count_bare(context: TableContext, unit: str, tables: str = "") -> dict[tuple[str, str], int]:
    """Return (kind, scope) -> rows or keys of the scope of which only a bare number is known.

    ``tables``: prefix of the rows' tables (``live_``); all of ``weighed`` without a prefix.
    """
    field = UNIT_FIELDS[unit]
    table = f"{tables}{field}" if tables else "weighed"
    query = _BARE_UNITS.format(field=field, joined=_SCOPED, table=table)
    return {(kind, scope): number for kind, scope, number in context.by_scope(query, 2)}


def create_masks(context: TableContext, own: Sequence[str], business: Sequence[str]) -> list[str]:
    """Create the table ``masks``: holding -> bits of its categories; return each bit's category.

    Args:
        context: inputs of the tables, after ``part_combinations``.
        own: the categories of each part combination, joined by ``+``.
        business: those of its records that are public business information.
    """
    names = sorted({name for each in (*own, *business) for name in each.split("+")})
    bits = {name: 1 << place for place, name in enumerate(names)}
    masks = [
        (holding, of_business, sum(bits[name] for name in each.split("+")))
        for of_business, of_holding in ((False, own), (True, business))
        for holding, each in enumerate(of_holding)
    ]
    columns = [list(column) for column in zip(*masks, strict=True)] or [[], [], []]
    arrays = [pa.array(each, type_) for each, type_ in zip(columns, _MASKS.types, strict=True)]
    context.connection.register("masks_given", pa.table(arrays, schema=_MASKS))
    context.connection.execute("create or replace temp table masks as select * from masks_given")
    return names


def categories_apart(masks: Sequence[int], apart: int, names: Sequence[str]) -> str:
    """Return the categories of a unit with records of these masks: ``lodging+basic|flight+basic``.

    A record adds nothing if another has all its categories ``apart``, a mask; the unit has the
    other categories once, beside each.
    """
    common = 0
    for mask in masks:
        common |= mask & ~apart
    own = {mask & apart for mask in masks}
    most = sorted(one for one in own if not any(one != each and one & each == one for each in own))
    return RECORD_MARK.join(
        "+".join(name for at, name in enumerate(names) if (one | common) >> at & 1) for one in most
    )


def count_by_category(
    context: TableContext,
    names: Sequence[str],
    unit: str,
    apart: Collection[str] = (),
    table: str = "weighed",
) -> dict[tuple[str, str], dict[str, int]]:
    """Return (kind, scope) -> categories (``A+B``) -> number of records, rows or keys.

    Categories are all those of a record, row or key. The kinds are ASSESSED_SCOPES, then ``status``
    (obtained, sold …).

    Args:
        context: inputs of the tables, after ``create_masks``.
        names: the category of each bit of the masks.
        unit: one of ASSESSED_UNITS.
        apart: categories that count each if different records of one key have them.
        table: rows to count.
    """
    bits = sum(1 << place for place, name in enumerate(names) if name in apart and unit == "U2")
    whole = _WHOLE.format(apart=f"{bits}::ubigint") if bits else "true"
    terms = {"field": UNIT_FIELDS[unit], "apart": f"{bits}::ubigint", "whole": whole}
    terms["table"] = table

    def read(query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query by scope and, if there are transactions, by status."""
        scoped = query.format(scope="s.scope", kind="s.kind", joined=_SCOPED, **terms)
        rows = context.by_scope(scoped, 3, ASSESSED_SCOPES)
        if "ledger" in context.case.views:
            context.once(create_traded)
            of_status = query.format(scope="t.status", kind="'status'", joined=_TRADED, **terms)
            rows += context.connection.add_up(of_status, 3)
        return rows

    counts: dict[tuple[str, str], Counter[str]] = {}
    found = read(_BY_MASK)
    for kind, scope, mask, number in found:
        of_scope = counts.setdefault((kind, scope), Counter())
        if mask is not None:
            of_scope[categories_apart((mask,), bits, names)] += number
    if any(mask is None for _, _, mask, _ in found):
        for kind, scope, masks, number in read(_APART):
            counts[kind, scope][categories_apart(masks, bits, names)] += number
    return {scope: dict(each) for scope, each in counts.items()}
