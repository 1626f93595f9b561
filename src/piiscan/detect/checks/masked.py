"""Masked numbers: visible digits of a phone, identity or card number; a link, never a record.

The value has ``*`` for every mask character and no separators, so that masks by different programs
look the same: ``199-xxxx-0008 -> 199****0008``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.arithmetic.digits import compact, is_among
from piiscan.detect.checks import Judgement

_DROPPED: Final = np.isin(np.arange(256), list(b" -."))
_STAR: Final = np.uint8(ord("*"))


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Write ``*`` for each mask character of masked numbers; a last X after a digit stays.

    >>> text = np.frombuffer(b"199-xxxx-0008", np.uint8)[None]
    >>> canonical(text, np.array([13], np.int32))[0].tobytes().rstrip(bytes(1))
    b'199****0008'
    """
    here = np.arange(chars.shape[1]) < length[:, None]
    kept, count = compact(chars, here & ~_DROPPED[chars], chars.shape[1])
    rows = np.arange(len(kept))
    last, before = np.maximum(count - 1, 0), np.maximum(count - 2, 0)
    digit = (kept >= 48) & (kept <= 57)
    checked = is_among(kept[rows, last], b"Xx") & digit[rows, before]
    value = np.where(digit | (kept == 0), kept, _STAR)
    value[rows[checked], last[checked]] = ord("X")
    return value, count


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge masked numbers: plausible, reason MASKED.

    >>> value = np.frombuffer(b"199****0008", np.uint8)[None]
    >>> check(value, np.array([11], np.int32), as_of=20261231).reason.tolist()
    [22]
    """
    del as_of, length
    judged = Judgement.of(len(chars))
    judged.mark(np.ones(len(chars), np.bool_), "MASKED")
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a masked number: undecided, its digits are hidden.

    >>> [step.name for step in steps("199****0008", as_of=20261231)]
    ['masked']
    """
    del value, as_of
    return [Step("masked", None)]
