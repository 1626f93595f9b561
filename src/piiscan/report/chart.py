"""Numbers of a bar chart; the page's template draws them as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from piiscan.report.wording import Words

_WIDTH: Final = 520
_PITCH: Final = 30
_MOST: Final = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One kind: its name, two counts and their lengths, and where it is drawn (pixels)."""

    name: str
    valid: int
    distinct: int
    valid_length: float
    distinct_length: float
    top: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from the longest down, and the height of all."""

    bars: tuple[Bar, ...]
    height: int


def draw_kinds(rows: Sequence[Mapping[str, Any]], words: Words) -> Chart:
    """The personal kinds with most valid hits, lengths in proportion."""
    kinds = [row for row in rows if row["class"] == "person" and row["valid"]]
    kinds = sorted(kinds, key=lambda row: (-row["valid"], row["entity"]))[:_MOST]
    most = max((row["valid"] for row in kinds), default=1)
    bars = [
        Bar(
            words.name("entities", row["entity"]),
            row["valid"],
            row["distinct"],
            round(max(2.0, row["valid"] / most * _WIDTH), 1),
            round(max(1.0, row["distinct"] / most * _WIDTH), 1),
            number * _PITCH,
        )
        for number, row in enumerate(kinds)
    ]
    return Chart(tuple(bars), len(bars) * _PITCH)
