"""Folded address text: one uint16 per code point; simplified, half-width, upper case.

``３號樓ａ -> 3号楼A``.  Positions in folded text are code points of the original text.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

import numpy as np

from piiscan.arrays import UInt8, UInt16
from piiscan.data import rows
from piiscan.detect.address.address_numbers import (
    C_BLANK,
    C_CLOSE,
    C_DASH,
    C_DIGIT,
    C_HAN,
    C_HASH,
    C_LETTER,
    C_MARK,
    C_OPEN,
    NO_NUMERAL,
)

_DASHES: Final = "-‐‑‒–—―−~～〜_/／\\"
_OPEN: Final = "([{<【〔《「"
_CLOSE: Final = ")]}>】〕》」"
_MARKS: Final = ",.;:!?|、。·•'\"“”‘’+=*&%$@^`，；：！？"
#: Chinese numerals and their values; 两 is two.
NUMERALS: Final = {
    **{char: value for value, char in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "两": 2,
    "十": 10,
    "百": 100,
}


@cache
def fold_table() -> UInt16:
    """Return the folded character of every character of the basic plane: uint16[65536].

    >>> "".join(chr(fold_table()[ord(char)]) for char in "３號樓ａ—")
    '3号楼A-'
    """
    table = np.arange(1 << 16, dtype=np.uint16)
    for old, new in rows("traditional"):
        table[ord(old)] = ord(new)
    for code in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00), *range(0xFF00, 0xFFF0)):
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1 and ord(plain) < 1 << 16:
            table[code] = table[ord(plain)]
    for code in range(ord("a"), ord("z") + 1):
        table[[code, code + 0xFEE0]] = code - 32
    table[[ord(char) for char in _DASHES if ord(char) != ord("/")]] = ord("-")
    table[[ord("/"), ord("\uff0f"), ord("\\")]] = ord("/")
    table[0x3000] = table[0xA0] = ord(" ")
    return table[table]  # two steps: 餘 -> 馀 -> 余


@cache
def class_table() -> UInt8:
    """Return the class (C_…) of every folded character: uint8[65536]."""
    table = np.zeros(1 << 16, np.uint8)
    table[ord("0") : ord("9") + 1] = C_DIGIT
    table[ord("A") : ord("Z") + 1] = C_LETTER
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x3005, 0x3007)):
        table[first : last + 1] = C_HAN
    table[[ord(char) for char in _MARKS]] = C_MARK
    table[[ord(char) for char in "-/"]] = C_DASH
    table[[ord(char) for char in _OPEN]] = C_OPEN
    table[[ord(char) for char in _CLOSE]] = C_CLOSE
    table[ord("#")] = C_HASH
    table[[*range(33), 0x200B, 0xFEFF]] = C_BLANK
    return table


@cache
def numeral_table() -> UInt8:
    """Return the value of every Chinese numeral, 255 for other characters: uint8[65536]."""
    table = np.full(1 << 16, NO_NUMERAL, np.uint8)
    for char, value in NUMERALS.items():
        table[ord(char)] = value
    return table


def fold_word(word: str) -> str:
    """Return ``word`` as it appears in folded text: ``號樓 -> 号楼``."""
    return word.translate(_folds())


@cache
def _folds() -> dict[int, int]:
    """Return code point -> folded code point for each character that folding changes: 號 -> 号."""
    table = fold_table()
    return {code: int(table[code]) for code in np.flatnonzero(table != np.arange(1 << 16)).tolist()}
