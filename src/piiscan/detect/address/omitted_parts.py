"""What of an address is left out where addresses are compared (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.lookup_tables import NO_NUMERAL
from piiscan.detect.address.part_kinds import (
    ESTATE,
    FLOOR,
    OTHER,
    POSTCODE,
    PROVINCE,
    REMARK,
    ROOM,
    TOWN,
    fixed,
)
from piiscan.detect.address.parts import Q_END, Q_GROUP, Q_KIND, Q_START, SAID
from piiscan.detect.address.unit_numbers import number_end
from piiscan.detect.address.word_table import K_NUMERAL
from piiscan.jit import inner, kernel

_HUNDRED: Final = 100
#: A name of this size beside an address is a person's or a label, unless a word says otherwise.
_NAME_SIZE: Final = 4
#: A bare number from this size on is a phone's.
_PHONE_SIZE: Final = 7
#: So many parts back is looked for one that says the same.
_BACK: Final = 16


@inner
def numeral_value(text: Any, at: int, end: int, tables: Any) -> int:  # pragma: no cover - compiled
    """What Chinese numerals say: 二十三 and 二三 are 23; -1 for more than 99,999."""
    total: Any = 0
    digit: Any = 0
    units = False
    for here in range(at, end):
        value = fixed(tables.chars[K_NUMERAL, text[here]])
        if value >= 10:
            total += max(digit, 1) * value
            digit, units = 0, True
        elif units:
            digit = value
        else:
            digit = digit * 10 + value
        if digit > 99_999:
            return -1
    return int(total + digit)


@inner
def floor_said(
    part: int, last: int, text: Any, parts: Any, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Whether the room behind a floor begins with its number: 17楼1703室 is 1703室."""
    if part + 1 >= last or parts[Q_KIND, part + 1] != ROOM:
        return False
    start, stop, digits = number_end(
        text, fixed(parts[Q_START, part]), fixed(parts[Q_END, part]), tables
    )
    at, end, count = number_end(
        text, fixed(parts[Q_START, part + 1]), fixed(parts[Q_END, part + 1]), tables
    )
    if start > parts[Q_START, part] or count != end - at or digits != stop - start:
        return False
    value: Any = 0
    if tables.chars[K_NUMERAL, text[start]] < NO_NUMERAL:
        value = numeral_value(text, start, stop, tables)
    else:
        for here in range(start, min(stop, start + 4)):
            value = value * 10 + fixed(text[here]) - 48
    room: Any = 0
    for here in range(at, min(end, at + 6)):
        room = room * 10 + fixed(text[here]) - 48
    return bool(room >= _HUNDRED and room // _HUNDRED == value)


@kernel
def repeated(part: int, first: int, text: Any, parts: Any) -> bool:  # pragma: no cover - compiled
    """Whether a part like this one stands before it."""
    size = parts[Q_END, part] - parts[Q_START, part]
    for other in range(max(first, part - _BACK), part):
        if parts[Q_KIND, other] != parts[Q_KIND, part]:
            continue
        if parts[Q_END, other] - parts[Q_START, other] == size:
            same = True
            for step in range(size):
                same &= text[parts[Q_START, other] + step] == text[parts[Q_START, part] + step]
            if same:
                return True
    return False


@inner
def beside_it(part: int, first: int, last: int, parts: Any) -> bool:  # pragma: no cover - compiled
    """Whether a short name stands before the region or behind a room: 张三 in a glued line."""
    size = parts[Q_END, part] - parts[Q_START, part]
    if parts[Q_GROUP, part] == SAID or size > _NAME_SIZE:
        return False
    if part > first and parts[Q_KIND, part - 1] == ROOM:
        return True
    for other in range(first, last):
        kind = parts[Q_KIND, other]
        if PROVINCE <= kind <= TOWN:
            return bool(other > part)
        if kind not in (ESTATE, OTHER, REMARK) or parts[Q_GROUP, other] == SAID:
            return False
    return False


@kernel
def left_out(
    part: int, first: int, last: int, text: Any, parts: Any, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Whether a part adds nothing: postcodes, phones, names beside, and what is said twice."""
    kind = parts[Q_KIND, part]
    if kind == FLOOR:
        return floor_said(part, last, text, parts, tables)
    if kind == POSTCODE:
        return True
    if kind == OTHER and parts[Q_END, part] - parts[Q_START, part] >= _PHONE_SIZE:
        return True
    if kind in (ESTATE, OTHER) and beside_it(part, first, last, parts):
        return True
    return bool((kind <= TOWN or kind == ESTATE) and repeated(part, first, text, parts))
