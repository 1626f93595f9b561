"""Numbers in an address and their kind by the unit word after them (kernels).

number := [lead] digits (dash digits)* [unit], e.g. ``3号 -> number``, ``二栋 -> building``,
``501 -> room``.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.lookup_tables import M_LEAD, M_NAME_TAIL, M_SIDE, M_STEM
from piiscan.detect.address.normalized_text import C_DASH, C_DIGIT, C_HAN, C_LETTER
from piiscan.detect.address.part_kinds import (
    BUILDING,
    ESTATE,
    FLOOR,
    GROUP,
    NUMBER,
    OTHER,
    POSTCODE,
    REMARK,
    ROAD,
    ROOM,
    TOWN,
    UNIT,
    VILLAGE,
    ZONE,
)
from piiscan.detect.address.part_words import (
    U_BUILDING,
    U_COURT,
    U_FLOOR,
    U_GROUP,
    U_LANE,
    U_METRES,
    U_NUMBER,
    U_PHASE,
    U_ROAD,
    U_STOREY,
    U_UNIT,
    U_VILLAGE,
)
from piiscan.detect.address.parts import Q_KIND, add_part, retype_last
from piiscan.detect.address.place_name_ends import is_counted_unit, numeral_end
from piiscan.detect.address.word_table import K_CLASS, K_MARK, L_UNITS, longest_word
from piiscan.jit import inner, kernel

_F: Final = ord("F")
_LANE: Final = ord("弄")
_BASEMENT: Final = (ord("地"), ord("下"))
_LIST: Final = ord("、")
_ANNEX: Final = ord("附")
#: Digits of a postcode; a longer run is a phone number or another number.
_POSTCODE: Final = 6
#: A bare number is a room from this many digits on, with fewer a building.
_ROOM_DIGITS: Final = 3


@inner
def number_span(
    text: Any, at: int, end: int, tables: Any
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Find the number at ``at``, without its unit word.  Return (start, end, number of digits).

    The start is after a leading 第, 附, 东, 甲 or 地下; the end is before the unit word.  Dashes
    between digits or letters belong to the number.  Start equals end if there is no number.
    """
    first = at
    bits = tables.chars[K_MARK, text[at]]
    if at + 1 < end and text[at] == _BASEMENT[0] and text[at + 1] == _BASEMENT[1]:
        first = at + 2
    elif bits & (M_LEAD | M_SIDE | M_STEM):
        first = at + 1
    here, digits = first, 0
    while here < end:
        group = tables.chars[K_CLASS, text[here]]
        if group == C_DIGIT:
            digits += 1
        elif group == C_DASH or text[here] == _LIST:
            stop = here
            while stop < end and (
                tables.chars[K_CLASS, text[stop]] == C_DASH or text[stop] == _LIST
            ):
                stop += 1
            if here == first or stop >= end:
                break
            if not C_DIGIT <= tables.chars[K_CLASS, text[stop]] <= C_LETTER:
                break
        elif group != C_LETTER:
            break
        here += 1
    if here == first:
        here = numeral_end(text, first, end, tables)
        digits = here - first
    return first, here, digits


@kernel
def add_dashed_numbers(
    text: Any, at: int, stop: int, full: int, last: int, parts: Any, state: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Append the numbers of ``3-2-501`` as parts, from the building down to the kind ``last``.

    ``3-2-501室 -> 3 (building) | 2 (unit) | 501室 (room)``.  ``text[at:stop]`` are the numbers;
    ``full`` is the end of the unit word.
    """
    count = 1
    for here in range(at + 1, stop):
        dash = tables.chars[K_CLASS, text[here]] == C_DASH
        count += dash and tables.chars[K_CLASS, text[here - 1]] != C_DASH
    kind = UNIT if state[1] == BUILDING else BUILDING
    width = 0
    while at + width < stop and tables.chars[K_CLASS, text[at + width]] != C_DASH:
        width += 1
    if last == ROOM and count == 2 and width >= _ROOM_DIGITS and BUILDING <= state[1] < ROOM:
        add_part(parts, state, ROOM, at, full)  # 1701-1702室 is one part
        return
    if last == UNIT:
        kind = BUILDING
    start, number = at, 1
    for here in range(at, stop + 1):
        if here == stop or tables.chars[K_CLASS, text[here]] == C_DASH:
            if here == start:
                start = here + 1
                continue
            if number == count:
                add_part(parts, state, last, start, full)
            else:
                add_part(parts, state, kind, start, here)
                kind = UNIT if kind == BUILDING else FLOOR
            start = here + 1
            number += 1


@inner
def number_kind(  # noqa: C901 - all unit words in one table
    text: Any, at: int, size: int, unit: int, next_unit: int, state: Any
) -> int:  # pragma: no cover - compiled
    """Return the part kind of a number in an address: BUILDING for ``2栋``, ROOM for ``501室``.

    The kind follows from the unit words of this and the next number, and from the part before.

    Args:
        text, at, size: the number, with ``size`` characters from ``at`` on.
        word: the class of its unit word (U_…).
        behind: the class of the unit word of the next number, -1 for none.
        state: the scan state; ``state[1]`` is the kind of the part before.
    """
    before = state[1]
    if unit == U_NUMBER:
        if text[at] == _ANNEX:
            return before if before in (NUMBER, BUILDING, ROOM) else NUMBER
        if before == ESTATE:
            return NUMBER if state[3] == 0 and state[4] == 0 else BUILDING
        if before == NUMBER:
            return BUILDING
        if before == BUILDING and size < _ROOM_DIGITS:
            return UNIT
        return ROOM if BUILDING <= before <= ROOM else NUMBER
    if unit == U_BUILDING:
        return BUILDING
    if unit == U_UNIT:
        return ROOM if size > _ROOM_DIGITS and before in (ESTATE, BUILDING, FLOOR) else UNIT
    if unit == U_STOREY:
        return BUILDING if next_unit == U_UNIT else FLOOR
    if unit == U_FLOOR:
        return FLOOR
    if unit == U_GROUP:
        return GROUP
    if unit in (U_LANE, U_COURT):
        return NUMBER
    if unit == U_ROAD:
        return ROAD
    if unit == U_PHASE:
        return ESTATE
    if unit == U_METRES:
        return REMARK
    return VILLAGE if unit == U_VILLAGE else ROOM


@inner
def add_bare_number(
    text: Any, at: int, stop: int, digits: int, parts: Any, state: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Append number ``text[at:stop]``, which has no unit word, to ``parts``.  Return its end.

    The kind follows from the part before: ``示例路12 -> number``, ``2栋501 -> room``.
    """
    before = state[1]
    dashes = 0
    for here in range(at + 1, stop):
        dash = tables.chars[K_CLASS, text[here]] == C_DASH
        dashes += dash and tables.chars[K_CLASS, text[here - 1]] != C_DASH
    if dashes == 0 and digits >= _POSTCODE and stop - at == digits:
        add_part(parts, state, POSTCODE if digits == _POSTCODE else OTHER, at, stop)
    elif before == ROAD and dashes < 2:
        add_part(parts, state, NUMBER, at, stop)
    elif dashes:
        tail = stop
        while tables.chars[K_CLASS, text[tail - 1]] != C_DASH:
            tail -= 1
        short = dashes == 1 and stop - tail < _ROOM_DIGITS and before not in (BUILDING, UNIT)
        add_dashed_numbers(text, at, stop, stop, UNIT if short else ROOM, parts, state, tables)
    elif before in (UNIT, FLOOR, ROOM):
        add_part(parts, state, ROOM, at, stop)
    elif before == BUILDING:
        more = stop + 1 < text_end(state) and tables.chars[K_CLASS, text[stop + 1]] == C_DIGIT
        add_part(parts, state, UNIT if more and stop - at < _ROOM_DIGITS else ROOM, at, stop)
    elif before in (VILLAGE, GROUP):
        add_part(parts, state, NUMBER, at, stop)
    elif before == ZONE:
        add_part(parts, state, BUILDING, at, stop)
    elif before in (ESTATE, NUMBER):
        add_part(parts, state, ROOM if stop - at >= _ROOM_DIGITS else BUILDING, at, stop)
    else:
        add_part(parts, state, OTHER, at, stop)
    return stop


@inner
def text_end(state: Any) -> int:  # pragma: no cover - compiled
    """Return the end of the text under scan, from the scan ``state``."""
    return int(state[5])


@inner
def find_number(  # noqa: C901 - every form of a number in one place
    text: Any, at: int, end: int, parts: Any, state: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Append the number at ``at`` with its unit to ``parts``, maybe as several.  Return its end.

    Return ``at`` if there is no number.
    """
    first, stop, digits = number_span(text, at, end, tables)
    word, size = longest_word(text, stop, end, tables, L_UNITS)
    if stop == first:  # 东楼, 甲座: the leading character is the number
        if (
            first == at
            or word not in (U_BUILDING, U_UNIT)
            or tables.chars[K_MARK, text[at]] & M_LEAD
        ):
            return at
        add_part(parts, state, BUILDING if word == U_BUILDING else UNIT, at, stop + size)
        return stop + size
    numeral = tables.chars[K_CLASS, text[first]] == C_HAN
    if word < 0:
        if digits > 0 and text[stop - 1] == _F and stop - first > 1 and digits == stop - first - 1:
            add_part(parts, state, FLOOR, at, stop)
            return stop
        if digits == 0 or numeral or (first > at and text[at] != _ANNEX):
            return at
        glued = stop < end and tables.chars[K_CLASS, text[stop]] == C_HAN
        glued = glued and not is_counted_unit(text, stop, end, tables)
        whole = stop - first == digits
        short = state[1] != ESTATE or (whole and digits < _ROOM_DIGITS)
        if glued and short and (not ROAD <= state[1] <= ROOM or state[1] == ESTATE):
            return at
        return add_bare_number(text, at, stop, digits, parts, state, tables)
    if digits == 0 and stop - first > 2:
        return at
    full = stop + size
    if word == U_ROAD and full < end and tables.chars[K_MARK, text[full]] & M_NAME_TAIL:
        return at  # 五道口 is a name
    _, further, count = number_span(text, full, end, tables) if full < end else (0, 0, 0)
    next_unit = -1
    if count and full < end:
        next_unit, _ = longest_word(text, further, end, tables, L_UNITS)
    kind = number_kind(text, at, stop - at, word, next_unit, state)
    if state[1] == ESTATE and state[3] == 0:
        rural = state[0] > 1 and parts[Q_KIND, state[0] - 2] == TOWN
        if kind == GROUP or (kind == NUMBER and word == U_NUMBER and rural):
            retype_last(parts, state, VILLAGE)  # 石婆桥 in 慈城镇石婆桥200号
    dashed = False
    for here in range(first, stop):
        dashed |= tables.chars[K_CLASS, text[here]] == C_DASH
    if dashed and kind in (ROOM, UNIT):
        add_dashed_numbers(text, at, stop, full, kind, parts, state, tables)
    else:
        add_part(parts, state, kind, at, full)
        state[4] = 1 if kind == ROAD or word == U_LANE else state[4]
    return full
