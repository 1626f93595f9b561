"""Mobile numbers that a spreadsheet shows as ``1.38E+10``: the last digits are lost."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide
from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import DAMAGED_MOBILE_CHECK

#: Judge rounded mobile numbers: plausible, reason DAMAGED_SCI.
check: Final = partial(judge_rows, DAMAGED_MOBILE_CHECK)


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check step of a rounded mobile number: undecided, its lost digits are unknown."""
    del value, as_of
    return decide(Step("damaged_sci", None, reason="DAMAGED_SCI"))
