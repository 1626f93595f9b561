"""Masked identity numbers: the visible part of the region code must exist."""

from __future__ import annotations

from itertools import takewhile

from piiscan.arrays import Int32, UInt8
from piiscan.data import NO_PREFECTURE, PROVINCES, regions
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import MASKED_ID_CHECK
from piiscan.detect.checks.masked import canonical

__all__ = ["canonical", "check"]


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge masked identity numbers: plausible (MASKED); refuted if no identity number begins so.

    >>> import numpy as np
    >>> value = np.frombuffer(b"430104********00166217**********0000", np.uint8).reshape(2, 18)
    >>> check(value, np.full(2, 18, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    return judge_rows(MASKED_ID_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a masked identity number: possible region, then the mask.

    >>> [step.passed for step in steps("430104********0016", as_of=20261231)]
    [True, None]
    """
    del as_of
    possible = _may_begin_id("".join(takewhile("0123456789".__contains__, value[:4])))
    return [Step("masked_region", possible, {"code": value[:4]}), Step("masked", None)]


def _may_begin_id(head: str) -> bool:
    """Return True if up to four visible digits can begin an identity number."""
    if len(head) < 4:
        return len(head) == 1 or (head != "" and int(head[:2]) in PROVINCES)
    levels = regions().reshape(10_000, 100)[int(head)]
    return bool(levels.max() > NO_PREFECTURE)
