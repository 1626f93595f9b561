"""Organisation codes (GB 11714-1997): eight characters and a check character."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, length_step
from piiscan.detect.checks import Judgement, Verdict
from piiscan.detect.checks.uscc import mod_11_step, org_code_ok

_LENGTH: Final = 9


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge organisation codes: verified by the check character, else refuted.

    >>> value = np.frombuffer(b"600037341", np.uint8)[None]
    >>> check(value, np.array([9], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    right = (length == _LENGTH) & org_code_ok(np.ascontiguousarray(chars), 0)
    judged.mark(~right, "CHECK_FAIL", verdict=Verdict.REFUTED)
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check step of an organisation code: its check character (GB 11714-1997).

    >>> [step.name for step in steps("600037341", as_of=20261231)]
    ['mod_11']
    """
    del as_of
    if len(value) != _LENGTH or not value.isascii() or not value.isalnum():
        return [length_step(value, str(_LENGTH))]
    return [mod_11_step(value)]
