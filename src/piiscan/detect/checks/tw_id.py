"""Taiwan identity numbers: a letter, nine digits; the last is a check digit.

``A 1 2345678 9``: county, 1 or 2 (8 or 9: foreign residents), serial, check digit.  One in
ten serial numbers of this form passes, and those often begin with a day, so such a value is LOW.
"""

from __future__ import annotations

import re
from dataclasses import replace

from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    decide,
    is_likely_day,
    length_step,
    weighted_sum_step,
)
from piiscan.detect.arithmetic.weighted_sums import TW_ID


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of a Taiwan identity number: its check digit; the letter is an addend.

    >>> steps("A123456789", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    if not re.fullmatch("[A-Z][1289][0-9]{8}", value):
        return decide(length_step(value, "1+9", "CHECK_FAIL"))
    step = weighted_sum_step("tw_id", TW_ID, value[:9], value[9])
    if step.passed and is_likely_day(value[1:9]):
        step = replace(step, reason="LOOKS_LIKE_DATE", strength="LOW", verdict="VERIFIED")
    return decide(step)
