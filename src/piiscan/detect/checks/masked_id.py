"""Masked identity numbers: the visible part of the region code must exist."""

from __future__ import annotations

from functools import cache

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.data import NO_PREFECTURE, regions
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.arithmetic.digits import digit_columns, number
from piiscan.detect.checks import Judgement, Verdict
from piiscan.detect.checks.masked import canonical
from piiscan.detect.checks.resident_id import is_province

__all__ = ["canonical", "check"]


@cache
def _prefectures() -> UInt8:
    """Return the best region level (as data.regions) by first four digits: uint8[10_000]."""
    best: UInt8 = regions().reshape(10_000, 100).max(axis=1)
    return best


def possible_region(digits: UInt8) -> Bool:
    """Return ``bool[k]``: True if the visible four digits can begin an identity number.

    ``digits`` are four columns, above 9 where a digit is masked or missing.
    """
    two = is_province(number(digits[:2])) | (digits[1] > 9)
    level = np.take(_prefectures(), number(digits), mode="clip")
    four = (level > NO_PREFECTURE) | (digits > 9).any(axis=0)
    result: Bool = (digits[0] <= 9) & two & four
    return result


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge masked identity numbers: plausible (MASKED); refuted if no identity number begins so.

    >>> value = np.frombuffer(b"430104********00166217**********0000", np.uint8).reshape(2, 18)
    >>> check(value, np.full(2, 18, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    del as_of, length
    judged = Judgement.of(len(chars))
    possible = possible_region(digit_columns(chars, 4))
    judged.mark(~possible, "REGION_UNKNOWN", verdict=Verdict.REFUTED)
    judged.mark(possible, "MASKED")
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a masked identity number: possible region, then the mask.

    >>> [step.passed for step in steps("430104********0016", as_of=20261231)]
    [True, None]
    """
    del as_of
    head = np.frombuffer(value.encode("ascii", "replace")[:4].ljust(4, b"\0"), np.uint8)[None]
    possible = bool(possible_region(digit_columns(head, 4))[0])
    return [Step("masked_region", possible, {"code": value[:4]}), Step("masked", None)]
