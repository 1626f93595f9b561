"""Taiwan identity numbers: a letter, 1 or 2 (8 or 9: foreign residents), eight digits, MOD 10.

``(addend + sum(digit * weight)) % 10 == 0``, weights 8 7 6 5 4 3 2 1 1.  The letter is a number
from 10 on, ``addend = number // 10 + number % 10 * 9``: A is 10 and adds 1.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step, weighted_sum_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import TW_ID_CHECK
from piiscan.detect.checks.identity_kernels import TW_LETTERS, TW_WEIGHTS, tw_addend


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge Taiwan identity numbers: verified by the check digit; LOW if a day follows the letter.

    One in ten serial numbers of this form passes, and those often begin with a day.

    >>> import numpy as np
    >>> value = np.frombuffer(b"A123456789", np.uint8)[None]
    >>> check(value, np.array([10], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(TW_ID_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a Taiwan identity number: its check digit; the letter is an addend.

    >>> [step.passed for step in steps("A123456789", as_of=20261231)]
    [True]
    """
    del as_of
    if not is_digits(value[1:], 9) or value[1] not in "1289" or value[0] not in TW_LETTERS.decode():
        return [length_step(value, "1+9")]
    return [
        weighted_sum_step(
            "tw_id",
            value[:9],
            [tw_addend(ord(value[0])), *(int(digit) for digit in value[1:9])],
            (1, *TW_WEIGHTS[:8]),
            modulus=10,
            expected=lambda rest: str((10 - rest) % 10),
            actual=value[9],
        )
    ]
