"""Symbols: input of the network, from texts with runs shortened and variants unified.

``１３８００１３８０００`` -> LONG, ``abc`` -> WORD, ``張`` -> number of 张.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int64, UInt16, UInt32
from piiscan.detect.ner.model.network_kernels import write_symbols
from piiscan.detect.ner.model.network_numbers import FIRST, HANZI, LINE, OTHER, PLANE, SPACE

ZERO_WIDTH: Final = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, 0xFE0E, 0xFE0F)
DOTS: Final = "•‧・﹒∙⋅●･ᐧ"


class Symbols(NamedTuple):
    """Symbols of all texts, concatenated, with their texts and positions.

    Attributes:
        number: number of each symbol
        code: folded character for the dictionary of words, 0 for a run
        start, end: span of each symbol in code points
        text: index of the first symbol of each text
    """

    number: UInt16
    code: UInt16
    start: Int64
    end: Int64
    text: Int64


def build_fold_table(pairs: tuple[str, str]) -> UInt16:
    """Build the fold table of BMP code points: width, case, dots, old characters.

    ``uint16[65536]``, 0xFFFF for zero-width characters.  ``pairs``: traditional characters, and
    their simplified forms.
    """
    table = np.arange(PLANE, dtype=np.uint16)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)
    table[0x3000] = table[0xA0] = 0x20
    for char in DOTS:
        table[ord(char)] = ord("·")
    for old, new in zip(*pairs, strict=True):
        table[ord(old)] = ord(new)
    table[ord("A") : ord("Z") + 1] += 32
    table[0xFF21:0xFF3B] = np.arange(ord("a"), ord("z") + 1)
    for code in ZERO_WIDTH:
        table[code] = 0xFFFF
    return table


def build_number_table(vocabulary: str) -> UInt16:
    """Return the symbol number of each folded code point of the BMP (``uint16[65536]``).

    ``vocabulary``: the characters that the network knows, in order.
    """
    table = np.full(PLANE, OTHER, np.uint16)
    table[0x3400:0xA000] = HANZI
    table[0xF900:0xFB00] = HANZI
    for char in " \t\u2003\u2002":
        table[ord(char)] = SPACE
    for char in "\n\r\x0b\x0c\u2028\u2029":
        table[ord(char)] = LINE
    for at, char in enumerate(vocabulary):
        table[ord(char)] = FIRST + at
    return table


def read_symbols(
    codes: UInt32, offsets: Int64, taken: Bool, *, folded: UInt16, numbered: UInt16
) -> Symbols:
    """Convert the code points of all texts to network symbols.

    Args:
        codes: code points of all texts
        offsets: index at which each text starts
        taken: True for code points inside the span of a pattern
        folded: table of :func:`build_fold_table`
        numbered: table of :func:`build_number_table`
    """
    most = len(codes) + 1
    number, code = np.empty(most, np.uint16), np.empty(most, np.uint16)
    start, end = np.empty(most, np.int64), np.empty(most, np.int64)
    made = Symbols(number, code, start, end, np.zeros(len(offsets), np.int64))
    count = write_symbols(codes, offsets, taken, folded, numbered, made)
    return Symbols(number[:count], code[:count], start[:count], end[:count], made.text)
