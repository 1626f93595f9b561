"""Identity numbers that a spreadsheet has rounded: ``4.30104E+17``, or fifteen digits and 000.

The last digits are lost for good: such a value is evidence of a number and is never counted.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import DAMAGED_ID_CHECK


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge rounded identity numbers: plausible (DAMAGED_…); refuted if impossible or intact.

    >>> import numpy as np
    >>> value = np.frombuffer(b"430104199003070000", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(DAMAGED_ID_CHECK, chars, length, as_of)
