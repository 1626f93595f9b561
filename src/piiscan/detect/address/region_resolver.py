"""Region resolution: choose the region on which the place names of an address agree (kernels).

A name can mean several places: ``朝阳区`` is in 北京 and in 长春, ``长春市朝阳区`` is 220104.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.lookup_tables import M_PLACE, P_CODE, P_CURRENT, P_LEVEL, P_PRESENT
from piiscan.detect.address.part_kinds import CITY, DISTRICT, PROVINCE, TOWN, as_int64
from piiscan.detect.address.parts import Q_GROUP, Q_KIND, Q_PLACE
from piiscan.jit import inner, kernel

#: Maximum number of region names that are compared; the cost grows with their square.
_MAX_NAMES: Final = 8
_NONE: Final = as_int64(-1)
# Columns of the result of each address.
R_LEAF: Final = 0  # smallest place on which the names agree, -1 for none
R_DISTRICT: Final = 1  # code of the district of a town, -1 for none
R_CANDIDATES: Final = 2  # number of possible districts if more than one, else 0
R_CITY: Final = 3  # city as written, -1 if not written
R_COLUMNS: Final = 4


@inner
def is_within(lower: int, upper: int, tables: Any) -> bool:  # pragma: no cover - compiled
    """Return True if the place ``lower`` is or was inside ``upper``, or is the same place."""
    place = tables.place
    level = place[P_LEVEL, upper]
    step = 10_000 if level == PROVINCE else 100 if level == CITY else 1
    for low in (place[P_CODE, lower], place[P_CODE, place[P_PRESENT, lower]]):
        for high in (place[P_CODE, upper], place[P_CODE, place[P_PRESENT, upper]]):
            same = low // step == high // step
            if same and (place[P_LEVEL, lower] != level or lower == upper or level < TOWN):
                return True
    return False


@inner
def count_support(
    candidate: int, first: int, last: int, parts: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Count how strongly region names in parts ``[first, last)`` agree with place ``candidate``.

    Each town that agrees counts 1, each other region name 2.
    """
    count, seen = 0, 0
    level = tables.place[P_LEVEL, candidate]
    for part in range(first, last):
        group = parts[Q_GROUP, part]
        if parts[Q_KIND, part] > TOWN or group < 0:
            continue
        seen += 1
        if seen > _MAX_NAMES:
            break
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            other = as_int64(tables.member[M_PLACE, at])
            if tables.place[P_LEVEL, other] > level:
                agrees = is_within(other, candidate, tables)
            else:
                agrees = is_within(candidate, other, tables)
            if agrees:
                count += 1 if parts[Q_KIND, part] == TOWN else 2
                break
    return count


@kernel
def choose_place(
    first: int,
    last: int,
    lowest: int,
    highest: int,
    within: int,
    found: Any,
    parts: Any,
    tables: Any,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Choose the place that most region names fit.  Return (place, number of equally good places).

    The place is -1 if there is none.

    Args:
        first, last: the parts of the address, [first, last).
        lowest, highest: levels of the places that can be chosen.
        within: a place that must contain the choice, -1 for any.
        found: int32 buffer, filled with the codes of the equally good places.
        parts, tables: part table and lookup tables.
    """
    best, best_rank, count, seen = _NONE, 0, 0, 0
    for part in range(first, last):
        group = parts[Q_GROUP, part]
        kind = parts[Q_KIND, part]
        if kind > TOWN or group < 0:
            continue
        seen += 1
        if seen > _MAX_NAMES:
            break
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            place = as_int64(tables.member[M_PLACE, at])
            level = tables.place[P_LEVEL, place]
            if level < lowest or level > highest or (kind == TOWN) != (level == TOWN):
                continue
            if within >= 0 and not is_within(place, within, tables):
                continue
            rank = 16 * count_support(place, first, last, parts, tables) + 8 * (level == kind)
            rank += 2 * level + tables.place[P_CURRENT, place]
            if rank > best_rank:
                best, best_rank, count = as_int64(place), rank, 0
            if rank == best_rank:
                code = tables.place[P_CODE, tables.place[P_PRESENT, place]]
                known = False
                for number in range(min(count, len(found))):
                    known |= found[number] == code
                if not known:
                    if count < len(found):
                        found[count] = code
                    count += 1
    return best, count


@inner
def assign_places(
    first: int, last: int, leaf: int, parts: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Set place and kind of each region name in ``parts`` to the meaning that fits ``leaf``.

    Return the city as written, -1 if there is none.
    """
    city = -1
    for part in range(first, last):
        group = parts[Q_GROUP, part]
        if parts[Q_KIND, part] > TOWN or group < 0:
            continue
        best, best_rank = -1, -1
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            place = as_int64(tables.member[M_PLACE, at])
            level = tables.place[P_LEVEL, place]
            lower = level > tables.place[P_LEVEL, leaf]
            agrees = is_within(place, leaf, tables) if lower else is_within(leaf, place, tables)
            rank = 4 * (level == parts[Q_KIND, part]) + 2 * tables.place[P_CURRENT, place]
            rank += place == leaf
            if agrees and rank > best_rank:
                best, best_rank = place, rank
        if best >= 0:
            parts[Q_PLACE, part] = best
            parts[Q_KIND, part] = tables.place[P_LEVEL, best]
            if tables.place[P_LEVEL, best] == CITY:
                city = best
        else:
            parts[Q_PLACE, part] = -1
    return city


@kernel
def resolve_all(
    first: Any, parts: Any, resolved: Any, found: Any, scratch: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Write each address's region to ``resolved`` and its candidate districts to ``found``.

    ``resolved[row]`` gets the columns R_…, ``found[row]`` the codes of the candidate districts.
    ``scratch`` is a buffer as wide as a row of ``found``.
    """
    for row in range(len(first) - 1):
        start, stop = first[row], first[row + 1]
        resolved[row, R_LEAF] = resolved[row, R_DISTRICT] = resolved[row, R_CITY] = -1
        resolved[row, R_CANDIDATES] = 0
        leaf, count = choose_place(
            start, stop, PROVINCE, DISTRICT, _NONE, found[row], parts, tables
        )
        above = leaf < 0 or tables.place[P_LEVEL, leaf] < DISTRICT
        if above and count <= 1:
            town, several = choose_place(start, stop, TOWN, TOWN, leaf, found[row], parts, tables)
            if town >= 0 and several == 1:
                resolved[row, R_DISTRICT] = tables.place[P_CODE, town]
            elif town >= 0 and leaf < 0:
                resolved[row, R_CANDIDATES] = several
        if not above and count > 1:
            resolved[row, R_CANDIDATES] = count
            leaf, count = choose_place(start, stop, PROVINCE, CITY, _NONE, scratch, parts, tables)
        resolved[row, R_LEAF] = leaf
        if leaf >= 0:
            resolved[row, R_CITY] = assign_places(start, stop, leaf, parts, tables)
