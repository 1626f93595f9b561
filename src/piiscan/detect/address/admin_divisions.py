"""Place-name matching: find the province, city, district or town that begins at a character.

A match must agree with the places before it and must not be the start of a longer name:
``长沙岳麓麓山南路 -> 长沙市, 岳麓区``, but ``中山路 -> no place`` (the road is not in 中山市).

The tables and rows used here (``tables``, P_…, M_…) are those of ``lookup_tables``.  ``state``
is the scan state described in ``parts``.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.full_region_names import full_name_size
from piiscan.detect.address.lookup_tables import (
    M_FORM,
    M_PLACE,
    P_CODE,
    P_CURRENT,
    P_LEVEL,
    P_PRESENT,
)
from piiscan.detect.address.normalized_text import C_DIGIT, C_HAN, C_LETTER
from piiscan.detect.address.part_kinds import CITY, DISTRICT, ESTATE, PROVINCE, TOWN, as_int64
from piiscan.detect.address.part_words import U_ROAD, W_ZONE
from piiscan.detect.address.parts import Q_GROUP, Q_PLACE, add_part
from piiscan.detect.address.place_name_ends import find_name, road_word_end
from piiscan.detect.address.place_names import FULL, LETTER, SHORT
from piiscan.detect.address.word_table import (
    K_CLASS,
    K_NAMES,
    L_HOUSES,
    L_UNITS,
    L_WORDS,
    NAMES_BASIS,
    PREFIX,
    extend_hash,
    longest_word,
    word_value,
)
from piiscan.jit import inner, kernel

#: A short name shared by this many places or more is an ordinary word: 新城, 和平, 解放.
_COMMON: Final = 4
_LONGEST: Final = 16
_NONE: Final = as_int64(-1)
_FULL: Final = as_int64(FULL)
_SHORT: Final = as_int64(SHORT)
_LETTER: Final = as_int64(LETTER)
_CITY_SIGN: Final = ord("市")
_FIELD_SIGN: Final = ord("场")
_COUNTY: Final = ord("县")


@kernel
def fits_region(code: int, level: int, state: Any) -> bool:  # pragma: no cover - compiled
    """Return True if a place with this ``code`` and ``level`` agrees with the region in ``state``.

    ``code`` is the six-digit code of the place and ``level`` its kind (PROVINCE to TOWN).  Both the
    codes as written and the codes of today in ``state`` count.
    """
    if state[7] and code // 10_000 != state[7]:
        return False
    if level == TOWN and state[9]:
        return bool(code == state[9])
    if level >= DISTRICT and state[8]:
        return bool(code // 100 == state[8] or code // 100 == state[11])
    return True


@inner
def best_place(
    group: int, form: int, state: Any, tables: Any
) -> tuple[int, bool]:  # pragma: no cover - compiled
    """Choose the likeliest place for gazetteer word ``group``.  Return (place, fits the region).

    Forms above ``form`` are ignored (FULL < SHORT < LETTER).  The place is -1 if the word has none,
    the flag is True if the place fits the region read so far.
    """
    best, best_rank = _NONE, -1
    for at in range(tables.group_from[group], tables.group_from[group + 1]):
        place = as_int64(tables.member[M_PLACE, at])
        if tables.member[M_FORM, at] > form:
            continue
        level = as_int64(tables.place[P_LEVEL, place])
        rank = (
            64 * fits_region(as_int64(tables.place[P_CODE, place]), level, state)
            + 32 * tables.place[P_CURRENT, place]
        )
        rank += 16 * (level > state[6]) + 8 * (tables.member[M_FORM, at] == _FULL) + 4 - level
        if rank > best_rank:
            best, best_rank = place, rank
    return best, best_rank >= 64


@kernel
def count_places(group: int, tables: Any) -> tuple[int, int]:  # pragma: no cover - compiled
    """Count present-day places of gazetteer word ``group``: (all, those above town level)."""
    count, larger = 0, 0
    for at in range(tables.group_from[group], tables.group_from[group + 1]):
        count += tables.place[P_CURRENT, tables.member[M_PLACE, at]]
        larger += (
            tables.place[P_CURRENT, tables.member[M_PLACE, at]]
            and tables.place[P_LEVEL, tables.member[M_PLACE, at]] < TOWN
        )
    return count, larger


@inner
def inner_place_follows(
    text: Any, at: int, end: int, place: int, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if the name of a place inside ``place`` begins at ``text[at]``.

    ``place`` is a province, city or district: ``湖南 + 长沙`` is True.  A two-character name before
    a road word does not count.
    """
    if at >= end:
        return False
    step = 10_000 if tables.place[P_LEVEL, place] == PROVINCE else 100
    hashed = NAMES_BASIS
    for count in range(min(int(tables.chars[K_NAMES, text[at]]), end - at, _LONGEST)):
        hashed = extend_hash(hashed, text[at + count])
        group = word_value(hashed, tables)
        if group < PREFIX:
            break
        if group >= 0 and count > 0:
            for member in range(tables.group_from[group], tables.group_from[group + 1]):
                other = tables.member[M_PLACE, member]
                inside = tables.place[P_CODE, other] // step == tables.place[P_CODE, place] // step
                if inside and tables.place[P_LEVEL, other] > tables.place[P_LEVEL, place]:
                    return not road_word_end(text, at + count + 1, end, tables) or count > 1
    return False


@inner
def is_numbered_road(
    text: Any, at: int, end: int, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if a road named by a number begins at ``at``: ``6号大街``."""
    while at < end and tables.chars[K_CLASS, text[at]] == C_DIGIT:
        at += 1
    word, _ = longest_word(text, at, end, tables, L_UNITS)
    return bool(word == U_ROAD)


@inner
def is_short_place(
    text: Any, stop: int, end: int, group: int, place: int, fit: bool, state: Any, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if a suffixless name that ends at ``stop`` is a place, not part of a longer name.

    ``湖南长沙`` is True for 长沙, ``黄浦江路`` is False for 黄浦.

    Args:
        stop: the end of the name, exclusive.
        end: the end of the text, exclusive.
        group: the number of the word in the gazetteer.
        place: the place chosen for the word.
        fit: True if the place agrees with the region read so far.
        state, tables: see the module.
    """
    level, known = as_int64(tables.place[P_LEVEL, place]), state[6] > 0 and fit
    all_places, larger = count_places(group, tables)
    town_only = level == TOWN and state[8] == 0 and state[9] == 0
    if not fit or (town_only and (all_places > 1 or state[6])):
        return False
    few = all_places < _COMMON if level == TOWN else larger < _COMMON
    if stop >= end or tables.chars[K_CLASS, text[stop]] != C_HAN:
        if stop < end and C_DIGIT <= tables.chars[K_CLASS, text[stop]] <= C_LETTER:
            return bool(known and few and is_numbered_road(text, stop, end, tables))
        return bool(level <= CITY or known or few)
    if road_word_end(text, stop, end, tables):
        return False
    if level <= state[6]:
        return bool(inner_place_follows(text, stop, end, place, tables))
    if level < TOWN and inner_place_follows(text, stop, end, place, tables):
        return True
    house, _ = longest_word(text, stop, end, tables, L_HOUSES)
    if house >= 0:
        return False
    further, kind, by_word = find_name(text, stop, end, tables)
    if further - stop < 2 or road_word_end(text, stop + 1, end, tables):
        return False  # 黄浦 in 黄浦江路, 象山 in 象山港东路
    if kind != ESTATE:
        if town_only and (not by_word or further - stop < 3):
            return False
        zone, _ = longest_word(text, stop, end, tables, L_WORDS)
        return bool(level <= CITY or ((known or few) and zone != W_ZONE))
    if level == TOWN:
        return bool(not town_only and (few or state[9] > 0) and further - stop > 3)
    return bool(level <= CITY or (known and few) or (all_places < _COMMON and larger == 1))


@inner
def find_place(  # noqa: C901 - one pass over the names at a place
    text: Any, at: int, end: int, below: bool, state: Any, tables: Any
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Find the place name that begins at ``at``.  Return (length in code points, word, place).

    Return (0, -1, -1) if there is none.  The longest name that passes wins.  ``below`` is True if
    parts below the town level were read before: then only full names count.
    """
    found, sizes = state[12:], 0
    hashed = NAMES_BASIS
    for count in range(min(int(tables.chars[K_NAMES, text[at]]), end - at, _LONGEST)):
        hashed = extend_hash(hashed, text[at + count])
        group = word_value(hashed, tables)
        if group < PREFIX:
            break
        if group >= 0:
            found[2 * sizes] = count + 1
            found[2 * sizes + 1] = group
            sizes += 1
    for number in range(sizes - 1, -1, -1):
        size, group = found[2 * number], found[2 * number + 1]
        stop = at + size
        place, fit = best_place(group, _FULL, state, tables)
        if place >= 0:
            level = as_int64(tables.place[P_LEVEL, place])
            if text[stop - 1] == _CITY_SIGN and stop < end and text[stop] == _FIELD_SIGN:
                continue
            if level == TOWN and (not fit or road_word_end(text, stop, end, tables)):
                continue
            if (
                size == 2
                and level >= DISTRICT
                and not (fit and state[6])
                and text[at + 1] != _COUNTY
            ):
                continue
            if not below or is_final_region(text, stop, end, level, state, tables):
                return size, group, place
            continue
        if below or size < 2:
            continue
        place, fit = best_place(group, _SHORT, state, tables)
        if place >= 0 and is_short_place(text, stop, end, group, place, fit, state, tables):
            return size, group, place
    # One letter for a province, only at the start of an address: 湘长沙, 粤深圳.
    if sizes and found[0] == 1 and state[0] == state[2] and not below:
        place, fit = best_place(found[1], _LETTER, state, tables)
        if place >= 0 and inner_place_follows(text, at + 1, end, place, tables):
            return 1, found[1], place
    return 0, -1, -1


@inner
def is_final_region(
    text: Any, stop: int, end: int, level: int, state: Any, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if a full place name after the street, ending at ``stop``, is the region.

    Some addresses have the region last: ``3栋501天心区书院路9号``.  A town is never such a region.
    """
    if level == TOWN:
        return False
    if stop >= end or tables.chars[K_CLASS, text[stop]] != C_HAN:
        return True
    if full_name_size(text, stop, end, level, tables) > 0:
        return True
    if state[6] == 0:  # no region was read before this name
        _, kind, by_word = find_name(text, stop, end, tables)
        return bool(kind != ESTATE and by_word)
    return False


@inner
def add_place(
    at: int, size: int, group: int, place: int, parts: Any, state: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Append a place name to the part table ``parts`` and set the region in ``state`` to its place.

    The region noted before is dropped if the place does not belong to it.
    """
    level, code = as_int64(tables.place[P_LEVEL, place]), as_int64(tables.place[P_CODE, place])
    add_part(parts, state, level, at, at + size)
    number = state[0] - 1
    parts[Q_GROUP, number] = group
    parts[Q_PLACE, number] = place
    if not fits_region(code, level, state):
        state[7] = state[8] = state[9] = state[11] = 0
    state[6] = level
    present = tables.place[P_CODE, tables.place[P_PRESENT, place]]
    _, larger = count_places(group, tables)
    if level == PROVINCE or (tables.place[P_CURRENT, place] and larger == 1):
        state[7] = code // 10_000
    if level == CITY and (larger <= 1 or state[7]):
        municipality = code // 10_000 in (11, 12, 31, 50)
        state[7] = code // 10_000
        state[8], state[11] = (0, 0) if municipality else (code // 100, present // 100)
    if level == DISTRICT:
        several = 0
        for member in range(tables.group_from[group], tables.group_from[group + 1]):
            other = tables.member[M_PLACE, member]
            if tables.place[P_LEVEL, other] == DISTRICT and tables.place[P_CURRENT, other]:
                several += fits_region(as_int64(tables.place[P_CODE, other]), DISTRICT, state)
        if several <= 1:
            state[7], state[8], state[9] = code // 10_000, code // 100, present
            state[11] = present // 100
