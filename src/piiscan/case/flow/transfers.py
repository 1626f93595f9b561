r"""Transfers: keys acquired and sold per person and per joint group, and the legal total of both.

法释〔2017〕10号 art. 11: information acquired and then sold counts once (1), and sales to several
buyers are added up (2). With A the keys acquired unlawfully and S_b the keys given to buyer b, the
total is Σ|S_b| + |A \ ∪S_b|. S_b is the union of every confirmed transfer, whichever device proves
it: an item of the buyer that came from the seller proves the sale. Acquisitions whose unlawfulness
is open make the total a range.

The elements of the sets are distinct keys and persons for the tables here, and rows, keys and
persons with their categories for the ratios (:mod:`piiscan.case.flow.weighed_transfers`). What is
the same row, key or person: :mod:`piiscan.case.flow.identities`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tables.by_category import RECOVERED, create_other_keys, part_combinations
from piiscan.case.count.tables.transactions import create_traded
from piiscan.case.flow.confirmed_dealings import create_confirmed, create_dealings
from piiscan.case.flow.identities import create_identities
from piiscan.case.flow.parties import UNNAMED, UNREGISTERED, FlowSettings, Parties, create_parties
from piiscan.case.register import GroupMember
from piiscan.case.register.entry import PUBLIC
from piiscan.pages.report_table import (
    USUAL_AND_SUMMARY,
    ReportTable,
    TableColumn,
    coded,
    number,
    numbers,
    text,
)

Row = dict[str, Any]

#: SQL: every transfer that the register states, by part. ``giver_side``: the item of the giver
#: proves it. ``rank``: how the taker obtained it, 2 unlawfully, 1 open, 0 lawfully. Time and price
#: are those of the item's role: an item that was sold has the time of the sale.
_CREATE_STATED: Final = f"""
create temp table stated as
with holding as (
    select place, coalesce(n.person, {UNREGISTERED}) as holder, role, party_from, party_to,
           stated_time, stated_price, price_row,
           role in ('sold', 'provided', 'published') as gives,
           case unlawful when 'yes' then 2 when 'open' then 1 when 'no' then 0 end as said
    from placed p left join party_names n on n.name = p.suspect)
select place, true as giver_side, holder as giver, coalesce(c.person, {UNNAMED}) as taker,
       case when gives then stated_time end as time, case when gives then stated_price end as price,
       case when gives then price_row end as price_row, null::int as rank, false as said
from holding left join party_cells c on c.cell = party_to where gives or c.person is not null
union all
select place, false, case when c.person = holder then {UNNAMED}
                          else coalesce(c.person, {UNNAMED}) end, holder,
       case when not gives then stated_time end, case when not gives then stated_price end,
       case when not gives then price_row end,
       coalesce(said, case when role = 'acquired' then 2 else 1 end), said is not null
from holding left join party_cells c on c.cell = party_from
where role in ('acquired', 'held') or c.person is not null or said is not null;
"""
#: SQL: transactions of ledgers by person. If the register names the buyer of an item, the buyers
#: in its transactions are not counted: they may be the same people under other names.
_CREATE_LOGGED: Final = f"""
create temp table logged as
select t.place, coalesce(n.person, {UNREGISTERED}) as holder,
       coalesce(d.person, {UNNAMED}) as party, t.item, t.source, t.row, t.content_digest, t.status,
       t.time, t.price, t.channel, t.passed, t.record, t.key_kind,
       t.key
from traded t left join party_names n on n.name = t.suspect
left join party_digests d on d.party_digest = t.party_digest
where t.status in ('obtained', 'sold', 'provided');
delete from logged where status <> 'obtained'
    and place in (select place from placed where party_to <> '{PUBLIC}');
"""
#: SQL: distinct givers, takers and days. ``day``: null if no group has days.
_CREATE_PAIRS: Final = f"""
create temp table pairs as
select row_number() over (order by giver, taker, day)::int as pair, * from (
    select distinct giver, taker, {{day}} as day from stated s
    where giver <> {UNNAMED} and giver <> taker
    union
    select distinct holder, party, {{day}} from logged s
    where status <> 'obtained' and passed and holder <> party);
"""
#: SQL: what is given and obtained: the key of each subject with his row, by record. ``extra``: its
#: key fails its check, and this is another one that passes.
_PIECE: Final = "key_no, content, holding, business, bare, extra"
_CREATE_UNITS: Final = f"""
create temp view units as
select place, any_record as record, {_PIECE}
from (select *, false as extra from weighed {{extra}}) where key_no is not null
"""
#: SQL: the units that went from giver to taker. What a ledger says was sold to somebody was not
#: sold to an unnamed buyer by its item, too: ``row_only`` is another row of such a key. What a
#: status cell calls unsold was not sold by its item.
_CREATE_MOVES: Final = f"""
create temp table moves as
with told as (
    select distinct l.place, k.key_no, coalesce(k.content, 0) as content
    from logged l join units k using (record)
    where l.passed and l.status <> 'obtained' and l.party <> {UNNAMED})
select pair, {_PIECE},
       taker = {UNNAMED} and (place, key_no) in (select (place, key_no) from told) as row_only
from (
    select pair, place, s.taker, s.giver_side from stated s join pairs p
    on s.giver = p.giver and s.taker = p.taker and {{day}} is not distinct from p.day)
join units u using (place)
where part(key_no) and not (giver_side and u.record in (select record from kept))
    and not (taker = {UNNAMED} and (place, key_no, coalesce(content, 0)) in (
    select (place, key_no, content) from told))
union all
select pair, {_PIECE}, false from (
    select pair, record from logged s join pairs p
    on s.holder = p.giver and s.party = p.taker and {{day}} is not distinct from p.day
    where s.passed and s.status <> 'obtained')
join units using (record) where part(key_no);
"""
#: SQL: every acquisition of a unit. What only the giver's side proves was bought or received,
#: so unlawful, unless the taker's own item from this giver says how it was obtained.
_CREATE_ACQUIRED: Final = f"""
create temp table acquisitions as
select s.taker as holder, s.giver, {_PIECE}, {{day}} as day,
       case when giver_side then 2 else rank end as rank, said,
       giver_side as derived
from stated s join units using (place)
where s.taker <> {UNNAMED} and s.giver <> s.taker
    and not (giver_side and record in (select record from kept))
union all
select coalesce(n.person, {UNREGISTERED}), {UNNAMED}, {_PIECE}, null::date,
       case p.unlawful when 'yes' then 2 when 'no' then 0 else 1 end, p.unlawful is not null, false
from kept k join units u using (record) join placed p on p.place = k.place
left join party_names n on n.name = p.suspect
union all
select holder, party, {_PIECE}, {{day}},
       coalesce(case p.unlawful when 'yes' then 2 when 'open' then 1 when 'no' then 0 end, 2),
       p.unlawful is not null, false
from logged s join units using (record) join placed p on p.place = s.place
where s.passed and status = 'obtained';
delete from acquisitions where derived and (holder, giver, key_no) in (
    select (holder, giver, key_no) from acquisitions where said);
"""
#: SQL: pairs of which giver and taker are members of one group on that day, and sales by group.
#: A transfer without a day is within every period.
_CREATE_GROUPED: Final = """
create temp table belonging as
select group_no, pair, bool_or(m.person = giver) as gives, bool_or(m.person = taker) as takes
from pairs join members m on m.person in (giver, taker)
    and coalesce(day between m.since and m.until, true)
group by all;
create temp table internal as select distinct pair from belonging where gives and takes;
"""
#: SQL: what each person (kind 0) and group (1) sold, acquired, has without a role, and has of his
#: duty or service (rank 2; 1: open). ``facet``: number of all that is known of a piece beside the
#: unit.
_FACET: Final = "side, taker, rank, holding, business, bare, extra"
_CREATE_PIECES: Final = f"""
create temp table pieces as
with given as (
    select p.role, p.duty, coalesce(n.person, {UNREGISTERED}) as person, {_PIECE}
    from placed p left join party_names n on n.name = p.suspect join units using (place)),
dealers as (select giver as person from pairs union select holder from acquisitions),
found as (
    select 0 as kind, giver as scope, 'sold' as side, taker, null::int as rank, {_PIECE}, row_only
    from moves join pairs using (pair)
    where {{internal}} or pair not in (select pair from internal)
    union all
    select 1, group_no, 'sold', taker, null, {_PIECE}, row_only
    from belonging join pairs using (pair) join moves using (pair)
    where gives and ({{internal}} or not takes)
    union all
    select 0, holder, 'acquired', null, rank, {_PIECE}, false from acquisitions
    union all
    select 1, group_no, 'acquired', null, rank, {_PIECE}, false
    from acquisitions a join members m on m.person = a.holder
        and coalesce(day between m.since and m.until, true)
    union all
    select 0, person, 'unroled', null, null, {_PIECE}, false from given join dealers using (person)
    where role is null or role = 'unknown'
    union all
    select 1, group_no, 'unroled', null, null, {_PIECE}, false
    from given join members using (person) where role is null or role = 'unknown'
    union all
    select 0, person, 'duty', null, case duty when 'yes' then 2 else 1 end, {_PIECE}, false
    from given join dealers using (person) where duty in ('yes', 'open'))
select kind, scope, key_no, content, row_only, {_FACET}, hash({_FACET}) as facet from found;
create temp table facets as select distinct facet, {_FACET} from pieces;
"""
#: SQL: units, as one of their scope; those with the same facets are one row with their number.
_CREATE_UNITS_OF: Final = f"""
create temp table facets_of_units as
select distinct kind, scope, unit, facet from (
    select p.kind, p.scope, coalesce(same, {{field}}) as unit, facet
    from pieces p left join same_{{unit}} s
    on s.kind = p.kind and s.scope = p.scope and s.unit = {{field}}
    where {{field}} is not null and {{rows}})
where part(unit);
create temp table {{unit}}_units as
with signed as (
    select kind, scope, unit, sum(facet) as facets from facets_of_units where part(unit)
    group by all),
alike as (select kind, scope, min(unit) as unit, count(*) as number from signed
          group by kind, scope, facets)
select kind, scope, unit, number, {_FACET}
from alike join facets_of_units using (kind, scope, unit) join facets using (facet);
drop table facets_of_units;
"""
#: SQL: elements of the sets: units with their bits of categories. A unit with categories ``apart``
#: in different records is several elements. ``bare``: of the unit only a phone number is known.
_CREATE_ELEMENTS: Final = """
create or replace temp table elements as
with found as (select *, {mask} as mask from {unit}_units {masks}),
given as (
    select kind, scope, side, taker, rank, unit, number, mask, bool_and(bare) as bare from found
    where {chosen} group by all),
bare_units as (
    select kind, scope, unit from given semi join (from given where bare) using (kind, scope, unit)
    group by all
    having coalesce(bool_and(bare) filter (side in ('sold', 'acquired')), bool_and(bare))),
own as (select distinct kind, scope, unit, mask & {apart} as mask from given
        where {apart} <> 0 and side in ('sold', 'acquired')),
tops as (
    select a.kind, a.scope, a.unit, a.mask, max(b.mask) as top
    from own a join own b on b.kind = a.kind and b.scope = a.scope and b.unit = a.unit
        and b.mask & a.mask = a.mask group by all)
select g.* replace (b.unit is not null as bare), coalesce(top, g.mask & {apart}) as top
from given g left join tops t on t.kind = g.kind and t.scope = g.scope and t.unit = g.unit
    and t.mask = g.mask & {apart}
left join bare_units b on b.kind = g.kind and b.scope = g.scope and b.unit = g.unit;
create or replace temp table sold as
select kind, scope, taker, unit, number, bare, top, bit_or(mask) as mask
from elements where side = 'sold' group by all;
create or replace temp table got as
select kind, scope, unit, number, bare, top, max(rank) as rank,
       bit_or(case when rank = 2 then mask else 0 end) as low,
       bit_or(case when rank >= 1 then mask else 0 end) as high
from elements where side = 'acquired' group by all;
"""
#: SQL: pieces that are counted: without ``extra`` ones; the units that these touch, without and
#: with them; without ``extra`` ones and recovered data.
_TOUCHED: Final = "(kind, scope, unit) in (select (kind, scope, unit) from found where extra)"
_CHOSEN: Final = {
    "": "not extra",
    "without_": f"not extra and {_TOUCHED}",
    "with_": _TOUCHED,
    "live_": f"not extra and holding not in (select holding from holding where {RECOVERED})",
}
#: SQL: the figures of each scope.
_TOTALS: Final = """
with terms as (
    select kind, scope, unit, number, bare, rank, coalesce(buyers, 0) as buyers,
           buyers is null as kept
    from (select kind, scope, unit, number, bare, top, count(*) as buyers from sold group by all)
    full outer join got using (kind, scope, unit, number, bare, top)),
open as (
    select kind, scope, sum(number) as unroled from (
        select distinct kind, scope, unit, number from elements where side = 'unroled')
    anti join terms using (kind, scope, unit) group by all),
sums as (
    select kind, scope, count(*) as dealt,
           sum(number) filter (rank = 2 and not bare) as acquired,
           sum(number) filter (rank >= 1 and not bare) as acquired_high,
           sum(number) filter (rank = 0 and not bare) as lawful,
           sum(number * buyers) filter (not bare) as sold_sum,
           sum(number) filter (buyers > 0 and not bare) as sold_distinct,
           sum(number) filter (kept and rank = 2 and not bare) as not_sold,
           sum(number) filter (kept and rank >= 1 and not bare) as not_sold_high,
           sum(number * (buyers + (kept and rank = 2)::int)) filter (bare) as bare,
           sum(number * (buyers + (kept and rank >= 1)::int)) filter (bare) as bare_high
    from terms group by all)
select kind, scope, dealt, {terms}
from sums full outer join open using (kind, scope) order by kind, scope
"""
_BUYERS: Final = "select kind, scope, taker, sum(number) from sold where not bare group by all"
_INTERNAL: Final = """
select giver, count(distinct (taker, key_no)) from moves join pairs using (pair)
join internal using (pair) where not bare and not extra group by all
"""
_GROUP_INTERNAL: Final = """
select group_no, count(distinct (giver, taker, key_no)) from belonging join pairs using (pair)
join moves using (pair) where gives and takes and not bare and not extra group by all
"""
_LOST: Final = f"""
select coalesce(person, {UNREGISTERED}), sum(lost_records)::bigint from (
    select distinct suspect, register_row, lost_records from placed where lost_records is not null)
left join party_names on name = suspect group by all
"""
#: Members of the groups: number of the group from 0, person, first and last day.
_MEMBERS: Final = pa.schema(
    [("group_no", pa.int32()), ("person", pa.int32()), ("since", pa.date32()),
     ("until", pa.date32())]
)  # fmt: skip
_TERMS: Final = (
    "acquired", "acquired_high", "lawful", "sold_sum", "sold_distinct", "not_sold", "not_sold_high",
    "bare", "bare_high", "unroled",
)  # fmt: skip


def find_parties(context: TableContext) -> Parties:
    """Create the tables of persons and transfers, once; return the persons of the register.

    The tables are ``stated``, ``logged``, ``pairs``, ``belonging``, ``internal`` and those of
    :mod:`piiscan.case.flow.parties`. Without any transfer there are no tables.
    """
    return context.once(_create_transfers)


def _create_transfers(context: TableContext) -> Parties:
    """Create the tables of persons and transfers; return the persons that the register names."""
    if not context.case.has_flow:
        return Parties((), (), ())
    context.once(create_traded)
    connection, settings = context.connection, context.rules.flow
    confirmed = context.once(create_confirmed)
    parties = create_parties(connection, settings)
    connection.register("members", _members_table(parties, settings.members))
    connection.execute(_CREATE_STATED)
    if confirmed:
        create_dealings(connection)
    for statement in (_CREATE_LOGGED, _CREATE_PAIRS):
        connection.execute(statement.format(day=_day_sql(settings)))
    connection.execute(_CREATE_GROUPED)
    return parties


def create_pieces(context: TableContext) -> None:
    """Create the tables ``moves``, ``acquisitions`` and ``pieces``, and those of the identities."""
    find_parties(context)
    context.once(part_combinations)
    more = context.once(create_other_keys)
    settings = context.rules.flow
    terms = {
        "extra": "union all select *, true from other_weighed" if more else "",
        "internal": str(settings.internal_sales).lower(),
        "day": _day_sql(settings),
    }
    for statement in (_CREATE_UNITS, _CREATE_MOVES, _CREATE_ACQUIRED, _CREATE_PIECES):
        context.connection.create(statement.format(**terms))
    create_identities(context)
    for unit in ("content", "key", "person"):
        is_row = unit == "content"
        context.connection.create(
            _CREATE_UNITS_OF.format(
                unit=unit,
                field="content" if is_row else "key_no",
                rows="true" if is_row else "not row_only",
            )
        )


def create_elements(
    context: TableContext, unit: str, apart: int | None = None, pieces: str = ""
) -> None:
    """Create the tables ``elements``, ``sold`` and ``got`` of all persons and groups.

    Args:
        context: inputs of the tables.
        unit: ``content`` (rows), ``key`` or ``person``.
        apart: bits of categories that count each in different records of a unit; None for elements
            without categories.
        pieces: ``with_`` for the units that records with another key touch, ``without_`` for these
            without such records; empty for all units without them; ``live_`` for all that need no
            recovered data.
    """
    context.once(create_pieces)
    weighed = apart is not None
    context.connection.execute(
        _CREATE_ELEMENTS.format(
            unit=unit,
            mask="mask" if weighed else "0::ubigint",
            masks="join masks using (holding, business)" if weighed else "",
            chosen=_CHOSEN[pieces],
            apart=f"{apart or 0}::ubigint",
        )
    )


def _day_sql(settings: FlowSettings) -> str:
    """Return the SQL of a transfer's day, null if no member of a group has one."""
    return "s.time::date" if settings.is_dated else "null::date"


def _members_table(parties: Parties, members: Sequence[GroupMember]) -> pa.Table:
    """Return the members as a table of the schema _MEMBERS."""
    groups = list(dict.fromkeys(each.group for each in members))
    rows = [
        (groups.index(each.group), parties.number_of(each.member),
         each.since or date.min, each.until or date.max)
        for each in members
    ]  # fmt: skip
    columns = list(zip(*rows, strict=True)) or [()] * 4
    arrays = [pa.array(each, type_) for each, type_ in zip(columns, _MEMBERS.types, strict=True)]
    return pa.table(arrays, schema=_MEMBERS)


def _read_persons(context: TableContext) -> dict[int, tuple[str | None, bool]]:
    """Return person -> name, and if he is a suspect."""
    rows = context.connection.execute("select person, name, known from persons").fetchall()
    return {person: (name, known) for person, name, known in rows}


@dataclass(frozen=True, slots=True)
class _Totals:
    """Totals by kind of scope (0 person, 1 group) and scope, and keys by seller and taker.

    ``dealt``: scopes that acquired or sold anything.
    """

    terms: Mapping[tuple[int, int], Row]
    dealt: Sequence[tuple[int, int]]
    buyers: Sequence[tuple[int, int, int, int]]


def _read_totals(context: TableContext) -> _Totals:
    """Return the totals of all persons and groups: by keys, and in the same rows by persons."""
    connection = context.connection
    query = _TOTALS.format(terms=", ".join(_TERMS))
    create_elements(context, "key")
    rows = connection.execute(query).fetchall()
    terms = {(kind, scope): _sum_up(row) for kind, scope, _, *row in rows}
    dealt = [(kind, scope) for kind, scope, has_dealt, *_ in rows if has_dealt]
    buyers = connection.execute(_BUYERS).fetchall()
    create_elements(context, "person")
    for kind, scope, _, *row in connection.execute(query).fetchall():
        terms[kind, scope] |= {f"{name}_persons": each for name, each in _sum_up(row).items()}
    return _Totals(terms, dealt, buyers)


def _flow_total(context: TableContext) -> list[Row]:
    """Return a row per suspect and per other person who took part in a confirmed transfer."""
    if not context.case.has_flow:
        return []
    totals = context.once(_read_totals)
    connection = context.connection
    names = context.once(_read_persons)
    lost = dict(connection.execute(_LOST).fetchall())
    passed_on = dict(connection.execute(_INTERNAL).fetchall())
    dealt = [person for group, person in totals.dealt if not group]
    rows = [
        {
            "suspect": names[person][0],
            "registered": names[person][1],
            **totals.terms.get((0, person), _NO_TERMS),
            "internal": passed_on.get(person, 0),
            "lost_records": lost.get(person, 0),
        }
        for person in dict.fromkeys((*dealt, *lost, *passed_on))
        if names[person][0] != PUBLIC
    ]
    return sorted(
        rows, key=lambda row: (row["suspect"] is not None, not row["registered"], row["suspect"])
    )


def _flow_buyers(context: TableContext) -> list[Row]:
    """Return a row per giver and taker: keys given to him."""
    return _buyer_rows(context, "suspect") if context.case.has_flow else []


def _flow_group_buyers(context: TableContext) -> list[Row]:
    """Return a row per joint group and taker: keys given to him."""
    return _buyer_rows(context, "group") if context.rules.flow.members else []


def _buyer_rows(context: TableContext, seller: str) -> list[Row]:
    """Return a row per seller and taker, by falling number of keys. ``seller``: his column."""
    names, groups = context.once(_read_persons), list(_groups_of(context.rules.flow))
    rows = [
        {
            seller: groups[scope] if kind else names[scope][0],
            "buyer": names[taker][0],
            "distinct": keys,
        }
        for kind, scope, taker, keys in context.once(_read_totals).buyers
        if kind == (seller == "group")
    ]
    return sorted(rows, key=lambda row: (row[seller] or "", -row["distinct"], row["buyer"] or ""))


def _sum_up(terms: Sequence[int | None]) -> Row:
    """Return the terms by name, with the low and the high total."""
    row = {name: number or 0 for name, number in zip(_TERMS, terms, strict=True)}
    bare_high = row.pop("bare_high")
    return {
        **row,
        "flow_total": row["sold_sum"] + row["not_sold"] + row["bare"],
        "flow_total_high": row["sold_sum"] + row["not_sold_high"] + bare_high,
    }


_NO_TERMS: Final = {
    f"{name}{unit}": 0 for name in _sum_up((0,) * len(_TERMS)) for unit in ("", "_persons")
}


def _groups_of(settings: FlowSettings) -> dict[str, list[GroupMember]]:
    """Return name of a group -> its members, in the order of the register."""
    groups: dict[str, list[GroupMember]] = {}
    for each in settings.members:
        groups.setdefault(each.group, []).append(each)
    return groups


def _flow_groups(context: TableContext) -> list[Row]:
    """Return a row per joint group: keys acquired and sold, once per group."""
    groups = _groups_of(context.rules.flow)
    if not groups:
        return []
    totals = context.once(_read_totals).terms
    internal = dict(context.connection.execute(_GROUP_INTERNAL).fetchall())
    return [
        {
            "group": group,
            "group_kind": members[0].kind,
            "members": "、".join(dict.fromkeys(each.member for each in members)),
            **totals.get((1, at), _NO_TERMS),
            "internal": internal.get(at, 0),
        }
        for at, (group, members) in enumerate(groups.items())
    ]


_FIGURES: Final[tuple[TableColumn, ...]] = (
    number("acquired", USUAL_AND_SUMMARY),
    number("acquired_high"),
    number("lawful"),
    number("sold_sum", USUAL_AND_SUMMARY),
    number("sold_distinct"),
    number("internal"),
    number("not_sold", USUAL_AND_SUMMARY),
    number("not_sold_high"),
    number("bare", USUAL_AND_SUMMARY),
    number("flow_total", USUAL_AND_SUMMARY),
    number("flow_total_high"),
    number("unroled", USUAL_AND_SUMMARY),
    *numbers("acquired_persons", "sold_sum_persons", "not_sold_persons", "bare_persons"),
    number("flow_total_persons", USUAL_AND_SUMMARY),
    number("flow_total_high_persons"),
    number("unroled_persons"),
)
#: Figures that fit a printed page; the workbook has all.
_PAGE_FIGURES: Final = (
    "acquired", "sold_sum", "not_sold", "bare", "flow_total", "flow_total_persons",
    "flow_total_high", "unroled",
)  # fmt: skip
FLOW_TOTAL: Final = ReportTable(
    "flow_total",
    (
        text("suspect", USUAL_AND_SUMMARY, empty="page.unregistered"),
        coded("registered", "answer"),
        *_FIGURES,
        number("lost_records"),
    ),
    section="T7",
    made_by="count",
    build=_flow_total,
    notes=("sheet.note.flow",),
    order={"page": ("suspect", *_PAGE_FIGURES)},
)
FLOW_BUYERS: Final = ReportTable(
    "flow_buyers",
    (
        text("suspect", empty="page.unregistered"),
        text("buyer", empty="page.unregistered"),
        number("distinct"),
    ),
    section="T7",
    made_by="count",
    build=_flow_buyers,
)
FLOW_GROUPS: Final = ReportTable(
    "flow_groups",
    (text("group"), coded("group_kind", "group_kind"), text("members"), *_FIGURES),
    section="T7",
    made_by="count",
    build=_flow_groups,
    notes=("sheet.note.flow_groups",),
    order={"page": ("group", "members", *_PAGE_FIGURES)},
)
FLOW_GROUP_BUYERS: Final = ReportTable(
    "flow_group_buyers",
    (text("group"), text("buyer", empty="page.unregistered"), number("distinct")),
    section="T7",
    made_by="count",
    build=_flow_group_buyers,
)
