"""Unified social credit codes (GB 32100-2015): MOD 31-3, with an organisation code inside.

Characters 9 to 17 must also satisfy GB 11714-1997, which makes a chance hit one in 341.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.compiled import kernel
from piiscan.data import KNOWN, NO_PROVINCE, regions
from piiscan.detect.checks import REASON, Bool, Int32, Judgement, Strength, UInt8, Verdict
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


@kernel
def _org_code_ok(chars: UInt8, first: int, right: Bool) -> None:  # pragma: no cover - compiled
    for row in range(len(chars)):
        total = 0
        for place in range(8):
            char = int(chars[row, first + place])
            total += (char - 48 if char < 58 else char - 55) * _ORG_WEIGHTS[place]
        rest = (11 - total % 11) % 11
        right[row] = chars[row, first + 8] == (88 if rest == 10 else 48 + rest)


def org_code_ok(chars: UInt8, first: int) -> Bool:
    """Whether the nine characters from ``first`` on satisfy GB 11714 (X is 10): bool[k].

    >>> org_code_ok(np.frombuffer(b"600037341", np.uint8)[None], 0)
    array([ True])
    """
    right = np.zeros(len(chars), np.bool_)
    if chars.shape[1] >= first + 9:
        _org_code_ok(chars, first, right)
    return right


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Verified where both checks pass; LOW with an unknown department, MEDIUM with such a region.

    >>> value = np.frombuffer(b"91110000600037341L", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    judged = Judgement.of(len(chars), Verdict.REFUTED)
    judged.reason[:] = REASON["CHECK_FAIL"]
    rows = np.flatnonzero((length == 18) & org_code_ok(chars, 8))
    judged.put(rows, _judge_whole(columns(chars[rows], 18)))
    return judged


def _judge_whole(codes: UInt8) -> Judgement:
    """The judgement of codes (by column) whose organisation code is right (one in eleven is)."""
    values = _VALUES[codes]
    total = np.zeros(codes.shape[1], np.uint16)
    for column, weight in zip(values, _WEIGHTS, strict=False):
        total += column.astype(np.uint16) * np.uint16(weight)
    right = values[17] == (31 - total % 31) % 31
    right &= np.maximum.reduce(values, axis=0) < 31
    judged = Judgement.of(codes.shape[1], Verdict.VERIFIED)
    judged.mark(~right, "CHECK_FAIL", verdict=Verdict.REFUTED)
    judged.mark(~_DEPARTMENTS[codes[0]], "PREFIX_UNALLOTTED", strength=Strength.LOW)
    region = number(codes[2:8] - np.uint8(48))
    level = np.take(regions(), region, mode="clip")
    strange = (level != KNOWN) & (region != _STATE)
    judged.mark(strange & (level == NO_PROVINCE), "PROVINCE_UNKNOWN", strength=Strength.LOW)
    judged.mark(strange, "REGION_UNKNOWN", strength=Strength.MEDIUM)
    return judged
