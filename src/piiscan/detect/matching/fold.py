"""Folding: UTF-8 in, exactly one byte per code point out, so that offsets need no second map."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8, UInt64
from piiscan.detect.matching.alphabet import SKIP
from piiscan.jit import eights, kernel, woven

#: Eight bytes at once: the high bit of each, and what makes it set below 0x20 and at 0x7F.
_HIGH: Final = np.uint64(0x8080808080808080)
_BLANKS: Final = np.uint64(0x2020202020202020)
_ONES: Final = np.uint64(0x0101010101010101)
#: The most that a tail is said to have.
_MOST: Final = np.iinfo(np.int32).max


@woven
def _is_plain(eight: Any) -> Any:  # pragma: no cover - compiled
    """Whether eight bytes are printable ASCII."""
    return (eight | (eight - _BLANKS) | (eight + _ONES)) & _HIGH == np.uint64(0)


@kernel
def _fold(  # noqa: C901 - one walk over the bytes, kept in one kernel
    data: UInt8,
    words: UInt64,
    offsets: Int64,
    table: UInt8,
    folded: UInt8,
    eight: UInt64,
    starts: Int64,
    tail: Int32,
) -> tuple[int, bool]:  # pragma: no cover - compiled
    out = 1
    crossed = False  # whether there is a zero-width character
    folded[0] = 0
    for text in range(len(offsets) - 1):
        starts[text] = wide = out  # ``wide``: behind the last character that is not ASCII
        at = offsets[text]
        end = offsets[text + 1]
        while at < end:
            byte = data[at]
            if byte < 0x80:
                before = at
                while at + 8 <= end:  # printable ASCII, which is most of a dump, stays as it is
                    word = words[at]
                    if not _is_plain(word):
                        break
                    eight[out] = word
                    at += 8
                    out += 8
                if before < at < end < at + 8:  # the last eight, some of them a second time
                    word = words[end - 8]
                    if _is_plain(word):
                        out += end - at
                        at = end
                        eight[out - 8] = word
                stop = min(at + 8, end)
                while at < stop and data[at] < 0x80:
                    folded[out] = table[data[at]]
                    at += 1
                    out += 1
                continue
            if 0xE0 <= byte < 0xF0 and at + 2 < end:
                point = ((byte & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F)
                folded[out] = table[point]
                crossed |= folded[out] == SKIP
                at += 3
            elif 0xC0 <= byte < 0xE0 and at + 1 < end:
                folded[out] = table[((byte & 0x1F) << 6) | (data[at + 1] & 0x3F)]
                crossed |= folded[out] == SKIP
                at += 2
            elif byte >= 0xF0 and at + 3 < end:
                point = ((data[at + 1] & 0x3F) << 12) | ((data[at + 2] & 0x3F) << 6)
                point |= (data[at + 3] & 0x3F) | ((byte & 0x07) << 18)
                if 0x1D7CE <= point <= 0x1D7FF:
                    folded[out] = 48 + (point - 0x1D7CE) % 10
                elif 0x20000 <= point < 0x40000:
                    folded[out] = 0x8A
                elif 0xE0000 <= point < 0xE0200:  # tags and variation selectors
                    folded[out] = SKIP
                    crossed = True
                else:
                    folded[out] = 0x8B
                at += 4
            else:
                folded[out] = 0x8B
                at += 1
            out += 1
            wide = out
        tail[text] = min(out - wide, _MOST)
        folded[out] = 0
        out += 1
    starts[len(offsets) - 1] = out
    return out, crossed


def fold_texts(data: UInt8, offsets: Int64, table: UInt8) -> tuple[UInt8, Int64, Int32, bool]:
    """The texts ``data[offsets[i]:offsets[i+1]]`` folded: BREAK text BREAK text … BREAK.

    With it int64[n + 1]: where each text begins in it, and its length at the end; int32[n]: how
    many characters at the end of each are ASCII, a byte each; and whether a zero-width character
    (SKIP) is anywhere.  Malformed UTF-8 never reads past a text: a stray byte is one OTHER.
    """
    folded = np.empty(int(offsets[-1] - offsets[0]) + len(offsets) + 16, np.uint8)
    starts = np.empty(len(offsets), np.int64)
    tail = np.empty(len(offsets) - 1, np.int32)
    length, crossed = _fold(
        data, eights(data), offsets, table, folded, eights(folded), starts, tail
    )
    return folded[:length], starts, tail, crossed
