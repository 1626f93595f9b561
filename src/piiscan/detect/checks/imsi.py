"""IMSI numbers (ITU-T E.212): 15 digits that begin with a network of China."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.arithmetic.check_steps import Step, is_digits, length_step
from piiscan.detect.arithmetic.digits import all_digits, digit_columns, is_among, number
from piiscan.detect.checks import Judgement, Strength, Verdict

_LENGTH: Final = 15
_CHINA: Final = 460
#: Network codes after 460 that are or were in use (ITU Operational Bulletin, E.212 list).
_NETWORKS: Final = np.isin(np.arange(100), (*range(10), 11, 15, 20))
_NEIGHBOURS: Final = (454, 455, 466)  # Hong Kong, Macau, Taiwan


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge IMSIs: plausible with a known network; LOW for Hong Kong, Macau, Taiwan; else refuted.

    >>> value = np.frombuffer(b"460070000000005", np.uint8)[None]
    >>> check(value, np.array([15], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of
    digits = digit_columns(chars, _LENGTH)
    judged = Judgement.of(len(chars))
    whole = (length == _LENGTH) & all_digits(digits)
    judged.mark(~whole, "LENGTH_WRONG", verdict=Verdict.REFUTED)
    country = number(digits[:3])
    network = _NETWORKS[np.minimum(number(digits[3:5]), 99)]
    neighbour = is_among(country, _NEIGHBOURS)
    unknown = ~((country == _CHINA) & network) & ~neighbour
    judged.mark(unknown, "PREFIX_UNALLOTTED", verdict=Verdict.REFUTED)
    judged.mark(neighbour, "PREFIX_UNALLOTTED", strength=Strength.LOW)
    return judged


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of an IMSI: country and network; there is no check digit.

    >>> [step.passed for step in steps("460070000000005", as_of=20261231)]
    [True, None]
    """
    del as_of
    if not is_digits(value, _LENGTH):
        return [length_step(value, str(_LENGTH))]
    home = int(value[:3]) == _CHINA and bool(_NETWORKS[int(value[3:5])])
    neighbour = int(value[:3]) in _NEIGHBOURS
    return [
        Step("network", True if home else None if neighbour else False, {"code": value[:5]}),
        Step("no_check_digit", None),
    ]
