"""Every table of the flow, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from piiscan.case.flow.edges import edges
from piiscan.case.flow.file_matching import match_sent
from piiscan.case.flow.list_overlaps import overlaps, same_files
from piiscan.case.flow.masked_matches import compatible
from piiscan.case.flow.nodes import nodes
from piiscan.case.flow.transfers import transfers
from piiscan.case.store.case import Case

Row = dict[str, Any]


def flow_tables(base: Any, case: Case, findings: Sequence[Path]) -> dict[str, list[Row]]:
    """The tables of the board ``base``, after those of the count; ``findings``: the shards."""
    sources = case.manifest.content["sources"]
    matrix = overlaps(base)
    same = same_files(sources, case.stored("parts").to_pylist())
    messages = case.shards("sendings")
    sent = match_sent(base, messages, case.stored("files"))
    drawn = edges(base, matrix, sent=bool(messages))
    shown = case.shown()
    paths = {each["source"]: shown.get(each["path"], each["path"]) for each in sources}
    return {
        **transfers(base),
        "flow_matrix": matrix,
        "flow_same": same,
        "flow_masked": compatible(base, findings),
        **sent,
        "flow_edges": drawn,
        "flow_nodes": nodes(base, drawn, paths),
    }
