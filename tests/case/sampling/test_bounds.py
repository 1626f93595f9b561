"""Bounds agree with published figures, and with exact sums of fractions."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from piiscan.case.sampling.bounds import (
    binomial_tail,
    hypergeometric_tail,
    least_real,
    lower_bound,
    two_sided_bounds,
    upper_bound,
)
from piiscan.case.sampling.hit_rates import percent


@pytest.mark.parametrize(
    ("hits", "size", "least"),
    [
        *((100, 100, "97.05"), (95, 100, "89.77"), (190, 200, "91.67")),
        *((370, 385, "94.06"), (400, 400, "99.25")),
    ],
)
def test_figures_of_the_specification(hits: int, size: int, least: str) -> None:
    """domain.md D.6, there to one or two places."""
    assert percent(lower_bound(hits, size)) == least


def exact_tail(hits: int, size: int, share: Fraction) -> Fraction:
    terms = (
        math.comb(size, n) * share**n * (1 - share) ** (size - n) for n in range(hits, size + 1)
    )
    return sum(terms, Fraction(0))


@given(some.integers(1, 60), some.data())
def test_the_tail_is_that_of_the_binomial(size: int, data: some.DataObject) -> None:
    hits = data.draw(some.integers(0, size))
    share = Fraction(data.draw(some.integers(0, 1000)), 1000)
    exact = float(exact_tail(hits, size, share))
    assert binomial_tail(hits, size, float(share)) == pytest.approx(exact, rel=1e-9, abs=1e-12)


@given(some.integers(1, 2000), some.data())
def test_a_bound_is_where_the_tail_is_five_percent(size: int, data: some.DataObject) -> None:
    hits = data.draw(some.integers(1, size))
    assert binomial_tail(hits, size, lower_bound(hits, size)) == pytest.approx(0.05, rel=1e-6)
    low, high = two_sided_bounds(hits, size)
    assert low <= lower_bound(hits, size) <= hits / size <= upper_bound(hits, size) <= high <= 1


def test_exact_bounds_of_small_samples() -> None:
    assert lower_bound(1, 1) == pytest.approx(0.05)
    assert lower_bound(0, 10) == 0
    assert upper_bound(10, 10) == 1
    assert two_sided_bounds(0, 10) == pytest.approx((0, 1 - 0.025 ** (1 / 10)))
    assert lower_bound(7, 7) == pytest.approx(0.05 ** (1 / 7))


def test_a_million_looked_at_takes_no_time_to_bound() -> None:
    assert percent(lower_bound(10**6, 10**6)) == "99.99"
    assert lower_bound(500_000, 10**6) == pytest.approx(0.499177, abs=2e-6)


@pytest.mark.parametrize(("hits", "size"), [(2, 1), (-1, 5), (0, 0)])
def test_what_is_no_share_is_refused(hits: int, size: int) -> None:
    with pytest.raises(ValueError, match="hits lie between"):
        lower_bound(hits, size)


def exact_hypergeometric(hits: int, size: int, real: int, population: int) -> Fraction:
    ways = sum(
        math.comb(real, n) * math.comb(population - real, size - n) for n in range(hits, size + 1)
    )
    return Fraction(ways, math.comb(population, size))


@given(some.integers(1, 60), some.data())
def test_without_replacement_the_tail_and_the_bound_are_sums_of_fractions(
    population: int, data: some.DataObject
) -> None:
    size = data.draw(some.integers(1, population))
    hits = data.draw(some.integers(0, size))
    tails = [exact_hypergeometric(hits, size, k, population) for k in range(population + 1)]
    for real, tail in enumerate(tails):
        found = hypergeometric_tail(hits, size, real, population)
        assert found == pytest.approx(float(tail), rel=1e-9, abs=1e-12)
    possible = range(hits, population - size + hits + 1)
    assert least_real(hits, size, population) == next(
        k for k in possible if tails[k] > Fraction(5, 100)
    )


def test_a_frame_of_known_size_has_a_better_bound() -> None:
    for population in (59, 60, 100, 10_000, 10_000_000):
        least = least_real(59, 59, population)
        assert least / population >= lower_bound(59, 59) - 1e-9
    assert least_real(59, 59, 59) == 59
    assert least_real(95, 100, 10_000_000) / 10_000_000 == pytest.approx(0.8977, abs=1e-4)
    with pytest.raises(ValueError, match="no more records than its frame"):
        least_real(1, 3, 2)
