"""Addresses cut into parts, from left to right (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.admin_divisions import find_place, put_place
from piiscan.detect.address.full_region_names import full_place
from piiscan.detect.address.lookup_tables import M_BETWEEN, NO_NUMERAL
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
from piiscan.detect.address.parts import Q_END, Q_GROUP, SAID, put
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
    """The end of 东段, 一段, 东一段 right behind a road, else 0."""
    here = at
    while here < end and here < at + 3:
        if text[here] == _SECTION:
            return here + 1 if here > at else 0
        between = tables.chars[K_MARK, text[here]] & M_BETWEEN
        if (
            not between
            and tables.chars[K_NUMERAL, text[here]] == NO_NUMERAL
            and tables.chars[K_CLASS, text[here]] != C_DIGIT
        ):
            return 0
        here += 1
    return 0


@kernel
def beside(
    text: Any, at: int, end: int, parts: Any, state: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Where words beside the address end, put or passed over; ``at`` if there are none."""
    said, size = longest_word(text, at, end, tables, L_WORDS)
    if said == W_SKIP:
        return at + size
    if said == W_REMARK or (said == W_JOIN and state[1] == ROAD):
        put(parts, state, REMARK, at, at + size)
        return at + size
    if state[1] == ROAD and state[0] and parts[Q_END, state[0] - 1] == at:
        stop = section_end(text, at, end, tables)
        if stop:
            put(parts, state, ROAD, at, stop)
            return stop
        if text[at] == _MOUTH:
            put(parts, state, REMARK, at, at + 1)
            return at + 1
    return at


@inner
def district_end(
    text: Any, at: int, end: int, state: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """The end of a district that no table has, right behind a province or a city, else 0."""
    if state[1] != PROVINCE and state[1] != CITY:
        return 0
    for stop in range(at + 1, min(at + _DISTRICT_SIZE, end)):
        char = text[stop]
        if tables.chars[K_CLASS, char] != C_HAN:
            return 0
        said, _ = longest_word(text, stop, end, tables, L_WORDS)
        if said >= 0 and said != W_SKIP:
            return 0
        signed = char in (_COUNTY, _AREA, _BANNER)
        if signed and stop > at + 1 and tables.chars[K_NUMERAL, text[stop - 1]] == NO_NUMERAL:
            return stop + 1
    return 0


@inner
def scan_one(  # noqa: C901 - one walk from left to right
    text: Any, at: int, end: int, parts: Any, state: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Put the parts of the text between ``at`` and ``end``."""
    state[1:12] = 0
    state[2], state[5] = state[0], end
    here = at
    while here < end:
        group = tables.chars[K_CLASS, text[here]]
        if group in (C_BLANK, C_OTHER) or C_MARK <= group <= C_HASH:
            here += 1
            continue
        if group == C_LETTER:
            stop = beside(text, here, end, parts, state, tables)
            if stop > here:
                here = stop
                continue
        if group == C_LETTER:  # what an export puts where nothing stood: null湖南省
            stop = here
            while stop < end and tables.chars[K_CLASS, text[stop]] == C_LETTER:
                stop += 1
            if full_place(text, stop, end, PROVINCE - 1, tables):
                put(parts, state, OTHER, here, stop)
                here = stop
                continue
        if group == C_HAN:
            size, word, place = find_place(text, here, end, state[10] == 1, state, tables)
            if size:
                put_place(here, size, word, place, parts, state, tables)
                here += size
                continue
            stop = beside(text, here, end, parts, state, tables)
            if stop > here:
                here = stop
                continue
            stop = district_end(text, here, end, state, tables)
            if stop:
                put(parts, state, DISTRICT, here, stop)
                here = stop
                continue
        stop = find_number(text, here, end, parts, state, tables)
        if stop > here:
            here = stop
            continue
        stop, kind, said = find_name(text, here, end, tables)
        stop = max(stop, here + 1)
        below = state[10]
        put(parts, state, kind, here, stop)
        if kind == ESTATE and not said and state[6] == 0 and stop - here <= _NAME_SIZE:
            state[10] = below  # perhaps a person: the region may still begin
        if kind == ESTATE and said:
            state[3] = 1
            parts[Q_GROUP, state[0] - 1] = SAID
        here = stop


@kernel
def scan_all(
    text: Any, offsets: Any, parts: Any, state: Any, first: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Put the parts of every text; ``first[row]`` is the first part of the text ``row``."""
    state[0] = 0
    for row in range(len(offsets) - 1):
        first[row] = state[0]
        scan_one(text, offsets[row], offsets[row + 1], parts, state, tables)
    first[len(offsets) - 1] = state[0]
