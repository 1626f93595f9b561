"""Organisation codes (GB 11714-1997): eight characters and a check character.

``check = "0123456789X"[-sum(value * weight) % 11]``, weights 3 7 9 10 5 8 4 2; letters from 10 on.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import ORG_CODE_CHECK
from piiscan.detect.checks.uscc import mod_11_step

_LENGTH: Final = 9


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge organisation codes: verified by the check character, else refuted.

    >>> import numpy as np
    >>> value = np.frombuffer(b"600037341", np.uint8)[None]
    >>> check(value, np.array([9], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(ORG_CODE_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of an organisation code: its check character (GB 11714-1997).

    >>> [step.name for step in steps("600037341", as_of=20261231)]
    ['mod_11']
    """
    del as_of
    if len(value) != _LENGTH or not value.isascii() or not value.isalnum():
        return [length_step(value, str(_LENGTH))]
    return [mod_11_step(value)]
