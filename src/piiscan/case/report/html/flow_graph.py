"""Who holds whose data, as a graph: places of nodes and edges; the template draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_STEP: Final = 220
_PITCH: Final = 54
_WIDE: Final = 150
_HIGH: Final = 30
#: Most edges that are drawn, those with most keys first; the table has all.
_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Node:
    """A person or an item: its name and its box (pixels)."""

    name: str
    left: int
    top: int
    width: int = _WIDE
    height: int = _HIGH


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from box to box: its ends, what is written on it, whether a person said so."""

    x1: int
    y1: int
    x2: int
    y2: int
    count: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes and lines, and the size of the whole."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int


def draw_flow(rows: Sequence[Mapping[str, Any]], *, unknown: str) -> Graph:
    """The edges of the flow from left to right; who is not named is ``unknown``.

    >>> graph = draw_flow([{"giver": "A", "taker": "B", "distinct": 3, "confirmed": True}],
    ...                   unknown="?")
    >>> [(node.name, node.left) for node in graph.nodes], graph.edges[0].count
    ([('A', 10), ('B', 230)], 3)
    """
    most: dict[tuple[str, str, bool], int] = {}
    named: dict[str, str] = {}
    for row in rows:
        ends = [row.get(f"{end}_id") or row[end] or unknown for end in ("giver", "taker")]
        named |= {ends[0]: row["giver"] or unknown, ends[1]: row["taker"] or unknown}
        key = (ends[0], ends[1], row["confirmed"])
        most[key] = max(most.get(key, 0), row["distinct"])  # two items can hold the same keys
    kept = sorted(most.items(), key=lambda each: (not each[0][2], -each[1], each[0]))[:_MOST]
    column = _columns([(giver, taker) for (giver, taker, _), _ in kept])
    nodes: dict[str, Node] = {}
    filled: dict[int, int] = {}
    for name in sorted(column, key=lambda n: (column[n], n)):
        place = filled.get(column[name], 0)
        filled[column[name]] = place + 1
        nodes[name] = Node(named[name], 10 + column[name] * _STEP, 10 + place * _PITCH)
    edges = [
        Edge(*_ends(nodes[giver], nodes[taker]), count, confirmed)
        for (giver, taker, confirmed), count in kept
        if giver != taker
    ]
    width = max((node.left + node.width for node in nodes.values()), default=0) + 10
    height = max((node.top + node.height for node in nodes.values()), default=0) + 10
    return Graph(tuple(nodes.values()), tuple(edges), width, height)


def _columns(pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """How far to the right each name stands: behind those it got from.

    A pair that closes a circle of givers says nothing of who stands where; the first pairs count.
    """
    ahead: dict[str, set[str]] = {name: set() for pair in pairs for name in pair}
    for giver, taker in pairs:
        if giver != taker and not _reaches(ahead, giver, taker):
            ahead[taker].add(giver)
    column: dict[str, int] = {}

    def place(name: str) -> int:
        if name not in column:
            column[name] = max((place(giver) + 1 for giver in ahead[name]), default=0)
        return column[name]

    return {name: min(place(name), 8) for name in ahead}


def _reaches(ahead: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Whether ``goal`` is among the givers of ``start``, or theirs."""
    waiting, seen = [start], {start}
    while waiting:
        for giver in ahead[waiting.pop()] - seen:
            seen.add(giver)
            waiting.append(giver)
    return goal in seen


def _ends(one: Node, two: Node) -> tuple[int, int, int, int]:
    """From the side of one box to the facing side of the other; what goes back runs lower."""
    middle = one.height // 2
    if one.left == two.left:
        return one.left + one.width, one.top + middle, two.left + two.width, two.top + middle
    right = one.left < two.left
    start = one.left + one.width if right else one.left
    end = two.left if right else two.left + two.width
    lower = middle if right else middle + one.height // 3
    return start, one.top + lower, end, two.top + lower
