"""Flow graph: a column per person, a line per flow from giver to taker.

Each line has a row of its own, so no label touches another. The template draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_MARGIN: Final = 10
_COLUMN_WIDTH: Final = 126
_ROW_HEIGHT: Final = 30
_BOX_WIDTH: Final = 112
_BOX_HEIGHT: Final = 30
#: Most drawn flows and persons, flows with most keys first; the table has all.
_MAX_EDGES: Final = 40
_MAX_NODES: Final = 12


@dataclass(frozen=True, slots=True)
class Node:
    """Person or item in the flow graph: name, and box in pixels at the top of its column."""

    name: str
    left: int
    top: int = _MARGIN
    width: int = _BOX_WIDTH
    height: int = _BOX_HEIGHT

    @property
    def middle(self) -> int:
        """Return the horizontal middle of the column in pixels."""
        return self.left + self.width // 2


@dataclass(frozen=True, slots=True)
class Edge:
    """Line of a flow, in pixels: from ``x1`` to ``x2`` at height ``y``, with its number of keys."""

    x1: int
    x2: int
    y: int
    count: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Flow graph: boxes, lines, and size in pixels."""

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
    ([('A', 10), ('B', 136)], 3)
    """
    counts: dict[tuple[str, str, bool], int] = {}
    names: dict[str, str] = {}
    for row in rows:
        giver, taker = (row.get(f"{end}_id") or row[end] or unknown for end in ("giver", "taker"))
        names |= {giver: row["giver"] or unknown, taker: row["taker"] or unknown}
        key = (giver, taker, row["confirmed"])
        counts[key] = max(counts.get(key, 0), row["distinct"])  # two items can have the same keys
    drawn = _choose(counts)
    rank = _ranks([(giver, taker) for giver, taker, _ in drawn])
    nodes = {
        name: Node(names[name], _MARGIN + place * _COLUMN_WIDTH)
        for place, name in enumerate(sorted(rank, key=lambda name: (rank[name], name)))
    }
    drawn.sort(key=lambda edge: (rank[edge[0]], rank[edge[1]], edge))
    edges = [
        Edge(
            nodes[giver].middle,
            nodes[taker].middle,
            _MARGIN + _BOX_HEIGHT + row * _ROW_HEIGHT,
            counts[giver, taker, confirmed],
            confirmed,
        )
        for row, (giver, taker, confirmed) in enumerate(drawn, 1)
    ]
    width = max((node.left + node.width for node in nodes.values()), default=0) + _MARGIN
    height = 2 * _MARGIN + _BOX_HEIGHT + len(edges) * _ROW_HEIGHT
    return Graph(tuple(nodes.values()), tuple(edges), width, height)


def _choose(counts: Mapping[tuple[str, str, bool], int]) -> list[tuple[str, str, bool]]:
    """Return the flows to draw: confirmed flows first, then by falling number of keys."""
    drawn: list[tuple[str, str, bool]] = []
    persons: set[str] = set()
    for edge in sorted(counts, key=lambda edge: (not edge[2], -counts[edge], edge)):
        ends = {edge[0], edge[1]}
        if len(ends) == 2 and len(persons | ends) <= _MAX_NODES and len(drawn) < _MAX_EDGES:
            drawn.append(edge)
            persons |= ends
    return drawn


def _ranks(pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return name -> column number from the left; each taker is to the right of its givers.

    A pair that closes a circle is ignored; earlier pairs have precedence.
    """
    givers: dict[str, set[str]] = {name: set() for pair in pairs for name in pair}
    for giver, taker in pairs:
        if not _is_giver(givers, giver, taker):
            givers[taker].add(giver)
    ranks: dict[str, int] = {}

    def place(name: str) -> int:
        """Return the column number of ``name``: one to the right of its last giver."""
        if name not in ranks:
            ranks[name] = max((place(giver) + 1 for giver in givers[name]), default=0)
        return ranks[name]

    return {name: place(name) for name in givers}


def _is_giver(givers: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Return True if ``goal`` is a direct or indirect giver of ``start``."""
    waiting, visited = [start], {start}
    while waiting:
        for giver in givers[waiting.pop()] - visited:
            visited.add(giver)
            waiting.append(giver)
    return goal in visited
