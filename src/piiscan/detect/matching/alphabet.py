r"""Alphabet of the matcher: the byte that each character folds to, and the kind of each byte.

Folding makes one automaton see all spellings of a character:

    １３８ -> 138    ⼀ -> 一    𝟗 -> 9    \u200b -> SKIP    end of a text -> BREAK

ASCII is unchanged. Full-width forms, mathematical digits and Kangxi radicals become their base
character. Zero-width characters become SKIP. Chinese digits have ten bytes of their own, circled,
raised and lowered digits ten more: NFKC would join them to a neighbouring number.
Characters in shapes, and characters at the end of context words, share a byte if all rules treat
them alike. Every other Hanzi is HAN, every other character OTHER.
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

# Folded bytes with a meaning of their own.
BREAK: Final = 0
SKIP: Final = 1
CIRCLED_DIGIT: Final = 0x0E  # ten bytes: digits in a circle, raised, lowered
HAN_DIGIT: Final = 0x80  # ten bytes: Chinese digits for 0 to 9
HAN: Final = 0x8A
OTHER: Final = 0x8B
#: Code points with a byte of their own choice: BMP and plane of the emoji.
PLANES: Final = 0x20000
#: Low byte of a character that may be another one's form, or is outside of LOW_FIRST … LOW_LAST.
ANY_LOW: Final = 0xFF
LOW_FIRST: Final = 0x3000
LOW_LAST: Final = 0x9FFF
# Kinds of a folded byte, for rules about neighbours.
KIND_OTHER: Final = 0
KIND_DIGIT: Final = 1
KIND_LETTER: Final = 2
KIND_HAN_DIGIT: Final = 3
KIND_HAN: Final = 4
KIND_BREAK: Final = 5
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
#: Digits in circles, brackets, with a stop, raised and lowered, by digit; no keycaps.
CIRCLED_DIGITS: Final = (
    "⓪⓿⁰₀",
    "①⓵❶➀➊⑴⒈¹₁",
    "②⓶❷➁➋⑵⒉²₂",
    "③⓷❸➂➌⑶⒊³₃",
    "④⓸❹➃➍⑷⒋⁴₄",
    "⑤⓹❺➄➎⑸⒌⁵₅",
    "⑥⓺❻➅➏⑹⒍⁶₆",
    "⑦⓻❼➆➐⑺⒎⁷₇",
    "⑧⓼❽➇➑⑻⒏⁸₈",
    "⑨⓽❾➈➒⑼⒐⁹₉",
)
#: Invisible characters: soft hyphen, joiners, directions, isolates, variation selectors, BOM, the
#: frame of a keycap.
ZERO_WIDTH: Final = frozenset(
    (
        *(0xAD, 0x34F, 0x61C, 0x20E3, 0xFEFF, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
        *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)),
        *(*range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0200)),
    )
)
#: Typographic variants of hyphen, colon, slash, X. Without the dash (–, —), which ends clauses.
_LOOKALIKES: Final = {"-": "‐‑‒−⁃", ":": "∶꞉", "/": "⁄∕", "X": "Ⅹ", "x": "ⅹ"}
#: Ranges of variants of a character: width and small forms, radicals, compatibility Hanzi.
_FORMS: Final = ((0x2E80, 0x2FE0), (0xF900, 0xFB00), (0xFE10, 0xFE1A), (0xFE50, 0xFE6C))
_WIDTH_FORMS: Final = ((0xFF01, 0xFF5F), (0xFFE0, 0xFFE7))
_HAN_RANGES: Final = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x3005, 0x3007))
_CURRENCY: Final = "¥￥€£₩"
_AMOUNT_UNITS: Final = "元圆円块"  # without 万, a surname that may follow a phone number
_AMOUNT_SCALES: Final = "千万亿美港欧日字人"  # before 元 or a measure; 字节, 人次
_COUNTS: Final = "次件吨斤克米瓦箱条个字节"  # after a quantity, unless a word begins with it
_MEASURES: Final = "‰℃"
#: Characters allowed between a label and its value, besides ASCII punctuation (see ``context``).
_LABEL_GAP: Final = "是为号码「」“”‘’【】〔〕《》→➡☞👉：－—"
_SENTENCE_END: Final = "。！？；"
_SERIES: Final = "、和及与或"  # between numbers of one kind behind one label
_FLAG_CHARS: Final = (
    *(_CURRENCY, _AMOUNT_UNITS, _AMOUNT_SCALES, _COUNTS, _MEASURES),
    *(_LABEL_GAP, _SENTENCE_END, _SERIES),
)


@cache
def base_points() -> dict[int, int]:
    """Return BMP code point -> code point it folds to: width forms, radicals, blanks."""
    folded: dict[int, int] = {}
    for first, last in _FORMS + _WIDTH_FORMS:
        for point in range(first, last):
            base = unicodedata.normalize("NFKC", chr(point))
            if len(base) == 1 and ord(base) < 65536:
                folded[point] = ord(base)
    for base, lookalikes in _LOOKALIKES.items():
        for lookalike in lookalikes:
            folded[ord(lookalike)] = ord(base)
    for blank in (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x2800, 0x3000, 0x3164):
        folded[blank] = 0x20
    for line_break in (0x2028, 0x2029, 0x85, 0x0B, 0x0C):
        folded[line_break] = 0x0A
    return folded


def base_char(char: str) -> str:
    """Return the character that ``char`` folds to, before it becomes a byte.

    >>> base_char('Ａ'), base_char('⼀'), base_char('①')
    ('A', '一', '①')
    """
    point = ord(char)
    if 0x1D7CE <= point <= 0x1D7FF:
        return chr(48 + (point - 0x1D7CE) % 10)
    return chr(base_points().get(point, point))


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Fold table and byte properties of one catalogue.

    ``table``: byte of each code point below PLANES. ``members``: (byte, its characters) for each
    byte that the catalogue uses. ``kind``: ``uint8[256]``, one KIND constant per byte. The flags
    are ``bool[256]``, by byte.
    """

    table: UInt8
    members: tuple[tuple[int, str], ...]
    kind: UInt8
    hot: Bool  # ends a context word
    gap: Bool  # allowed between a label and its value
    stop: Bool  # ends a sentence; no context beyond it
    currency: Bool  # currency sign before an amount
    unit: Bool  # unit after an amount (元)
    scale: Bool  # allowed between a number and its unit (万)
    count: Bool  # unit of a quantity (件)
    measure: Bool  # unit of a measurement, not of an amount
    series: Bool  # between numbers of one kind behind one label

    @classmethod
    def of(cls, shapes: Iterable[Ranges], endings: Iterable[str]) -> Alphabet:
        """Build an alphabet that separates all characters that ``shapes`` or ``endings`` separate.

        ``endings``: last one or two characters of each context word. Bytes left over split the
        ending characters further, so that fewer positions look like the end of a word. Raise
        CatalogError if the catalogue needs more than 116 bytes.
        """
        classes = sorted({ranges for ranges in shapes if ranges[-1][1] > 127})
        last_chars, earlier_chars, single_chars = set(), set(), set()
        for ending in endings:
            last_chars.add(base_char(ending[-1]))
            single_chars |= {base_char(char) for char in ending if len(ending) == 1}
            earlier_chars |= {base_char(char) for char in ending[:-1]}
        named = {
            chr(point)
            for ranges in classes
            for low, high in ranges
            if high - low < 256
            for point in range(max(low, 128), min(high + 1, 65536))
        }
        flagged = named | {char for char in last_chars | earlier_chars if ord(char) > 127}
        flagged |= {char for kind in _FLAG_CHARS for char in kind}
        table = _default_table()
        digits = {char for same in HAN_DIGITS + CIRCLED_DIGITS for char in same}
        groups: dict[tuple[object, ...], str] = {}
        separate_chars = [
            char for char in sorted(set(map(base_char, flagged)) - digits) if ord(char) >= 128
        ]
        membership = np.array([_in_ranges(ranges, separate_chars) for ranges in classes]).T
        for index, char in enumerate(separate_chars):
            treatment = (
                membership[index : index + 1].tobytes(),
                char in last_chars,
                char if char in single_chars else "",
                *(char in flag for flag in _FLAG_CHARS),
                bool(table[ord(char)] == HAN),
            )
            groups[treatment] = groups.get(treatment, "") + char
        members = dict(
            enumerate(_split_groups(list(groups.values()), last_chars | earlier_chars), _FIRST_FREE)
        )
        for byte, chars in members.items():
            table[[ord(char) for char in chars]] = byte
        for digit, same in enumerate(HAN_DIGITS):
            members[HAN_DIGIT + digit] = same
        for digit, same in enumerate(CIRCLED_DIGITS):
            members[CIRCLED_DIGIT + digit] = same
        for point, base in base_points().items():
            table[point] = table[base]
        return cls(table, tuple(members.items()), **_byte_flags(members, last_chars))

    def byte_of(self, char: str) -> int:
        """Return the folded byte of one character."""
        return int(self.table[ord(char)]) if ord(char) < PLANES else HAN

    def codes_of(self, char: str) -> list[int]:
        """Return the folded byte of one character, and of a wide one its low byte before it."""
        byte, point = self.byte_of(char), ord(base_char(char))
        low = point & 0xFF if LOW_FIRST <= point <= LOW_LAST else ANY_LOW
        return [byte] if byte < 128 else [low, byte]

    def bytes_of(self, ranges: Ranges) -> frozenset[int]:
        """Return the folded bytes of the characters in ``ranges``."""
        found = {
            self.table[point] if point < 65536 else HAN if 0x20000 <= point < 0x40000 else OTHER
            for low, high in ranges
            if low < 128 or high - low < 256
            for point in range(low, high + 1)
        }
        if contains(ranges, "一") and contains(ranges, "龥"):
            found |= {HAN, *range(HAN_DIGIT, HAN_DIGIT + 10)}
            found |= {b for b, chars in self.members if contains(ranges, chars[0])}
        return frozenset(int(byte) for byte in found)


def _split_groups(groups: list[str], endings: set[str]) -> list[str]:
    """Split character groups with most ``endings`` until all free bytes have a group.

    Raise CatalogError if there are more groups than free bytes.
    """
    capacity = 256 - _FIRST_FREE
    if len(groups) > capacity:
        raise CatalogError("shape.too_many_groups")
    counts = [sum(char in endings for char in group) for group in groups]
    while len(groups) < capacity and max(counts, default=0) > 1:
        index = counts.index(max(counts))
        halves = groups[index][::2], groups[index][1::2]
        groups[index : index + 1] = halves
        counts[index : index + 1] = [sum(char in endings for char in half) for half in halves]
    return groups


def contains(ranges: Ranges, char: str) -> bool:
    """Return True if ``char`` is in one of ``ranges``."""
    return any(low <= ord(char) <= high for low, high in ranges)


def _in_ranges(ranges: Ranges, chars: list[str]) -> Bool:
    """Return ``bool[len(chars)]``: True for the characters in one of ``ranges``."""
    points = np.array([ord(char) for char in chars])
    lows, highs = np.array(ranges).T
    highest = np.append(-1, np.maximum.accumulate(highs))  # end of all ranges up to here
    return points <= highest[np.searchsorted(lows, points, "right")]


def _default_table() -> UInt8:
    """Build the fold table without a catalogue: ASCII, HAN, digits, SKIP, else OTHER."""
    table = np.full(PLANES, OTHER, np.uint8)
    for low, high in _HAN_RANGES:
        table[low : high + 1] = HAN
    table[32:127] = np.arange(32, 127)
    table[[9, 10, 13]] = (9, 10, 13)
    table[[point for point in ZERO_WIDTH if point < PLANES]] = SKIP
    table[0x1D7CE:0x1D800] = 48 + np.arange(50) % 10
    for digit, same in enumerate(HAN_DIGITS):
        for char in same:
            table[ord(char)] = HAN_DIGIT + digit
    for digit, same in enumerate(CIRCLED_DIGITS):
        for char in same:
            table[ord(char)] = CIRCLED_DIGIT + digit
    return table


def _byte_flags(members: dict[int, str], last_chars: set[str]) -> dict[str, Any]:
    """Return the ``kind`` array and the flag arrays of :class:`Alphabet`, by field name.

    ``last_chars``: characters that end a context word.
    """
    kind = np.full(256, KIND_OTHER, np.uint8)
    kind[48:58] = KIND_DIGIT
    kind[65:91] = kind[97:123] = KIND_LETTER
    kind[HAN_DIGIT : HAN_DIGIT + 10] = KIND_HAN_DIGIT
    kind[HAN] = KIND_HAN
    kind[BREAK] = KIND_BREAK
    for byte, chars in members.items():
        if byte >= _FIRST_FREE and unicodedata.category(chars[0]) == "Lo":
            kind[byte] = KIND_HAN

    def flag_bytes(flagged: str, ascii_flagged: str = "") -> Bool:
        flag = np.zeros(256, np.bool_)
        flag[[ord(char) for char in ascii_flagged]] = True
        for byte, chars in members.items():
            flag[byte] = any(char in flagged for char in chars)
        return flag

    letters = "".join(char for char in last_chars if ord(char) < 128)
    return {
        "kind": kind,
        "hot": flag_bytes("".join(last_chars), letters.lower() + letters.upper()),
        "gap": flag_bytes(_LABEL_GAP, " \t\r:=,.'\"`#()[]{}<>-|"),
        "stop": flag_bytes(_SENTENCE_END, "\n;!?"),
        "currency": flag_bytes(_CURRENCY, "$"),
        "unit": flag_bytes(_AMOUNT_UNITS),
        "scale": flag_bytes(_AMOUNT_SCALES),
        "count": flag_bytes(_COUNTS),
        "measure": flag_bytes(_MEASURES),
        "series": flag_bytes(_SERIES, "/"),
    }
