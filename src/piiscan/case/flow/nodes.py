"""Nodes of the flow: suspects, their devices and items, files, and everybody else that edges name.

Together with the edges they are a graph that other programs can load; ``belongs_to`` is the node
above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from piiscan.case.flow.edges import UNKNOWN

Row = dict[str, Any]

#: By suspect, device, item and file: how many files, how many distinct keys.
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


def nodes(base: Any, edges: Iterable[Mapping[str, Any]], paths: Mapping[int, str]) -> list[Row]:
    """``flow_nodes``: every node once, suspects first.

    Files are those that hold keys or that an edge names; ``paths``: how sources are shown.
    """
    told = list(edges)
    wanted = {row["file_source"] for row in told if row["file_source"] is not None}
    ends = {row[end] for row in told for end in ("giver_id", "taker_id")}
    found: dict[str, Row] = {}
    for kind, names in _LEVELS:
        query = _COUNTS.format(names=", ".join(names), last=names[-1])
        for *values, files, distinct in base.execute(query).fetchall():
            by_name = dict(zip(names, values, strict=True))
            node = node_of(kind, by_name)
            if kind == "source" and not (distinct or values[-1] in wanted or node in ends):
                continue
            above = _above(kind, by_name)
            label = paths[values[-1]] if kind == "source" else values[-1]
            found.setdefault(node, _row(node, kind, label, above, files, distinct))
    for row in told:
        for end in ("giver", "taker"):
            node = row[f"{end}_id"]
            kind = UNKNOWN if node == UNKNOWN else "party"
            found.setdefault(node, _row(node, kind, row[end], None, 0, 0))
    return list(found.values())


def node_of(kind: str, names: Mapping[str, Any]) -> str:
    """The node of a place in the evidence; devices are told apart by whose they are.

    >>> node_of("device", {"suspect": "甲某", "device": "手机"}), node_of("source", {"source": 3})
    ('device:甲某/手机', 'source:3')
    """
    if kind == "device" and names.get("suspect"):
        return f"device:{names['suspect']}/{names['device']}"
    return f"{kind}:{names[kind]}"


def _above(kind: str, names: Mapping[str, Any]) -> str | None:
    """The next node above that is told."""
    levels = [level for level, _ in _LEVELS]
    for level in reversed(levels[: levels.index(kind)]):
        if names.get(level):
            return node_of(level, names)
    return None


def _row(
    node: str, kind: str, label: str | None, above: str | None, files: int, distinct: int
) -> Row:
    return {
        "node_id": node,
        "node_kind": kind,
        "label": label,
        "belongs_to": above,
        "files": files,
        "distinct": distinct,
    }
