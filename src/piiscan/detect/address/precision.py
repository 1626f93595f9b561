"""Precision of an address (none to room) and its likeness to an address (kernels).

``长沙市岳麓区 -> district``, ``示例路1号2栋501 -> room``
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.lookup_tables import M_FIRM
from piiscan.detect.address.normalized_text import C_HAN
from piiscan.detect.address.part_kinds import (
    BUILDING,
    CITY,
    DISTRICT,
    ESTATE,
    FLOOR,
    GROUP,
    LEVELS,
    NUMBER,
    OTHER,
    PROVINCE,
    REMARK,
    ROAD,
    ROOM,
    TOWN,
    UNIT,
    VILLAGE,
    ZONE,
)
from piiscan.detect.address.parts import Q_END, Q_GROUP, Q_KIND, Q_START, TYPED_BY_WORD
from piiscan.detect.address.word_table import K_CLASS, K_MARK
from piiscan.jit import kernel

_NONE: Final = LEVELS.index("none")
_VILLAGE: Final = LEVELS.index("village")
_STREET: Final = LEVELS.index("street")
_STREET_NUMBER: Final = LEVELS.index("street_number")
_BUILDING: Final = LEVELS.index("building")
_ROOM: Final = LEVELS.index("room")
#: Likeness points of each kind of part, by kind; 16 points are a certain address.
_PART_SCORES: Final = (0, 4, 5, 6, 6, 4, 4, 3, 5, 4, 3, 4, 4, 3, 4, 0, 0, 0)
_FULL_SCORE: Final = 16
#: Maximum likeness of a firm in a city with no local part: 长沙市示例公司.
_FIRM_MAX: Final = 0.3
_LOCAL: Final = 1 << TOWN | 1 << VILLAGE | 1 << ROAD | 1 << NUMBER | 1 << BUILDING | 1 << ROOM


@kernel
def address_level(first: int, last: int, parts: Any) -> int:  # pragma: no cover - compiled
    """Return the precision level (index in LEVELS) of the address with parts [first, last)."""
    kinds = 0
    named_by_word = False
    for part in range(first, last):
        kinds |= 1 << parts[Q_KIND, part]
        named_by_word |= parts[Q_KIND, part] == ESTATE and parts[Q_GROUP, part] == TYPED_BY_WORD
    region = kinds & (1 << CITY | 1 << DISTRICT | 1 << TOWN)
    village = kinds & (1 << VILLAGE | 1 << GROUP)
    inside = kinds & (1 << BUILDING | 1 << UNIT | 1 << FLOOR)
    counted = inside | kinds & (1 << NUMBER | 1 << ROOM)
    named = kinds & (1 << ESTATE) and (named_by_word or region or kinds & (1 << ROAD) or counted)
    anchor = named or village or kinds & (1 << ROAD | 1 << ZONE)
    numbered = kinds & (1 << NUMBER) and (anchor or region)
    if kinds & (1 << ROOM) and (anchor or numbered or (inside and region)):
        return _ROOM
    if (inside and (anchor or numbered)) or (village and kinds & (1 << NUMBER)):
        return _BUILDING
    if numbered:
        return _STREET_NUMBER
    if named or kinds & (1 << ROAD):
        return _STREET
    if village:
        return _VILLAGE
    for kind in (TOWN, DISTRICT, CITY, PROVINCE):
        if kinds & (1 << kind):
            return kind
    return _NONE


@kernel
def likeness(
    first: int, last: int, start: int, end: int, text: Any, parts: Any, tables: Any
) -> float:  # pragma: no cover - compiled
    """Score how much the text ``[start, end)`` looks like an address, from 0 to 1.

    The points of the known kinds are scaled by the share of characters that they cover.
    """
    total, unknown, seen, firm = 0, 0, 0, False
    for part in range(first, last):
        kind = parts[Q_KIND, part]
        size = parts[Q_END, part] - parts[Q_START, part]
        closed = tables.chars[K_CLASS, text[parts[Q_END, part] - 1]] == C_HAN
        known = kind != OTHER and kind != REMARK
        known &= kind != ESTATE or parts[Q_GROUP, part] == TYPED_BY_WORD
        if kind >= NUMBER and kind != ESTATE and not closed:
            known &= total > 0
        if not known:
            unknown += size
        elif not seen & (1 << kind):
            total += _PART_SCORES[kind]
            seen |= 1 << kind
        firm = kind == ESTATE and part + 1 == last
        firm &= tables.chars[K_MARK, text[parts[Q_END, part] - 1]] & M_FIRM > 0
    if end <= start:
        return 0.0
    left = end - start
    for at in range(start, end):
        left -= tables.chars[K_CLASS, text[at]] != C_HAN
    share = 1.0 - min(1.0, unknown / max(1, left))
    score = min(1.0, total / _FULL_SCORE) * (0.25 + 0.75 * share)
    return min(score, _FIRM_MAX) if firm and seen & _LOCAL == 0 else score


@kernel
def measure_all(
    first: Any, offsets: Any, text: Any, parts: Any, levels: Any, scores: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Write the precision level and likeness of every text to ``levels`` and ``scores``."""
    for row in range(len(first) - 1):
        start, stop = first[row], first[row + 1]
        levels[row] = address_level(start, stop, parts)
        scores[row] = likeness(start, stop, offsets[row], offsets[row + 1], text, parts, tables)
