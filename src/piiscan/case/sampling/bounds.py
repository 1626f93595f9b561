"""Confidence bounds of a hit rate: exact bounds from the result of a sample.

Clopper-Pearson bounds hold for a frame of any size; hypergeometric bounds use its size.

P(X >= k) for X binomial(n, p) is the regularised incomplete beta function I_p(k, n - k + 1). A
continued fraction computes it. The function grows with p, so bisection finds the bounds. Drawing
without replacement from few records makes the bound better, never worse: the hypergeometric bound.
"""

from __future__ import annotations

import math
from typing import Final

CONFIDENCE: Final = 0.95
_STEPS: Final = 80  # halvings: beyond the precision of a float
_TINY: Final = 1e-300


def lower_bound(hits: int, size: int, *, confidence: float = CONFIDENCE) -> float:
    """Return the exact lower confidence bound of the share when ``hits`` of ``size`` are real.

    >>> round(100 * lower_bound(100, 100), 2), round(100 * lower_bound(95, 100), 1)
    (97.05, 89.8)
    """
    _check_counts(hits, size)
    if hits == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if binomial_tail(hits, size, middle) < 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def upper_bound(hits: int, size: int, *, confidence: float = CONFIDENCE) -> float:
    """Return the exact upper confidence bound of the share when ``hits`` of ``size`` are real."""
    return 1 - lower_bound(size - hits, size, confidence=confidence)


def two_sided_bounds(
    hits: int, size: int, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return (lower, upper) confidence bound of the share, each with half of the error."""
    one_sided = (1 + confidence) / 2
    return (
        lower_bound(hits, size, confidence=one_sided),
        upper_bound(hits, size, confidence=one_sided),
    )


def binomial_tail(hits: int, size: int, share: float) -> float:
    """Return P(X >= hits) for X binomial(``size``, ``share``).

    >>> round(binomial_tail(2, 2, 0.5), 6), binomial_tail(0, 5, 0.1)
    (0.25, 1.0)
    """
    if hits <= 0 or share >= 1:
        return 1.0
    if share <= 0:
        return 0.0
    alpha, beta = hits, size - hits + 1
    factor = math.exp(
        math.lgamma(alpha + beta)
        - math.lgamma(alpha)
        - math.lgamma(beta)
        + alpha * math.log(share)
        + beta * math.log1p(-share)
    )
    # The fraction converges fast below the mean; above it the complement is computed.
    if share < (alpha + 1) / (alpha + beta + 2):
        return factor * _beta_fraction(alpha, beta, share) / alpha
    return 1 - factor * _beta_fraction(beta, alpha, 1 - share) / beta


def least_real(hits: int, size: int, population: int, *, confidence: float = CONFIDENCE) -> int:
    """Return the exact lower bound of the real records in a frame, in records.

    ``size`` of its ``population`` records were drawn without replacement, ``hits`` of them are
    real. The bound is the smallest number of real records that the result does not refute.

    >>> least_real(59, 59, 60), least_real(10, 10, 20), least_real(1, 1, 40)
    (60, 17, 3)
    """
    _check_counts(hits, size)
    if size > population:
        raise ValueError("a sample has no more records than its frame")
    low, high = hits, population - (size - hits)
    while low < high:
        middle = (low + high) // 2
        refuted = (1 - confidence) * (1 + 1e-9)  # a tail of exactly 5 % is rounded up or down
        if hypergeometric_tail(hits, size, middle, population) > refuted:
            high = middle
        else:
            low = middle + 1
    return low


def hypergeometric_tail(hits: int, size: int, real: int, population: int) -> float:
    """Return P(X >= hits) when ``size`` of ``population`` records are drawn, ``real`` of them real.

    >>> round(hypergeometric_tail(2, 2, 3, 4), 6)
    0.5
    """
    others = population - real
    first, last = max(0, size - others), min(size, real)
    if hits <= first:
        return 1.0
    if hits > last:
        return 0.0
    upper = hits * population > size * real  # sum the side away from the mean
    at = hits if upper else hits - 1
    term = math.exp(
        _log_choose(real, at) + _log_choose(others, size - at) - _log_choose(population, size)
    )
    total = 0.0
    while term > 0 and first <= at <= last:
        total += term
        if upper:
            term *= (real - at) * (size - at) / ((at + 1) * (others - size + at + 1))
            at += 1
        else:
            term *= at * (others - size + at) / ((real - at + 1) * (size - at + 1))
            at -= 1
        if term < total * 1e-17:
            break
    return min(total, 1.0) if upper else max(1 - total, 0.0)


def _log_choose(number: int, chosen: int) -> float:
    """Return the logarithm of ``number`` over ``chosen``."""
    return math.lgamma(number + 1) - math.lgamma(chosen + 1) - math.lgamma(number - chosen + 1)


def _beta_fraction(alpha: int, beta: int, share: float) -> float:
    """Return the continued fraction of the incomplete beta function at ``share`` (Lentz)."""
    numerator, denominator = 1.0, 1.0 / _nonzero(1 - (alpha + beta) * share / (alpha + 1))
    value = denominator
    for step in range(1, 200 + 20 * math.isqrt(alpha + beta)):
        twice = alpha + 2 * step
        even = step * (beta - step) * share / ((twice - 1) * twice)
        odd = -(alpha + step) * (alpha + beta + step) * share / (twice * (twice + 1))
        for term in (even, odd):
            denominator = 1 / _nonzero(1 + term * denominator)
            numerator = _nonzero(1 + term / numerator)
            value *= numerator * denominator
        if abs(numerator * denominator - 1) < 1e-15:
            break
    return value


def _nonzero(value: float) -> float:
    """Return ``value``, or a tiny positive number instead of zero, to divide by."""
    return value if abs(value) > _TINY else _TINY


def _check_counts(hits: int, size: int) -> None:
    """Raise ValueError unless 0 <= ``hits`` <= ``size`` and ``size`` is positive."""
    if not 0 <= hits <= size or size == 0:
        raise ValueError("hits lie between 0 and size, and size above 0")
