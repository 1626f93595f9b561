"""The alphabet that texts are folded to: which byte each character becomes, and what it means.

ASCII stays itself, full-width forms, mathematical digits and Kangxi radicals become their base,
zero-width characters a SKIP byte, the end of a text a BREAK byte, Chinese digits ten bytes of
their own.  Characters that shapes of the catalogue name, or that end one of its context words,
get a byte per class of equal treatment (see :class:`Alphabet`); every other Hanzi is HAN, every
other character OTHER.  Circled and superscript digits are OTHER on purpose: whole-string NFKC
would glue them to a neighbour number.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from piiscan.arrays import Bool, UInt8
from piiscan.detect.matching.shapes import Ranges
from piiscan.errors import CatalogError

BREAK: Final = 0
SKIP: Final = 1
HAN_DIGIT: Final = 0x80  # ten bytes: the digits 0 to 9 written in Chinese
HAN: Final = 0x8A
OTHER: Final = 0x8B
_FIRST_FREE: Final = 0x8C

HAN_DIGITS: Final = (
    "〇零",
    "一幺壹",
    "二两贰",
    "三叁",
    "四肆",
    "五伍",
    "六陆",
    "七柒",
    "八捌",
    "九玖",
)
#: Soft hyphen, joiners, directions and isolates, variation selectors, BOM: nothing to be seen.
ZERO_WIDTH: Final = frozenset(
    (
        *(0xAD, 0x34F, 0x61C, 0xFEFF, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
        *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)),
        *(*range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0200)),
    )
)
#: What typesetting makes of a hyphen, a colon and a slash; the dash (–, —) also parts sentences.
_LOOKALIKES: Final = {"-": "‐‑‒−⁃", ":": "∶꞉", "/": "⁄∕", "X": "Ⅹ", "x": "ⅹ"}
#: Other forms of one character: width and small forms, radicals, compatibility Hanzi.
_FORMS: Final = ((0x2E80, 0x2FE0), (0xF900, 0xFB00), (0xFE10, 0xFE1A), (0xFE50, 0xFE6C))
_WIDTH_FORMS: Final = ((0xFF01, 0xFF5F), (0xFFE0, 0xFFE7))
_HAN_RANGES: Final = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x3005, 0x3007))
_CURRENCY: Final = "¥￥€£₩"
_AMOUNT_UNITS: Final = "元圆円块"  # not 万, which is a surname behind a phone number
_AMOUNT_SCALES: Final = "万亿美港欧日"  # in front of 元
_MEASURES: Final = "‰℃"
#: What may stand between a label and its value, besides ASCII punctuation (see context).
_LABEL_GAP: Final = "是为号码「」“”‘’【】〔〕《》→：－—"
_SENTENCE_END: Final = "。！？；"
_FLAGS: Final = (
    *(_CURRENCY, _AMOUNT_UNITS, _AMOUNT_SCALES, _MEASURES),
    *(_LABEL_GAP, _SENTENCE_END),
)

#: What a byte is, for rules about neighbours: one kind a byte.
KIND_OTHER: Final = 0
KIND_DIGIT: Final = 1
KIND_LETTER: Final = 2
KIND_HAN_DIGIT: Final = 3
KIND_HAN: Final = 4
KIND_BREAK: Final = 5


@cache
def base_table() -> dict[int, int]:
    """Code points of the BMP that fold to another one: width forms, radicals, blanks."""
    folded: dict[int, int] = {}
    for first, last in _FORMS + _WIDTH_FORMS:
        for point in range(first, last):
            base = unicodedata.normalize("NFKC", chr(point))
            if len(base) == 1 and ord(base) < 65536:
                folded[point] = ord(base)
    for base, others in _LOOKALIKES.items():
        for other in others:
            folded[ord(other)] = ord(base)
    for blank in (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x2800, 0x3000, 0x3164):
        folded[blank] = 0x20
    for bad in (0x2028, 0x2029, 0x85, 0x0B, 0x0C):
        folded[bad] = 0x0A
    return folded


def base_of(char: str) -> str:
    """The character that ``char`` folds to before it becomes a byte.

    >>> base_of('Ａ'), base_of('⼀'), base_of('①')
    ('A', '一', '①')
    """
    point = ord(char)
    if 0x1D7CE <= point <= 0x1D7FF:
        return chr(48 + (point - 0x1D7CE) % 10)
    return chr(base_table().get(point, point))


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Which byte each character folds to, and what each byte means.

    ``table`` maps the 65,536 code points of the BMP; ``members`` lists the characters of each
    assigned byte; the flags are ``bool[256]`` by byte.
    """

    table: UInt8
    members: dict[int, str]
    kind: UInt8
    hot: Bool  # ends a context word
    gap: Bool  # may stand between a label and its value
    stop: Bool  # ends a sentence: context does not reach across
    currency: Bool
    unit: Bool
    scale: Bool  # may stand between a number and its unit
    measure: Bool  # ends a measure, not an amount

    @classmethod
    def of(cls, shapes: Iterable[Ranges], endings: Iterable[str]) -> Alphabet:
        """An alphabet that tells apart what ``shapes`` and the ``endings`` of words tell apart.

        An ending is the last one or two characters of a word.  Bytes that nothing needs tell
        more endings apart, so that fewer places look like the end of a word.
        """
        classes = sorted({ranges for ranges in shapes if ranges[-1][1] > 127})
        hot, before, alone = set(), set(), set()
        for ending in endings:
            hot.add(base_of(ending[-1]))
            alone |= {base_of(char) for char in ending if len(ending) == 1}
            before |= {base_of(char) for char in ending[:-1]}
        named = {
            chr(point)
            for ranges in classes
            for low, high in ranges
            if high - low < 256
            for point in range(max(low, 128), high + 1)
        }
        flagged = named | {char for char in hot | before if ord(char) > 127}
        flagged |= {char for kind in _FLAGS for char in kind}
        table = _plain_table()
        digits = {char for same in HAN_DIGITS for char in same}
        groups: dict[tuple[object, ...], str] = {}
        apart = [each for each in sorted(set(map(base_of, flagged)) - digits) if ord(each) >= 128]
        inside = np.array([_which_of(ranges, apart) for ranges in classes]).T
        for at, char in enumerate(apart):
            treated = (
                inside[at : at + 1].tobytes(),
                char in hot,
                char if char in alone else "",
                *(char in flag for flag in _FLAGS),
                bool(table[ord(char)] == HAN),
            )
            groups[treated] = groups.get(treated, "") + char
        members = dict(enumerate(_split(list(groups.values()), hot | before), _FIRST_FREE))
        for byte, chars in members.items():
            table[[ord(char) for char in chars]] = byte
        for digit, same in enumerate(HAN_DIGITS):
            members[HAN_DIGIT + digit] = same
        for point, base in base_table().items():
            table[point] = table[base]
        return cls(table, members, **_flags(members, hot))

    def bytes_of(self, ranges: Ranges) -> frozenset[int]:
        """The fold bytes that a class of characters stands for."""
        found = {
            self.table[point] if point < 65536 else HAN
            for low, high in ranges
            if low < 128 or high - low < 256
            for point in range(low, high + 1)
        }
        if contains(ranges, "一") and contains(ranges, "龥"):
            found |= {HAN, *range(HAN_DIGIT, HAN_DIGIT + 10)}
            found |= {b for b, chars in self.members.items() if contains(ranges, chars[0])}
        return frozenset(int(byte) for byte in found)


def _split(groups: list[str], wanted: set[str]) -> list[str]:
    """``groups`` of characters, those with the most ``wanted`` ones halved while bytes are left."""
    most = 256 - _FIRST_FREE
    if len(groups) > most:
        raise CatalogError("shapes and context words tell too many characters apart")
    weights = [sum(char in wanted for char in group) for group in groups]
    while len(groups) < most and max(weights, default=0) > 1:
        at = weights.index(max(weights))
        halves = groups[at][::2], groups[at][1::2]
        groups[at : at + 1] = halves
        weights[at : at + 1] = [sum(char in wanted for char in half) for half in halves]
    return groups


def contains(ranges: Ranges, char: str) -> bool:
    """Whether ``char`` lies in one of ``ranges``."""
    return any(low <= ord(char) <= high for low, high in ranges)


def _which_of(ranges: Ranges, chars: list[str]) -> Bool:
    """Which of ``chars`` lie in one of ``ranges``, all at once."""
    points = np.array([ord(char) for char in chars])
    lows, highs = np.array(ranges).T
    reached = np.append(-1, np.maximum.accumulate(highs))  # by all that begin so far
    return points <= reached[np.searchsorted(lows, points, "right")]


def _plain_table() -> UInt8:
    table = np.full(65536, OTHER, np.uint8)
    for low, high in _HAN_RANGES:
        table[low : high + 1] = HAN
    table[32:127] = np.arange(32, 127)
    table[[9, 10, 13]] = (9, 10, 13)
    table[[point for point in ZERO_WIDTH if point < 65536]] = SKIP
    for digit, same in enumerate(HAN_DIGITS):
        for char in same:
            table[ord(char)] = HAN_DIGIT + digit
    return table


def _flags(members: dict[int, str], hot: set[str]) -> dict[str, Any]:
    kind = np.full(256, KIND_OTHER, np.uint8)
    kind[48:58] = KIND_DIGIT
    kind[65:91] = kind[97:123] = KIND_LETTER
    kind[HAN_DIGIT : HAN_DIGIT + 10] = KIND_HAN_DIGIT
    kind[HAN] = KIND_HAN
    kind[BREAK] = KIND_BREAK
    for byte, chars in members.items():
        if byte >= _FIRST_FREE and unicodedata.category(chars[0]) == "Lo":
            kind[byte] = KIND_HAN

    def having(wanted: str, ascii_wanted: str = "") -> Bool:
        flag = np.zeros(256, np.bool_)
        flag[[ord(char) for char in ascii_wanted]] = True
        for byte, chars in members.items():
            flag[byte] = any(char in wanted for char in chars)
        return flag

    letters = "".join(char for char in hot if ord(char) < 128)
    return {
        "kind": kind,
        "hot": having("".join(hot), letters.lower() + letters.upper()),
        "gap": having(_LABEL_GAP, " \t\r:=,.'\"`#()[]{}<>-|"),
        "stop": having(_SENTENCE_END, "\n;!?"),
        "currency": having(_CURRENCY, "$"),
        "unit": having(_AMOUNT_UNITS),
        "scale": having(_AMOUNT_SCALES),
        "measure": having(_MEASURES),
    }
