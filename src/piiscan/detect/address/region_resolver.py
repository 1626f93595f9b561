"""Which region an address lies in, of all that the names in it may mean together (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.lookup_tables import M_PLACE, P_CODE, P_CURRENT, P_LEVEL, P_PRESENT
from piiscan.detect.address.part_kinds import CITY, DISTRICT, PROVINCE, TOWN, fixed
from piiscan.detect.address.parts import Q_GROUP, Q_KIND, Q_PLACE
from piiscan.jit import inner, kernel

#: More names of regions than this are no address, and would cost their square.
_MANY: Final = 8
_NONE: Final = fixed(-1)
# Columns of what is told of each address.
R_LEAF: Final = 0  # the place that all agree on, -1 for none
R_DISTRICT: Final = 1  # the district that follows from a town, -1 for none
R_OPEN: Final = 2  # how many districts it may be, where more than one
R_CITY: Final = 3  # the city as it was written, -1 if it was not
R_COLUMNS: Final = 4


@inner
def lies_in(lower: int, upper: int, tables: Any) -> bool:  # pragma: no cover - compiled
    """Whether one place may lie in another, or be the same, as they were or as they are."""
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
def support(
    candidate: int, first: int, last: int, parts: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """How many of the names of regions agree with ``candidate``; towns count half."""
    count, seen = 0, 0
    level = tables.place[P_LEVEL, candidate]
    for part in range(first, last):
        group = parts[Q_GROUP, part]
        if parts[Q_KIND, part] > TOWN or group < 0:
            continue
        seen += 1
        if seen > _MANY:
            break
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            other = fixed(tables.member[M_PLACE, at])
            if tables.place[P_LEVEL, other] > level:
                agrees = lies_in(other, candidate, tables)
            else:
                agrees = lies_in(candidate, other, tables)
            if agrees:
                count += 1 if parts[Q_KIND, part] == TOWN else 2
                break
    return count


@kernel
def choose(
    first: int,
    last: int,
    lowest: int,
    highest: int,
    within: int,
    found: Any,
    parts: Any,
    tables: Any,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """The place that most names agree with and how many others are as good, those in ``found``.

    Candidates are what names of ``lowest`` to ``highest`` level mean, inside the place ``within``.
    """
    best, best_rank, count, seen = _NONE, 0, 0, 0
    for part in range(first, last):
        group = parts[Q_GROUP, part]
        kind = parts[Q_KIND, part]
        if kind > TOWN or group < 0:
            continue
        seen += 1
        if seen > _MANY:
            break
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            place = fixed(tables.member[M_PLACE, at])
            level = tables.place[P_LEVEL, place]
            if level < lowest or level > highest or (kind == TOWN) != (level == TOWN):
                continue
            if within >= 0 and not lies_in(place, within, tables):
                continue
            rank = 16 * support(place, first, last, parts, tables) + 8 * (level == kind)
            rank += 2 * level + tables.place[P_CURRENT, place]
            if rank > best_rank:
                best, best_rank, count = fixed(place), rank, 0
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
def settle_parts(
    first: int, last: int, leaf: int, parts: Any, tables: Any
) -> int:  # pragma: no cover - compiled
    """Give each name of a region the place it has around ``leaf``; the city as it was written."""
    city = -1
    for part in range(first, last):
        group = parts[Q_GROUP, part]
        if parts[Q_KIND, part] > TOWN or group < 0:
            continue
        best, best_rank = -1, -1
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            place = fixed(tables.member[M_PLACE, at])
            level = tables.place[P_LEVEL, place]
            lower = level > tables.place[P_LEVEL, leaf]
            agrees = lies_in(place, leaf, tables) if lower else lies_in(leaf, place, tables)
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
    first: Any, parts: Any, told: Any, found: Any, spare: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Fill ``told[row]`` (columns R_…) and ``found[row]``, the codes of the districts it may be."""
    for row in range(len(first) - 1):
        start, stop = first[row], first[row + 1]
        told[row, R_LEAF] = told[row, R_DISTRICT] = told[row, R_CITY] = -1
        told[row, R_OPEN] = 0
        leaf, count = choose(start, stop, PROVINCE, DISTRICT, _NONE, found[row], parts, tables)
        above = leaf < 0 or tables.place[P_LEVEL, leaf] < DISTRICT
        if above and count <= 1:
            town, several = choose(start, stop, TOWN, TOWN, leaf, found[row], parts, tables)
            if town >= 0 and several == 1:
                told[row, R_DISTRICT] = tables.place[P_CODE, town]
            elif town >= 0 and leaf < 0:
                told[row, R_OPEN] = several
        if not above and count > 1:
            told[row, R_OPEN] = count
            leaf, count = choose(start, stop, PROVINCE, CITY, _NONE, spare, parts, tables)
        told[row, R_LEAF] = leaf
        if leaf >= 0:
            told[row, R_CITY] = settle_parts(start, stop, leaf, parts, tables)
