"""Part scanner: cut folded text into address parts from left to right (kernels).

address := (region | remark | number | name)*, e.g. ``长沙市示例路1号 -> 长沙市 | 示例路 | 1号``
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.admin_divisions import add_place, find_place
from piiscan.detect.address.full_region_names import full_name_size
from piiscan.detect.address.lookup_tables import M_ROAD_AFFIX, NO_NUMERAL
from piiscan.detect.address.normalized_text import (
    C_BLANK,
    C_DIGIT,
    C_HAN,
    C_HASH,
    C_LETTER,
    C_MARK,
    C_OTHER,
)
from piiscan.detect.address.part_kinds import CITY, DISTRICT, ESTATE, OTHER, PROVINCE, REMARK, ROAD
from piiscan.detect.address.part_words import W_JOIN, W_REMARK, W_SKIP
from piiscan.detect.address.parts import Q_END, Q_GROUP, TYPED_BY_WORD, add_part
from piiscan.detect.address.place_name_ends import find_name
from piiscan.detect.address.unit_numbers import find_number
from piiscan.detect.address.word_table import K_CLASS, K_MARK, K_NUMERAL, L_WORDS, longest_word
from piiscan.jit import inner, kernel

_SECTION: Final = ord("段")
_COUNTY: Final = ord("县")
_AREA: Final = ord("区")
_BANNER: Final = ord("旗")
_DISTRICT_SIZE: Final = 6
_NAME_SIZE: Final = 4
_MOUTH: Final = ord("口")


@inner
def section_end(text: Any, at: int, end: int, tables: Any) -> int:  # pragma: no cover - compiled
    """Return the end of a road section right after a road: ``东段, 一段, 东一段``; 0 for none."""
    here = at
    while here < end and here < at + 3:
        if text[here] == _SECTION:
            return here + 1 if here > at else 0
        between = tables.chars[K_MARK, text[here]] & M_ROAD_AFFIX
        if (
            not between
            and tables.chars[K_NUMERAL, text[here]] == NO_NUMERAL
            and tables.chars[K_CLASS, text[here]] != C_DIGIT
        ):
            return 0
        here += 1
    return 0


@kernel
def scan_remark(
    text: Any, at: int, end: int, parts: Any, state: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Scan a word at ``at`` that names no place (``地址, 对面, 与``) or a road section.

    Skip it or add it to ``parts``.  Return its end; ``at`` if there is none.
    """
    word, size = longest_word(text, at, end, tables, L_WORDS)
    if word == W_SKIP:
        return at + size
    if word == W_REMARK or (word == W_JOIN and state[1] == ROAD):
        add_part(parts, state, REMARK, at, at + size)
        return at + size
    if state[1] == ROAD and state[0] and parts[Q_END, state[0] - 1] == at:
        stop = section_end(text, at, end, tables)
        if stop:
            add_part(parts, state, ROAD, at, stop)
            return stop
        if text[at] == _MOUTH:
            add_part(parts, state, REMARK, at, at + 1)
            return at + 1
    return at


@inner
def district_end(
    text: Any, at: int, end: int, state: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Return the end of an unlisted district right after a province or city; 0 for none.

    Such a name ends in 县, 区 or 旗 and has at most seven characters.
    """
    if state[1] != PROVINCE and state[1] != CITY:
        return 0
    for stop in range(at + 1, min(at + _DISTRICT_SIZE, end)):
        char = text[stop]
        if tables.chars[K_CLASS, char] != C_HAN:
            return 0
        word, _ = longest_word(text, stop, end, tables, L_WORDS)
        if word >= 0 and word != W_SKIP:
            return 0
        signed = char in (_COUNTY, _AREA, _BANNER)
        if signed and stop > at + 1 and tables.chars[K_NUMERAL, text[stop - 1]] == NO_NUMERAL:
            return stop + 1
    return 0


@inner
def scan_address(  # noqa: C901 - one walk from left to right
    text: Any, at: int, end: int, parts: Any, state: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Split the folded text ``[at, end)`` into address parts and append them to ``parts``."""
    state[1:12] = 0
    state[2], state[5] = state[0], end
    here = at
    while here < end:
        group = tables.chars[K_CLASS, text[here]]
        if group in (C_BLANK, C_OTHER) or C_MARK <= group <= C_HASH:
            here += 1
            continue
        if group == C_LETTER:
            stop = scan_remark(text, here, end, parts, state, tables)
            if stop > here:
                here = stop
                continue
        if group == C_LETTER:  # exports write null before an address: null湖南省
            stop = here
            while stop < end and tables.chars[K_CLASS, text[stop]] == C_LETTER:
                stop += 1
            if full_name_size(text, stop, end, PROVINCE - 1, tables):
                add_part(parts, state, OTHER, here, stop)
                here = stop
                continue
        if group == C_HAN:
            size, word, place = find_place(text, here, end, state[10] == 1, state, tables)
            if size:
                add_place(here, size, word, place, parts, state, tables)
                here += size
                continue
            stop = scan_remark(text, here, end, parts, state, tables)
            if stop > here:
                here = stop
                continue
            stop = district_end(text, here, end, state, tables)
            if stop:
                add_part(parts, state, DISTRICT, here, stop)
                here = stop
                continue
        stop = find_number(text, here, end, parts, state, tables)
        if stop > here:
            here = stop
            continue
        stop, kind, by_word = find_name(text, here, end, tables)
        stop = max(stop, here + 1)
        below = state[10]
        add_part(parts, state, kind, here, stop)
        if kind == ESTATE and not by_word and state[6] == 0 and stop - here <= _NAME_SIZE:
            state[10] = below  # perhaps a person's name: a region may still follow
        if kind == ESTATE and by_word:
            state[3] = 1
            parts[Q_GROUP, state[0] - 1] = TYPED_BY_WORD
        here = stop


@kernel
def scan_all(
    text: Any, offsets: Any, parts: Any, state: Any, first: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Split every text into address parts; ``first[row]`` becomes the first part of a text.

    Text ``row`` is ``text[offsets[row]:offsets[row + 1]]``.  ``parts`` and ``state`` are filled.
    """
    state[0] = 0
    for row in range(len(offsets) - 1):
        first[row] = state[0]
        scan_address(text, offsets[row], offsets[row + 1], parts, state, tables)
    first[len(offsets) - 1] = state[0]
