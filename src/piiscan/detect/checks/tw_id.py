"""Taiwan identity numbers: a letter, 1 or 2 (8 or 9: foreign residents), eight digits, MOD 10."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step, weighted_sum_step
from piiscan.detect.arithmetic.digits import (
    all_digits,
    columns,
    is_among,
    number,
    real_date,
    weighted_sum,
)
from piiscan.detect.checks import Judgement, Strength, Verdict

#: County letters in the order of their numbers, from 10 on.
_LETTERS: Final = b"ABCDEFGHJKLMNPQRSTUVXYWZIO"
#: Addend of each letter (first digit once, second nine times), by its ASCII code.
_LETTER_SUMS: Final = np.zeros(256, np.uint8)
_LETTER_SUMS[list(_LETTERS)] = [(n // 10 + n % 10 * 9) % 10 for n in range(10, 36)]
_IS_LETTER: Final = np.isin(np.arange(256), list(_LETTERS))
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 1, 1)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge Taiwan identity numbers: verified by the check digit; LOW if a day follows the letter.

    One in ten serial numbers of this form passes, and those often begin with a day.

    >>> value = np.frombuffer(b"A123456789", np.uint8)[None]
    >>> check(value, np.array([10], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    codes = columns(chars, 10)
    digits = codes[1:] - np.uint8(48)
    total = weighted_sum(digits, _WEIGHTS) + _LETTER_SUMS[codes[0]]
    wrong = (total % 10 != 0) | ~all_digits(digits) | ~_IS_LETTER[codes[0]] | (length != 10)
    wrong |= ~is_among(digits[0], (1, 2, 8, 9))
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    judged.mark(wrong, "CHECK_FAIL", verdict=Verdict.REFUTED)
    year, month = number(digits[:4]), digits[4] * 10 + digits[5]
    day = real_date(year, month, digits[6] * 10 + digits[7]) & (year >= 1900) & (year < 2100)
    judged.mark(day, "LOOKS_LIKE_DATE", strength=Strength.LOW)
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a Taiwan identity number: its check digit; the letter is an addend.

    >>> [step.passed for step in steps("A123456789", as_of=20261231)]
    [True]
    """
    del as_of
    if not is_digits(value[1:], 9) or value[1] not in "1289" or value[0] not in _LETTERS.decode():
        return [length_step(value, "1+9")]
    return [
        weighted_sum_step(
            "tw_id",
            value[:9],
            [int(_LETTER_SUMS[ord(value[0])]), *(int(digit) for digit in value[1:9])],
            (1, *_WEIGHTS[:8]),
            modulus=10,
            expected=lambda rest: str((10 - rest) % 10),
            actual=value[9],
        )
    ]
