"""Unified business numbers of Taiwan: eight digits, sum of the products' digits divisible by 5.

``sum(product // 10 + product % 10) % 5 == 0`` with the weights 1 2 1 2 1 2 4 1.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import TW_UBN_CHECK

_WEIGHTS: Final = (1, 2, 1, 2, 1, 2, 4, 1)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge unified business numbers: verified by the sum; LOW if they are a day.

    The seventh digit 7 gives 28, whose digits 2 and 8 may count as 1 or as 0.

    >>> import numpy as np
    >>> value = np.frombuffer(b"0459525212345678", np.uint8).reshape(2, 8)
    >>> check(value, np.full(2, 8, np.int32), as_of=20261231).verdict.tolist()
    [2, 0]
    """
    return judge_rows(TW_UBN_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a unified business number: the digits of its products, added.

    >>> [step.passed for step in steps("04595252", as_of=20261231)]
    [True]
    """
    del as_of
    if not is_digits(value, 8):
        return [length_step(value, "8")]
    products = [int(digit) * weight for digit, weight in zip(value, _WEIGHTS, strict=True)]
    summed = [product // 10 + product % 10 for product in products]
    total = sum(summed)
    passed = total % 5 == 0 or (value[6] == "7" and total % 5 == 4)
    rows = (
        ("character", tuple(value)),
        ("weight", tuple(map(str, _WEIGHTS))),
        ("summed", tuple(map(str, summed))),
    )
    return [Step("tw_ubn", passed, {"total": total, "rest": total % 5}, rows)]
