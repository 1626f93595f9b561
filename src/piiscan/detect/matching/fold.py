"""Folding: convert UTF-8 to exactly one byte per code point.

An index into folded text is then a code-point offset, which needs no second map. Grammar:

    folded := BREAK (text BREAK)*    text := one byte per code point

    赵１３８ -> BREAK HAN "1" "3" "8" BREAK
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8, UInt64
from piiscan.detect.matching.alphabet import PLANES, SKIP
from piiscan.jit import inlined, kernel, unaligned_words

#: Operands of a test on eight bytes at once: it sets a high bit unless a byte is 0x20 to 0x7E.
_HIGH_BITS: Final = np.uint64(0x8080808080808080)
_SPACES: Final = np.uint64(0x2020202020202020)
_ONES: Final = np.uint64(0x0101010101010101)
#: Largest value of ``ascii_tail``.
_MAX_TAIL: Final = np.iinfo(np.int32).max


@inlined
def _is_printable_ascii(eight: Any) -> Any:  # pragma: no cover - compiled
    """Return True if all eight bytes of a word are printable ASCII."""
    return (eight | (eight - _SPACES) | (eight + _ONES)) & _HIGH_BITS == np.uint64(0)


@kernel
def _fold(  # noqa: C901 - one pass over the bytes in one kernel
    data: UInt8,
    words: UInt64,
    offsets: Int64,
    table: UInt8,
    folded: UInt8,
    folded_words: UInt64,
    starts: Int64,
    ascii_tail: Int32,
) -> tuple[int, bool]:  # pragma: no cover - compiled
    """Fold all texts in one pass; return (folded length, True if a zero-width character occurs).

    ``words`` and ``folded_words`` are views of ``data`` and ``folded`` with eight bytes per
    element. Fill ``folded``, ``starts`` (start of each text) and ``ascii_tail`` (ASCII characters
    at its end).
    """
    out = 1
    has_zero_width = False  # True if there is a zero-width character
    folded[0] = 0
    for text in range(len(offsets) - 1):
        starts[text] = wide_end = out  # ``wide_end``: end of the last non-ASCII character
        at = offsets[text]
        end = offsets[text + 1]
        while at < end:
            byte = data[at]
            if byte < 0x80:
                before = at
                while at + 8 <= end:  # copy printable ASCII, the usual case, eight at a time
                    word = words[at]
                    if not _is_printable_ascii(word):
                        break
                    folded_words[out] = word
                    at += 8
                    out += 8
                if before < at < end < at + 8:  # the last eight bytes; some are copied twice
                    word = words[end - 8]
                    if _is_printable_ascii(word):
                        out += end - at
                        at = end
                        folded_words[out - 8] = word
                stop = min(at + 8, end)
                while at < stop and data[at] < 0x80:
                    folded[out] = table[data[at]]
                    at += 1
                    out += 1
                continue
            if 0xE0 <= byte < 0xF0 and at + 2 < end:
                point = ((byte & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F)
                folded[out] = table[point]
                has_zero_width |= folded[out] == SKIP
                at += 3
            elif 0xC0 <= byte < 0xE0 and at + 1 < end:
                folded[out] = table[((byte & 0x1F) << 6) | (data[at + 1] & 0x3F)]
                has_zero_width |= folded[out] == SKIP
                at += 2
            elif byte >= 0xF0 and at + 3 < end:
                point = ((data[at + 1] & 0x3F) << 12) | ((data[at + 2] & 0x3F) << 6)
                point |= (data[at + 3] & 0x3F) | ((byte & 0x07) << 18)
                if 0x10000 <= point < PLANES:
                    folded[out] = table[point]
                elif PLANES <= point < 0x40000:
                    folded[out] = 0x8A
                elif 0xE0000 <= point < 0xE0200:  # tags and variation selectors
                    folded[out] = SKIP
                    has_zero_width = True
                else:
                    folded[out] = 0x8B
                at += 4
            else:
                folded[out] = 0x8B
                at += 1
            out += 1
            wide_end = out
        ascii_tail[text] = min(out - wide_end, _MAX_TAIL)
        folded[out] = 0
        out += 1
    starts[len(offsets) - 1] = out
    return out, has_zero_width


def fold_texts(data: UInt8, offsets: Int64, table: UInt8) -> tuple[UInt8, Int64, Int32, bool]:
    """Fold the texts ``data[offsets[i]:offsets[i+1]]``: BREAK text BREAK text … BREAK.

    Return (folded bytes, starts, ascii_tail, has_zero_width). ``starts``: ``int64[n + 1]``, start
    of each text in the folded bytes, and their length. ``ascii_tail``: ``int32[n]``, number of
    ASCII characters at the end of each text. Malformed UTF-8 never reads past a text: a stray byte
    is one OTHER.
    """
    folded = np.empty(int(offsets[-1] - offsets[0]) + len(offsets) + 16, np.uint8)
    starts = np.empty(len(offsets), np.int64)
    ascii_tail = np.empty(len(offsets) - 1, np.int32)
    length, has_zero_width = _fold(
        data,
        unaligned_words(data),
        offsets,
        table,
        folded,
        unaligned_words(folded),
        starts,
        ascii_tail,
    )
    return folded[:length], starts, ascii_tail, has_zero_width
