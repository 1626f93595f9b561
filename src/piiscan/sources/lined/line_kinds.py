"""Line kinds: classify lines of running text as blank, separator, label, message head or card.

    label := ("*" | "[" | "【" | "- " | quote)? letters quote? (":" | "=" | "：" | "＝" | " |")
             or Hanzi letters and a blank

    电话：13800138000 -> LABEL    2023-07-12 10:05:30 张三(10000) -> HEAD    ---- -> SEPARATOR

Only the first bytes of a line are read (and the last, if it may end with a time), so that prose
costs little.  The caller supplies the names of labels, as this package has no catalog.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64, UInt8, UInt64
from piiscan.jit import frozen, inner, kernel
from piiscan.sources.lined.line_markers import (
    is_message_head,
    is_separator_line,
    skip_blanks,
    three_bytes,
)

#: Kinds of lines.
PLAIN, BLANK, SEPARATOR, LABEL, HEAD, CARD_BEGIN, CARD_END = range(7)
#: Flag of LABEL: the label names the party to which the following lines belong (寄件人).
PARTY: Final = 128
#: Flag of LABEL: the line has further labels. Flag of HEAD: the line includes its message.
MORE_IN_LINE: Final = 64
#: Mask of the kind without the flags.
KIND_MASK: Final = 63

#: Digits of a mobile number: the shortest run of digits that makes a head line its own message.
_PHONE_DIGITS: Final = 11
_MAX_LABEL_BYTES: Final = 40
_FNV_OFFSET: Final = np.uint64(0xCBF29CE484222325)
_FNV_PRIME: Final = np.uint64(0x100000001B3)
_CARD_BEGIN_WORD: Final = np.frombuffer(b"begin:vcard", np.uint8)
_CARD_END_WORD: Final = np.frombuffer(b"end:vcard", np.uint8)


@dataclass(frozen=True, slots=True)
class LabelNames:
    """Names of labels: a hash table of FNV hashes, and a flag per slot for labels of a party."""

    table: UInt64
    parties: UInt8


@inner
def _is_punctuation(wide: int) -> bool:
    """Return True if a character (its three bytes as a number) is punctuation: 、。，；“ etc."""
    return (wide >> 8) == 0xE380 or (wide >> 8) == 0xEFBC or (wide >> 8) == 0xE280


@inner
def _label_hash(data: UInt8, low: int, high: int) -> Any:
    """Return the hash of the label that begins line ``data[low:high]``; 0 if none can.

    A label is letters before a colon or ``=``, possibly in 【】 or quotes, or with blanks between.
    It may begin an item of a list (``- name: 张三``), or end with a bar (``name | 张三``).  A label
    in Hanzi may end with a blank alone (运单号 SF…), one in Latin letters with a blank and a digit.
    """
    label_hash = _FNV_OFFSET
    letters, gap, hanzi = 0, False, False
    at = low + 2 if high - low > 2 and data[low] == 45 and data[low + 1] == 32 else low
    while at < min(high, low + _MAX_LABEL_BYTES):
        byte = data[at]
        wide = three_bytes(data, at, high) if byte >= 0xE2 else 0
        ended = gap and letters >= 2 and (hanzi or byte >= 0x80)
        if byte == 58 or byte == 61 or wide == 0xEFBC9A or wide == 0xEFBC9D:  # : = ： ＝
            return label_hash if letters else np.uint64(0)
        if byte == 124 and gap and letters >= 2:  # |
            return label_hash
        at += 1
        if byte <= 32 or wide == 0xE38080:
            at += 2 if wide != 0 else 0
            gap = True
        elif byte in (34, 39, 42, 91, 93, 95) or wide == 0xE38090 or wide == 0xE38091:
            at += 2 if wide != 0 else 0  # "name", 'name', *姓名, [name], 【姓名】, phone_number
        elif byte >= 0x80 or 65 <= (byte & 0xDF) <= 90:
            if ended:
                return label_hash
            if wide != 0 and _is_punctuation(wide):
                return np.uint64(0)
            label_hash = (label_hash ^ np.uint64(byte | 32 if byte < 0x80 else byte)) * _FNV_PRIME
            letters += 1 if byte < 0x80 or byte >= 0xC0 else 0
            hanzi = hanzi or byte >= 0x80
        else:
            return label_hash if gap and letters >= 2 else np.uint64(0)
    return np.uint64(0)


@inner
def _has_phone(data: UInt8, low: int, high: int) -> bool:
    """Return True if the line has a run of 11 or more digits that is not an account in brackets.

    Such a head line is its own message (2021-05-28 00:37 运单号 张三 13800138000), and the next
    line does not belong to it.
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
            if run >= _PHONE_DIGITS and not bracket:
                return True
        else:
            run = 0
    return False


@inner
def _has_several_labels(data: UInt8, low: int, high: int) -> bool:
    """Return True if the line has more than one colon that is not part of a time or URL."""
    colons = 0
    for at in range(low, high):
        byte = data[at]
        if byte == 58:  # :
            digits = at > low and 48 <= data[at - 1] <= 57
            colons += 0 if digits or (at + 1 < high and data[at + 1] == 47) else 1  # /
        elif byte == 0xEF and three_bytes(data, at, high) == 0xEFBC9A:
            colons += 1
    return colons > 1


@inner
def _starts_with(data: UInt8, low: int, high: int, word: UInt8) -> bool:
    """Return True if the line begins with ``word`` (lower case), in upper or lower case."""
    if high - low < len(word):
        return False
    for i in range(len(word)):
        byte = data[low + i]
        if (byte | 32 if 65 <= byte <= 90 else byte) != word[i]:
            return False
    return True


@inner
def _find_slot(table: UInt64, label_hash: Any) -> int:
    """Return the slot of ``label_hash`` in the hash table, or the free slot for it."""
    mask = np.uint64(len(table) - 1)
    at = (label_hash ^ (label_hash >> np.uint64(29))) & mask
    while table[at] != 0 and table[at] != label_hash:
        at = (at + np.uint64(1)) & mask
    return int(at)


@kernel
def _fill_label_table(
    offsets: Int64, data: UInt8, party: UInt8, table: UInt64, parties: UInt8
) -> None:
    """Write the hashes of all label names to ``table`` and their party flags to ``parties``."""
    for i in range(len(party)):
        label_hash = _label_hash(data, offsets[i], offsets[i + 1])
        if label_hash != 0:
            slot = _find_slot(table, label_hash)
            table[slot] = label_hash
            parties[slot] |= party[i]


def build_label_names(names: Sequence[str], parties: Collection[str]) -> LabelNames:
    """Build the hash table of label names; the labels in ``parties`` name a party (寄件人)."""
    texts = [f"{name}:".encode() for name in names]
    size = 1 << max(len(texts) * 4, 16).bit_length()
    table, found = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    offsets = np.array([0, *np.cumsum([len(text) for text in texts])], np.int64)
    data = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
    party = np.array([name in parties for name in names], np.uint8)
    _fill_label_table(frozen(offsets), frozen(data), party, table, found)
    return LabelNames(table, found)


@kernel
def classify_lines(
    offsets: Int64,
    data: UInt8,
    table: UInt64,
    parties: UInt8,
    kinds: UInt8,
    labels: UInt64,
) -> None:
    """Write each line's kind and flags to ``kinds``, its label's hash to ``labels``.

    ``labels`` has the hash, 0 for a line that does not begin with a known label.  Line i is
    ``data[offsets[i]:offsets[i + 1]]``.
    """
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
        if first in (98, 66) and _starts_with(data, low, high, _CARD_BEGIN_WORD):  # b B
            kinds[i] = CARD_BEGIN
        elif first in (101, 69) and _starts_with(data, low, high, _CARD_END_WORD):  # e E
            kinds[i] = CARD_END
        elif is_separator_line(data, low, high):
            kinds[i] = SEPARATOR
        elif is_message_head(data, low, high):
            kinds[i] = HEAD | (MORE_IN_LINE if _has_phone(data, low, high) else 0)
        else:
            label_hash = _label_hash(data, low, high)
            if label_hash != 0:
                slot = _find_slot(table, label_hash)
                if table[slot] == label_hash:
                    kinds[i] = LABEL | (PARTY if parties[slot] else 0)
                    kinds[i] |= MORE_IN_LINE if _has_several_labels(data, low, high) else 0
                    labels[i] = label_hash
