"""Every table of the flow, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from piiscan.evidence.case import Case
from piiscan.evidence.flow.edges import edges
from piiscan.evidence.flow.masked import compatible
from piiscan.evidence.flow.overlap import overlaps, same_files
from piiscan.evidence.flow.transfers import transfers

Row = dict[str, Any]


def flow_tables(base: Any, case: Case, findings: Sequence[Path]) -> dict[str, list[Row]]:
    """The tables of the board ``base``, after those of the count; ``findings``: the shards."""
    matrix = overlaps(base)
    same = same_files(case.manifest.content["sources"], case.stored("parts").to_pylist())
    return {
        **transfers(base),
        "flow_matrix": matrix,
        "flow_same": same,
        "flow_masked": compatible(base, findings),
        "flow_edges": edges(base, matrix),
    }
