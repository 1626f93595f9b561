"""Figures are rounded half-up, exactly, and never across a line."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as some

from piiscan.case.tiers.ratios import LINES, format_ratio


@given(some.integers(0, 10**12), some.sampled_from([25, 50, 250, 500, 2500, 5000, 50_000]))
def test_two_places_half_up_and_no_line_is_crossed(count: int, threshold: int) -> None:
    ratio = Fraction(count, threshold)
    shown = Fraction(Decimal(format_ratio(ratio)))
    half_up = Fraction((200 * count + threshold) // (2 * threshold), 100)
    crossed = any(ratio < line <= half_up for line in LINES)
    assert shown == (Fraction(100 * count // threshold, 100) if crossed else half_up)
    assert all((shown >= line) == (ratio >= line) for line in LINES)
    assert format_ratio(ratio)[-3] == "."


def test_a_million_times_the_line_is_still_exact() -> None:
    assert format_ratio(Fraction(10**30 + 1, 50)) == f"{2 * 10**28}.02"
