"""Symbols of the network: texts with runs shortened and variants of a character unified.

``１３８００１３８０００`` -> LONG, ``abc`` -> WORD, ``張`` -> number of 张.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int64, UInt16, UInt32
from piiscan.jit import kernel

#: Numbers of symbols for runs and classes of characters.
PAD: Final = 0
OTHER: Final = 1  # a character that the network does not know
HANZI: Final = 2  # a Hanzi that the network does not know
TAKEN: Final = 3  # inside the span of a pattern
LONG: Final = 4  # seven digits or more
SPACE: Final = 5
LINE: Final = 6
WORD: Final = 7  # three Latin letters or more
NUMBERS: Final = 8  # 8 to 13: one to six digits
FIRST: Final = 16  # the first character of the vocabulary

#: Most code points in one symbol, so that long runs do not hide the rest of a text.
LONGEST_RUN: Final = 64
PLANE: Final = 0x10000
ZERO_WIDTH: Final = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, 0xFE0E, 0xFE0F)
DOTS: Final = "•‧・﹒∙⋅●･ᐧ"


class Symbols(NamedTuple):
    """Symbols of all texts, concatenated.

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
    """Return the table that folds code points of the BMP: width, case, dots, old characters.

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
    text = np.zeros(len(offsets), np.int64)
    count = _read_symbols(codes, offsets, taken, folded, numbered, number, code, start, end, text)
    return Symbols(number[:count], code[:count], start[:count], end[:count], text)


@kernel
def _read_symbols(  # noqa: C901
    codes: UInt32,
    offsets: Int64,
    taken: Bool,
    folded: UInt16,
    numbered: UInt16,
    number: UInt16,
    code: UInt16,
    start: Int64,
    end: Int64,
    text: Int64,
) -> int:
    """Write the network symbols of all texts to the outputs; return their number.

        symbol := run of taken | digits | three letters or more | letter | blanks | breaks |
            character

    A run has at most LONGEST_RUN code points.  Zero-width characters are left out.
    """
    out = 0
    for which in range(len(offsets) - 1):
        text[which] = out
        at = offsets[which]
        stop = offsets[which + 1]
        while at < stop:
            char = codes[at]
            fold = folded[char] if char < PLANE else np.uint16(0xFFFE)
            if fold == 0xFFFF and not taken[at]:
                at += 1
                continue
            run = at + 1
            last = min(stop, at + LONGEST_RUN)
            folded_code = np.uint16(0)
            if taken[at]:
                symbol = np.uint16(TAKEN)
                while run < last and taken[run]:
                    run += 1
            elif 48 <= fold <= 57:
                while run < last and codes[run] < PLANE and not taken[run]:
                    digit = folded[codes[run]]
                    if digit < 48 or digit > 57:
                        break
                    run += 1
                length = run - at
                # A house number directly before a mobile number of eleven digits.
                split = 12 <= length <= 15 and folded[codes[run - 11]] == 49
                if split and folded[codes[run - 10]] >= 51:
                    run -= 11
                    length -= 11
                symbol = np.uint16(LONG if length >= 7 else NUMBERS + length - 1)
            elif 97 <= fold <= 122:
                while run < last and codes[run] < PLANE and not taken[run]:
                    letter = folded[codes[run]]
                    if letter < 97 or letter > 122:
                        break
                    run += 1
                if run - at >= 3:
                    symbol = np.uint16(WORD)
                else:
                    run = at + 1
                    symbol = numbered[fold]
            else:
                if char >= PLANE:
                    symbol = np.uint16(HANZI if 0x20000 <= char < 0x40000 else OTHER)
                else:
                    symbol = numbered[fold]
                    if symbol in (SPACE, LINE):
                        while run < last and codes[run] < PLANE and not taken[run]:
                            if numbered[folded[codes[run]] & 0xFFFF] != symbol:
                                break
                            run += 1
                    elif symbol == HANZI or symbol >= FIRST:
                        folded_code = fold
            number[out] = symbol
            code[out] = folded_code
            start[out] = at
            end[out] = run
            out += 1
            at = run
    text[len(offsets) - 1] = out
    return out
