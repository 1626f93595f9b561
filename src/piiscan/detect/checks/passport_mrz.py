"""Passport MRZ, second line, of Chinese passports (ICAO Doc 9303 part 4, TD3).

Number, CHN, birth, sex, expiry and optional data, with five check digits: weights 7 3 1, letters
count 10 to 35 and ``<`` 0, modulo 10.  The value is the number; a line that fails stays whole.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide
from piiscan.detect.checks import canonical_rows, judge_rows
from piiscan.detect.checks.check_numbers import PASSPORT_MRZ_CHECK

_NUMBER: Final = 9

#: Return the passport number of each MRZ line; the line itself if a check digit is wrong.
canonical: Final = partial(canonical_rows, PASSPORT_MRZ_CHECK)
#: Judge MRZ values: verified if :func:`canonical` made a passport number, else refuted.
check: Final = partial(judge_rows, PASSPORT_MRZ_CHECK)


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
