"""Unified social credit codes (GB 32100-2015): MOD 31-3, with an organisation code inside.

Characters 9 to 17 must also satisfy GB 11714-1997, so one chance value in 341 passes.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, Int32, UInt8
from piiscan.data import KNOWN, NO_PROVINCE, regions
from piiscan.detect.arithmetic.check_steps import Step, length_step, region_step, weighted_sum_step
from piiscan.detect.arithmetic.digits import pad_columns
from piiscan.detect.checks import REASON, UNDECIDED, Judgement, Strength, Verdict
from piiscan.jit import inlined, kernel

_ALPHABET: Final = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
#: Value of each character by its ASCII code, 31 for characters outside the alphabet.
_VALUES: Final = np.full(256, 31, np.int64)
_VALUES[list(_ALPHABET)] = np.arange(31)
_WEIGHTS: Final = np.array([pow(3, place, 31) for place in range(17)])
_ORG_WEIGHTS: Final = np.array((3, 7, 9, 10, 5, 8, 4, 2), np.uint32)
#: Registering departments (first character) of GB 32100 and its amendment of 2021.
_DEPARTMENTS: Final = np.isin(np.arange(256), list(b"123456789ANY"))
_STATE: Final = 100_000  # registered with the central government

_CHECK_FAIL: Final = REASON["CHECK_FAIL"]
_PREFIX_UNALLOTTED: Final = REASON["PREFIX_UNALLOTTED"]
_PROVINCE_UNKNOWN: Final = REASON["PROVINCE_UNKNOWN"]
_REGION_UNKNOWN: Final = REASON["REGION_UNKNOWN"]
_VERIFIED: Final = int(Verdict.VERIFIED)
_REFUTED: Final = int(Verdict.REFUTED)
_LOW: Final = int(Strength.LOW)
_MEDIUM: Final = int(Strength.MEDIUM)


@inlined
def _is_org_code(chars: UInt8, at: int) -> bool:  # pragma: no cover - compiled
    """Return True if the nine characters from ``at`` on satisfy GB 11714-1997."""
    total = np.uint32(0)
    first = np.uint64(at)
    for place in range(np.uint64(8)):
        char = np.uint32(chars[first + place])
        value = char - np.uint32(48) if char < np.uint32(58) else char - np.uint32(55)
        total += value * _ORG_WEIGHTS[place]
    rest = (np.uint32(11) - total % np.uint32(11)) % np.uint32(11)
    control = np.uint32(chars[first + np.uint64(8)])
    return bool(control == (np.uint32(88) if rest == np.uint32(10) else np.uint32(48) + rest))


@kernel
def _org_code_ok(
    chars: UInt8, width: int, first: int, right: Bool
) -> None:  # pragma: no cover - compiled
    """Write to ``right`` if the nine characters of a row from ``first`` on satisfy GB 11714."""
    for row in range(len(right)):
        right[row] = _is_org_code(chars, row * width + first)


def org_code_ok(chars: UInt8, first: int) -> Bool:
    """Return a mask of values with a valid organisation code at ``first`` (nine characters).

    X is 10.

    >>> org_code_ok(np.frombuffer(b"600037341", np.uint8)[None], 0)
    array([ True])
    """
    right = np.empty(len(chars), np.bool_)
    rows = np.ascontiguousarray(pad_columns(chars, first + 9))
    _org_code_ok(rows.reshape(-1), rows.shape[1], first, right)
    return right


@inlined
def judge_one(chars: UInt8, at: int, length: Any) -> tuple[int, int, int]:  # pragma: no cover
    """Judge one credit code at byte ``at`` by its organisation code: (verdict, reason, strength).

    Else UNDECIDED.  This test comes first because ten in eleven chance values fail it.
    """
    if length != 18 or not _is_org_code(chars, at + 8):
        return _REFUTED, _CHECK_FAIL, 0
    return UNDECIDED, 0, 0


@kernel
def _judge(
    chars: UInt8,
    flat: UInt8,
    length: Int32,
    levels: UInt8,
    verdict: Int8,
    reason: Int16,
    strength: Int8,
) -> None:  # pragma: no cover - compiled
    """Write verdict, reason, strength of the credit codes whose check character MOD 31-3 is right.

    The other rows stay refuted.
    """
    for row in range(len(chars)):
        first_verdict, _, _ = judge_one(flat, row * chars.shape[1], np.int64(length[row]))
        if first_verdict == _REFUTED:
            continue
        total = 0
        strange = False
        for place in range(17):
            value = _VALUES[chars[row, place]]
            strange |= value == 31
            total += value * _WEIGHTS[place]
        if strange or _VALUES[chars[row, 17]] != (31 - total % 31) % 31:
            continue
        verdict[row] = _VERIFIED
        reason[row] = 0
        region = 0
        for place in range(2, 8):
            region = region * 10 + int(chars[row, place]) - 48
        level = levels[region] if 0 <= region < len(levels) else NO_PROVINCE
        if not _DEPARTMENTS[chars[row, 0]]:
            reason[row] = _PREFIX_UNALLOTTED
            strength[row] = _LOW
        elif level != KNOWN and region != _STATE:
            reason[row] = _PROVINCE_UNKNOWN if level == NO_PROVINCE else _REGION_UNKNOWN
            strength[row] = _LOW if level == NO_PROVINCE else _MEDIUM


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge credit codes: verified if both checks pass; LOW with an unknown department or province.

    An unknown county is MEDIUM.

    >>> value = np.frombuffer(b"91110000600037341L", np.uint8)[None]
    >>> check(value, np.array([18], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    judged = Judgement.of(len(chars), Verdict.REFUTED)
    judged.reason[:] = _CHECK_FAIL
    rows = np.ascontiguousarray(pad_columns(chars, 18))
    _judge(
        rows, rows.reshape(-1), length, regions(), judged.verdict, judged.reason, judged.strength
    )
    return judged


def mod_11_step(value: str) -> Step:
    """Return the check step of an organisation code, written out (GB 11714-1997; X is 10).

    >>> mod_11_step("600037341").passed
    True
    """
    return weighted_sum_step(
        "mod_11",
        value[:8],
        [int(char, 36) for char in value[:8]],
        _ORG_WEIGHTS.tolist(),
        modulus=11,
        expected=lambda rest: "0123456789X"[(11 - rest) % 11],
        actual=value[8],
    )


def steps(value: str, *, as_of: int) -> list[Step]:
    """Return the check steps of a credit code: department, region, both check characters.

    >>> [step.passed for step in steps("91110000600037341L", as_of=20261231)]
    [True, True, True, True]
    """
    del as_of
    if len(value) != 18 or not value.isascii() or not value.isalnum():
        return [length_step(value, "18")]
    region = int(value[2:8]) if value[2:8].isdigit() else 0
    known = KNOWN if region == _STATE else int(regions()[region])
    numbers = [int(_VALUES[ord(char)]) for char in value]
    if max(numbers) == 31:
        return [Step("alphabet", False)]
    return [
        Step("department", bool(_DEPARTMENTS[ord(value[0])]) or None, {"code": value[0]}),
        region_step(value[2:8], known, needed=False),
        mod_11_step(value[8:17]),
        weighted_sum_step(
            "mod_31",
            value[:17],
            numbers[:17],
            _WEIGHTS.tolist(),
            modulus=31,
            expected=lambda rest: chr(_ALPHABET[(31 - rest) % 31]),
            actual=value[17],
        ),
    ]
