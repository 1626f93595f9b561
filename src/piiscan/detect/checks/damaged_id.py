"""Identity numbers that a spreadsheet has rounded: ``4.30104E+17``, or fifteen digits and 000.

The last digits are lost for good: such a value is evidence of a number and is never counted.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.data import NO_PREFECTURE, NO_PROVINCE, regions
from piiscan.detect.arithmetic.digits import columns, compact
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.checks.masked_id import possible_region
from piiscan.detect.checks.resident_id import judge


def leading_digits(chars: UInt8, count: int) -> UInt8:
    """Return ``count`` digits of ``6.217E+18`` as columns; above 9 for missing ones."""
    power = (chars == ord("E")) | (chars == ord("e"))
    digit = (chars >= 48) & (chars <= 57) & ~np.maximum.accumulate(power, axis=1)
    left, _ = compact(chars, digit, count)
    return columns(left, count) - np.uint8(48)


def is_scientific(chars: UInt8) -> Bool:
    """Return a mask of the values in scientific notation with a point: ``4.30104E+17``."""
    result: Bool = (chars == ord(".")).any(axis=1)
    return result


@cache
def _prefectures() -> UInt8:
    """Return region levels as data.regions, but NO_PROVINCE for codes in no known prefecture."""
    levels = regions().copy()
    levels[levels == NO_PREFECTURE] = NO_PROVINCE
    levels.flags.writeable = False
    return levels


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge rounded identity numbers: plausible (DAMAGED_…); refuted if impossible or intact.

    >>> value = np.frombuffer(b"430104199003070000", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    judged = Judgement.of(len(chars))
    scientific = is_scientific(chars)
    possible = possible_region(leading_digits(chars, 4))
    judged.mark(scientific & ~possible, "REGION_UNKNOWN", verdict=Verdict.REFUTED)
    judged.mark(scientific, "DAMAGED_SCI")
    # Rounding does not change region and date, so only the check character may be wrong.
    whole = judge(chars, length, _prefectures(), as_of=as_of)
    zeros = (columns(chars, 18)[15:] == ord("0")).all(axis=0) & (length == 18)
    rounded = zeros & (whole.reason == REASON["CHECK_FAIL"])
    judged.mark(~rounded, "CHECK_FAIL", verdict=Verdict.REFUTED)
    judged.mark(rounded, "DAMAGED_15SIG")
    return judged
