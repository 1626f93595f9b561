"""Numbers of bar charts; the page's template draws them as inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from piiscan.case.tiers.assessment import ROW_TIERS
from piiscan.case.tiers.tier_cells import tier_cell
from piiscan.pages.wording import Words

_WIDTH: Final = 520
_PITCH: Final = 30
_MOST: Final = 14
#: Readings of a rule have long names, and are shown all.
_NARROW: Final = 350
_LONGEST: Final = 48
_MOST_READINGS: Final = 40

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, what is written behind it, its lengths, where it is drawn (pixels).

    ``inner_length`` is that of a smaller number within; 0 where there is none.
    """

    name: str
    told: str
    length: float
    inner_length: float
    top: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from above, the height of all, and marks at some values (left edge, what they say).

    ``left``: where bars begin, behind their names; ``of``: what the bars count, if one kind only.
    """

    bars: tuple[Bar, ...]
    height: int
    marks: tuple[tuple[float, str], ...] = ()
    left: int = 222
    of: str = ""


def draw_pairs(pairs: Iterable[tuple[str, int, int | None]], *, most: int = _MOST) -> Chart:
    """Bars of names with a number and, for some, a smaller one within; lengths in proportion."""
    listed = list(pairs)[:most]
    largest = max((number for _, number, _ in listed), default=1) or 1
    bars = [
        Bar(
            name,
            f"{number:,}" if inner is None else f"{number:,} / {inner:,}",
            _length(number, largest),
            0 if inner is None else _length(inner, largest),
            place * _PITCH,
        )
        for place, (name, number, inner) in enumerate(listed)
    ]
    return Chart(tuple(bars), len(bars) * _PITCH)


def _length(number: int, largest: int) -> float:
    return round(max(2.0, number / largest * _WIDTH), 1) if number else 0


def draw_kinds(rows: Sequence[Row], words: Words) -> Chart:
    """The personal kinds with most valid hits, and their distinct values."""
    kinds = [row for row in rows if row["class"] == "person" and row["valid"]]
    kinds = sorted(kinds, key=lambda row: (-row["valid"], row["entity"]))
    return draw_pairs(
        (words.name("entities", row["entity"]), row["valid"], row["distinct"]) for row in kinds
    )


def draw_ladder(rows: Sequence[Row], words: Words) -> Chart:
    """The steps of the whole evidence, and what they are without public business information."""
    return draw_pairs(
        (words(f"ladder_step.{row['step']}"), row["count"], row["without_business"])
        for row in rows
        if row["scope_kind"] == "total"
    )


def draw_scopes(rows: Sequence[Row], kind: str, columns: tuple[str, str]) -> Chart:
    """Scopes of a kind by one column, another within, longest first."""
    whole, inner = columns
    listed = [row for row in rows if row["scope_kind"] == kind and row[whole]]
    listed = sorted(listed, key=lambda row: (-row[whole], row["scope"]))
    return draw_pairs((row["scope"], row[whole], row[inner]) for row in listed)


def draw_sources(rows: Sequence[Row]) -> Chart:
    """Sources by hits, their records within."""
    listed = sorted((row for row in rows if row["hits"]), key=lambda r: (-r["hits"], r["source"]))
    named = [
        (f"{row['source']} {_last(row['path'])}", row["hits"], row["records"]) for row in listed
    ]
    return draw_pairs(named)


def _last(path: str) -> str:
    """The end of a path, short enough for a label."""
    name = path.rsplit("/", 1)[-1]
    return name if len(name) <= 12 else f"{name[:5]}…{name[-6:]}"


def draw_months(rows: Sequence[Row]) -> Chart:
    """Months in their order, over all statuses, and the distinct keys within."""
    months: dict[str, list[int]] = {}
    for row in rows:
        if row["month"]:
            told = months.setdefault(row["month"], [0, 0])
            told[0] += row["rows"]
            told[1] += row["distinct"]
    return draw_pairs(
        ((month, numbers[0], numbers[1]) for month, numbers in sorted(months.items())), most=36
    )


def draw_regions(rows: Sequence[Row]) -> Chart:
    """Provinces by distinct values of the kind that tells most of them."""
    return _of_main_kind(rows, "province", lambda row: (-row["distinct"], row["province"]))


def draw_ages(rows: Sequence[Row], words: Words) -> Chart:
    """Birth decades, from the earliest, of the kind that tells most of them."""
    chart = _of_main_kind(rows, "decade", lambda row: row["decade"])
    bars = tuple(
        Bar(words("page.decade", year=b.name), b.told, b.length, b.inner_length, b.top)
        for b in chart.bars
    )
    return replace(chart, bars=bars)


def _of_main_kind(rows: Sequence[Row], name: str, order: Any) -> Chart:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["entity"]] = sums.get(row["entity"], 0) + row["distinct"]
    main = max(sorted(sums), key=lambda entity: sums[entity], default=None)
    listed = sorted((row for row in rows if row["entity"] == main), key=order)
    chart = draw_pairs((str(row[name]), row["hits"], row["distinct"]) for row in listed)
    return replace(chart, of=main or "")


def draw_tiers(rows: Sequence[Row], words: Words) -> Chart:
    """Ratios of the whole evidence by reading, with marks at the line and at ten times the line."""
    listed = [
        row
        for row in rows
        if row["scope_kind"] == "total" and not row["insider"] and row["exact"] is not None
    ]
    if not listed:
        return Chart((), 0)
    ratios = [Fraction(row["exact"]) for row in listed][:_MOST_READINGS]
    largest = max(*ratios, Fraction(1), Fraction(1))
    marks = [(1, "1")] + [(10, "10")] * (largest >= 10)
    bars = [
        Bar(
            _reading(row, words),
            row["ratio"],
            round(float(ratio / largest) * _NARROW, 1),
            0,
            place * _PITCH,
        )
        for place, (row, ratio) in enumerate(zip(listed, ratios, strict=False))
    ]
    lines = [(round(float(Fraction(at) / largest) * _NARROW, 1), told) for at, told in marks]
    left = 222 + _WIDTH - _NARROW
    return Chart(tuple(bars), len(bars) * _PITCH + 14, tuple(lines), left)


def _reading(row: Row, words: Words) -> str:
    """What a ratio rests on: unit, scenario, what was changed, how records of several kinds count.

    Two bars that differ in any of these have different names.
    """
    told = [f"{row['unit']} {words('scenario.' + row['scenario'].replace('-', '_'))}"]
    if row["category"]:
        told.append(str(tier_cell("category", row, words)))
    if row["row_tier"] != ROW_TIERS[0]:
        told.append(str(tier_cell("row_tier", row, words)))
    name = words("page.between").join(told)
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
