"""Business licence numbers (GS 15-2006): 15 digits, ISO 7064 MOD 11,10, registrar's region."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import KNOWN, NO_PROVINCE, regions
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step, region_step
from piiscan.detect.arithmetic.digits import all_digits, digit_columns, number
from piiscan.detect.checks import Judgement, Verdict

_LENGTH: Final = 15
_STATE: Final = 100_000  # registered with the central government


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge business licences: verified by check digit and province; an unknown county is a reason.

    >>> value = np.frombuffer(b"430104000012345", np.uint8)[None]
    >>> check(value, np.array([15], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    digits = digit_columns(chars, _LENGTH)
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    whole = (length == _LENGTH) & all_digits(digits)
    judged.mark(~whole, "LENGTH_WRONG", verdict=Verdict.REFUTED)
    rest = np.full(len(chars), 10, np.int32)
    for column in digits[:-1]:
        total = (rest + column) % 10
        rest = 2 * np.where(total == 0, 10, total) % 11
    right = (rest + digits[-1]) % 10 == 1
    judged.mark(~right, "CHECK_FAIL", verdict=Verdict.REFUTED)
    region = number(digits[:6])
    level = np.take(regions(), region, mode="clip")
    strange = (level != KNOWN) & (region != _STATE)
    judged.mark(strange & (level == NO_PROVINCE), "PROVINCE_UNKNOWN", verdict=Verdict.REFUTED)
    judged.mark(strange, "REGION_UNKNOWN")
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a business licence number: registrar's region, ISO 7064 MOD 11,10.

    >>> [step.passed for step in steps("430104000012345", as_of=20261231)]
    [True, True]
    """
    del as_of
    if not is_digits(value, _LENGTH):
        return [length_step(value, str(_LENGTH))]
    rest, rests = 10, []
    for digit in value[:-1]:
        rest = 2 * ((rest + int(digit)) % 10 or 10) % 11
        rests.append(str(rest))
    expected_digit = (11 - rest) % 10
    region = int(value[:6])
    level = KNOWN if region == _STATE else int(regions()[region])
    values: dict[str, str | int] = {"rest": rest, "expected": expected_digit, "actual": value[-1]}
    rows = (("character", tuple(value[:-1])), ("remainder", tuple(rests)))
    return [
        region_step(value[:6], level),
        Step("mod_11_10", expected_digit == int(value[-1]), values, rows),
    ]
