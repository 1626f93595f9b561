"""Flow edges: transfers in the register (confirmed), and in transactions, overlaps and messages.

Edges that the register does not confirm are hints only. Each edge names its basis and location.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.file_matching import ends_of, sent_edges
from piiscan.case.flow.parties import UNNAMED, UNREGISTERED, Parties, PartyEnd
from piiscan.case.flow.transfers import find_parties
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import (
    FILES,
    FILES_AND_PAGE,
    ReportTable,
    TableColumn,
    coded,
    number,
    position,
    text,
)

Row = dict[str, Any]

#: Share of the smaller list that the other one must contain for a proposal.
CONTAINED: Final = 0.8
#: Columns of edges that come from messages; empty in all others.
_FILE_COLUMNS: Final = (
    *("sent_time", "matched_by", "messages", "source", "member", "row"),
    *("file_source", "file_member"),
)


def _flow_edges(context: TableContext) -> list[Row]:
    """Return ``flow_edges``: a row per giver, taker, basis and item, with keys and confirmation.

    ``giver_id`` and ``taker_id`` are nodes of ``flow_nodes``.
    """
    parties, connection = find_parties(context), context.connection
    overlaps = _overlap_edges(connection, context.tables["flow_matrix"])
    if not context.case.has_flow:
        return overlaps
    return [
        *_register_edges(connection),
        *_transaction_edges(connection),
        *overlaps,
        *(_file_edge(row, parties) for row in context.once(sent_edges)),
    ]


def _register_edges(connection: Any) -> list[Row]:
    """Return a confirmed ``flow_edges`` row per giver, taker and item stated in the register."""
    found = connection.execute(
        "with kept as (select place, key_no from passed where headline)"
        " select g.node, g.name, t.node, t.name, p.item, count(distinct key_no) from stated s"
        " join persons g on g.person = s.giver join persons t on t.person = s.taker"
        " join placed p using (place) left join kept using (place)"
        f" where {UNNAMED} not in (giver, taker) and giver <> taker group by all"
        " order by g.name, t.name, p.item"
    ).fetchall()
    return [
        _row((giver_id, giver), (taker_id, taker), "REGISTER", item, count, True)
        for giver_id, giver, taker_id, taker, item, count in found
    ]


def _transaction_edges(connection: Any) -> list[Row]:
    """Return a ``flow_edges`` row per suspect, party and item of transaction rows."""
    found = connection.execute(
        "select h.node, h.name, o.node, o.name, party_kind, item,"
        " count(distinct (key_kind, key)) filter (passed) from traded t"
        " join party_digests d using (party_digest) join persons o on o.person = d.person"
        " left join party_names n on n.name = t.suspect"
        f" join persons h on h.person = coalesce(n.person, {UNREGISTERED})"
        " where party_kind <> 'sender' and h.person <> o.person group by all order by all"
    ).fetchall()
    rows = []
    for suspect_id, suspect, party_id, party, kind, item, count in found:
        suspect_end, party_end = (suspect_id, suspect), (party_id, party)
        ends = (party_end, suspect_end) if kind == "seller" else (suspect_end, party_end)
        rows.append(_row(*ends, "LEDGER", item, count))
    return rows


def _overlap_edges(connection: Any, matrix: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return a ``flow_edges`` row per pair of lists of which one has 80 % of the other's keys.

    Items of different suspects are compared, or sources if there are no items. The larger list is
    proposed as the giver.
    """
    kinds = {row["scope_kind"] for row in matrix}
    kind = "item" if "item" in kinds else "source"
    owners = dict(
        connection.execute(
            "select distinct item, suspect from placed where item is not null"
        ).fetchall()
    )
    rows = []
    for row in matrix:
        if row["scope_kind"] != kind or not row["common"]:
            continue
        one, other = row["one"], row["other"]
        if kind == "item" and owners.get(one) == owners.get(other):
            continue
        largest_share = max(float(row["common_of_one"]), float(row["common_of_other"]))
        if largest_share < CONTAINED:
            continue
        # the smaller list more likely comes from the larger one; a person decides by the dates
        from_first = row["one_size"] >= row["other_size"]
        giver, taker = (one, other) if from_first else (other, one)
        giver_end, taker_end = (f"{kind}:{giver}", giver), (f"{kind}:{taker}", taker)
        rows.append(_row(giver_end, taker_end, "CONTAINED", None, row["common"]))
    return rows


def _file_edge(row: Mapping[str, Any], parties: Parties) -> Row:
    """Return the ``flow_edges`` row of a sent file: from the message's sender to its receiver."""
    giver, taker = ends_of(row, parties)
    edge = _row(giver, taker, "FILE_SENT", row["item"], row["keys"])
    return edge | {name: row[name] for name in _FILE_COLUMNS}


def _row(
    giver: PartyEnd,
    taker: PartyEnd,
    basis: str,
    item: str | None,
    count: int | None,
    confirmed: bool = False,
) -> Row:
    """Return one row of ``flow_edges``. ``giver``, ``taker``: (node id, name)."""
    return {
        "giver_id": giver[0],
        "taker_id": taker[0],
        "giver": giver[1],
        "taker": taker[1],
        "rests_on": basis,
        "item": item,
        "distinct": count or 0,
        "confirmed": confirmed,
        **dict.fromkeys(_FILE_COLUMNS),
    }


FLOW_EDGES: Final = ReportTable(
    "flow_edges",
    (
        TableColumn("giver_id", "code", FILES),
        TableColumn("taker_id", "code", FILES),
        text("giver"),
        text("taker"),
        coded("rests_on", "rests_on"),
        text("item"),
        number("distinct"),
        coded("confirmed", "answer"),
        text("sent_time"),
        coded("matched_by", "matched_by"),
        number("messages", FILES_AND_PAGE),
        SOURCE.only_in(FILES_AND_PAGE),
        text("member", FILES_AND_PAGE),
        position("row", FILES_AND_PAGE),
        number("file_source", FILES_AND_PAGE),
        text("file_member", FILES_AND_PAGE),
    ),
    section="T7",
    made_by="count",
    build=_flow_edges,
    notes=("sheet.note.edges",),
    sparse=True,  # most edges have no message
)
