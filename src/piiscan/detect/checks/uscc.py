"""Unified social credit codes (GB 32100-2015): MOD 31-3, with an organisation code inside.

``check = ALPHABET[-sum(value * 3**place) % 31]``; ``value = ALPHABET.index(char)``.

Characters 9 to 17 must also satisfy GB 11714-1997, so one chance value in 341 passes.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.data import KNOWN, regions
from piiscan.detect.arithmetic.check_steps import Step, length_step, region_step, weighted_sum_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import STATE_REGION, USCC_CHECK
from piiscan.detect.checks.identity_kernels import (
    CREDIT_ALPHABET,
    CREDIT_DEPARTMENTS,
    CREDIT_WEIGHTS,
    ORG_WEIGHTS,
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge credit codes: verified if both checks pass; LOW with an unknown department or province.

    An unknown county is MEDIUM.

    >>> import numpy as np
    >>> value = np.frombuffer(b"91110000600037341L", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(USCC_CHECK, chars, length, as_of)


def mod_11_step(value: str) -> Step:
    """Return the check step of an organisation code, written out (GB 11714-1997; X is 10).

    >>> mod_11_step("600037341").passed
    True
    """
    return weighted_sum_step(
        "mod_11",
        value[:8],
        [int(char, 36) for char in value[:8]],
        ORG_WEIGHTS,
        modulus=11,
        expected=lambda rest: "0123456789X"[(11 - rest) % 11],
        actual=value[8],
    )


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a credit code: department, region, both check characters.

    >>> [step.passed for step in steps("91110000600037341L", as_of=20261231)]
    [True, True, True, True]
    """
    del as_of
    if len(value) != 18 or not value.isascii() or not value.isalnum():
        return [length_step(value, "18")]
    region = int(value[2:8]) if value[2:8].isdigit() else 0
    known = KNOWN if region == STATE_REGION else int(regions()[region])
    numbers = [CREDIT_ALPHABET.find(ord(char)) for char in value]
    if min(numbers) < 0:
        return [Step("alphabet", False)]
    return [
        Step("department", ord(value[0]) in CREDIT_DEPARTMENTS or None, {"code": value[0]}),
        region_step(value[2:8], known, needed=False),
        mod_11_step(value[8:17]),
        weighted_sum_step(
            "mod_31",
            value[:17],
            numbers[:17],
            CREDIT_WEIGHTS,
            modulus=31,
            expected=lambda rest: chr(CREDIT_ALPHABET[(31 - rest) % 31]),
            actual=value[17],
        ),
    ]
