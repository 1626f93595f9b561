"""Hong Kong identity cards: one or two letters, six digits and a check character in brackets.

``AB123456(9)``, ``A123456(3)``; A is the check character for ten.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, decide, length_step, weighted_sum_step
from piiscan.detect.arithmetic.weighted_sums import HK_ID

_SPECIMEN: Final = "A123456(3)"  # on forms and in manuals


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of a Hong Kong card number: its check character.

    >>> steps("AB123456(9)", as_of=20261231).outcome.verdict
    'VERIFIED'
    """
    del as_of
    form = re.fullmatch(r"([A-Z]{1,2}[0-9]{6})\((.)\)", value)
    if form is None:
        return decide(length_step(value, "8-9", "CHECK_FAIL"))
    step = weighted_sum_step("hk_id", HK_ID, form[1].rjust(8, "·"), form[2])
    if value == _SPECIMEN:
        step = replace(step, reason="TEST_LIKE", strength="LOW", verdict="VERIFIED")
    return decide(step)
