"""What lists say was obtained and sold, to whom, when and for how much.

Money has its own table and never makes counts: 7,967 records at 4 yuan are 31,868, where the case
says 31,831.
"""

from __future__ import annotations

from typing import Any

from piiscan.case.count.count_database import PASSED, Period, scope_name, scopes

Row = dict[str, Any]

#: LEDGER rows with the record they speak of, where it passes.
_TRADED = f"""
create temp table traded as
select l.*, p.total, p.suspect, p.device, p.item, p.layer, r.record, r.key_kind, r.key,
       coalesce({PASSED}, false) as passed
from ledger l join placed p on l.source = p.source and l.member = p.member
left join rows r on p.place = r.place and l.row = r.row and l."group" = r."group"
where p.headline and {{inside}}
"""


def trade(base: Any, period: Period) -> dict[str, list[Row]]:
    """The tables ``statuses``, ``parties``, ``months``, ``money`` of what lies in the period."""
    base.execute(_TRADED.format(inside=period.sql))
    return {
        "statuses": _statuses(base),
        "parties": _parties(base),
        "months": _months(base),
        "money": _money(base),
    }


def _statuses(base: Any) -> list[Row]:
    """By scope and status: rows of lists, records that pass, their distinct keys."""
    rows: list[Row] = []
    for kind in scopes(base):
        query = (
            f"select {scope_name(kind)} as scope, status, count(*), count(*) filter (passed),"
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
            for scope, status, number, passed, distinct in base.execute(query).fetchall()
        ]
    return rows


def _parties(base: Any) -> list[Row]:
    """By status and party: rows, records that pass, distinct keys, the sum of prices."""
    query = (
        "select status, party_kind, any_value(party order by party), count(*),"
        " count(*) filter (passed), count(distinct (key_kind, key)) filter (passed), sum(price)"
        " from traded where party_digest is not null group by status, party_kind, party_digest"
        " order by count(*) desc, status, party_kind, any_value(party order by party), party_digest"
    )
    names = ("status", "party_kind", "party", "rows", "passed", "distinct", "sum")
    return [_told(names, row) for row in base.execute(query).fetchall()]


def _months(base: Any) -> list[Row]:
    """By month and status: rows, records that pass, distinct keys, the sum of prices."""
    query = (
        "select strftime(time, '%Y-%m'), status, count(*), count(*) filter (passed),"
        " count(distinct (key_kind, key)) filter (passed), sum(price)"
        " from traded group by all order by all nulls last"
    )
    names = ("month", "status", "rows", "passed", "distinct", "sum")
    return [_told(names, row) for row in base.execute(query).fetchall()]


def _money(base: Any) -> list[Row]:
    """By scope and status: sum and range of prices, rows without one, rows it cannot be read in."""
    rows: list[Row] = []
    names = ("scope", "status", "priced", "unpriced", "unreadable", "sum", "lowest", "highest")
    for kind in scopes(base):
        query = (
            f"select {scope_name(kind)} as scope, status, count(price),"
            " count(*) filter (price is null and price_state is null),"
            " count(*) filter (price_state is not null), sum(price), min(price), max(price)"
            " from traded where scope is not null group by all having count(price) > 0"
            " or count(price_state) > 0 order by all"
        )
        rows += [{"scope_kind": kind} | _told(names, row) for row in base.execute(query).fetchall()]
    return rows


def _told(names: tuple[str, ...], row: tuple[Any, ...]) -> Row:
    """A row with amounts as text: 31831.00 is exact, a float is not."""
    values = dict(zip(names, row, strict=True))
    for name in ("sum", "lowest", "highest"):
        if name in values:
            values[name] = None if values[name] is None else str(values[name])
    return values
