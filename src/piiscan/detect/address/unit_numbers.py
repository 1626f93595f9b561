"""Numbers in an address and what the word behind makes of them (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.lookup_tables import M_GOES_ON, M_LEAD, M_SIDE, M_STEM
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
from piiscan.detect.address.parts import Q_KIND, put, retype
from piiscan.detect.address.place_name_ends import counts_here, numeral_end
from piiscan.detect.address.word_table import K_CLASS, K_MARK, L_UNITS, longest_word
from piiscan.jit import inner, kernel

_F: Final = ord("F")
_LANE: Final = ord("弄")
_UNDER: Final = (ord("地"), ord("下"))
_LIST: Final = ord("、")
_BESIDE: Final = ord("附")
#: Digits of a postcode; a longer run is a phone or some other number.
_POSTCODE: Final = 6
#: From three digits on a bare number is a room, below a building.
_ROOM_DIGITS: Final = 3


@inner
def number_end(
    text: Any, at: int, end: int, tables: Any
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Where the number at ``at`` begins and ends, without its unit, and how many digits it has."""
    first = at
    bits = tables.chars[K_MARK, text[at]]
    if at + 1 < end and text[at] == _UNDER[0] and text[at + 1] == _UNDER[1]:
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
def spread(
    text: Any, at: int, stop: int, full: int, last: int, parts: Any, state: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Put the numbers between dashes, from building to ``last``, which ends at ``full``."""
    count = 1
    for here in range(at + 1, stop):
        dash = tables.chars[K_CLASS, text[here]] == C_DASH
        count += dash and tables.chars[K_CLASS, text[here - 1]] != C_DASH
    kind = UNIT if state[1] == BUILDING else BUILDING
    width = 0
    while at + width < stop and tables.chars[K_CLASS, text[at + width]] != C_DASH:
        width += 1
    if last == ROOM and count == 2 and width >= _ROOM_DIGITS and BUILDING <= state[1] < ROOM:
        put(parts, state, ROOM, at, full)  # 1701-1702室
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
                put(parts, state, last, start, full)
            else:
                put(parts, state, kind, start, here)
                kind = UNIT if kind == BUILDING else FLOOR
            start = here + 1
            number += 1


@inner
def number_kind(  # noqa: C901 - what each word says, in one table
    text: Any, at: int, size: int, said: int, behind: int, state: Any
) -> int:  # pragma: no cover - compiled
    """The kind of a number whose word says ``said``, after the part before it."""
    before = state[1]
    if said == U_NUMBER:
        if text[at] == _BESIDE:
            return before if before in (NUMBER, BUILDING, ROOM) else NUMBER
        if before == ESTATE:
            return NUMBER if state[3] == 0 and state[4] == 0 else BUILDING
        if before == NUMBER:
            return BUILDING
        if before == BUILDING and size < _ROOM_DIGITS:
            return UNIT
        return ROOM if BUILDING <= before <= ROOM else NUMBER
    if said == U_BUILDING:
        return BUILDING
    if said == U_UNIT:
        return ROOM if size > _ROOM_DIGITS and before in (ESTATE, BUILDING, FLOOR) else UNIT
    if said == U_STOREY:
        return BUILDING if behind == U_UNIT else FLOOR
    if said == U_FLOOR:
        return FLOOR
    if said == U_GROUP:
        return GROUP
    if said in (U_LANE, U_COURT):
        return NUMBER
    if said == U_ROAD:
        return ROAD
    if said == U_PHASE:
        return ESTATE
    if said == U_METRES:
        return REMARK
    return VILLAGE if said == U_VILLAGE else ROOM


@inner
def put_bare(
    text: Any, at: int, stop: int, digits: int, parts: Any, state: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Put a number without a word behind it, by what stands before; where it ends, or ``at``."""
    before = state[1]
    dashes = 0
    for here in range(at + 1, stop):
        dash = tables.chars[K_CLASS, text[here]] == C_DASH
        dashes += dash and tables.chars[K_CLASS, text[here - 1]] != C_DASH
    if dashes == 0 and digits >= _POSTCODE and stop - at == digits:
        put(parts, state, POSTCODE if digits == _POSTCODE else OTHER, at, stop)
    elif before == ROAD and dashes < 2:
        put(parts, state, NUMBER, at, stop)
    elif dashes:
        tail = stop
        while tables.chars[K_CLASS, text[tail - 1]] != C_DASH:
            tail -= 1
        short = dashes == 1 and stop - tail < _ROOM_DIGITS and before not in (BUILDING, UNIT)
        spread(text, at, stop, stop, UNIT if short else ROOM, parts, state, tables)
    elif before in (UNIT, FLOOR, ROOM):
        put(parts, state, ROOM, at, stop)
    elif before == BUILDING:
        more = stop + 1 < end_of(state) and tables.chars[K_CLASS, text[stop + 1]] == C_DIGIT
        put(parts, state, UNIT if more and stop - at < _ROOM_DIGITS else ROOM, at, stop)
    elif before in (VILLAGE, GROUP):
        put(parts, state, NUMBER, at, stop)
    elif before == ZONE:
        put(parts, state, BUILDING, at, stop)
    elif before in (ESTATE, NUMBER):
        put(parts, state, ROOM if stop - at >= _ROOM_DIGITS else BUILDING, at, stop)
    else:
        put(parts, state, OTHER, at, stop)
    return stop


@inner
def end_of(state: Any) -> int:  # pragma: no cover - compiled
    """Where the text that is being read ends."""
    return int(state[5])


@inner
def find_number(  # noqa: C901 - every form of a number in one place
    text: Any, at: int, end: int, parts: Any, state: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Where the number at ``at`` ends, put as parts; ``at`` itself if there is none."""
    first, stop, digits = number_end(text, at, end, tables)
    said, size = longest_word(text, stop, end, tables, L_UNITS)
    if stop == first:  # 东楼, 甲座: the mark is the number
        if (
            first == at
            or said not in (U_BUILDING, U_UNIT)
            or tables.chars[K_MARK, text[at]] & M_LEAD
        ):
            return at
        put(parts, state, BUILDING if said == U_BUILDING else UNIT, at, stop + size)
        return stop + size
    numeral = tables.chars[K_CLASS, text[first]] == C_HAN
    if said < 0:
        if digits > 0 and text[stop - 1] == _F and stop - first > 1 and digits == stop - first - 1:
            put(parts, state, FLOOR, at, stop)
            return stop
        if digits == 0 or numeral or (first > at and text[at] != _BESIDE):
            return at
        glued = stop < end and tables.chars[K_CLASS, text[stop]] == C_HAN
        glued = glued and not counts_here(text, stop, end, tables)
        whole = stop - first == digits
        short = state[1] != ESTATE or (whole and digits < _ROOM_DIGITS)
        if glued and short and (not ROAD <= state[1] <= ROOM or state[1] == ESTATE):
            return at
        return put_bare(text, at, stop, digits, parts, state, tables)
    if digits == 0 and stop - first > 2:
        return at
    full = stop + size
    if said == U_ROAD and full < end and tables.chars[K_MARK, text[full]] & M_GOES_ON:
        return at  # 五道口
    _, further, count = number_end(text, full, end, tables) if full < end else (0, 0, 0)
    behind = -1
    if count and full < end:
        behind, _ = longest_word(text, further, end, tables, L_UNITS)
    kind = number_kind(text, at, stop - at, said, behind, state)
    if state[1] == ESTATE and state[3] == 0:
        rural = state[0] > 1 and parts[Q_KIND, state[0] - 2] == TOWN
        if kind == GROUP or (kind == NUMBER and said == U_NUMBER and rural):
            retype(parts, state, VILLAGE)  # 慈城镇石婆桥200号
    dashed = False
    for here in range(first, stop):
        dashed |= tables.chars[K_CLASS, text[here]] == C_DASH
    if dashed and kind in (ROOM, UNIT):
        spread(text, at, stop, full, kind, parts, state, tables)
    else:
        put(parts, state, kind, at, full)
        state[4] = 1 if kind == ROAD or said == U_LANE else state[4]
    return full
