"""Privacy numbers on waybills: a shared host number and an extension (11 + 3 to 6 digits).

Thousands share the host, so it identifies no person; the value has both.
``18412000001转1234 -> 18412000001;ext=1234``
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import VIRTUAL_NUMBER_CHECK
from piiscan.detect.checks.mobile import prefix_step

_HOST: Final = 11


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Format privacy numbers as ``host;ext=NNNN``, without country code or trunk 0.

    >>> import numpy as np
    >>> digits = np.frombuffer(b"8618412000001123", np.uint8)[None]
    >>> canonical(digits, np.array([16], np.int32))[0].tobytes().rstrip(bytes(1))
    b'18412000001;ext=123'
    """
    return canonical_rows(VIRTUAL_NUMBER_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge privacy numbers: plausible; LOW with an unallotted prefix; refuted if too short.

    Numbers with an allotted prefix have the reason VIRTUAL_NUMBER.

    >>> import numpy as np
    >>> value = np.frombuffer(b"18412000001;ext=1234", np.uint8)[None]
    >>> check(value, np.array([20], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(VIRTUAL_NUMBER_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a privacy number: prefix of the host, digits of the extension.

    >>> [step.passed for step in steps("18412000001;ext=1234", as_of=20261231)]
    [True, True]
    """
    del as_of
    host, _, extension = value.partition(";ext=")
    if not is_digits(host, _HOST):
        return [length_step(value, "11+3-6")]
    return [
        prefix_step(host),
        Step("extension", len(extension) >= 3, {"code": extension, "count": len(extension)}),
    ]
