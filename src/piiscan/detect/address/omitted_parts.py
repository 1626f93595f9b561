"""Optional address parts: the parts that the canonical form leaves out (kernels).

Postcodes, phone numbers, names glued to the address and repeated parts do not identify a place:
``张三湖南省长沙市示例路1号410000 -> 湖南省长沙市示例路1号``.
"""

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
    as_int64,
)
from piiscan.detect.address.parts import Q_END, Q_GROUP, Q_KIND, Q_START, TYPED_BY_WORD
from piiscan.detect.address.unit_numbers import number_span
from piiscan.detect.address.word_table import K_NUMERAL
from piiscan.jit import inner, kernel

_HUNDRED: Final = 100
#: A name of up to this many characters next to an address is a person or a label, unless a word
#: such as 小区 makes it an estate.
_NAME_SIZE: Final = 4
#: A bare number of at least this many digits is a phone number.
_PHONE_SIZE: Final = 7
#: A repeated part is searched for this many parts back.
_MAX_BACK: Final = 16


@inner
def numeral_value(text: Any, at: int, end: int, tables: Any) -> int:  # pragma: no cover - compiled
    """Return the value of Chinese numerals: ``二十三 -> 23``, ``二三 -> 23``; -1 above 99,999."""
    total: Any = 0
    digit: Any = 0
    units = False
    for here in range(at, end):
        value = as_int64(tables.chars[K_NUMERAL, text[here]])
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
def floor_in_room(
    part: int, last: int, text: Any, parts: Any, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if the room number after floor ``part`` begins with the floor: ``17楼1703室``.

    The floor is then redundant.  ``part`` is the floor, ``last`` the end of the address's parts.
    """
    if part + 1 >= last or parts[Q_KIND, part + 1] != ROOM:
        return False
    start, stop, digits = number_span(
        text, as_int64(parts[Q_START, part]), as_int64(parts[Q_END, part]), tables
    )
    at, end, count = number_span(
        text, as_int64(parts[Q_START, part + 1]), as_int64(parts[Q_END, part + 1]), tables
    )
    if start > parts[Q_START, part] or count != end - at or digits != stop - start:
        return False
    value: Any = 0
    if tables.chars[K_NUMERAL, text[start]] < NO_NUMERAL:
        value = numeral_value(text, start, stop, tables)
    else:
        for here in range(start, min(stop, start + 4)):
            value = value * 10 + as_int64(text[here]) - 48
    room: Any = 0
    for here in range(at, min(end, at + 6)):
        room = room * 10 + as_int64(text[here]) - 48
    return bool(room >= _HUNDRED and room // _HUNDRED == value)


@kernel
def is_repeated(
    part: int, first: int, text: Any, parts: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if an earlier part of the address has the kind and text of ``part``."""
    size = parts[Q_END, part] - parts[Q_START, part]
    for other in range(max(first, part - _MAX_BACK), part):
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
def is_glued_name(
    part: int, first: int, last: int, parts: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if ``part`` is a person or label, no place: 张三 in ``张三湖南省长沙市…``.

    Such a name is a person or a label, not part of the address.
    """
    size = parts[Q_END, part] - parts[Q_START, part]
    if parts[Q_GROUP, part] == TYPED_BY_WORD or size > _NAME_SIZE:
        return False
    if part > first and parts[Q_KIND, part - 1] == ROOM:
        return True
    for other in range(first, last):
        kind = parts[Q_KIND, other]
        if PROVINCE <= kind <= TOWN:
            return bool(other > part)
        if kind not in (ESTATE, OTHER, REMARK) or parts[Q_GROUP, other] == TYPED_BY_WORD:
            return False
    return False


@kernel
def is_omitted(
    part: int, first: int, last: int, text: Any, parts: Any, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if the canonical form of an address omits ``part``: postcode, repeat, name.

    ``first`` and ``last`` are the address's first part and the end of its parts.
    """
    kind = parts[Q_KIND, part]
    if kind == FLOOR:
        return floor_in_room(part, last, text, parts, tables)
    if kind == POSTCODE:
        return True
    if kind == OTHER and parts[Q_END, part] - parts[Q_START, part] >= _PHONE_SIZE:
        return True
    if kind in (ESTATE, OTHER) and is_glued_name(part, first, last, parts):
        return True
    return bool((kind <= TOWN or kind == ESTATE) and is_repeated(part, first, text, parts))
