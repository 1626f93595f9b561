"""Business licence numbers (GS 15-2006): 15 digits, ISO 7064 MOD 11,10, registrar's region.

``rest = 2 * ((rest + digit) % 10 or 10) % 11`` for 14 digits, from 10 on; then
``(rest + check) % 10 == 1``.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.data import KNOWN, regions
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step, region_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import BIZ_LICENCE_CHECK

_LENGTH: Final = 15
_STATE: Final = 100_000  # registered with the central government


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge business licences: verified by check digit and province; an unknown county is a reason.

    >>> import numpy as np
    >>> value = np.frombuffer(b"430104000012345", np.uint8)[None]
    >>> check(value, np.array([15], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(BIZ_LICENCE_CHECK, chars, length, as_of)


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
