"""All tables of the flow, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from piiscan.case.flow.edges import flow_edges
from piiscan.case.flow.file_matching import match_sent_files
from piiscan.case.flow.list_overlaps import identical_files, key_overlaps
from piiscan.case.flow.masked_matches import masked_value_matches
from piiscan.case.flow.nodes import flow_nodes
from piiscan.case.flow.transfers import transfer_tables
from piiscan.case.store.case import Case

Row = dict[str, Any]


def flow_tables(connection: Any, case: Case, findings: Sequence[Path]) -> dict[str, list[Row]]:
    """Return the tables ``flow_total``, ``flow_matrix``, ``flow_edges``, ``flow_nodes`` …, by name.

    ``connection``: the count database, after ``count_tables``. ``findings``: shards of all
    sources.
    """
    sources = case.manifest.content["sources"]
    matrix = key_overlaps(connection)
    identical = identical_files(sources, case.stored("parts").to_pylist())
    transfer_shards = case.shards("sendings")
    sent_tables = match_sent_files(connection, transfer_shards, case.stored("files"))
    edge_rows = flow_edges(connection, matrix, has_messages=bool(transfer_shards))
    display_names = case.shown()
    paths = {each["source"]: display_names.get(each["path"], each["path"]) for each in sources}
    return {
        **transfer_tables(connection),
        "flow_matrix": matrix,
        "flow_same": identical,
        "flow_masked": masked_value_matches(connection, findings),
        **sent_tables,
        "flow_edges": edge_rows,
        "flow_nodes": flow_nodes(connection, edge_rows, paths),
    }
