"""The form of an address in which two writings of it are equal texts (kernels).

Regions stand in full and as of today where they were only renamed; numbers are Arabic, their words
one of each kind; blanks, punctuation, postcodes and what is said twice are left out.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from piiscan.detect.address.lookup_tables import M_SIDE, M_STEM, NO_NUMERAL, P_NAME
from piiscan.detect.address.normalized_text import C_DASH, C_DIGIT, C_HAN
from piiscan.detect.address.omitted_parts import left_out, numeral_value
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
    fixed,
)
from piiscan.detect.address.part_words import U_LANE, U_PHASE
from piiscan.detect.address.parts import Q_END, Q_KIND, Q_PLACE, Q_START
from piiscan.detect.address.unit_numbers import number_end
from piiscan.detect.address.word_table import K_CLASS, K_MARK, K_NUMERAL, L_UNITS, longest_word
from piiscan.jit import inner, kernel

_ZERO: Final = fixed(48)
_DASH: Final = fixed(45)
_HUNDRED: Final = 100
_SIGNS: Final = np.array(
    [ord(char) for char in "号栋元层室组弄单附负地村一二三四五六七八九十"], np.int64
)
(_NO, _BLOCK, _YUAN, _STOREY, _ROOM_SIGN, _TEAM, _LANE, _DAN, _BESIDE, _UNDER, _GROUND) = range(11)
_CUN: Final = 11
_ONE: Final = 12
_TEN: Final = 21


@kernel
def write(out: Any, at: int, char: Any) -> int:  # pragma: no cover - compiled
    """``out`` with one more character in UTF-8; where it ends."""
    code = fixed(char)
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
    """A full name of the gazetteer."""
    size = name_from[number + 1] - name_from[number]
    for place in range(size):
        out[at + place] = names[name_from[number] + place]
    return int(at + size)


@kernel
def write_number(
    out: Any, at: int, text: Any, start: int, end: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """A number in Arabic digits, without zeros in front; dashes as one."""
    if tables.chars[K_NUMERAL, text[start]] < NO_NUMERAL:
        value = numeral_value(text, start, end, tables)
        if value >= 0:
            step: Any = 1
            while step * 10 <= value:
                step *= 10
            while step:
                at = write(out, at, _ZERO + value // step % 10)
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
            at = write(out, at, fixed(char))
        elif tables.chars[K_CLASS, text[here - 1]] != C_DASH:
            at = write(out, at, _DASH)
        here += 1
    return at


@inner
def write_counted(
    out: Any, at: int, kind: int, text: Any, start: int, end: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """A part that is a number and its word; a name, where it is none."""
    first, stop, _ = number_end(text, start, end, tables)
    if tables.chars[K_MARK, text[start]] & (M_SIDE | M_STEM) or (
        first > start and text[start] == _SIGNS[_BESIDE]
    ):
        at = write(out, at, fixed(text[start]))
    elif first > start and text[start] in (_SIGNS[_UNDER], _SIGNS[_GROUND]):
        at = write(out, at, _SIGNS[_UNDER])
    if stop > first:
        at = write_number(out, at, text, first, stop, tables)
    said, size = longest_word(text, stop, end, tables, L_UNITS)
    if kind == ROOM:
        return write(out, at, _SIGNS[_ROOM_SIGN])
    if kind == BUILDING:
        return write(out, at, _SIGNS[_BLOCK])
    if kind == UNIT:
        return write(out, write(out, at, _SIGNS[_DAN]), _SIGNS[_YUAN])
    if kind == FLOOR:
        return write(out, at, _SIGNS[_STOREY])
    if kind == GROUP and (stop >= end or text[end - 1] == _SIGNS[_TEAM]):
        return write(out, at, _SIGNS[_TEAM])
    if kind == NUMBER and (said < 0 or size == 1 or said == U_LANE):
        return write(out, at, _SIGNS[_LANE if said == U_LANE else _NO])
    for here in range(stop, end):
        at = write(out, at, fixed(text[here]))
    return at


@inner
def write_road(
    out: Any, at: int, text: Any, start: int, end: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """The name of a road, with small numbers in it in Chinese: 长春6街 is 长春六街."""
    here = start
    while here < end:
        stop = here
        value: Any = 0
        while stop < end and tables.chars[K_CLASS, text[stop]] == C_DIGIT:
            value = min(value * 10 + fixed(text[stop]) - 48, _HUNDRED)
            stop += 1
        if stop == here or value == 0 or value >= _HUNDRED:
            stop = max(stop, here + 1)
            for place in range(here, stop):
                if tables.chars[K_CLASS, text[place]] <= C_HAN:
                    at = write(out, at, fixed(text[place]))
        else:
            if value >= 20:
                at = write(out, at, _SIGNS[_ONE - 1 + value // 10])
            if value >= 10:
                at = write(out, at, _SIGNS[_TEN])
            if value % 10:
                at = write(out, at, _SIGNS[_ONE - 1 + value % 10])
        here = stop
    return at


@kernel
def write_all(  # noqa: C901 - how each kind is written, in one place
    first: Any,
    text: Any,
    parts: Any,
    names_of: Any,
    names: Any,
    name_from: Any,
    out: Any,
    offsets: Any,
    tables: Any,
) -> None:  # pragma: no cover - compiled
    """Write the form of every address; ``names_of[row]``: its province, city and district."""
    at = fixed(0)
    for row in range(len(first) - 1):
        offsets[row] = at
        start, stop = first[row], first[row + 1]
        told_level = -1
        for column in range(3):
            if names_of[row, column] >= 0:
                told_level = column + PROVINCE
            same = column == 1 and names_of[row, 1] == names_of[row, 0]
            if names_of[row, column] >= 0 and not same:
                at = write_name(out, at, fixed(names_of[row, column]), names, name_from)
        for towns in (True, False):
            for part in range(start, stop):
                kind = parts[Q_KIND, part]
                begin, end = fixed(parts[Q_START, part]), fixed(parts[Q_END, part])
                place = parts[Q_PLACE, part]
                if (kind <= TOWN) != towns or left_out(part, start, stop, text, parts, tables):
                    continue
                if kind <= told_level and place >= 0:
                    continue
                if kind == TOWN and place >= 0:
                    at = write_name(out, at, fixed(tables.place[P_NAME, place]), names, name_from)
                elif kind in (NUMBER, GROUP) or BUILDING <= kind <= ROOM:
                    at = write_counted(out, at, kind, text, begin, end, tables)
                elif kind == ROAD:
                    at = write_road(out, at, text, begin, end, tables)
                else:
                    _, after, _ = number_end(text, begin, end, tables)
                    said, _ = longest_word(text, after, end, tables, L_UNITS)
                    if kind == ESTATE and said == U_PHASE and after > begin:
                        at = write_number(out, at, text, begin, after, tables)
                        begin = after
                    if kind == VILLAGE and end - begin > 4 and text[end - 3] == _SIGNS[_CUN]:
                        end -= 2 + (text[end - 4] == _SIGNS[_CUN])  # 村委会
                    for here in range(begin, end):
                        if tables.chars[K_CLASS, text[here]] <= C_HAN:
                            at = write(out, at, fixed(text[here]))
    offsets[len(first) - 1] = at
