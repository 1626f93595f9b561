"""Hong Kong identity cards: one or two letters, six digits and a check character in brackets.

Weights 9 to 2, letters count 10 to 35 and a missing first letter 36, modulo 11 with A for ten.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step, weighted_sum_step
from piiscan.detect.checks import Judgement, Strength, Verdict

#: The specimen on forms and in manuals; many document references have the same form.
_SPECIMEN: Final = np.frombuffer(b"A123456(3)", np.uint8)
_NO_LETTER: Final = 36  # value of the missing letter before a single letter
_WEIGHTS: Final = np.arange(9, 1, -1)


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Bracket the check character of Hong Kong card numbers: ``AB1234569 -> AB123456(9)``.

    >>> rows, sizes = canonical(np.frombuffer(b"AB1234569", np.uint8)[None], np.array([9]))
    >>> rows[0, : sizes[0]].tobytes()
    b'AB123456(9)'
    """
    rows = np.arange(len(chars))
    out = np.zeros((len(chars), chars.shape[1] + 3), np.uint8)
    bracketed = chars[rows, np.maximum(length - 1, 0)] == ord(")")
    head = np.where(bracketed, length - 3, length - 1).astype(np.int32)
    out[:, : chars.shape[1]] = np.where(np.arange(chars.shape[1]) < head[:, None], chars, 0)
    out[rows, head] = ord("(")
    out[rows, head + 1] = chars[rows, np.where(bracketed, length - 2, length - 1)]
    out[rows, head + 2] = ord(")")
    return out, head + np.int32(3)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge Hong Kong cards: verified by the check character; the specimen A123456(3) is LOW.

    >>> value = np.frombuffer(b"AB123456(9)", np.uint8)[None]
    >>> check(value, np.array([11], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    padded = np.zeros((len(chars), max(chars.shape[1], 11)), np.uint8)
    padded[:, : chars.shape[1]] = chars
    two = (length == 11)[:, None]
    body = np.where(two, padded[:, :11], np.roll(padded[:, :11], 1, axis=1)).astype(np.int32)
    letters, digits = body[:, :2] - 55, body[:, 2:8] - 48
    last = np.where(body[:, 9] == ord("A"), 10, body[:, 9] - 48)
    single = ~two[:, 0]
    letters[single, 0] = _NO_LETTER
    form = (length == 10) | (length == 11)
    form &= ((letters >= 10) & (letters <= 35 + (np.arange(2) == 0))).all(axis=1)
    form &= ((digits >= 0) & (digits <= 9)).all(axis=1) & (last >= 0) & (last <= 10)
    form &= (body[:, 8] == ord("(")) & (body[:, 10] == ord(")"))
    total = np.concatenate([letters, digits], axis=1) @ _WEIGHTS + last
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    judged.mark(~form | (total % 11 != 0), "CHECK_FAIL", verdict=Verdict.REFUTED)
    specimen = single & (padded[:, :10] == _SPECIMEN).all(axis=1)
    judged.mark(specimen, "TEST_LIKE", strength=Strength.LOW)
    return judged


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
