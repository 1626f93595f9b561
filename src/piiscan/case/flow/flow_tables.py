"""Every table of the flow, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from piiscan.evidence.case import Case
from piiscan.evidence.flow.edges import edges
from piiscan.evidence.flow.masked import compatible
from piiscan.evidence.flow.nodes import nodes
from piiscan.evidence.flow.overlap import overlaps, same_files
from piiscan.evidence.flow.sent import match_sent
from piiscan.evidence.flow.transfers import transfers

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
