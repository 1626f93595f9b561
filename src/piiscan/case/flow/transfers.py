r"""Transfers: distinct keys acquired and sold per suspect, and the legal total of both.

法释〔2017〕10号 art. 11: information acquired and then sold counts once (1), and sales to several
buyers are added up (2). With A the acquired keys and S_b the keys sold to buyer b, the total is
Σ|S_b| + |A \ ∪S_b|. The three terms are printed separately, over distinct keys (U2).
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.pages.report_table import USUAL_AND_SUMMARY, ReportTable, number, text

Row = dict[str, Any]

#: SQL: every acquisition and sale of a key, by the role of its item in the register and by the
#: transaction of its row. All items sold without a buyer's name have one unknown buyer, because
#: nothing shows several. If the register names the buyer of an item, the buyers in its transactions
#: are not counted: they may be the same people under other names.
_CREATE_TRANSFERS: Final = """
create temp table transfers as
select distinct suspect, way, party, key_no from (
    select p.suspect, 'acquired' as way, null as party, t.key_no
    from passed t join placed p using (place) where t.headline and p.role = 'acquired'
    union all
    select p.suspect, 'sold', b.party, t.key_no
    from passed t join placed p using (place)
    join (select place, trim(unnest(regexp_split_to_array(coalesce(party_to, ''), '[、;；,，]')))
          as party from placed) b using (place)
    where t.headline and p.role in ('sold', 'provided')
    union all
    select t.suspect, case when t.status = 'obtained' then 'acquired' else 'sold' end,
           case when t.status = 'obtained' then null
                else coalesce(to_hex(t.party_digest), t.party, '') end, k.key_no
    from traded t join keys k using (key_kind, key)
    join placed p on t.source = p.source and t.member = p.member
    where t.passed and (t.status = 'obtained'
                        or (t.status in ('sold', 'provided') and p.party_to is null))
)
"""
_NAMES: Final = """
select party, any_value(name order by name) from (
    select coalesce(to_hex(party_digest), party, '') as party, coalesce(party, '') as name
    from traded where status in ('sold', 'provided')
    union all
    select trim(unnest(regexp_split_to_array(coalesce(party_to, ''), '[、;；,，]'))), ''
    from placed
) group by party
"""
_TOTALS: Final = """
with sold as (select suspect, key_no, count(*) as buyers from transfers where way = 'sold'
              group by all),
acquired as (select suspect, key_no from transfers where way = 'acquired'),
both_ as (select coalesce(s.suspect, a.suspect) as suspect, s.buyers, a.key_no as bought
          from sold s full outer join acquired a
          on s.key_no = a.key_no and s.suspect is not distinct from a.suspect)
select suspect, count(bought), coalesce(sum(buyers), 0)::bigint, count(buyers),
       count(*) filter (bought is not null and buyers is null)
from both_ group by suspect order by suspect nulls first
"""


def transfer_tables(connection: Any) -> dict[str, list[Row]]:
    """Return ``flow_total``, a row per suspect, and ``flow_buyers``, a row per buyer, by name.

    Needs the tables of :mod:`piiscan.case.count.count_database` and ``traded``.
    """
    connection.execute(_CREATE_TRANSFERS)
    names = {party: name or party for party, name in connection.execute(_NAMES).fetchall()}
    totals = [
        {
            "suspect": suspect,
            "acquired": acquired,
            "sold_sum": sold,
            "sold_distinct": distinct,
            "not_sold": not_sold,
            "flow_total": sold + not_sold,
        }
        for suspect, acquired, sold, distinct, not_sold in connection.execute(_TOTALS).fetchall()
    ]
    buyers = connection.execute(
        "select suspect, party, count(*) from transfers where way = 'sold' group by all"
        " order by suspect nulls first, count(*) desc, party"
    ).fetchall()
    listed = [
        {"suspect": suspect, "buyer": names.get(party) or None, "distinct": count}
        for suspect, party, count in buyers
    ]
    return {"flow_total": totals, "flow_buyers": listed}


FLOW_TOTAL: Final = ReportTable(
    "flow_total",
    (
        text("suspect", USUAL_AND_SUMMARY, empty="page.unregistered"),
        number("acquired", USUAL_AND_SUMMARY),
        number("sold_sum", USUAL_AND_SUMMARY),
        number("sold_distinct"),
        number("not_sold"),
        number("flow_total", USUAL_AND_SUMMARY),
    ),
    section="T7",
    made_by="count",
    notes=("sheet.note.flow",),
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
)
