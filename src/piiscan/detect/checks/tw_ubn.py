"""Unified business numbers of Taiwan: eight digits, sum of the products' digits divisible by 5.

``04595252``: ``sum(product // 10 + product % 10) % 5 == 0``.  The seventh digit 7 gives 28, whose
digits 2 and 8 may count as 1 or as 0.
"""

from __future__ import annotations

from dataclasses import replace

from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    decide,
    is_digits,
    is_likely_day,
    length_step,
)
from piiscan.detect.arithmetic.weighted_sums import TW_UBN_WEIGHTS


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of a unified business number: the digits of its products, added.

    >>> steps("04595252", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    if not is_digits(value, 8):
        return decide(length_step(value, "8", "CHECK_FAIL"))
    products = [int(digit) * weight for digit, weight in zip(value, TW_UBN_WEIGHTS, strict=True)]
    summed = [product // 10 + product % 10 for product in products]
    total = sum(summed)
    passed = total % 5 == 0 or (value[6] == "7" and total % 5 == 4)
    rows = (
        ("character", tuple(value)),
        ("weight", tuple(map(str, TW_UBN_WEIGHTS))),
        ("summed", tuple(map(str, summed))),
    )
    step = Step("tw_ubn", passed, {"total": total, "rest": total % 5}, rows, reason="CHECK_FAIL")
    if passed and is_likely_day(value):
        step = replace(step, reason="LOOKS_LIKE_DATE", strength="LOW", verdict="VERIFIED")
    return decide(step)
