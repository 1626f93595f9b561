"""All tables of the flow, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.case.flow.chat_money import CHAT_MONEY
from piiscan.case.flow.edges import FLOW_EDGES
from piiscan.case.flow.file_matching import (
    FLOW_SENT,
    FLOW_SENT_PLACES,
    match_sent_files,
    sent_edges,
)
from piiscan.case.flow.flow_warnings import FLOW_WARNINGS
from piiscan.case.flow.list_overlaps import FLOW_MATRIX, FLOW_SAME
from piiscan.case.flow.masked_matches import FLOW_MASKED
from piiscan.case.flow.nodes import FLOW_NODES
from piiscan.case.flow.parties import FlowSettings, Parties
from piiscan.case.flow.transfer_list import TRANSFERS
from piiscan.case.flow.transfers import (
    FLOW_BUYERS,
    FLOW_GROUP_BUYERS,
    FLOW_GROUPS,
    FLOW_TOTAL,
    transfer_tables,
)
from piiscan.case.store.case import Case
from piiscan.pages.report_table import ReportTable

Row = dict[str, Any]

#: The tables of the flow, in the order of the report.
FLOW_TABLES: Final[tuple[ReportTable, ...]] = (
    FLOW_TOTAL, FLOW_BUYERS, FLOW_GROUPS, FLOW_GROUP_BUYERS, TRANSFERS, FLOW_WARNINGS, FLOW_MATRIX,
    FLOW_SAME, FLOW_MASKED, FLOW_SENT, FLOW_SENT_PLACES, CHAT_MONEY, FLOW_EDGES, FLOW_NODES,
)  # fmt: skip


def flow_tables(
    connection: Any,
    case: Case,
    findings: Sequence[Path],
    *,
    parties: Parties,
    settings: FlowSettings,
) -> dict[str, list[Row]]:
    """Return the tables ``flow_total``, ``flow_matrix``, ``flow_edges``, ``flow_nodes`` …, by name.

    Args:
        connection: the count database, after ``create_transfers``.
        case: the case.
        findings: shards of all sources.
        parties: the persons that the register names.
        settings: settings of the flow.
    """
    sources = case.manifest.content["sources"]
    matrix = FLOW_MATRIX.rows_from(connection)
    identical = FLOW_SAME.rows_from(sources, case.stored("parts").to_pylist())
    transfer_shards = case.shards("sendings")
    sent_tables = match_sent_files(connection, transfer_shards, case.stored("files"), parties)
    messages = sent_edges(connection) if transfer_shards else []
    edge_rows = FLOW_EDGES.rows_from(connection, matrix, messages, parties)
    display_names = case.shown()
    paths = {each["source"]: display_names.get(each["path"], each["path"]) for each in sources}
    return {
        **transfer_tables(connection, settings),
        TRANSFERS.name: TRANSFERS.rows_from(connection, messages, parties),
        FLOW_WARNINGS.name: FLOW_WARNINGS.rows_from(
            connection, parties, settings, has_messages=bool(transfer_shards)
        ),
        FLOW_MATRIX.name: matrix,
        FLOW_SAME.name: identical,
        FLOW_MASKED.name: FLOW_MASKED.rows_from(connection, findings),
        **sent_tables,
        CHAT_MONEY.name: CHAT_MONEY.rows_from(connection, parties) if transfer_shards else [],
        FLOW_EDGES.name: edge_rows,
        FLOW_NODES.name: FLOW_NODES.rows_from(connection, edge_rows, paths),
    }
