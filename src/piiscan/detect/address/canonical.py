"""Canonical form of addresses: the same text for every spelling of one address (kernels).

Region names are written in full and as of today if the place was only renamed.  Numbers are Arabic
and each unit has one word.  Blanks, punctuation, postcodes and repeated parts are dropped.
``湖南长沙岳麓麓山南路三号 -> 湖南省长沙市岳麓区麓山南路3号``
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.detect.address.lookup_tables import M_SIDE, M_STEM, NO_NUMERAL, P_NAME
from piiscan.detect.address.normalized_text import C_DASH, C_DIGIT, C_HAN
from piiscan.detect.address.omitted_parts import is_omitted, numeral_value
from piiscan.detect.address.part_kinds import (
    BUILDING,
    ESTATE,
    FLOOR,
    GROUP,
    NUMBER,
    PROVINCE,
    ROAD,
    ROOM,
    TOWN,
    UNIT,
    VILLAGE,
    as_int64,
)
from piiscan.detect.address.part_words import U_LANE, U_PHASE
from piiscan.detect.address.parts import Q_END, Q_KIND, Q_PLACE, Q_START
from piiscan.detect.address.unit_numbers import number_span
from piiscan.detect.address.word_table import K_CLASS, K_MARK, K_NUMERAL, L_UNITS, longest_word
from piiscan.jit import inner, kernel

_ZERO: Final = as_int64(48)
_DASH: Final = as_int64(45)
_HUNDRED: Final = 100
_SIGNS: Final = np.array(
    [ord(char) for char in "号栋元层室组弄单附负地村一二三四五六七八九十"], np.int64
)
(
    _NO,
    _BLOCK,
    _UNIT_SIGN_2,
    _STOREY,
    _ROOM_SIGN,
    _TEAM,
    _LANE,
    _UNIT_SIGN_1,
    _ANNEX,
    _BASEMENT,
    _GROUND,
) = range(11)
_VILLAGE_SIGN: Final = 11
_ONE: Final = 12
_TEN: Final = 21


@kernel
def write_char(out: Any, at: int, char: Any) -> int:  # pragma: no cover - compiled
    """Write one code point to ``out`` at byte ``at`` as UTF-8.  Return the next free byte."""
    code = as_int64(char)
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at], out[at + 1] = 0xC0 | code >> 6, 0x80 | code & 0x3F
        return at + 2
    out[at], out[at + 1] = 0xE0 | code >> 12, 0x80 | code >> 6 & 0x3F
    out[at + 2] = 0x80 | code & 0x3F
    return at + 3


@inner
def write_name(
    out: Any, at: int, number: int, names: Any, name_from: Any
) -> int:  # pragma: no cover - compiled
    """Copy the full place name ``number`` to ``out`` at byte ``at``.  Return the next free byte."""
    size = name_from[number + 1] - name_from[number]
    for place in range(size):
        out[at + place] = names[name_from[number] + place]
    return int(at + size)


@kernel
def write_number(
    out: Any, at: int, text: Any, start: int, end: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """Write number ``text[start:end]`` in Arabic digits to ``out``.  Return the next free byte.

    ``text`` has code points.  Leading zeros are dropped and a row of dashes becomes one dash:
    ``三十二 -> 32``, ``03--201 -> 3-201``.
    """
    if tables.chars[K_NUMERAL, text[start]] < NO_NUMERAL:
        value = numeral_value(text, start, end, tables)
        if value >= 0:
            step: Any = 1
            while step * 10 <= value:
                step *= 10
            while step:
                at = write_char(out, at, _ZERO + value // step % 10)
                step //= 10
            return int(at)
    here = start
    while here < end:
        char = text[here]
        zero = char == 48 and (here == start or tables.chars[K_CLASS, text[here - 1]] != C_DIGIT)
        if zero:
            stop = here
            while stop < end and text[stop] == 48:
                stop += 1
            if stop < end and tables.chars[K_CLASS, text[stop]] == C_DIGIT:
                here = stop
                continue
        if tables.chars[K_CLASS, char] != C_DASH:
            at = write_char(out, at, as_int64(char))
        elif tables.chars[K_CLASS, text[here - 1]] != C_DASH:
            at = write_char(out, at, _DASH)
        here += 1
    return at


@inner
def write_numbered_part(
    out: Any, at: int, kind: int, text: Any, start: int, end: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """Write part ``text[start:end]`` (number and unit) in canonical form to ``out`` at byte ``at``.

    ``二十三幢 -> 23栋``, ``501 -> 501室``, ``B座 -> B栋``.  ``text[start:end]`` is the part and
    ``kind`` its kind (NUMBER, GROUP, BUILDING … ROOM).  Return the next free byte.
    """
    first, stop, _ = number_span(text, start, end, tables)
    if tables.chars[K_MARK, text[start]] & (M_SIDE | M_STEM) or (
        first > start and text[start] == _SIGNS[_ANNEX]
    ):
        at = write_char(out, at, as_int64(text[start]))
    elif first > start and text[start] in (_SIGNS[_BASEMENT], _SIGNS[_GROUND]):
        at = write_char(out, at, _SIGNS[_BASEMENT])
    if stop > first:
        at = write_number(out, at, text, first, stop, tables)
    word, size = longest_word(text, stop, end, tables, L_UNITS)
    if kind == ROOM:
        return write_char(out, at, _SIGNS[_ROOM_SIGN])
    if kind == BUILDING:
        return write_char(out, at, _SIGNS[_BLOCK])
    if kind == UNIT:
        return write_char(out, write_char(out, at, _SIGNS[_UNIT_SIGN_1]), _SIGNS[_UNIT_SIGN_2])
    if kind == FLOOR:
        return write_char(out, at, _SIGNS[_STOREY])
    if kind == GROUP and (stop >= end or text[end - 1] == _SIGNS[_TEAM]):
        return write_char(out, at, _SIGNS[_TEAM])
    if kind == NUMBER and (word < 0 or size == 1 or word == U_LANE):
        return write_char(out, at, _SIGNS[_LANE if word == U_LANE else _NO])
    for here in range(stop, end):
        at = write_char(out, at, as_int64(text[here]))
    return at


@inner
def write_road(
    out: Any, at: int, text: Any, start: int, end: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """Write a road name with Chinese numerals for the numbers 1 to 99: ``长春6街 -> 长春六街``."""
    here = start
    while here < end:
        stop = here
        value: Any = 0
        while stop < end and tables.chars[K_CLASS, text[stop]] == C_DIGIT:
            value = min(value * 10 + as_int64(text[stop]) - 48, _HUNDRED)
            stop += 1
        if stop == here or value == 0 or value >= _HUNDRED:
            stop = max(stop, here + 1)
            for place in range(here, stop):
                if tables.chars[K_CLASS, text[place]] <= C_HAN:
                    at = write_char(out, at, as_int64(text[place]))
        else:
            if value >= 20:
                at = write_char(out, at, _SIGNS[_ONE - 1 + value // 10])
            if value >= 10:
                at = write_char(out, at, _SIGNS[_TEN])
            if value % 10:
                at = write_char(out, at, _SIGNS[_ONE - 1 + value % 10])
        here = stop
    return at


@kernel
def write_all(  # noqa: C901 - how each kind is written, in one place
    first: Any,
    text: Any,
    parts: Any,
    region_names: Any,
    names: Any,
    name_from: Any,
    out: Any,
    offsets: Any,
    tables: Any,
) -> None:  # pragma: no cover - compiled
    """Write the canonical form of every address to ``out`` as UTF-8, and its ends to ``offsets``.

    Args:
        first: int64[n + 1], first part of each address.
        text: folded text of all addresses.
        parts: int32[5, m], rows Q_….
        region_names: int32[n, 3], name numbers of province, city and district; -1 if unknown.
        names, name_from: bytes and offsets of the gazetteer's names.
        out: uint8 buffer, large enough.
        offsets: int64[n + 1], filled with the byte offsets of the forms in ``out``.
        tables: lookup tables.
    """
    at = as_int64(0)
    for row in range(len(first) - 1):
        offsets[row] = at
        start, stop = first[row], first[row + 1]
        written_level = -1
        for column in range(3):
            if region_names[row, column] >= 0:
                written_level = column + PROVINCE
            same = column == 1 and region_names[row, 1] == region_names[row, 0]
            if region_names[row, column] >= 0 and not same:
                at = write_name(out, at, as_int64(region_names[row, column]), names, name_from)
        for towns in (True, False):
            for part in range(start, stop):
                kind = parts[Q_KIND, part]
                begin, end = as_int64(parts[Q_START, part]), as_int64(parts[Q_END, part])
                place = parts[Q_PLACE, part]
                if (kind <= TOWN) != towns or is_omitted(part, start, stop, text, parts, tables):
                    continue
                if kind <= written_level and place >= 0:
                    continue
                if kind == TOWN and place >= 0:
                    at = write_name(
                        out, at, as_int64(tables.place[P_NAME, place]), names, name_from
                    )
                elif kind in (NUMBER, GROUP) or BUILDING <= kind <= ROOM:
                    at = write_numbered_part(out, at, kind, text, begin, end, tables)
                elif kind == ROAD:
                    at = write_road(out, at, text, begin, end, tables)
                else:
                    _, after, _ = number_span(text, begin, end, tables)
                    word, _ = longest_word(text, after, end, tables, L_UNITS)
                    if kind == ESTATE and word == U_PHASE and after > begin:
                        at = write_number(out, at, text, begin, after, tables)
                        begin = after
                    if (
                        kind == VILLAGE
                        and end - begin > 4
                        and text[end - 3] == _SIGNS[_VILLAGE_SIGN]
                    ):
                        end -= 2 + (text[end - 4] == _SIGNS[_VILLAGE_SIGN])  # 村委会
                    for here in range(begin, end):
                        if tables.chars[K_CLASS, text[here]] <= C_HAN:
                            at = write_char(out, at, as_int64(text[here]))
    offsets[len(first) - 1] = at
