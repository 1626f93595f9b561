"""Transaction tables: records obtained and sold, by status, party, month and price.

Money has its own table, and no count is derived from it. In a reported case, 7,967 records at 4
yuan would be 31,868 yuan, and the sum is 31,831.
"""

from __future__ import annotations

from typing import Any

from piiscan.case.count.count_database import PASSED_SQL, Period, scope_sql, scopes

Row = dict[str, Any]

#: SQL: transaction rows with the record they belong to, and if it passes.
_CREATE_TRADED = f"""
create temp table traded as
select l.*, p.total, p.suspect, p.device, p.item, p.layer, r.record, r.key_kind, r.key,
       coalesce({PASSED_SQL}, false) as passed
from ledger l join placed p on l.source = p.source and l.member = p.member
left join rows r on p.place = r.place and l.row = r.row and l."group" = r."group"
where p.headline and {{inside}}
"""


def transaction_tables(connection: Any, period: Period) -> dict[str, list[Row]]:
    """Return the tables ``statuses``, ``parties``, ``months`` and ``money`` for the period."""
    connection.execute(_CREATE_TRADED.format(inside=period.sql))
    return {
        "statuses": _statuses(connection),
        "parties": _parties(connection),
        "months": _months(connection),
        "money": _money(connection),
    }


def _statuses(connection: Any) -> list[Row]:
    """Return a row per scope and status: transaction rows, passing records, their keys."""
    rows: list[Row] = []
    for kind in scopes(connection):
        query = (
            f"select {scope_sql(kind)} as scope, status, count(*), count(*) filter (passed),"
            " count(distinct (key_kind, key)) filter (passed) from traded"
            " where status is not null and scope is not null group by all order by all"
        )
        rows += [
            {
                "scope_kind": kind,
                "scope": scope,
                "status": status,
                "rows": number,
                "passed": passed,
                "distinct": distinct,
            }
            for scope, status, number, passed, distinct in connection.execute(query).fetchall()
        ]
    return rows


def _parties(connection: Any) -> list[Row]:
    """Return a row per status and party: rows, passing records, keys, sum of prices."""
    query = (
        "select status, party_kind, any_value(party order by party), count(*),"
        " count(*) filter (passed), count(distinct (key_kind, key)) filter (passed), sum(price)"
        " from traded where party_digest is not null group by status, party_kind, party_digest"
        " order by count(*) desc, status, party_kind, any_value(party order by party), party_digest"
    )
    names = ("status", "party_kind", "party", "rows", "passed", "distinct", "sum")
    return [_money_as_text(names, row) for row in connection.execute(query).fetchall()]


def _months(connection: Any) -> list[Row]:
    """Return a row per month and status: rows, passing records, keys, sum of prices."""
    query = (
        "select strftime(time, '%Y-%m'), status, count(*), count(*) filter (passed),"
        " count(distinct (key_kind, key)) filter (passed), sum(price)"
        " from traded group by all order by all nulls last"
    )
    names = ("month", "status", "rows", "passed", "distinct", "sum")
    return [_money_as_text(names, row) for row in connection.execute(query).fetchall()]


def _money(connection: Any) -> list[Row]:
    """Return a row per scope and status: sum and range of prices in yuan, rows without a price."""
    rows: list[Row] = []
    names = ("scope", "status", "priced", "unpriced", "unreadable", "sum", "lowest", "highest")
    for kind in scopes(connection):
        query = (
            f"select {scope_sql(kind)} as scope, status, count(price),"
            " count(*) filter (price is null and price_state is null),"
            " count(*) filter (price_state is not null), sum(price), min(price), max(price)"
            " from traded where scope is not null group by all having count(price) > 0"
            " or count(price_state) > 0 order by all"
        )
        rows += [
            {"scope_kind": kind} | _money_as_text(names, row)
            for row in connection.execute(query).fetchall()
        ]
    return rows


def _money_as_text(names: tuple[str, ...], row: tuple[Any, ...]) -> Row:
    """Return a query row as a dict with ``sum``, ``lowest``, ``highest`` as text: ``31831.00``.

    A float would not be exact.
    """
    values = dict(zip(names, row, strict=True))
    for name in ("sum", "lowest", "highest"):
        if name in values:
            values[name] = None if values[name] is None else str(values[name])
    return values
