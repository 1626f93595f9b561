"""IMSI numbers (ITU-T E.212): 15 digits that begin with a network of China."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import IMSI_CHECK
from piiscan.detect.checks.device_kernels import NETWORKS

_LENGTH: Final = 15
_CHINA: Final = 460
_NEIGHBOURS: Final = (454, 455, 466)  # Hong Kong, Macau, Taiwan


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge IMSIs: plausible with a known network; LOW for Hong Kong, Macau, Taiwan; else refuted.

    >>> import numpy as np
    >>> value = np.frombuffer(b"460070000000005", np.uint8)[None]
    >>> check(value, np.array([15], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(IMSI_CHECK, chars, length, as_of)


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of an IMSI: country and network; there is no check digit.

    >>> [step.passed for step in steps("460070000000005", as_of=20261231)]
    [True, None]
    """
    del as_of
    if not is_digits(value, _LENGTH):
        return [length_step(value, str(_LENGTH))]
    home = int(value[:3]) == _CHINA and int(value[3:5]) in NETWORKS
    neighbour = int(value[:3]) in _NEIGHBOURS
    return [
        Step("network", True if home else None if neighbour else False, {"code": value[:5]}),
        Step("no_check_digit", None),
    ]
