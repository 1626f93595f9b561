"""Mobile numbers that a spreadsheet shows as ``1.38E+10``: the last digits are lost."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import DAMAGED_MOBILE_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge rounded mobile numbers: plausible, reason DAMAGED_SCI.

    >>> import numpy as np
    >>> value = np.frombuffer(b"1.38E+10", np.uint8)[None]
    >>> check(value, np.array([8], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(DAMAGED_MOBILE_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a rounded mobile number: undecided, its lost digits are unknown.

    >>> [step.name for step in steps("1.38E+10", as_of=20261231)]
    ['damaged_sci']
    """
    del value, as_of
    return [Step("damaged_sci", None)]
