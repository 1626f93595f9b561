"""Resident identity numbers of 18 characters (GB 11643-1999): region, birth date, MOD 11-2.

``check = "10X98765432"[sum(digit * weight) % 11]``, weights ``2**(17 - place) % 11``: 7 9 10 5 …

A number keeps the region code in force when it was first assigned.  Any code that was ever in
force is therefore valid for any birth year.  No table of codes is complete, so an unknown county
in a known prefecture only costs a level.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.data import regions
from piiscan.detect.arithmetic.check_steps import (
    Step,
    birth_step,
    is_digits,
    length_step,
    region_step,
    weighted_sum_step,
)
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import RESIDENT_ID_CHECK
from piiscan.detect.checks.identity_kernels import ID_CHECK_CHARS, ID_WEIGHTS


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge identity numbers: verified by check character, date (1900 to ``as_of``) and province.

    An unknown county costs a level if its prefecture is known; else the number is LOW.  Residence
    permits (81, 82, 83) are refuted.

    >>> import numpy as np
    >>> value = np.frombuffer(b"11010519491231002X", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(RESIDENT_ID_CHECK, chars, length, as_of)


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
