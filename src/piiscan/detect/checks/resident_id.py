"""Resident identity numbers of 18 characters (GB 11643-1999): region, birth date, MOD 11-2.

A number keeps the region code in force when it was first assigned.  Any code that was ever in
force is therefore valid for any birth year.  No table of codes is complete, so an unknown county
in a known prefecture only costs a level.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.bundles import empty_rows
from piiscan.data import NO_COUNTY, NO_PREFECTURE, PROVINCES, regions
from piiscan.detect.arithmetic.check_steps import (
    Step,
    birth_step,
    is_digits,
    length_step,
    region_step,
    weighted_sum_step,
)
from piiscan.detect.arithmetic.digits import number, pad_columns
from piiscan.detect.checks import Judgement, Strength
from piiscan.detect.checks.check_kernels import ID_CHECK_CHARS, ID_WEIGHTS, judge_resident_ids


def region_level(digits: UInt8) -> UInt8:
    """Return the level (as data.regions) of the six-digit region code that begins each number."""
    return np.take(regions(), number(digits[:6]), mode="clip")


@cache
def _provinces() -> Bool:
    """Return a mask of the two-digit province codes: bool[100]."""
    return np.isin(np.arange(100), PROVINCES)


def is_province(two: Int32) -> Bool:
    """Return a mask of the two-digit numbers that are provinces of GB/T 2260.

    >>> is_province(np.array([43, 99, 255])).tolist()
    [True, False, False]
    """
    return _provinces()[np.minimum(two, 99)]


def judge(chars: UInt8, length: Int32, levels: UInt8, *, as_of: int) -> Judgement:
    """Judge numbers in the form of an identity number: region code, birth date, MOD 11-2.

    ``levels``, uint8[1_000_000], has the level of each six-digit head, as data.regions.  A head of
    level NO_PROVINCE is refuted.
    """
    judged = empty_rows(Judgement, len(chars))
    judge_resident_ids(pad_columns(chars, 18), length, levels, as_of, judged)
    return judged


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge identity numbers: verified by check character, date (1900 to ``as_of``) and province.

    An unknown county costs a level if its prefecture is known; else the number is LOW.  Residence
    permits (81, 82, 83) are refuted.

    >>> value = np.frombuffer(b"11010519491231002X", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge(chars, length, regions(), as_of=as_of)


def mark_region(judged: Judgement, level: UInt8) -> None:
    """Lower ``judged`` by region level: MEDIUM for unknown county, LOW for unknown prefecture."""
    judged.mark(level == NO_COUNTY, "REGION_UNKNOWN", strength=Strength.MEDIUM)
    judged.mark(level == NO_PREFECTURE, "REGION_UNKNOWN", strength=Strength.LOW)


def mod_11_2_step(value: str) -> Step:
    """Return the check step of MOD 11-2 over 18 characters, written out.

    >>> mod_11_2_step("11010519491231002X").values["rest"]
    2
    """
    return weighted_sum_step(
        "mod_11_2",
        value[:17],
        [int(digit) for digit in value[:17]],
        ID_WEIGHTS,
        modulus=11,
        expected=lambda rest: chr(ID_CHECK_CHARS[rest]),
        actual=value[17],
    )


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a resident identity number: region, birth date, check character.

    >>> [step.passed for step in steps("11010519491231002X", as_of=20261231)]
    [True, True, True]
    """
    if not is_digits(value[:17], 17) or len(value) != 18:
        return [length_step(value, "18")]
    return [
        region_step(value[:6], int(regions()[int(value[:6])])),
        birth_step(value[6:14], as_of=as_of),
        mod_11_2_step(value),
    ]
