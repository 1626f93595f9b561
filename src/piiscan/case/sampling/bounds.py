"""How high a hit rate must be, given what a sample showed: exact Clopper-Pearson bounds.

P(X >= k) for X binomial(n, p) is the regularised incomplete beta function I_p(k, n - k + 1), here
by its continued fraction; bounds are found by bisection, since it grows with p.  Drawing without
replacement from few records makes the true bound better, never worse.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

CONFIDENCE: Final = 0.95
_STEPS: Final = 80  # halvings: further than a float can tell
_TINY: Final = 1e-300


def lower_bound(hits: int, size: int, *, confidence: float = CONFIDENCE) -> float:
    """The one-sided lower bound of the share that ``hits`` of ``size`` come from.

    >>> round(100 * lower_bound(100, 100), 2), round(100 * lower_bound(95, 100), 1)
    (97.05, 89.8)
    """
    _check(hits, size)
    if hits == 0:
        return 0.0
    return _solve(lambda share: tail(hits, size, share), 1 - confidence)


def upper_bound(hits: int, size: int, *, confidence: float = CONFIDENCE) -> float:
    """The one-sided upper bound."""
    return 1 - lower_bound(size - hits, size, confidence=confidence)


def two_sided(hits: int, size: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Both bounds, half of the doubt on either side."""
    half = (1 + confidence) / 2
    return (
        lower_bound(hits, size, confidence=half),
        upper_bound(hits, size, confidence=half),
    )


def tail(hits: int, size: int, share: float) -> float:
    """P(X >= hits) for X binomial(size, share).

    >>> round(tail(2, 2, 0.5), 6), tail(0, 5, 0.1)
    (0.25, 1.0)
    """
    if hits <= 0 or share >= 1:
        return 1.0
    if share <= 0:
        return 0.0
    first, second = hits, size - hits + 1
    front = math.exp(
        math.lgamma(first + second)
        - math.lgamma(first)
        - math.lgamma(second)
        + first * math.log(share)
        + second * math.log1p(-share)
    )
    # The fraction converges fast on its own side of the mean; the other side is its complement.
    if share < (first + 1) / (first + second + 2):
        return front * _fraction(first, second, share) / first
    return 1 - front * _fraction(second, first, 1 - share) / second


def _fraction(first: int, second: int, share: float) -> float:
    """The continued fraction of the incomplete beta function (Lentz)."""
    above, below = 1.0, 1.0 / _off(1 - (first + second) * share / (first + 1))
    value = below
    for step in range(1, 200 + 20 * math.isqrt(first + second)):
        twice = first + 2 * step
        even = step * (second - step) * share / ((twice - 1) * twice)
        odd = -(first + step) * (first + second + step) * share / (twice * (twice + 1))
        for term in (even, odd):
            below = 1 / _off(1 + term * below)
            above = _off(1 + term / above)
            value *= above * below
        if abs(above * below - 1) < 1e-15:
            break
    return value


def _off(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _solve(rising: Callable[[float], float], wanted: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return low


def _check(hits: int, size: int) -> None:
    if not 0 <= hits <= size or size == 0:
        raise ValueError("hits lie between 0 and size, and size above 0")
