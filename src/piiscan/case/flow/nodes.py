"""Flow nodes: suspects, their devices, items and files, and all other parties of the edges.

Nodes and edges form a graph that other programs can load. ``belongs_to`` is the parent node.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.parties import UNKNOWN
from piiscan.pages.report_table import ReportTable, coded, number, text

Row = dict[str, Any]

#: SQL: number of files and distinct keys, by suspect, device, item and file.
_COUNTS: Final = """
with kept as (select place, key_no from passed where headline)
select {names}, count(distinct source), count(distinct key_no)
from placed left join kept using (place) where {last} is not null
group by {names} order by {names}
"""
_LEVELS: Final = (
    ("suspect", ("suspect",)),
    ("device", ("suspect", "device")),
    ("item", ("suspect", "device", "item")),
    ("source", ("suspect", "device", "item", "source")),
)


def _flow_nodes(context: TableContext) -> list[Row]:
    """Return ``flow_nodes``: one row per suspect, device, item, file and outside party.

    Files appear if they have keys or an edge names them.
    """
    names_of, edge_rows = context.case.display_names, context.tables["flow_edges"]
    paths = {source: names_of.get(path, path) for source, path in context.case.paths.items()}
    named_files = {row["file_source"] for row in edge_rows if row["file_source"] is not None}
    ends = {row[end] for row in edge_rows for end in ("giver_id", "taker_id")}
    found: dict[str, Row] = {}
    for kind, names in _LEVELS:
        if kind not in context.scopes:
            continue
        query = _COUNTS.format(names=", ".join(names), last=names[-1])
        for *values, files, distinct in context.connection.execute(query).fetchall():
            by_name = dict(zip(names, values, strict=True))
            node = node_of(kind, by_name)
            if kind == "source" and not (distinct or values[-1] in named_files or node in ends):
                continue
            parent = _parent_node(kind, by_name)
            label = paths[values[-1]] if kind == "source" else values[-1]
            found.setdefault(node, _row(node, kind, label, parent, files, distinct))
    for row in edge_rows:
        for end in ("giver", "taker"):
            node = row[f"{end}_id"]
            kind = UNKNOWN if node == UNKNOWN else "party"
            found.setdefault(node, _row(node, kind, row[end], None, 0, 0))
    return list(found.values())


def node_of(kind: str, names: Mapping[str, Any]) -> str:
    """Return the node id (``suspect:张三``) of a scope; a device also names its suspect.

    >>> node_of("device", {"suspect": "甲某", "device": "手机"}), node_of("source", {"source": 3})
    ('device:甲某/手机', 'source:3')
    """
    owner = names.get("suspect")
    if kind == "device" and owner and not names["device"].startswith(f"{owner}/"):
        return f"device:{owner}/{names['device']}"
    return f"{kind}:{names[kind]}"


def _parent_node(kind: str, names: Mapping[str, Any]) -> str | None:
    """Return the node id of the next item, device or suspect above a scope; None if unknown."""
    levels = [level for level, _ in _LEVELS]
    for level in reversed(levels[: levels.index(kind)]):
        if names.get(level):
            return node_of(level, names)
    return None


def _row(
    node: str, kind: str, label: str | None, parent: str | None, files: int, distinct: int
) -> Row:
    """Return one row of ``flow_nodes``."""
    return {
        "node_id": node,
        "node_kind": kind,
        "label": label,
        "belongs_to": parent,
        "files": files,
        "distinct": distinct,
    }


FLOW_NODES: Final = ReportTable(
    "flow_nodes",
    (
        text("node_id"),
        text("label"),
        coded("node_kind", "node_kind"),
        text("belongs_to"),
        number("files"),
        number("distinct"),
    ),
    section="T7",
    made_by="count",
    build=_flow_nodes,
    notes=("sheet.note.nodes",),
)
