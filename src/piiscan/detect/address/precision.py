"""How far an address reaches, and how much a text looks like one (kernels)."""

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
from piiscan.detect.address.parts import Q_END, Q_GROUP, Q_KIND, Q_START, SAID
from piiscan.detect.address.word_table import K_CLASS, K_MARK
from piiscan.jit import kernel

_NONE: Final = LEVELS.index("none")
_VILLAGE: Final = LEVELS.index("village")
_STREET: Final = LEVELS.index("street")
_STREET_NUMBER: Final = LEVELS.index("street_number")
_BUILDING: Final = LEVELS.index("building")
_ROOM: Final = LEVELS.index("room")
#: What a part is worth towards looking like an address, in quarters.
_WORTH: Final = (0, 4, 5, 6, 6, 4, 4, 3, 5, 4, 3, 4, 4, 3, 4, 0, 0, 0)
_ENOUGH: Final = 16
#: A firm in a city and nothing else looks no more like an address than this.
_FIRM: Final = 0.3
_LOCAL: Final = 1 << TOWN | 1 << VILLAGE | 1 << ROAD | 1 << NUMBER | 1 << BUILDING | 1 << ROOM


@kernel
def reach(first: int, last: int, parts: Any) -> int:  # pragma: no cover - compiled
    """The level of the address whose parts are ``first`` to ``last``: a place in LEVELS."""
    has = 0
    said = False
    for part in range(first, last):
        has |= 1 << parts[Q_KIND, part]
        said |= parts[Q_KIND, part] == ESTATE and parts[Q_GROUP, part] == SAID
    region = has & (1 << CITY | 1 << DISTRICT | 1 << TOWN)
    village = has & (1 << VILLAGE | 1 << GROUP)
    inside = has & (1 << BUILDING | 1 << UNIT | 1 << FLOOR)
    counted = inside | has & (1 << NUMBER | 1 << ROOM)
    named = has & (1 << ESTATE) and (said or region or has & (1 << ROAD) or counted)
    anchor = named or village or has & (1 << ROAD | 1 << ZONE)
    numbered = has & (1 << NUMBER) and (anchor or region)
    if has & (1 << ROOM) and (anchor or numbered or (inside and region)):
        return _ROOM
    if (inside and (anchor or numbered)) or (village and has & (1 << NUMBER)):
        return _BUILDING
    if numbered:
        return _STREET_NUMBER
    if named or has & (1 << ROAD):
        return _STREET
    if village:
        return _VILLAGE
    for kind in (TOWN, DISTRICT, CITY, PROVINCE):
        if has & (1 << kind):
            return kind
    return _NONE


@kernel
def likeness(
    first: int, last: int, start: int, end: int, text: Any, parts: Any, tables: Any
) -> float:  # pragma: no cover - compiled
    """How much the text looks like an address, from 0 to 1."""
    worth, unknown, seen, firm = 0, 0, 0, False
    for part in range(first, last):
        kind = parts[Q_KIND, part]
        size = parts[Q_END, part] - parts[Q_START, part]
        closed = tables.chars[K_CLASS, text[parts[Q_END, part] - 1]] == C_HAN
        known = kind != OTHER and kind != REMARK
        known &= kind != ESTATE or parts[Q_GROUP, part] == SAID
        if kind >= NUMBER and kind != ESTATE and not closed:
            known &= worth > 0
        if not known:
            unknown += size
        elif not seen & (1 << kind):
            worth += _WORTH[kind]
            seen |= 1 << kind
        firm = kind == ESTATE and part + 1 == last
        firm &= tables.chars[K_MARK, text[parts[Q_END, part] - 1]] & M_FIRM > 0
    if end <= start:
        return 0.0
    left = end - start
    for at in range(start, end):
        left -= tables.chars[K_CLASS, text[at]] != C_HAN
    share = 1.0 - min(1.0, unknown / max(1, left))
    score = min(1.0, worth / _ENOUGH) * (0.25 + 0.75 * share)
    return min(score, _FIRM) if firm and seen & _LOCAL == 0 else score


@kernel
def measure_all(
    first: Any, offsets: Any, text: Any, parts: Any, levels: Any, scores: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Fill level and likeness of every text."""
    for row in range(len(first) - 1):
        start, stop = first[row], first[row + 1]
        levels[row] = reach(start, stop, parts)
        scores[row] = likeness(start, stop, offsets[row], offsets[row + 1], text, parts, tables)
