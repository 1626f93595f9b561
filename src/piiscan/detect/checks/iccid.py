"""ICCID numbers of China (ITU-T E.118): 8986 and 15 or 16 more; Luhn can verify, never refute.

Operators print hexadecimal letters in some places and pad 19 digits with an F.  A failed Luhn sum
therefore only makes the number plausible.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step, luhn_step
from piiscan.detect.arithmetic.digits import luhn
from piiscan.detect.checks import Judgement, Verdict

_LONGEST: Final = 20
_LETTERS: Final = 2  # values with more letters are hexadecimal text
_F: Final = ord("F")


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Drop the F that pads ICCID numbers of 19 digits to 20 characters.

    >>> value = np.frombuffer(b"8986000000000000002F", np.uint8)[None]
    >>> canonical(value, np.array([20], np.int32))[1].tolist()
    [19]
    """
    if chars.shape[1] < _LONGEST:
        return chars, length
    padded = (length == _LONGEST) & (chars[:, _LONGEST - 1] == _F)
    chars = chars.copy()
    chars[padded, _LONGEST - 1] = 0
    return chars, (length - padded).astype(np.int32)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge ICCIDs: verified by Luhn, plausible without; refuted by a wrong length or many letters.

    >>> value = np.frombuffer(b"89861100000000000032", np.uint8)[None]
    >>> check(value, np.array([20], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    letters = (chars >= 65).sum(axis=1)
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    wrong = (length < _LONGEST - 1) | (length > _LONGEST)
    judged.mark(wrong, "LENGTH_WRONG", verdict=Verdict.REFUTED)
    judged.mark(letters > _LETTERS, "CHECK_FAIL", verdict=Verdict.REFUTED)
    plain = letters == 0
    right = luhn(np.where(plain[:, None], chars, np.uint8(48)), length, _LONGEST) & plain
    judged.mark(~right, "LUHN_FAIL", verdict=Verdict.PLAUSIBLE)
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of an ICCID: network, and Luhn (never failed) if it is all digits.

    >>> [step.name for step in steps("89861100000000000032", as_of=20261231)]
    ['network', 'luhn']
    """
    del as_of
    letters = sum(char >= "A" for char in value)
    if not _LONGEST - 1 <= len(value) <= _LONGEST:
        return [length_step(value, "19-20")]
    if letters > _LETTERS:
        return [Step("alphabet", False)]
    network = Step("network", True, {"code": value[:6]})
    if letters:
        return [network, Step("no_check_digit", None)]
    summed = luhn_step(value)
    return [network, Step(summed.name, summed.passed or None, summed.values, summed.rows)]
