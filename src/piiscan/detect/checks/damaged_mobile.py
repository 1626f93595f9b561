"""Mobile numbers that a spreadsheet shows as ``1.38E+10``: the last digits are lost."""

from __future__ import annotations

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.checks import Judgement


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge rounded mobile numbers: plausible, reason DAMAGED_SCI.

    >>> value = np.frombuffer(b"1.38E+10", np.uint8)[None]
    >>> check(value, np.array([8], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of, length
    judged = Judgement.of(len(chars))
    judged.mark(np.ones(len(chars), np.bool_), "DAMAGED_SCI")
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a rounded mobile number: undecided, its lost digits are unknown.

    >>> [step.name for step in steps("1.38E+10", as_of=20261231)]
    ['damaged_sci']
    """
    del value, as_of
    return [Step("damaged_sci", None)]
