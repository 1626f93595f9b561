"""Masked numbers: visible digits of a phone, identity or card number; a link, never a record.

The value has ``*`` for every mask character and no separators, so that masks by different programs
look the same: ``199-xxxx-0008 -> 199****0008``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.checks import REASON, Judgement
from piiscan.jit import kernel

_DROPPED: Final = np.isin(np.arange(256), list(b" -."))
_STAR: Final = np.uint8(ord("*"))
_UPPER_X: Final = ord("X")
_LOWER_X: Final = ord("x")


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Write ``*`` for each mask character of masked numbers; a last X after a digit stays.

    >>> text = np.frombuffer(b"199-xxxx-0008", np.uint8)[None]
    >>> canonical(text, np.array([13], np.int32))[0].tobytes().rstrip(bytes(1))
    b'199****0008'
    """
    value, count = np.zeros_like(chars), np.empty(len(chars), np.int32)
    _mask(chars, length, value, count)
    return value, count


@kernel
def _mask(
    chars: UInt8, length: Int32, value: UInt8, count: Int32
) -> None:  # pragma: no cover - compiled
    """Write the canonical form of each masked number to ``value``, its length to ``count``."""
    for row in range(len(chars)):
        size, hidden, checked = 0, True, False  # ``hidden``: the character before is no digit
        for place in range(length[row]):
            byte = chars[row, place]
            if not _DROPPED[byte]:
                checked = not hidden and byte in (_UPPER_X, _LOWER_X)
                hidden = not 48 <= byte <= 57
                value[row, size] = _STAR if hidden else byte
                size += 1
        if checked:
            value[row, size - 1] = _UPPER_X
        count[row] = size


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge masked numbers: plausible, reason MASKED.

    >>> value = np.frombuffer(b"199****0008", np.uint8)[None]
    >>> check(value, np.array([11], np.int32), as_of=20261231).reason.tolist()
    [22]
    """
    del as_of, length
    judged = Judgement.of(len(chars))
    judged.reason[:] = REASON["MASKED"]
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a masked number: undecided, its digits are hidden.

    >>> [step.name for step in steps("199****0008", as_of=20261231)]
    ['masked']
    """
    del value, as_of
    return [Step("masked", None)]
