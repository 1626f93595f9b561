"""Business licence numbers (GS 15-2006): 15 digits, ISO 7064 MOD 11,10.

``430104 00001234 5``: registrar's region, serial, check digit.

``rest = 2 * ((rest + digit) % 10 or 10) % 11`` for 14 digits, from 10 on; then
``(rest + check) % 10 == 1``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from piiscan.data import KNOWN, regions
from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    decide,
    is_digits,
    length_step,
    region_step,
)
from piiscan.detect.checks.check_numbers import STATE_REGION

_LENGTH: Final = 15


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a business licence number: registrar's region, ISO 7064 MOD 11,10.

    >>> steps("430104000012345", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    if not is_digits(value, _LENGTH):
        return decide(length_step(value, str(_LENGTH)))
    rest, rests = 10, []
    for digit in value[:-1]:
        rest = 2 * ((rest + int(digit)) % 10 or 10) % 11
        rests.append(str(rest))
    expected = (11 - rest) % 10
    values: dict[str, str | int] = {"rest": rest, "expected": expected, "actual": value[-1]}
    rows = (("character", tuple(value[:-1])), ("remainder", tuple(rests)))
    right = expected == int(value[-1])
    summed = Step("mod_11_10", right, values, rows, reason="CHECK_FAIL")
    number = int(value[:6])
    level = KNOWN if number == STATE_REGION else int(regions()[number])
    region = replace(region_step(value[:6], level), strength="")
    return decide(region, summed, order=(summed, region))
