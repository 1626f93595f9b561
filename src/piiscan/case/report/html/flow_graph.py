"""Flow graph: positions of persons and items and of the data flows between them.

The template draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_COLUMN_WIDTH: Final = 220
_ROW_HEIGHT: Final = 54
_BOX_WIDTH: Final = 150
_BOX_HEIGHT: Final = 30
#: Most drawn edges, those with most keys first; the table has all.
_MAX_EDGES: Final = 60


@dataclass(frozen=True, slots=True)
class Node:
    """A person or an item: name, and box in pixels."""

    name: str
    left: int
    top: int
    width: int = _BOX_WIDTH
    height: int = _BOX_HEIGHT


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow between two boxes: end points in pixels, number of keys, confirmed or not."""

    x1: int
    y1: int
    x2: int
    y2: int
    count: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes, flows, and the size of the graph in pixels."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int


def draw_flow(rows: Sequence[Mapping[str, Any]], *, unknown: str) -> Graph:
    """Return the graph of the flow rows, givers to the left of takers.

    ``unknown`` names a missing person.

    >>> graph = draw_flow([{"giver": "A", "taker": "B", "distinct": 3, "confirmed": True}],
    ...                   unknown="?")
    >>> [(node.name, node.left) for node in graph.nodes], graph.edges[0].count
    ([('A', 10), ('B', 230)], 3)
    """
    counts: dict[tuple[str, str, bool], int] = {}
    names: dict[str, str] = {}
    for row in rows:
        ends = [row.get(f"{end}_id") or row[end] or unknown for end in ("giver", "taker")]
        names |= {ends[0]: row["giver"] or unknown, ends[1]: row["taker"] or unknown}
        key = (ends[0], ends[1], row["confirmed"])
        counts[key] = max(counts.get(key, 0), row["distinct"])  # two items can have the same keys
    largest = sorted(counts.items(), key=lambda each: (not each[0][2], -each[1], each[0]))[
        :_MAX_EDGES
    ]
    column = _column_numbers([(giver, taker) for (giver, taker, _), _ in largest])
    nodes: dict[str, Node] = {}
    filled: dict[int, int] = {}
    for name in sorted(column, key=lambda n: (column[n], n)):
        place = filled.get(column[name], 0)
        filled[column[name]] = place + 1
        nodes[name] = Node(names[name], 10 + column[name] * _COLUMN_WIDTH, 10 + place * _ROW_HEIGHT)
    edges = [
        Edge(*_edge_ends(nodes[giver], nodes[taker]), count, confirmed)
        for (giver, taker, confirmed), count in largest
        if giver != taker
    ]
    width = max((node.left + node.width for node in nodes.values()), default=0) + 10
    height = max((node.top + node.height for node in nodes.values()), default=0) + 10
    return Graph(tuple(nodes.values()), tuple(edges), width, height)


def _column_numbers(pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return name -> column from the left: each taker is to the right of its givers.

    A pair that closes a circle is ignored; earlier pairs have precedence.
    """
    givers: dict[str, set[str]] = {name: set() for pair in pairs for name in pair}
    for giver, taker in pairs:
        if giver != taker and not _is_giver(givers, giver, taker):
            givers[taker].add(giver)
    column: dict[str, int] = {}

    def place(name: str) -> int:
        """Return the column number of ``name``: one to the right of its last giver."""
        if name not in column:
            column[name] = max((place(giver) + 1 for giver in givers[name]), default=0)
        return column[name]

    return {name: min(place(name), 8) for name in givers}


def _is_giver(givers: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Return True if ``goal`` is a direct or indirect giver of ``start``."""
    waiting, visited = [start], {start}
    while waiting:
        for giver in givers[waiting.pop()] - visited:
            visited.add(giver)
            waiting.append(giver)
    return goal in visited


def _edge_ends(giver: Node, taker: Node) -> tuple[int, int, int, int]:
    """Return (x1, y1, x2, y2) in pixels of the arrow from box ``giver`` to box ``taker``.

    An edge to the left runs lower.
    """
    middle = giver.height // 2
    if giver.left == taker.left:
        return (
            giver.left + giver.width,
            giver.top + middle,
            taker.left + taker.width,
            taker.top + middle,
        )
    right = giver.left < taker.left
    start = giver.left + giver.width if right else giver.left
    end = taker.left if right else taker.left + taker.width
    lower = middle if right else middle + giver.height // 3
    return start, giver.top + lower, end, taker.top + lower
