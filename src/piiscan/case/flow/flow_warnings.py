"""Flow warnings: parties that the register leaves open, and names that may be one person."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.confirmed_dealings import count_unmatched
from piiscan.case.flow.parties import UNNAMED
from piiscan.case.flow.spoken import create_sent
from piiscan.case.flow.transfers import create_pieces, find_parties
from piiscan.case.register.entry import PUBLIC
from piiscan.pages.report_table import ReportTable, coded, number, position, text

Row = dict[str, Any]

#: Share of the smaller of two takers' keys that the other has too, and its least number of keys,
#: for two names that may be one party.
COMMON: Final = 0.8
_LEAST: Final = 10

#: SQL: items whose giver or taker nobody named, with the keys that named takers got too.
_UNNAMED: Final = f"""
with open as (
    select place, giver_side, case when giver_side then giver else taker end as person
    from stated where (giver_side and taker = {UNNAMED}) or (
        not giver_side and giver = {UNNAMED}
        and place in (select place from placed where role = 'acquired'))),
given as (
    select distinct giver as person, key_no from moves join pairs using (pair)
    where taker <> {UNNAMED} and not bare and not extra
        and giver in (select person from open where giver_side))
select case when giver_side then 'NO_TAKER' else 'NO_GIVER' end as warning, n.name as person,
       null as other, p.item, min(p.source) as source, p.register_row,
       count(distinct t.key_no) as keys,
       case when giver_side then count(distinct g.key_no) end as common
from open o join placed p using (place) join persons n on n.person = o.person
left join (select place, key_no from passed where headline) t using (place)
left join given g on g.person = o.person and g.key_no = t.key_no
group by giver_side, n.name, p.item, p.register_row
order by warning, n.name, p.item, p.register_row
"""
#: SQL: items that go from a person to himself under two names.
_SELF: Final = """
select distinct 'SELF' as warning, n.name as person, null as other, p.item, p.source,
       p.register_row, null as keys, null as common
from placed p join party_names h on h.name = p.suspect
join party_cells c on c.cell in (p.party_from, p.party_to) and c.person = h.person
join persons n on n.person = c.person order by n.name, p.item, p.source
"""
#: SQL: two takers of one giver with mostly the same keys, one of them a name without items.
_SAME_KEYS: Final = f"""
with named as (
    select giver, taker, known, pair from pairs join persons on person = taker
    where taker between 0 and {{last}} and name <> '{PUBLIC}'),
compared as (
    select giver from named group by giver
    having count(distinct taker) > 1 and not bool_and(known)),
got as (
    select distinct giver, taker, known, key_no from named join moves using (pair)
    where not bare and not extra and giver in (select giver from compared)),
sizes as (select giver, taker, count(*) as keys from got group by all),
both_ as (
    select a.giver, a.taker as one, b.taker as two, count(*) as common
    from (select * from got where not known) a
    join got b on a.giver = b.giver and a.key_no = b.key_no
        and (b.known or a.taker < b.taker)
    group by all)
select 'SAME_KEYS' as warning, least(x.name, y.name) as person,
       greatest(x.name, y.name) as other, null as item, null as source, null as register_row,
       least(s.keys, t.keys) as keys, common
from both_ b join sizes s on s.giver = b.giver and s.taker = one
join sizes t on t.giver = b.giver and t.taker = two
join persons x on x.person = one join persons y on y.person = two
where common >= {_LEAST} and common >= {COMMON} * least(s.keys, t.keys)
order by person, other
"""

#: SQL: accounts in chats whose nickname is another person's, or a person's without the account.
_SAME_PARTY: Final = """
with told as (
    select sender, sender_digest, nick_digest, min(source) as source from spoken
    where sender_digest is not null and nick_digest is not null group by all)
select case when a.person is null then 'NEW_ACCOUNT' else 'SAME_PARTY' end as warning,
       n.name as person, coalesce(o.name, sender) as other, null as item, source,
       null as register_row, null as keys, null as common
from told t join known_digests b on b.party_digest = t.nick_digest
left join known_digests a on a.party_digest = t.sender_digest
join persons n on n.person = b.person left join persons o on o.person = a.person
where a.person is distinct from b.person order by n.name, other, source
"""


def _flow_warnings(context: TableContext) -> list[Row]:
    """Return ``flow_warnings``: a row per open party, per pair of names, and per limit met."""
    if not context.case.has_flow:
        return []
    parties, settings = find_parties(context), context.rules.flow
    context.once(create_pieces)
    connection = context.connection
    queries = [_UNNAMED, _SELF, _SAME_KEYS.format(last=len(parties.names) - 1)]
    if "messages" in context.case.views:
        context.once(create_sent)
        queries.append(_SAME_PARTY)
    rows = [row for query in queries for row in context.rows(query)]
    ((logged,),) = connection.execute("select count(*) from party_digests").fetchall()
    if settings.digests is None and parties.names and logged:
        rows.append({"warning": "NO_KEY", "keys": logged})
    if unmatched := count_unmatched(context):
        rows.append({"warning": "NO_MESSAGE", "keys": unmatched})
    if settings.is_dated:
        query = "select count(*) from belonging join pairs using (pair) where day is null"
        ((undated,),) = connection.execute(query).fetchall()
        if undated:
            rows.append({"warning": "UNDATED", "keys": undated})
    names = [column.name for column in FLOW_WARNINGS.columns]
    return [{name: row.get(name) for name in names} | {"count": row["keys"]} for row in rows]


FLOW_WARNINGS: Final = ReportTable(
    "flow_warnings",
    (
        coded("warning", "flow_warning"),
        text("person"),
        text("other"),
        text("item"),
        number("source"),
        position("register_row"),
        number("count"),
        number("common"),
    ),
    section="T7",
    made_by="count",
    build=_flow_warnings,
    notes=("sheet.note.flow_warnings",),
    sparse=True,
)
