"""Single-value checks, by number, for the identifiers that are frequent in tables.

A kernel calls them where the value is in the text, which avoids copying it to a matrix. Each check
module's ``check`` uses the same functions. A function that cannot decide (usually on a failing
value) leaves the decision to ``check``.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Bool, UInt8, UInt64
from piiscan.data import mobile_prefixes, regions
from piiscan.detect.checks import UNDECIDED, bank_card, imei, mobile, resident_id, uscc
from piiscan.jit import inlined

_RESIDENT_ID: Final = 1
_MOBILE: Final = 2
_USCC: Final = 3
_BANK_CARD: Final = 4
_IMEI: Final = 5
#: Number of each check, by module name; 0 means none.
CHECK_NUMBERS: Final = {
    "resident_id": _RESIDENT_ID,
    "mobile": _MOBILE,
    "uscc": _USCC,
    "bank_card": _BANK_CARD,
    "imei": _IMEI,
}


def check_tables() -> tuple[UInt8, Bool]:
    """Return the lookup tables of the checks: region levels, allotted mobile prefixes."""
    return regions(), mobile_prefixes()


@inlined
def check_single(
    number: int,
    chars: UInt8,
    words: UInt64,
    at: int,
    length: int,
    levels: UInt8,
    allotted: Bool,
    as_of: int,
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Run check ``number`` on one value at byte ``at``: (verdict, reason, base level).

    The verdict is UNDECIDED if the module's ``check`` must decide. ``words``: view of ``chars``
    with eight bytes per element.
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
    return UNDECIDED, 0, 0
