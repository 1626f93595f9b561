"""Offsets: map spans of folded text to text numbers, code points and UTF-8 bytes.

Findings report code points; the bytes locate the text in the buffer. Example:

    手机138, folded span [3, 6) -> text 0, code points [2, 5), bytes [6, 9)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.detect.matching import match_kernels


class FoldedTexts(NamedTuple):
    """Texts as bytes and folded: text i is ``data[offsets[i]:offsets[i + 1]]``.

    It starts at ``starts[i]`` of ``folded``, one byte a code point. Its last ``ascii_tail[i]``
    characters are ASCII.
    """

    data: UInt8
    offsets: Int64
    folded: UInt8
    starts: Int64
    ascii_tail: Int32

    @property
    def texts(self) -> int:
        """Return the number of texts."""
        return len(self.starts) - 1

    @property
    def length(self) -> int:
        """Return the number of folded bytes."""
        return len(self.folded)


class Offsets(NamedTuple):
    """Offsets of candidates: text number, code points in the text, UTF-8 bytes in the buffer.

    ``text_byte``: byte offset of the text itself. Spans are [start, end).
    """

    text: Int64
    text_byte: Int64
    start: Int32
    end: Int32
    byte_start: Int64
    byte_end: Int64


def fold_positions(
    texts: FoldedTexts, text: Int64, byte_start: Int64, byte_end: Int64
) -> tuple[Int64, Int64]:
    """Return the folded start and end of byte spans within texts; -1 within a character.

    ``text``: text of each span. The spans are in order and none overlaps another.
    """
    bytes_, folded = np.ravel((byte_start, byte_end), "F"), np.empty(2 * len(text), np.int64)
    match_kernels.find_folded_positions(texts, np.repeat(text, 2), bytes_, folded)
    return folded[::2], folded[1::2]


def are_plain(data: UInt8, start: Int64, end: Int64, ascii_too: Bool) -> Bool:
    """Return ``bool[k]``: True if a UTF-8 span has nothing but common Hanzi (U+4000 to U+9FFF).

    ``ascii_too``: True for spans that may have printable ASCII without blanks too.
    """
    plain = np.empty(len(start), np.bool_)
    match_kernels.find_plain(data, start, end, ascii_too, plain)
    return plain
