"""Charts: bar lengths and positions; the page template draws them as inline SVG.

The flow graph has a column per person and a line per flow, each in a row of its own. An end that
is an item or a file is drawn as its suspect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from piiscan.case.report.report_contents import TABLE_OF
from piiscan.detect.attributes.identity_numbers import AGE_BANDS
from piiscan.pages.report_table import Row
from piiscan.wording.words import Words

_WIDTH: Final = 520
_PITCH: Final = 30
_MAX_BARS: Final = 14
#: Limits for readings of a policy, which have long names.
_NARROW_WIDTH: Final = 350
_MAX_NAME: Final = 48
_MAX_READINGS: Final = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """Bar of a chart: its name, the label to its right, lengths and top edge in pixels.

    ``inner_length``: length of a smaller number inside the bar; 0 if there is none.
    """

    name: str
    told: str
    length: float
    inner_length: float
    top: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bar chart: bars from the top, height in pixels, and marks as (left edge, label).

    ``left``: left edge of the bars. ``of``: the entity that the bars count, if only one.
    """

    bars: tuple[Bar, ...]
    height: int
    marks: tuple[tuple[float, str], ...] = ()
    left: int = 222
    of: str = ""


def draw_pairs(pairs: Iterable[tuple[str, int, int | None]], *, max_bars: int = _MAX_BARS) -> Chart:
    """Draw a bar chart of (name, number, inner number or None), at most ``max_bars`` bars.

    ``max_bars``: number of bars; further pairs are dropped.
    """
    shown_pairs = list(pairs)[:max_bars]
    largest = max((number for _, number, _ in shown_pairs), default=1) or 1
    bars = [
        Bar(
            name,
            f"{number:,}" if inner is None else f"{number:,} / {inner:,}",
            _bar_length(number, largest),
            0 if inner is None else _bar_length(inner, largest),
            place * _PITCH,
        )
        for place, (name, number, inner) in enumerate(shown_pairs)
    ]
    return Chart(tuple(bars), len(bars) * _PITCH)


def _bar_length(number: int, largest: int) -> float:
    """Return the length of a bar in pixels, at least 2 for a positive number."""
    return round(max(2.0, number / largest * _WIDTH), 1) if number else 0


def draw_kinds(rows: Sequence[Row], words: Words) -> Chart:
    """Return the bar chart of personal entities: valid findings, with distinct values inside."""
    kinds = [row for row in rows if row["class"] == "person" and row["valid"]]
    kinds = sorted(kinds, key=lambda row: (-row["valid"], row["entity"]))
    return draw_pairs(
        (words.name("entities", row["entity"]), row["valid"], row["distinct"]) for row in kinds
    )


def draw_ladder(rows: Sequence[Row], words: Words) -> Chart:
    """Return the bar chart of ladder steps; inside, the counts without business information."""
    return draw_pairs(
        (words(f"ladder_step.{row['step']}"), row["count"], row["without_business"])
        for row in rows
        if row["scope_kind"] == "total"
    )


def draw_suspects(rows: Sequence[Row], _: Words) -> Chart:
    """Return the bar chart of suspects: distinct keys, with the keys of him alone inside."""
    listed = [row for row in rows if row["scope_kind"] == "suspect" and row["distinct"]]
    listed = sorted(listed, key=lambda row: (-row["distinct"], row["scope"]))
    return draw_pairs((row["scope"], row["distinct"], row["own"]) for row in listed)


def draw_sources(rows: Sequence[Row], _: Words) -> Chart:
    """Return the bar chart of sources: findings, with their records inside."""
    listed = sorted((row for row in rows if row["hits"]), key=lambda r: (-r["hits"], r["source"]))
    pairs = []
    for row in listed:
        name = row["path"].rsplit("/", 1)[-1]
        short_name = name if len(name) <= 12 else f"{name[:5]}…{name[-6:]}"
        pairs.append((f"{row['source']} {short_name}", row["hits"], row["records"]))
    return draw_pairs(pairs)


def draw_months(rows: Sequence[Row], _: Words) -> Chart:
    """Return the bar chart of months: transaction rows, with distinct keys inside."""
    months: dict[str, list[int]] = {}
    for row in rows:
        if row["month"]:
            sums = months.setdefault(row["month"], [0, 0])
            sums[0] += row["rows"]
            sums[1] += row["distinct"]
    pairs = [(month, rows_, keys) for month, (rows_, keys) in sorted(months.items())]
    return draw_pairs(pairs, max_bars=36)


def draw_provinces(rows: Sequence[Row], _: Words) -> Chart:
    """Return the bar chart of provinces: findings of the main entity, distinct values inside."""
    return _main_kind_chart(rows, "province", lambda row: (-row["distinct"], row["province"]))


def draw_ages(rows: Sequence[Row], words: Words) -> Chart:
    """Return the bar chart of age bands of the main entity, youngest first."""
    chart = _main_kind_chart(rows, "age_band", lambda row: AGE_BANDS.index(row["age_band"]))
    bars = tuple(replace(bar, name=words(f"age_band.{bar.name}")) for bar in chart.bars)
    return replace(chart, bars=bars)


def _main_kind_chart(rows: Sequence[Row], name: str, order: Any) -> Chart:
    """Draw a bar chart of column ``name`` for the entity with most distinct values.

    The bars are sorted by ``order``.
    """
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["entity"]] = sums.get(row["entity"], 0) + row["distinct"]
    main_kind = max(sorted(sums), key=lambda entity: sums[entity], default=None)
    listed = sorted((row for row in rows if row["entity"] == main_kind), key=order)
    chart = draw_pairs((str(row[name]), row["hits"], row["distinct"]) for row in listed)
    return replace(chart, of=main_kind or "")


def draw_tiers(rows: Sequence[Row], words: Words) -> Chart:
    """Return the bar chart of ratios, a bar per reading, with marks at threshold and tenfold."""
    listed = [
        row
        for row in rows
        if row["scope_kind"] == "total" and not row["insider"] and row["exact"] is not None
    ]
    if not listed:
        return Chart((), 0)
    ratios = [Fraction(row["exact"]) for row in listed][:_MAX_READINGS]
    largest = max(*ratios, Fraction(1), Fraction(1))
    marks = [(1, "1")] + [(10, "10")] * (largest >= 10)
    bars = [
        Bar(
            _reading_name(row, words),
            row["ratio"],
            round(float(ratio / largest) * _NARROW_WIDTH, 1),
            0,
            place * _PITCH,
        )
        for place, (row, ratio) in enumerate(zip(listed, ratios, strict=False))
    ]
    lines = [
        (round(float(Fraction(at) / largest) * _NARROW_WIDTH, 1), label) for at, label in marks
    ]
    left = 222 + _WIDTH - _NARROW_WIDTH
    return Chart(tuple(bars), len(bars) * _PITCH + 14, tuple(lines), left)


def _reading_name(row: Row, words: Words) -> str:
    """Return the label of a bar: the name of the reading, shortened."""
    name = str(TABLE_OF["tier_scenarios"].column("reading").text(row, words))
    return name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME]}…"


@dataclass(frozen=True, slots=True)
class PageChart:
    """A chart of the page; ``draw``: (rows of ``table``, words) -> chart.

    ``title``, ``legend``: keys of the title, and of the names of outer and inner bars.
    """

    table: str
    draw: Callable[[Sequence[Row], Words], Chart]
    title: str
    legend: tuple[str, ...] = ()

    def heading(self, chart: Chart, words: Words) -> str:
        """Return the title of ``chart``, with the entity that its bars count."""
        of = f"{words('sheet.colon')}{words.name('entities', chart.of)}" if chart.of else ""
        return f"{words(self.title)}{of}"


_HITS: Final = ("column.hits", "column.distinct")
#: Name -> chart of the page; a chart of a missing table has no bars.
CHARTS: Final[Mapping[str, PageChart]] = {
    "kinds": PageChart("kinds", draw_kinds, "page.chart", ("page.valid", "column.distinct")),
    "ladder": PageChart(
        "ladder", draw_ladder, "page.charts.ladder", ("column.count", "column.without_business")
    ),
    "tiers": PageChart("tier_scenarios", draw_tiers, "page.charts.tiers"),
    "suspects": PageChart(
        "shared", draw_suspects, "page.charts.suspects", ("column.distinct", "column.own")
    ),
    "months": PageChart(
        "months", draw_months, "page.charts.months", ("column.rows", "column.distinct")
    ),
    "sources": PageChart(
        "sources", draw_sources, "page.charts.sources", ("column.hits", "column.records")
    ),
    "provinces": PageChart("provinces", draw_provinces, "table.provinces", _HITS),
    "ages": PageChart("ages", draw_ages, "table.ages", _HITS),
}


_MARGIN: Final = 10
_COLUMN_WIDTH: Final = 126
_ROW_HEIGHT: Final = 30
_BOX_WIDTH: Final = 112
_BOX_HEIGHT: Final = 30
#: Most drawn flows and persons, flows with most keys first; the table has all.
_MAX_EDGES: Final = 40
#: Grounds of flows that are in the totals; others are proposals.
_COUNTED: Final = ("REGISTER", "LEDGER")
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
    """Line of a flow, in pixels: from ``x1`` to ``x2`` at height ``y``, with its number of keys.

    ``guess``: what a flow that is only proposed rests on; empty for one in the totals.
    """

    x1: int
    x2: int
    y: int
    count: int
    guess: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Flow graph: boxes, lines, and size in pixels."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int


def draw_flow(
    rows: Sequence[Mapping[str, Any]], nodes: Iterable[Mapping[str, Any]] = (), *, unknown: str
) -> Graph:
    """Return the graph of the flow rows, givers to the left of takers.

    ``nodes``: rows of ``flow_nodes``, which tell whose an item or a file is. ``unknown`` names a
    missing person.

    >>> graph = draw_flow([{"giver": "A", "taker": "B", "distinct": 3, "rests_on": "LEDGER"}],
    ...                   unknown="?")
    >>> [(node.name, node.left) for node in graph.nodes], graph.edges[0].count
    ([('A', 10), ('B', 136)], 3)
    """
    places = {row["node_id"]: row for row in nodes}
    counts: dict[tuple[str, str, str], int] = {}
    names: dict[str, str] = {}
    for row in rows:
        ends = [_person(row, end, places, unknown) for end in ("giver", "taker")]
        names |= dict(ends)
        guess = "" if row["rests_on"] in _COUNTED else row["rests_on"]
        key = (ends[0][0], ends[1][0], guess)
        counts[key] = max(counts.get(key, 0), row["distinct"])  # two items can have the same keys
    told = {frozenset(ends) for *ends, guess in counts if not guess}
    drawn = _choose(
        {e: n for e, n in counts.items() if e[2] != "CONTAINED" or frozenset(e[:2]) not in told}
    )
    rank = _ranks([(giver, taker) for giver, taker, _ in drawn])
    boxes = {
        name: Node(names[name], _MARGIN + place * _COLUMN_WIDTH)
        for place, name in enumerate(sorted(rank, key=lambda name: (rank[name], name)))
    }
    drawn.sort(key=lambda edge: (rank[edge[0]], rank[edge[1]], edge))
    edges = [
        Edge(
            boxes[giver].middle,
            boxes[taker].middle,
            _MARGIN + _BOX_HEIGHT + row * _ROW_HEIGHT,
            counts[giver, taker, guess],
            guess,
        )
        for row, (giver, taker, guess) in enumerate(drawn, 1)
    ]
    width = max((node.left + node.width for node in boxes.values()), default=0) + _MARGIN
    height = 2 * _MARGIN + _BOX_HEIGHT + len(edges) * _ROW_HEIGHT
    return Graph(tuple(boxes.values()), tuple(edges), width, height)


def _person(
    row: Mapping[str, Any], end: str, places: Mapping[str, Mapping[str, Any]], unknown: str
) -> tuple[str, str]:
    """Return (node id, name) of an end of a flow: the suspect of an item or file, if known.

    A file of nobody has the last part of its name.
    """
    node, name = row.get(f"{end}_id") or row[end] or unknown, row[end] or unknown
    while place := places.get(node):
        name = place["label"] or unknown
        if place["node_kind"] == "source":
            name = name.rsplit("/", 1)[-1]
        if not place["belongs_to"]:
            break
        node = place["belongs_to"]
    return node, name


def _choose(counts: Mapping[tuple[str, str, str], int]) -> list[tuple[str, str, str]]:
    """Return the flows to draw: those in the totals first, then by falling number of keys."""
    drawn: list[tuple[str, str, str]] = []
    persons: set[str] = set()
    for edge in sorted(counts, key=lambda edge: (bool(edge[2]), -counts[edge], edge)):
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
