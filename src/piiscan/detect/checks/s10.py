"""International postal items (UPU S10): two letters, eight digits, check digit, country.

``rest = 11 - sum(digit * weight) % 11``, weights 8 6 4 2 3 5 9 7; the check digit is the rest, but
0 for 10 and 5 for 11.
"""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import countries
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step, weighted_sum_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.account_kernels import S10_WEIGHTS
from piiscan.detect.checks.check_kernels import S10_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge postal item numbers: verified by the check digit; LOW for a country not in ISO 3166-1.

    >>> value = np.frombuffer(b"RB123456785GB", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(S10_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of an international postal item: check digit, country.

    >>> [step.passed for step in steps("RB123456785GB", as_of=20261231)]
    [True, True]
    """
    del as_of
    if len(value) != 13 or not is_digits(value[2:11], 9):
        return [length_step(value, "13")]
    weighed = weighted_sum_step(
        "s10",
        value[2:10],
        [int(digit) for digit in value[2:10]],
        S10_WEIGHTS,
        modulus=11,
        expected=lambda rest: "50987654321"[rest],
        actual=value[10],
    )
    place = (ord(value[11]) - 65) * 26 + ord(value[12]) - 65
    known = bool(np.take(countries()[1], place, mode="clip"))
    return [weighed, Step("country", known or None, {"code": value[11:]})]
