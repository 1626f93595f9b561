"""Hong Kong identity cards: one or two letters, six digits and a check character in brackets.

Weights 9 to 2, letters count 10 to 35 and a missing first letter 36, modulo 11 with A for ten.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step, weighted_sum_step
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import HK_ID_CHECK

_NO_LETTER: Final = 36  # value of the missing letter before a single letter
_WEIGHTS: Final = np.arange(9, 1, -1)


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Bracket the check character of Hong Kong card numbers: ``AB1234569 -> AB123456(9)``.

    >>> value = np.frombuffer(b"AB1234569", np.uint8)[None]
    >>> rows, sizes = canonical(value, np.array([9], np.int32))
    >>> rows[0, : sizes[0]].tobytes()
    b'AB123456(9)'
    """
    return canonical_rows(HK_ID_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge Hong Kong cards: verified by the check character; the specimen A123456(3) is LOW.

    >>> value = np.frombuffer(b"AB123456(9)", np.uint8)[None]
    >>> check(value, np.array([11], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(HK_ID_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a Hong Kong card number: weighted sum divisible by 11.

    >>> [step.passed for step in steps("AB123456(9)", as_of=20261231)]
    [True]
    """
    del as_of
    head, last = value[:-3], value[-2:-1]
    if len(value) not in (10, 11) or not head[-6:].isdigit() or not head[:-6].isalpha():
        return [length_step(value, "8-9")]
    numbers = [int(char, 36) for char in head]
    if len(head) == 7:
        head, numbers = f"·{head}", [_NO_LETTER, *numbers]
    return [
        weighted_sum_step(
            "hk_id",
            head,
            numbers,
            _WEIGHTS.tolist(),
            modulus=11,
            expected=lambda rest: "0A987654321"[rest],
            actual=last,
        )
    ]
