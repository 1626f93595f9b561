"""Edges of the flow: what the register says (confirmed) and what overlaps speak for (proposed).

Only confirmed edges are anything but a hint; a proposal says what it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Row = dict[str, Any]

#: Share of the smaller list that must stand in the other one for a proposal.
CONTAINED: Final = 0.8


def edges(base: Any, matrix: Sequence[Mapping[str, Any]]) -> list[Row]:
    """``flow_edges``: from, to, what it rests on, how many keys, whether a person said so."""
    return [*_told(base), *_traded(base), *_proposed(base, matrix)]


def _told(base: Any) -> list[Row]:
    """What the register says of items: from whom they came, to whom they went."""
    found = base.execute(
        "with kept as (select place, key_no from passed where headline),"
        " said as ("
        " select trim(unnest(regexp_split_to_array(party_from, '[、;；,，]'))) as a, suspect as b,"
        " item, place from placed where party_from is not null"
        " union all select suspect, trim(unnest(regexp_split_to_array(party_to, '[、;；,，]'))),"
        " item, place from placed where party_to is not null)"
        " select a, b, item, count(distinct key_no) from said left join kept using (place)"
        " where a <> '' or b <> '' group by all order by all"
    ).fetchall()
    return [_row(a, b, "REGISTER", item, count, confirmed=True) for a, b, item, count in found]


def _traded(base: Any) -> list[Row]:
    """What ledgers say: who bought of whom."""
    found = base.execute(
        "select suspect, party, party_kind, item, count(distinct (key_kind, key)) filter (passed)"
        " from traded where party_digest is not null or party is not null group by all order by all"
    ).fetchall()
    return [
        _row(*((party, who) if kind == "seller" else (who, party)), "LEDGER", item, count)
        for who, party, kind, item, count in found
    ]


def _proposed(base: Any, matrix: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Items of different suspects, or files where there are none, one of which holds the other."""
    kinds = {row["scope_kind"] for row in matrix}
    kind = "item" if "item" in kinds else "source"
    owners = dict(
        base.execute("select distinct item, suspect from placed where item is not null").fetchall()
    )
    rows = []
    for row in matrix:
        if row["scope_kind"] != kind or not row["common"]:
            continue
        one, other = row["one"], row["other"]
        if kind == "item" and owners.get(one) == owners.get(other):
            continue
        most = max(float(row["common_of_one"]), float(row["common_of_other"]))
        if most < CONTAINED:
            continue
        # the smaller list was rather taken out of the larger one; the time is for a person to say
        larger_first = row["one_size"] >= row["other_size"]
        giver, taker = (one, other) if larger_first else (other, one)
        rows.append(_row(giver, taker, "CONTAINED", None, row["common"]))
    return rows


def _row(
    giver: str | None,
    taker: str | None,
    rests_on: str,
    item: str | None,
    count: int | None,
    *,
    confirmed: bool = False,
) -> Row:
    return {
        "giver": giver,
        "taker": taker,
        "rests_on": rests_on,
        "item": item,
        "distinct": count or 0,
        "confirmed": confirmed,
    }
