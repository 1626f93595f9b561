"""Masked identity numbers: the visible part of the region code must exist."""

from __future__ import annotations

from itertools import takewhile

from piiscan.data import NO_PREFECTURE, PROVINCES, regions
from piiscan.detect.arithmetic.check_steps import CheckSteps, Step, decide
from piiscan.detect.checks.masked import MASKED_STEP


def steps(value: str, *, as_of: int) -> CheckSteps:
    """Return the check steps of a masked identity number: possible region, then the mask.

    >>> [step.passed for step in steps("430104********0016", as_of=20261231).steps]
    [True, None]
    """
    del as_of
    possible = _may_begin_id("".join(takewhile("0123456789".__contains__, value[:4])))
    region = Step("masked_region", possible, {"code": value[:4]}, reason="REGION_UNKNOWN")
    return decide(region, MASKED_STEP)


def _may_begin_id(head: str) -> bool:
    """Return True if up to four visible digits can begin an identity number."""
    if len(head) < 4:
        return len(head) == 1 or (head != "" and int(head[:2]) in PROVINCES)
    levels = regions().reshape(10_000, 100)[int(head)]
    return bool(levels.max() > NO_PREFECTURE)
