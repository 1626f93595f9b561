"""Transaction tables: records obtained and sold, by status, party, month and price.

Money has its own table, and no count is derived from it. In a reported case, 7,967 records at 4
yuan would be 31,868 yuan, and the sum is 31,831.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.count_database import PASSED_SQL
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.pages.report_table import ReportTable, coded, numbers, text

Row = dict[str, Any]

#: SQL: transaction rows with the record they belong to, and if it passes.
_CREATE_TRADED = f"""
create temp table traded as
select l.*, p.place, p.total, p.suspect, p.device, p.item, p.layer, r.record, r.key_kind, r.key,
       r.content_digest,
       coalesce({PASSED_SQL}, false) as passed
from ledger l join placed p on l.source = p.source and l.member = p.member
left join rows r on p.place = r.place and l.row = r.row and l."group" = r."group" and part(r.row)
where p.headline and {{inside}} and l.status is distinct from 'kept' and part(l.row)
"""
#: SQL: records that a status cell calls unsold (库存, 未售).
_CREATE_KEPT = """
create temp table kept as
select distinct r.record, p.place
from ledger l join placed p on l.source = p.source and l.member = p.member
join rows r on p.place = r.place and l.row = r.row and l."group" = r."group"
where p.headline and l.status = 'kept' and part(l.row) and part(r.row)
"""


def create_traded(context: TableContext) -> bool:
    """Create the table ``traded``: the transaction rows of the period, with their records.

    Create ``kept`` as well: the records that are still held, by a status cell. Return True if the
    case has transactions.
    """
    context.connection.create(_CREATE_TRADED.format(inside=context.rules.period.sql))
    context.connection.create(_CREATE_KEPT)
    return "ledger" in context.case.views


def _traded(context: TableContext, query: str, keys: int = 0) -> list[tuple[Any, ...]]:
    """Return the rows of a query of ``traded``; none if the case has no transactions.

    ``query``: by scope if it has ``{kinds}``. ``keys``: number of the first columns that name a
    row, 0 for a query that is not run in parts.
    """
    if "ledger" not in context.case.views:
        return []
    context.once(create_traded)
    if "{kinds}" in query:
        return context.by_scope(query, keys)
    if keys:
        return context.connection.add_up(query, keys)
    rows: list[tuple[Any, ...]] = context.connection.execute(query).fetchall()
    return rows


def _statuses(context: TableContext) -> list[Row]:
    """Return a row per scope and status: transaction rows, passing records, their keys."""
    query = (
        "select kind, scope, status, count(*), count(*) filter (passed),"
        " count(distinct (key_kind, key)) filter (passed) from traded join scoped using (place)"
        " where status is not null and kind in ({kinds}) and part(key) group by all order by all"
    )
    return STATUSES.rows_of(_traded(context, query, 3))


def _parties(context: TableContext) -> list[Row]:
    """Return a row per status and party: rows, passing records, keys, sum of prices."""
    query = (
        "select status, party_kind, any_value(party order by party), count(*),"
        " count(*) filter (passed), count(distinct (key_kind, key)) filter (passed), sum(price)"
        " from traded where party_digest is not null group by status, party_kind, party_digest"
        " order by count(*) desc, status, party_kind, any_value(party order by party), party_digest"
    )
    return _money_as_text(PARTIES.rows_of(_traded(context, query)))


def _months(context: TableContext) -> list[Row]:
    """Return a row per month and status: rows, passing records, keys, sum of prices."""
    query = (
        "select strftime(time, '%Y-%m'), status, count(*), count(*) filter (passed),"
        " count(distinct (key_kind, key)) filter (passed), sum(price)"
        " from traded where part(key) group by all order by all nulls last"
    )
    return _money_as_text(MONTHS.rows_of(_traded(context, query, 2)))


def _money(context: TableContext) -> list[Row]:
    """Return a row per scope and status: sum and range of prices in yuan, rows without a price."""
    query = (
        "select kind, scope, status, count(price),"
        " count(*) filter (price is null and price_state is null),"
        " count(*) filter (price_state is not null), sum(price), min(price), max(price)"
        " from traded join scoped using (place) where kind in ({kinds}) group by all"
        " having count(price) > 0 or count(price_state) > 0 order by all"
    )
    return _money_as_text(MONEY.rows_of(_traded(context, query, 3)))


def _money_as_text(rows: list[Row]) -> list[Row]:
    """Return rows with ``sum``, ``lowest`` and ``highest`` as text: ``31831.00``.

    A float would not be exact.
    """
    for row in rows:
        for name in row.keys() & {"sum", "lowest", "highest"}:
            row[name] = None if row[name] is None else str(row[name])
    return rows


STATUSES: Final = ReportTable(
    "statuses",
    (
        SCOPE_KIND,
        SCOPE,
        coded("status", "status"),
        *numbers("rows", "passed", "distinct"),
    ),
    section="T7",
    made_by="count",
    build=_statuses,
)
PARTIES: Final = ReportTable(
    "parties",
    (
        coded("status", "status"),
        coded("party_kind", "party_kind"),
        text("party"),
        *numbers("rows", "passed", "distinct", "sum"),
    ),
    section="T7",
    made_by="count",
    build=_parties,
    page_rows=40,
)
MONTHS: Final = ReportTable(
    "months",
    (
        text("month"),
        coded("status", "status"),
        *numbers("rows", "passed", "distinct", "sum"),
    ),
    section="T7",
    made_by="count",
    build=_months,
)
MONEY: Final = ReportTable(
    "money",
    (
        SCOPE_KIND,
        SCOPE,
        coded("status", "status"),
        *numbers("priced", "unpriced", "unreadable", "sum", "lowest", "highest"),
    ),
    section="T7",
    made_by="count",
    build=_money,
    notes=("sheet.note.money",),
)
