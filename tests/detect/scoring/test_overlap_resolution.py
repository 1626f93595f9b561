"""One span wins each place; a loser points to the best of those that took its place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.detect.scoring.overlap_resolution import REFUSED
from piiscan.detect.scoring.priority import PRIORITY_PARTS, deciding_part
from piiscan.detect.scoring.score_kernels import resolve_overlaps
from piiscan.wording.words import section

Span = tuple[int, int, int, bool]  # start, length, priority, refused


def resolve(spans: list[Span]) -> list[int]:
    start, length, priority, refused = (np.array(part) for part in zip(*spans, strict=True))
    winner = np.empty(len(spans), np.int64)
    resolve_overlaps(start, start + length, priority, refused, winner)
    return winner.tolist()


def naive(spans: list[Span]) -> list[int]:
    """Each span against all spans that have won, the weightiest first."""
    won: list[int] = []
    result = [REFUSED] * len(spans)
    for at in sorted(range(len(spans)), key=lambda at: (-spans[at][2], at)):
        start, length, _, refused = spans[at]
        if refused:
            continue
        over = [w for w in won if spans[w][0] < start + length and start < sum(spans[w][:2])]
        result[at] = over[0] if over else at
        won += [] if over else [at]
    return result


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 9), st.integers(0, 4), st.booleans()),
        min_size=1,
        max_size=30,
    ).map(sorted)
)
def test_winners_are_those_of_a_comparison_of_all_with_all(spans: list[Span]) -> None:
    assert resolve(spans) == naive(spans)


@pytest.mark.parametrize(
    ("spans", "winners"),
    [
        ([(0, 5, 2, False), (3, 5, 1, False)], [0, 0]),  # only its head is taken
        ([(0, 5, 1, False), (3, 5, 2, False)], [1, 1]),
        ([(0, 5, 1, False), (3, 5, 1, False)], [0, 0]),  # the earlier of equals
        ([(0, 5, 1, False), (5, 5, 2, False)], [0, 1]),  # neighbours
        ([(0, 5, 1, False), (3, 5, 9, True)], [0, REFUSED]),  # a refused one takes no place
        ([(0, 9, 2, False), (1, 3, 3, False), (5, 3, 4, False)], [2, 1, 2]),  # the best of two
    ],
)
def test_who_wins(spans: list[Span], winners: list[int]) -> None:
    assert resolve(spans) == winners


def test_a_weightier_part_decides_against_all_lighter_ones() -> None:
    names = [name for name, _ in PRIORITY_PARTS]
    assert [*names, "earlier"] == list(section("explain")["decided"])  # each has its words
    for at, name in enumerate(names):
        heavy = light = 0
        for number, (_, size) in enumerate(PRIORITY_PARTS):
            heavy = heavy * size + (number == at)
            light = light * size + (size - 1 if number > at else 0)
        assert heavy > light
        assert deciding_part(heavy, light) == name
        assert deciding_part(light, heavy) == name
