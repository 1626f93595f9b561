"""ICCID numbers of China (ITU-T E.118): 8986 and 15 or 16 more; Luhn can verify, never refute.

Operators print hexadecimal letters in some places and pad 19 digits with an F.  A failed Luhn sum
therefore only makes the number plausible.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step, luhn_step
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import ICCID_CHECK

_LONGEST: Final = 20
_LETTERS: Final = 2  # values with more letters are hexadecimal text


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Drop the F that pads ICCID numbers of 19 digits to 20 characters.

    >>> import numpy as np
    >>> value = np.frombuffer(b"8986000000000000002F", np.uint8)[None]
    >>> canonical(value, np.array([20], np.int32))[1].tolist()
    [19]
    """
    return canonical_rows(ICCID_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge ICCIDs: verified by Luhn, plausible without; refuted by a wrong length or many letters.

    >>> import numpy as np
    >>> value = np.frombuffer(b"89861100000000000032", np.uint8)[None]
    >>> check(value, np.array([20], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(ICCID_CHECK, chars, length, as_of)


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
