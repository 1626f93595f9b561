"""International postal items (UPU S10): two letters, eight digits, check digit, country.

``RB 12345678 5 GB``
"""

from __future__ import annotations

import numpy as np

from piiscan.data import countries
from piiscan.detect.arithmetic.check_steps import (
    CheckSteps,
    Step,
    decide,
    is_digits,
    length_step,
    weighted_sum_step,
)
from piiscan.detect.arithmetic.weighted_sums import S10


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of an international postal item: check digit, country.

    >>> steps("RB123456785GB", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    if len(value) != 13 or not is_digits(value[2:11], 9):
        return decide(length_step(value, "13", "CHECK_FAIL"))
    place = (ord(value[11]) - 65) * 26 + ord(value[12]) - 65
    known, code = bool(np.take(countries()[1], place, mode="clip")), {"code": value[11:]}
    return decide(
        weighted_sum_step("s10", S10, value[2:10], value[10]),
        Step("country", known or None, code, reason="COUNTRY_UNKNOWN", strength="LOW"),
    )
