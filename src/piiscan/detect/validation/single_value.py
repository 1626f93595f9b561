"""Checks of one value at a time, by number: of the kinds that the digits of tables look like.

A loop over candidates asks for them where a value stands in the text, which saves copying it into
a matrix and the verdict out of one.  The functions are those that ``check`` uses itself; where
one alone cannot tell (most do so only for values that fail), ``check`` is asked.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Bool, UInt8, UInt64
from piiscan.data import mobile_prefixes, regions
from piiscan.detect.checks import UNSAID, bank_card, imei, mobile, resident_id, uscc
from piiscan.jit import woven

_RESIDENT_ID: Final = 1
_MOBILE: Final = 2
_USCC: Final = 3
_BANK_CARD: Final = 4
_IMEI: Final = 5
#: The number of each check, by name; 0 is none.
SINGLE: Final = {
    "resident_id": _RESIDENT_ID,
    "mobile": _MOBILE,
    "uscc": _USCC,
    "bank_card": _BANK_CARD,
    "imei": _IMEI,
}


def tables() -> tuple[UInt8, Bool]:
    """The tables that the checks need."""
    return regions(), mobile_prefixes()


@woven
def judge_single(
    number: int,
    chars: UInt8,
    words: UInt64,
    at: int,
    length: int,
    levels: UInt8,
    allotted: Bool,
    as_of: int,
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Verdict, reason and strength of the value at ``at``; UNSAID where ``check`` must be asked.

    ``words``: eight of ``chars`` from every place on.
    """
    if number == _RESIDENT_ID and length == 18:
        return resident_id.judge_one(words, at, length, levels, as_of)
    if number == _MOBILE and length == 11:
        return mobile.judge_one(words, at, length, allotted)
    if number == _USCC:
        return uscc.judge_one(chars, at, length)
    if number == _BANK_CARD:
        return bank_card.judge_one(chars, at, length)
    if number == _IMEI:
        return imei.judge_one(length)
    return UNSAID, 0, 0
