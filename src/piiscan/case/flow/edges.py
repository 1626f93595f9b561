"""Edges of the flow: what the register says (confirmed), what overlaps and messages speak for.

Only confirmed edges are anything but a hint; a proposal says what it rests on, and where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from piiscan.case.flow.file_matching import sent_edges

Row = dict[str, Any]

#: Share of the smaller list that must stand in the other one for a proposal.
CONTAINED: Final = 0.8
#: The node of whoever is not named.
UNKNOWN: Final = "unknown"
#: What only proposals of messages have.
_SENT: Final = (
    *("sent_time", "matched_by", "messages", "source", "member", "row"),
    *("file_source", "file_member"),
)


def edges(base: Any, matrix: Sequence[Mapping[str, Any]], *, sent: bool) -> list[Row]:
    """``flow_edges``: from, to, what it rests on, how many keys, whether a person said so.

    ``giver_id`` and ``taker_id`` are nodes of ``flow_nodes``.  ``sent``: the board has messages.
    """
    messages = sent_edges(base) if sent else []
    return [*_told(base), *_traded(base), *_proposed(base, matrix), *map(_sent, messages)]


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
    suspects = _suspects(base)
    return [
        _row((_named(a, suspects), a), (_named(b, suspects), b), "REGISTER", item, count, True)
        for a, b, item, count in found
    ]


def _suspects(base: Any) -> frozenset[str]:
    found = base.execute("select distinct suspect from placed where suspect is not null").fetchall()
    return frozenset(name for (name,) in found)


def _named(name: str | None, suspects: frozenset[str]) -> str:
    """The node of somebody whom the register names."""
    if not name:
        return UNKNOWN
    return f"suspect:{name}" if name in suspects else f"party:{name}"


def party_node(digest: bytes | None, name: str | None) -> str:
    """The node of somebody outside, known by a digest."""
    if digest is None:
        return f"party:{name}" if name else UNKNOWN
    return f"party:{digest.hex()[:12]}"


def _suspect_node(name: str | None) -> str:
    return f"suspect:{name}" if name else UNKNOWN


def _traded(base: Any) -> list[Row]:
    """What ledgers say: who bought of whom."""
    found = base.execute(
        "select suspect, party, party_digest, party_kind, item,"
        " count(distinct (key_kind, key)) filter (passed) from traded"
        " where party_kind <> 'sender' and (party_digest is not null or party is not null)"
        " group by all order by all"
    ).fetchall()
    rows = []
    for who, party, digest, kind, item, count in found:
        one, other = (_suspect_node(who), who), (party_node(digest, party), party)
        ends = (other, one) if kind == "seller" else (one, other)
        rows.append(_row(*ends, "LEDGER", item, count))
    return rows


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
        one_end, other_end = (f"{kind}:{giver}", giver), (f"{kind}:{taker}", taker)
        rows.append(_row(one_end, other_end, "CONTAINED", None, row["common"]))
    return rows


def _sent(row: Mapping[str, Any]) -> Row:
    """What messages say: who sent a file that was found to whom."""
    holder = _suspect_node(row["holder"]), row["holder"]
    giver, taker = (
        holder if row[own] else (party_node(row[digest], row[name]), row[name])
        for own, digest, name in (
            ("from_holder", "giver_digest", "giver"),
            ("to_holder", "taker_digest", "taker"),
        )
    )
    made = _row(giver, taker, "FILE_SENT", row["item"], row["keys"])
    return made | {name: row[name] for name in _SENT}


def _row(
    giver: tuple[str, str | None],
    taker: tuple[str, str | None],
    rests_on: str,
    item: str | None,
    count: int | None,
    confirmed: bool = False,
) -> Row:
    return {
        "giver_id": giver[0],
        "taker_id": taker[0],
        "giver": giver[1],
        "taker": taker[1],
        "rests_on": rests_on,
        "item": item,
        "distinct": count or 0,
        "confirmed": confirmed,
        **dict.fromkeys(_SENT),
    }
