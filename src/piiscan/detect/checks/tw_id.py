"""Taiwan identity numbers: a letter, nine digits; the last is a check digit.

``A 1 2345678 9``: county, 1 or 2 (8 or 9: foreign residents), serial, check digit.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Final

from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    decide,
    is_likely_day,
    length_step,
    weighted_sum_step,
)
from piiscan.detect.arithmetic.weighted_sums import TW_ID
from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import TW_ID_CHECK

#: Judge Taiwan identity numbers: verified by the check digit; LOW if a day follows the letter. One
#: in ten serial numbers of this form passes, and those often begin with a day.
check: Final = partial(judge_rows, TW_ID_CHECK)


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
