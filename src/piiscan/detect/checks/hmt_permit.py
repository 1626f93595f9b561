"""Residence permits of Hong Kong, Macau and Taiwan (2018): like an ID, region 81/82/830000."""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.data import KNOWN, NO_PROVINCE
from piiscan.detect.arithmetic.check_steps import (
    Step,
    birth_step,
    is_digits,
    length_step,
    region_step,
)
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import HMT_PERMIT_CHECK
from piiscan.detect.checks.resident_id import mod_11_2_step


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge residence permits: verified by region (81/82/83), birth date and check character.

    >>> import numpy as np
    >>> value = np.frombuffer(b"810000190506150016", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(HMT_PERMIT_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a residence permit number: region, birth date, check character.

    >>> [step.passed for step in steps("810000190506150016", as_of=20261231)]
    [True, True, True]
    """
    if not is_digits(value[:17], 17) or len(value) != 18:
        return [length_step(value, "18")]
    level = KNOWN if value[:6] in ("810000", "820000", "830000") else NO_PROVINCE
    return [
        region_step(value[:6], level),
        birth_step(value[6:14], as_of=as_of),
        mod_11_2_step(value),
    ]
