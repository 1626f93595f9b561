"""What each line of running text is: blank, a rule, a label and its value, the head of a message.

Only the first bytes of a line are looked at (and the last, where it ends like a time), so that
prose costs nothing.  What labels are called is said from above, as sources know no names.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64, UInt8, UInt64
from piiscan.jit import frozen, inner, kernel
from piiscan.sources.lined.line_markers import is_head, is_rule, skip_blanks, three

#: Kinds of lines.
PLAIN, BLANK, RULE, LABEL, HEAD, CARD_BEGIN, CARD_END = range(7)
#: Added to LABEL where it says whose the lines behind it are (寄件人).
PARTY: Final = 128
#: Added to LABEL where further labels stand in the same line, to HEAD where its message does.
MANY: Final = 64
#: What a line is without what is added.
KIND: Final = 63

#: Digits of the shortest phone that a list gives in full.
_PHONE: Final = 11
_LABEL_BYTES: Final = 40
_HASH: Final = np.uint64(0xCBF29CE484222325)
_PRIME: Final = np.uint64(0x100000001B3)
_BEGIN: Final = np.frombuffer(b"begin:vcard", np.uint8)
_END: Final = np.frombuffer(b"end:vcard", np.uint8)


@dataclass(frozen=True, slots=True)
class Names:
    """What labels are called: a hash table of their numbers, and which are a party's."""

    table: UInt64
    parties: UInt8


@inner
def _is_sign(wide: int) -> bool:
    """Whether a character ends a sentence or part of one: 、。，；“ and the like."""
    return (wide >> 8) == 0xE380 or (wide >> 8) == 0xEFBC or (wide >> 8) == 0xE280


@inner
def _label(data: UInt8, low: int, high: int) -> Any:
    """The number of what a line begins with, if that could be a label; 0 if not.

    A label is letters in front of a colon or ``=``, perhaps in 【】 or with blanks between; one
    in Hanzi may have a blank alone behind it (运单号 SF…), one in Latin letters a number.
    """
    number = _HASH
    letters, gap, hanzi = 0, False, False
    at = low
    while at < min(high, low + _LABEL_BYTES):
        byte = data[at]
        wide = three(data, at, high) if byte >= 0xE2 else 0
        ended = gap and letters >= 2 and (hanzi or byte >= 0x80)
        if byte == 58 or byte == 61 or wide == 0xEFBC9A or wide == 0xEFBC9D:  # : = ： ＝
            return number if letters else np.uint64(0)
        at += 1
        if byte <= 32 or wide == 0xE38080:
            at += 2 if wide != 0 else 0
            gap = True
        elif byte in (42, 91, 93, 95) or wide == 0xE38090 or wide == 0xE38091:
            at += 2 if wide != 0 else 0  # *姓名, [name], 【姓名】, phone_number
        elif byte >= 0x80 or 65 <= (byte & 0xDF) <= 90:
            if ended:
                return number
            if wide != 0 and _is_sign(wide):
                return np.uint64(0)
            number = (number ^ np.uint64(byte | 32 if byte < 0x80 else byte)) * _PRIME
            letters += 1 if byte < 0x80 or byte >= 0xC0 else 0
            hanzi = hanzi or byte >= 0x80
        else:
            return number if gap and letters >= 2 else np.uint64(0)
    return np.uint64(0)


@inner
def _tells_number(data: UInt8, low: int, high: int) -> bool:
    """Whether a phone or anything longer stands there, but for an account in brackets.

    Such a line is all that it heads (2021-05-28 00:37 运单号 张三 13800138000), and the next one
    is not its message.
    """
    run = 0
    bracket = False
    for at in range(low, high):
        byte = data[at]
        if 48 <= byte <= 57:
            if run == 0:
                wide = at >= low + 3 and data[at - 3] == 0xEF and data[at - 1] == 0x88  # （
                bracket = at > low and (data[at - 1] in (40, 60) or wide)  # ( <
            run += 1
            if run >= _PHONE and not bracket:
                return True
        else:
            run = 0
    return False


@inner
def _has_many(data: UInt8, low: int, high: int) -> bool:
    """Whether more than one label stands in the line: colons that are no part of a time or URL."""
    colons = 0
    for at in range(low, high):
        byte = data[at]
        if byte == 58:
            digits = at > low and 48 <= data[at - 1] <= 57
            colons += 0 if digits or (at + 1 < high and data[at + 1] == 47) else 1
        elif byte == 0xEF and three(data, at, high) == 0xEFBC9A:
            colons += 1
    return colons > 1


@inner
def _says(data: UInt8, low: int, high: int, word: UInt8) -> bool:
    if high - low < len(word):
        return False
    for i in range(len(word)):
        byte = data[low + i]
        if (byte | 32 if 65 <= byte <= 90 else byte) != word[i]:
            return False
    return True


@inner
def _place(table: UInt64, number: Any) -> int:
    """Where a number is in a hash table, or the free place for it."""
    mask = np.uint64(len(table) - 1)
    at = (number ^ (number >> np.uint64(29))) & mask
    while table[at] != 0 and table[at] != number:
        at = (at + np.uint64(1)) & mask
    return int(at)


@kernel
def _number_names(offsets: Int64, data: UInt8, party: UInt8, table: UInt64, parties: UInt8) -> None:
    for i in range(len(party)):
        number = _label(data, offsets[i], offsets[i + 1])
        if number != 0:
            at = _place(table, number)
            table[at] = number
            parties[at] |= party[i]


def number_names(names: Sequence[str], parties: Collection[str]) -> Names:
    """The names of labels as a hash table; those of ``parties`` say whose the next lines are."""
    texts = [f"{name}:".encode() for name in names]
    size = 1 << max(len(texts) * 4, 16).bit_length()
    table, found = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    offsets = np.array([0, *np.cumsum([len(text) for text in texts])], np.int64)
    data = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
    party = np.array([name in parties for name in names], np.uint8)
    _number_names(frozen(offsets), frozen(data), party, table, found)
    return Names(table, found)


@kernel
def tell_lines(
    offsets: Int64,
    data: UInt8,
    table: UInt64,
    parties: UInt8,
    kinds: UInt8,
    labels: UInt64,
) -> None:
    """``kinds``: what each line is (PARTY and MANY added to labels); the number of its label."""
    for i in range(len(kinds)):
        low, high = skip_blanks(data, offsets[i], offsets[i + 1]), offsets[i + 1]
        while high > low and data[high - 1] <= 32:
            high -= 1
        labels[i] = 0
        kinds[i] = PLAIN
        if low == high:
            kinds[i] = BLANK
            continue
        first = data[low]
        if first in (98, 66) and _says(data, low, high, _BEGIN):
            kinds[i] = CARD_BEGIN
        elif first in (101, 69) and _says(data, low, high, _END):
            kinds[i] = CARD_END
        elif is_rule(data, low, high):
            kinds[i] = RULE
        elif is_head(data, low, high):
            kinds[i] = HEAD | (MANY if _tells_number(data, low, high) else 0)
        else:
            number = _label(data, low, high)
            if number != 0:
                at = _place(table, number)
                if table[at] == number:
                    kinds[i] = LABEL | (PARTY if parties[at] else 0)
                    kinds[i] |= MANY if _has_many(data, low, high) else 0
                    labels[i] = number
