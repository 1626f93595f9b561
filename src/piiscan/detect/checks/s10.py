"""International postal items (UPU S10): two letters, eight digits, check digit, country."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import countries
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step, weighted_sum_step
from piiscan.detect.arithmetic.digits import all_digits, columns, weighted_sum
from piiscan.detect.checks import Judgement, Strength, Verdict

_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge postal item numbers: verified by the check digit; LOW for a country not in ISO 3166-1.

    >>> value = np.frombuffer(b"RB123456785GB", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    codes = columns(chars, 13)
    digits = codes[2:11] - np.uint8(48)
    rest = 11 - weighted_sum(digits, _WEIGHTS) % 11
    expected = np.where(rest == 10, 0, np.where(rest == 11, 5, rest))
    wrong = (digits[8] != expected) | ~all_digits(digits) | (length != 13)
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    judged.mark(wrong, "CHECK_FAIL", verdict=Verdict.REFUTED)
    letters = codes[11:13].astype(np.int16) - ord("A")
    known = countries()[1]
    strange = ~np.take(known, letters[0] * np.int16(26) + letters[1], mode="clip")
    judged.mark(strange, "COUNTRY_UNKNOWN", strength=Strength.LOW)
    return judged


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
        _WEIGHTS,
        modulus=11,
        expected=lambda rest: "50987654321"[rest],
        actual=value[10],
    )
    place = (ord(value[11]) - 65) * 26 + ord(value[12]) - 65
    known = bool(np.take(countries()[1], place, mode="clip"))
    return [weighed, Step("country", known or None, {"code": value[11:]})]
