"""Masked numbers: visible digits of a phone, identity or card number; a link, never a record.

The value has ``*`` for every mask character and no separators, so that masks by different programs
look the same: ``199-xxxx-0008 -> 199****0008``.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import MASKED_CHECK


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Write ``*`` for each mask character of masked numbers; a last X after a digit stays.

    >>> import numpy as np
    >>> text = np.frombuffer(b"199-xxxx-0008", np.uint8)[None]
    >>> canonical(text, np.array([13], np.int32))[0].tobytes().rstrip(bytes(1))
    b'199****0008'
    """
    return canonical_rows(MASKED_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge masked numbers: plausible, reason MASKED.

    >>> import numpy as np
    >>> value = np.frombuffer(b"199****0008", np.uint8)[None]
    >>> check(value, np.array([11], np.int32), as_of=20261231).reason.tolist()
    [22]
    """
    return judge_rows(MASKED_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of a masked number: undecided, its digits are hidden.

    >>> [step.name for step in steps("199****0008", as_of=20261231)]
    ['masked']
    """
    del value, as_of
    return [Step("masked", None)]
