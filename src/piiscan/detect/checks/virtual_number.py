"""Privacy numbers on waybills: a shared host number and an extension (11 + 3 to 6 digits).

Thousands share the host, so it identifies no person; the value has both.
``18412000001转1234 -> 18412000001;ext=1234``
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step
from piiscan.detect.arithmetic.digits import digit_columns
from piiscan.detect.checks import Judgement, Strength, Verdict
from piiscan.detect.checks.mobile import prefix_known, prefix_step

_EXTENSION: Final = b";ext="
_HOST: Final = 11


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Format privacy numbers as ``host;ext=NNNN``, without country code or trunk 0.

    >>> digits = np.frombuffer(b"8618412000001123", np.uint8)[None]
    >>> canonical(digits, np.array([16], np.int32))[0].tobytes().rstrip(bytes(1))
    b'18412000001;ext=123'
    """
    rows, width = chars.shape
    lead = np.argmax(chars == ord("1"), axis=1).astype(np.int32)
    padded = np.zeros((rows, width + _HOST + 6), np.uint8)
    padded[:, :width] = chars
    taken = np.take_along_axis(padded, lead[:, None] + np.arange(_HOST + 6), axis=1)
    joint = np.broadcast_to(np.frombuffer(_EXTENSION, np.uint8), (rows, len(_EXTENSION)))
    value = np.concatenate([taken[:, :_HOST], joint, taken[:, _HOST:]], axis=1)
    rest = np.clip(length - lead, _HOST, _HOST + 6)
    return value, (rest + len(_EXTENSION)).astype(np.int32)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge privacy numbers: plausible; LOW with an unallotted prefix; refuted if too short.

    Numbers with an allotted prefix have the reason VIRTUAL_NUMBER.

    >>> value = np.frombuffer(b"18412000001;ext=1234", np.uint8)[None]
    >>> check(value, np.array([20], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of
    judged = Judgement.of(len(chars))
    short = length < _HOST + len(_EXTENSION) + 3
    judged.mark(short, "LENGTH_WRONG", verdict=Verdict.REFUTED)
    known = prefix_known(digit_columns(chars, _HOST))
    judged.mark(~known, "PREFIX_UNALLOTTED", strength=Strength.LOW)
    judged.mark(np.ones(len(chars), np.bool_), "VIRTUAL_NUMBER")
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a privacy number: prefix of the host, digits of the extension.

    >>> [step.passed for step in steps("18412000001;ext=1234", as_of=20261231)]
    [True, True]
    """
    del as_of
    host, _, extension = value.partition(_EXTENSION.decode())
    if not is_digits(host, _HOST):
        return [length_step(value, "11+3-6")]
    return [
        prefix_step(host),
        Step("extension", len(extension) >= 3, {"code": extension, "count": len(extension)}),
    ]
