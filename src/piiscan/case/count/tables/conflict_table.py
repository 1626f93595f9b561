"""The authenticity table (疑点): what speaks against values being real, for a person to look at."""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.person_linking import HUB_NAMES

Row = dict[str, Any]

#: Most conflicts that are listed one by one; the summary counts all.
LISTED: Final = 1000


def conflicts(base: Any) -> list[Row]:
    """How many values and records each kind of conflict concerns; keeps the values as tables."""
    rows: list[Row] = []
    for code, query in _conflicting(HUB_NAMES).items():
        base.execute(f"create or replace temp table {code} as {query}")
        values, records = base.execute(
            f"select count(*), coalesce(sum(records), 0)::bigint from {code}"
        ).fetchone()
        if values:
            rows.append({"conflict": code, "values": values, "records": records})
    query = (
        "select unnest(string_split(doubts, '+')) as code, count(*) from rows"
        " where counts and doubts is not null group by code order by code"
    )
    for code, records in base.execute(query).fetchall():
        rows.append({"conflict": code, "values": None, "records": records})
    return rows


def conflict_places(base: Any) -> list[Row]:
    """Where the values of :func:`conflicts` stand, at most LISTED values of each kind."""
    rows: list[Row] = []
    for code in _conflicting(HUB_NAMES):
        column = "identity" if code == "ID_NAMES" else "mobile"
        found = base.execute(
            f"with bad as (select value, names, row_number() over (order by names desc, first) as n"
            f" from {code} qualify n <= {LISTED})"
            f" select n, names, source, member, row, role from people join bad on {column} = value"
            " where counts order by n, record, role nulls first"
        ).fetchall()
        rows += [
            {
                "conflict": code,
                "number": n,
                "names": names,
                "source": source,
                "member": member,
                "row": row,
                "role": role,
            }
            for n, names, source, member, row, role in found
        ]
    return rows


def _conflicting(most: int) -> dict[str, str]:
    """Kind of conflict -> the SQL of its values: value, names, records, first."""
    query = (
        "select {0} as value, count(distinct name) as names, count(*) as records,"
        " min(record) as first from people where counts and {0} is not null and name is not null"
        " group by {0} having names > {1}"
    )
    return {"ID_NAMES": query.format("identity", 1), "PHONE_NAMES": query.format("mobile", most)}
