r"""Transfers: keys acquired and sold per person and per joint group, and the legal total of both.

法释〔2017〕10号 art. 11: information acquired and then sold counts once (1), and sales to several
buyers are added up (2). With A the keys acquired unlawfully and S_b the keys given to buyer b, the
total is Σ|S_b| + |A \ ∪S_b|. S_b is the union of every confirmed transfer, whichever device proves
it: an item of the buyer that came from the seller proves the sale. Acquisitions whose unlawfulness
is open make the total a range.

The elements of the sets are the rows of the view ``units``: distinct keys (U2) for the tables here,
and units with their categories for the ratios (:mod:`piiscan.case.flow.weighed_transfers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.table_context import TableContext
from piiscan.case.count.tables.transactions import create_traded
from piiscan.case.flow.confirmed_dealings import create_confirmed, create_dealings
from piiscan.case.flow.parties import UNNAMED, UNREGISTERED, FlowSettings, Parties, create_parties
from piiscan.case.register import GroupMember
from piiscan.case.register.entry import PUBLIC
from piiscan.case.tiers.total_terms import check_sum
from piiscan.pages.report_table import (
    USUAL_AND_SUMMARY,
    ReportTable,
    TableColumn,
    coded,
    number,
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
#: SQL: bare phone numbers, and distinct keys, as elements of the sets. ``mask``: bits of
#: categories, 0 without them.
_BARE_AS_UNITS: Final = """
create or replace temp view units as
select place, any_record as record, key_no as unit, 0::ubigint as mask from bare_key_no
"""
_KEYS_AS_UNITS: Final = """
create or replace temp view units as
select place, record, key_no as unit, 0::ubigint as mask from passed where headline
"""
#: SQL: the elements that went from giver to taker. What a ledger says was sold to somebody was not
#: sold to an unnamed buyer by its item, too; what a status cell calls unsold was not sold by it.
_CREATE_MOVES: Final = f"""
create or replace temp table moves as
select distinct pair, unit, mask from (
    select pair, place, s.taker, s.giver_side from stated s join pairs p
    on s.giver = p.giver and s.taker = p.taker and {{day}} is not distinct from p.day)
join units u using (place)
where not (giver_side and u.record in (select record from kept))
    and not (taker = {UNNAMED} and (u.place, u.unit) in (
    select (l.place, k.unit) from logged l join units k using (record)
    where l.passed and l.status <> 'obtained' and l.party <> {UNNAMED}))
union
select distinct pair, unit, mask from (
    select pair, record from logged s join pairs p
    on s.holder = p.giver and s.party = p.taker and {{day}} is not distinct from p.day
    where s.passed and s.status <> 'obtained')
join units using (record);
"""
#: SQL: every acquisition of an element. What only the giver's side proves was bought or received,
#: so unlawful, unless the taker's own item from this giver says how it was obtained.
_CREATE_ACQUIRED: Final = f"""
create or replace temp table acquisitions as
select distinct s.taker as holder, s.giver, unit, mask, {{day}} as day,
       case when giver_side then 2 else rank end as rank, said, giver_side as derived
from stated s join units using (place)
where s.taker <> {UNNAMED} and s.giver <> s.taker
    and not (giver_side and record in (select record from kept))
union
select distinct coalesce(n.person, {UNREGISTERED}), {UNNAMED}, u.unit, u.mask, null::date,
       case p.unlawful when 'yes' then 2 when 'no' then 0 else 1 end, p.unlawful is not null, false
from kept k join units u using (record) join placed p on p.place = k.place
left join party_names n on n.name = p.suspect
union
select distinct holder, party, unit, mask, {{day}},
       coalesce(case p.unlawful when 'yes' then 2 when 'open' then 1 when 'no' then 0 end, 2),
       p.unlawful is not null, false
from logged s join units using (record) join placed p on p.place = s.place
where s.passed and status = 'obtained';
delete from acquisitions where derived and (holder, giver, unit) in (
    select (holder, giver, unit) from acquisitions where said);
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
#: SQL: the figures of each scope and mask, from what it sold (scope, taker, unit, mask) and
#: acquired (scope, unit, mask, rank).
_TOTALS: Final = """
with sold as (
    select scope, unit, mask, {takers} as buyers from ({sold}) group by all),
acquired as (select scope, unit, mask, max(rank) as rank from ({acquired}) group by all),
terms as (
    select coalesce(s.scope, a.scope) as scope, coalesce(s.mask, a.mask) as mask, buyers, rank
    from sold s full outer join acquired a
    on s.scope = a.scope and s.unit = a.unit and s.mask = a.mask)
select scope, mask, count(*) filter (rank = 2), count(*) filter (rank >= 1),
       count(*) filter (rank = 0),
       coalesce(sum(buyers), 0)::bigint, count(buyers),
       count(*) filter (rank = 2 and buyers is null), count(*) filter (rank >= 1 and buyers is null)
from terms group by scope, mask
"""
_BUYERS: Final = """
select scope, taker, {keys} as keys from ({sold}) group by all
"""
_SOLD: Final = """
select giver as scope, taker, unit, mask from moves join pairs using (pair)
where {internal} or pair not in (select pair from internal)
"""
ACQUIRED: Final = "select holder as scope, unit, mask, rank from acquisitions"
_GROUP_SOLD: Final = """
select group_no as scope, taker, unit, mask from belonging join pairs using (pair)
join moves using (pair) where gives and ({internal} or not takes)
"""
GROUP_ACQUIRED: Final = """
select group_no as scope, unit, mask, rank from acquisitions a join members m on m.person = a.holder
    and coalesce(day between m.since and m.until, true)
"""
_INTERNAL: Final = """
select giver, count(distinct (taker, unit)) from moves join pairs using (pair)
join internal using (pair) group by all
"""
_GROUP_INTERNAL: Final = """
select group_no, count(distinct (giver, taker, unit)) from belonging join pairs using (pair)
join moves using (pair) where gives and takes group by all
"""
_LOST: Final = f"""
select coalesce(person, {UNREGISTERED}), sum(lost_records)::bigint from (
    select distinct suspect, register_row, lost_records from placed where lost_records is not null)
left join party_names on name = suspect group by all
"""
#: SQL: what a person holds in parts without a role, and that is in no sale or purchase of his.
_UNROLED: Final = """
with given as (select coalesce(n.person, {unregistered}) as person, unit, mask from placed p
    left join party_names n on n.name = p.suspect join units using (place)
    where p.role is null or p.role = 'unknown'),
held as (select {scope} as scope, unit, bit_or(mask) as mask from given {members} group by all)
select scope, mask, count(*) from held anti join (
    select scope, unit from ({sold}) union select scope, unit from ({acquired})
) using (scope, unit) group by all
"""
_TERMS: Final = (
    "acquired", "acquired_high", "lawful", "sold_sum", "sold_distinct", "not_sold", "not_sold_high",
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


def create_moves(context: TableContext, units: str) -> None:
    """Create the tables ``moves`` and ``acquisitions`` over the view that the SQL ``units`` makes.

    The view has the columns place, record, unit and mask.
    """
    find_parties(context)
    context.connection.execute(units)
    for statement in (_CREATE_MOVES, _CREATE_ACQUIRED):
        context.connection.execute(statement.format(day=_day_sql(context.rules.flow)))


def create_key_moves(context: TableContext) -> None:
    """Create the tables of :func:`create_moves` over distinct keys."""
    context.once(_bare_totals)
    create_moves(context, _KEYS_AS_UNITS)


def _day_sql(settings: FlowSettings) -> str:
    """Return the SQL of a transfer's day, null if no member of a group has one."""
    return "s.time::date" if settings.is_dated else "null::date"


def _members_table(parties: Parties, members: Sequence[GroupMember]) -> pa.Table:
    """Return the members as a table: group number (from 0), person, first and last day."""
    groups = list(dict.fromkeys(each.group for each in members))
    bounds = "0001-01-01", "9999-12-31"
    rows = [
        {
            "group_no": groups.index(each.group),
            "person": parties.number_of(each.member),
            "since": str(each.since or bounds[0]),
            "until": str(each.until or bounds[1]),
        }
        for each in members
    ]
    text_schema = pa.schema(
        [("group_no", pa.int32()), ("person", pa.int32()), ("since", pa.string()),
         ("until", pa.string())]
    )  # fmt: skip
    table = pa.Table.from_pylist(rows, text_schema)
    for name in ("since", "until"):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, table[name].cast(pa.date32()))
    return table


def counted(column: str, settings: FlowSettings, *, group: bool) -> str:
    """Return the SQL that counts distinct values of ``column``.

    Where a giver and a taker are one pair, the rows of ``moves`` are distinct already.
    """
    return f"count(distinct {column})" if group or settings.is_dated else "count(*)"


def _read_persons(context: TableContext) -> dict[int, tuple[str | None, bool]]:
    """Return person -> name, and if he is a suspect."""
    rows = context.connection.execute("select person, name, known from persons").fetchall()
    return {person: (name, known) for person, name, known in rows}


def _flow_total(context: TableContext) -> list[Row]:
    """Return a row per suspect and per other person who took part in a confirmed transfer."""
    if not context.case.has_flow:
        return []
    context.once(create_key_moves)
    bare = context.once(_bare_totals)[0]
    connection, settings = context.connection, context.rules.flow
    names = context.once(_read_persons)
    lost = dict(connection.execute(_LOST).fetchall())
    passed_on = dict(connection.execute(_INTERNAL).fetchall())
    takers = counted("taker", settings, group=False)
    terms = totals(connection, sold_sql(settings)[0], ACQUIRED, takers)
    found = {person: figures for (person, _), figures in terms.items()}
    unroled = count_unroled(connection, settings, group=False)
    rows = [
        {
            "suspect": names[person][0],
            "registered": names[person][1],
            **found.get(person, _NO_TERMS),
            "unroled": unroled.get((person, 0), 0),
            **_with_bare(names[person][0], found.get(person, _NO_TERMS), bare.get((person, 0))),
            "internal": passed_on.get(person, 0),
            "lost_records": lost.get(person, 0),
        }
        for person in {**found, **{person: None for person, _ in bare}, **lost, **passed_on}
        if names[person][0] != PUBLIC
    ]
    return sorted(
        rows, key=lambda row: (row["suspect"] is not None, not row["registered"], row["suspect"])
    )


def _flow_buyers(context: TableContext) -> list[Row]:
    """Return a row per giver and taker: keys given to him."""
    if not context.case.has_flow:
        return []
    names = context.once(_read_persons)
    return sorted(
        (
            {"suspect": names[giver][0], "buyer": names[taker][0], "distinct": keys}
            for giver, taker, keys in _count_buyers(context, group=False)
        ),
        key=_buyer_order,
    )


def _count_buyers(context: TableContext, *, group: bool) -> list[tuple[int, int, int]]:
    """Return seller (person, or number of a group), taker and the keys given to him."""
    context.once(create_key_moves)
    settings = context.rules.flow
    keys = counted("unit", settings, group=group)
    query = _BUYERS.format(sold=sold_sql(settings)[group], keys=keys)
    rows: list[tuple[int, int, int]] = context.connection.execute(query).fetchall()
    return rows


def sold_sql(settings: FlowSettings) -> tuple[str, str]:
    """Return the SQL of the sales of each person, and each group (scope, taker, unit, mask)."""
    internal = str(settings.internal_sales).lower()
    return _SOLD.format(internal=internal), _GROUP_SOLD.format(internal=internal)


def count_unroled(
    connection: Any, settings: FlowSettings, *, group: bool
) -> dict[tuple[int, int], int]:
    """Return (scope, mask) -> elements of which the register says neither origin nor destination.

    Of a person, or of the members of a group; those that stand in a sale or purchase of the scope
    are left out.
    """
    query = _UNROLED.format(
        scope="group_no" if group else "person",
        unregistered=UNREGISTERED,
        members="join members using (person)" if group else "",
        sold=sold_sql(settings)[group],
        acquired=GROUP_ACQUIRED if group else ACQUIRED,
    )
    return {(scope, mask): number for scope, mask, number in connection.execute(query).fetchall()}


def totals(connection: Any, sold: str, acquired: str, takers: str) -> dict[tuple[int, int], Row]:
    """Return (scope, mask) -> figures, from the SQL of the sales and purchases of each scope.

    ``takers``: SQL that counts the takers of an element.
    """
    query = _TOTALS.format(sold=sold, acquired=acquired, takers=takers)
    rows = connection.execute(query).fetchall()
    return {(scope, mask): _sum_up(terms) for scope, mask, *terms in sorted(rows)}


def _sum_up(terms: Sequence[int]) -> Row:
    """Return the terms by name, with the low and the high total."""
    row = dict(zip(_TERMS, terms, strict=True))
    return {
        **row,
        "flow_total": row["sold_sum"] + row["not_sold"],
        "flow_total_high": row["sold_sum"] + row["not_sold_high"],
    }


def _with_bare(name: str | None, terms: Row, bare: Row | None) -> Row:
    """Return the totals of a person or group with his bare phone numbers, and their number.

    Raise CountError if a total is not the sum of its terms.
    """
    bare = bare or _NO_TERMS
    found = {key: terms[key] + bare[key] for key in ("flow_total", "flow_total_high")}
    printed = {key: terms[key] for key in ("sold_sum", "not_sold")}
    found["bare"] = printed["bare"] = bare["flow_total"]
    check_sum(name or "", found["flow_total"], printed)
    return found


def _bare_totals(context: TableContext) -> tuple[dict[tuple[int, int], Row], ...]:
    """Return the figures of bare phone numbers of persons, and of groups.

    They fill the tables of moves, which those of keys fill next.
    """
    if not context.connection.execute("from bare_key_no limit 1").fetchall():
        return {}, {}
    create_moves(context, _BARE_AS_UNITS)
    settings = context.rules.flow
    sides = zip((False, True), sold_sql(settings), (ACQUIRED, GROUP_ACQUIRED), strict=True)
    return tuple(
        totals(context.connection, sold, acquired, counted("taker", settings, group=group))
        for group, sold, acquired in sides
    )


_NO_TERMS: Final = _sum_up((0,) * len(_TERMS))


def _buyer_order(row: Row) -> tuple[Any, ...]:
    """Return the sort key of a buyer's row: by seller, then by falling number of keys."""
    seller = row.get("group") or row.get("suspect") or ""
    return seller, -row["distinct"], row["buyer"] or ""


def _groups_of(settings: FlowSettings) -> dict[str, list[GroupMember]]:
    """Return name of a group -> its members, in the order of the register."""
    groups: dict[str, list[GroupMember]] = {}
    for each in settings.members:
        groups.setdefault(each.group, []).append(each)
    return groups


def _flow_groups(context: TableContext) -> list[Row]:
    """Return a row per joint group: keys acquired and sold, once per group."""
    connection, settings = context.connection, context.rules.flow
    groups = _groups_of(settings)
    if not groups:
        return []
    context.once(create_key_moves)
    bare = context.once(_bare_totals)[1]
    internal = dict(connection.execute(_GROUP_INTERNAL).fetchall())
    takers = counted("taker", settings, group=True)
    terms = totals(connection, sold_sql(settings)[1], GROUP_ACQUIRED, takers)
    found = {at: figures for (at, _), figures in terms.items()}
    unroled = count_unroled(connection, settings, group=True)
    return [
        {
            "group": group,
            "group_kind": members[0].kind,
            "members": "、".join(dict.fromkeys(each.member for each in members)),
            **found.get(at, _NO_TERMS),
            "unroled": unroled.get((at, 0), 0),
            **_with_bare(group, found.get(at, _NO_TERMS), bare.get((at, 0))),
            "internal": internal.get(at, 0),
        }
        for at, (group, members) in enumerate(groups.items())
    ]


def _flow_group_buyers(context: TableContext) -> list[Row]:
    """Return a row per joint group and taker: keys given to him."""
    groups = list(_groups_of(context.rules.flow))
    if not groups:
        return []
    names = context.once(_read_persons)
    return sorted(
        (
            {"group": groups[at], "buyer": names[taker][0], "distinct": keys}
            for at, taker, keys in _count_buyers(context, group=True)
        ),
        key=_buyer_order,
    )


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
)
#: Figures that fit a printed page; the workbook has all.
_PAGE_FIGURES: Final = (
    "acquired", "sold_sum", "not_sold", "bare", "flow_total", "flow_total_high", "unroled",
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
