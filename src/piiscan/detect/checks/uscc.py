"""Unified social credit codes (GB 32100-2015): MOD 31-3, with an organisation code inside.

Characters 9 to 17 must also satisfy GB 11714-1997, which makes a chance hit one in 341.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.data import KNOWN, NO_PROVINCE, regions
from piiscan.detect.checks import Bool, Int32, Judgement, Strength, UInt8, Verdict
from piiscan.detect.checks.numerals import columns, number

_ALPHABET: Final = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
#: Value of each character by its ASCII code, 31 for one that is not in the alphabet.
_VALUES: Final = np.full(256, 31, np.uint8)
_VALUES[list(_ALPHABET)] = np.arange(31)
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
#: Registering departments (first character) of GB 32100 and its amendment of 2021.
_DEPARTMENTS: Final = np.isin(np.arange(256), list(b"123456789ANY"))
_STATE: Final = 100_000  # registered with the state itself


def org_code_ok(codes: UInt8) -> Bool:
    """Whether nine columns of ASCII codes satisfy GB 11714 (check character X is 10): bool[k]."""
    total = np.zeros(codes.shape[1], np.uint16)
    for column, weight in zip(codes, _ORG_WEIGHTS, strict=False):
        letter = column > 57
        total += (column - np.uint8(48) - np.uint8(7) * letter).astype(np.uint16) * np.uint16(
            weight
        )
    rest = (11 - total % 11) % 11
    expected = np.where(rest == 10, ord("X"), 48 + rest)
    result: Bool = codes[8] == expected
    return result


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Verified where both checks pass; LOW with an unknown department, MEDIUM with such a region.

    >>> value = np.frombuffer(b"91110000600037341L", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    codes = columns(chars, 18)
    values = _VALUES[codes]
    total = np.zeros(len(chars), np.uint16)
    for column, weight in zip(values, _WEIGHTS, strict=False):
        total += column.astype(np.uint16) * np.uint16(weight)
    right = values[17] == (31 - total % 31) % 31
    right &= np.maximum.reduce(values, axis=0) < 31
    right &= org_code_ok(codes[8:17])
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    judged.mark(~right | (length != 18), "CHECK_FAIL", verdict=Verdict.REFUTED)
    judged.mark(~_DEPARTMENTS[codes[0]], "PREFIX_UNALLOTTED", strength=Strength.LOW)
    region = number(codes[2:8] - np.uint8(48))
    level = np.take(regions(), region, mode="clip")
    strange = (level != KNOWN) & (region != _STATE)
    judged.mark(strange & (level == NO_PROVINCE), "PROVINCE_UNKNOWN", strength=Strength.LOW)
    judged.mark(strange, "REGION_UNKNOWN", strength=Strength.MEDIUM)
    return judged
