"""Which place of the gazetteer stands at a character, if it does stand for a place (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.full_region_names import full_place
from piiscan.detect.address.lookup_tables import (
    M_FORM,
    M_PLACE,
    P_CODE,
    P_CURRENT,
    P_LEVEL,
    P_PRESENT,
)
from piiscan.detect.address.normalized_text import C_DIGIT, C_HAN, C_LETTER
from piiscan.detect.address.part_kinds import CITY, DISTRICT, ESTATE, PROVINCE, TOWN, fixed
from piiscan.detect.address.part_words import U_ROAD, W_ZONE
from piiscan.detect.address.parts import Q_GROUP, Q_PLACE, put
from piiscan.detect.address.place_name_ends import find_name, road_behind
from piiscan.detect.address.place_names import FULL, LETTER, SHORT
from piiscan.detect.address.word_table import (
    K_CLASS,
    K_NAMES,
    L_HOUSES,
    L_UNITS,
    L_WORDS,
    NAMES_BASIS,
    PREFIX,
    longer,
    longest_word,
    value_of,
)
from piiscan.jit import inner, kernel

#: A short name that this many places or more have is an ordinary word: 新城, 和平, 解放.
_COMMON: Final = 4
_LONGEST: Final = 16
_NONE: Final = fixed(-1)
_FULL: Final = fixed(FULL)
_SHORT: Final = fixed(SHORT)
_LETTER: Final = fixed(LETTER)
_CITY_SIGN: Final = ord("市")
_FIELD_SIGN: Final = ord("场")
_COUNTY: Final = ord("县")


@kernel
def fits(code: int, level: int, state: Any) -> bool:  # pragma: no cover - compiled
    """Whether a place may lie in the places read before it, as they were or as they are."""
    if state[7] and code // 10_000 != state[7]:
        return False
    if level == TOWN and state[9]:
        return bool(code == state[9])
    if level >= DISTRICT and state[8]:
        return bool(code // 100 == state[8] or code // 100 == state[11])
    return True


@inner
def member_of(
    group: int, form: int, state: Any, tables: Any
) -> tuple[int, bool]:  # pragma: no cover - compiled
    """The place that a word means after those before it, and whether it fits them; -1 for none."""
    best, best_rank = _NONE, -1
    for at in range(tables.group_from[group], tables.group_from[group + 1]):
        place = fixed(tables.member[M_PLACE, at])
        if tables.member[M_FORM, at] > form:
            continue
        level = fixed(tables.place[P_LEVEL, place])
        rank = (
            64 * fits(fixed(tables.place[P_CODE, place]), level, state)
            + 32 * tables.place[P_CURRENT, place]
        )
        rank += 16 * (level > state[6]) + 8 * (tables.member[M_FORM, at] == _FULL) + 4 - level
        if rank > best_rank:
            best, best_rank = place, rank
    return best, best_rank >= 64


@kernel
def common(group: int, tables: Any) -> tuple[int, int]:  # pragma: no cover - compiled
    """How many places of today the word may mean, and how many of them are no towns."""
    count, larger = 0, 0
    for at in range(tables.group_from[group], tables.group_from[group + 1]):
        count += tables.place[P_CURRENT, tables.member[M_PLACE, at]]
        larger += (
            tables.place[P_CURRENT, tables.member[M_PLACE, at]]
            and tables.place[P_LEVEL, tables.member[M_PLACE, at]] < TOWN
        )
    return count, larger


@inner
def place_behind(
    text: Any, at: int, end: int, place: int, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Whether a name at ``at`` may mean a place that lies in ``place``."""
    if at >= end:
        return False
    step = 10_000 if tables.place[P_LEVEL, place] == PROVINCE else 100
    hashed = NAMES_BASIS
    for count in range(min(int(tables.chars[K_NAMES, text[at]]), end - at, _LONGEST)):
        hashed = longer(hashed, text[at + count])
        group = value_of(hashed, tables)
        if group < PREFIX:
            break
        if group >= 0 and count > 0:
            for member in range(tables.group_from[group], tables.group_from[group + 1]):
                other = tables.member[M_PLACE, member]
                inside = tables.place[P_CODE, other] // step == tables.place[P_CODE, place] // step
                if inside and tables.place[P_LEVEL, other] > tables.place[P_LEVEL, place]:
                    return not road_behind(text, at + count + 1, end, tables) or count > 1
    return False


@inner
def road_numbered(text: Any, at: int, end: int, tables: Any) -> bool:  # pragma: no cover - compiled
    """Whether a road that is called by its number begins at ``at``: 6号大街."""
    while at < end and tables.chars[K_CLASS, text[at]] == C_DIGIT:
        at += 1
    said, _ = longest_word(text, at, end, tables, L_UNITS)
    return bool(said == U_ROAD)


@inner
def stands_alone(
    text: Any, stop: int, end: int, group: int, place: int, fit: bool, state: Any, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Whether a name without its suffix that ends at ``stop`` is a place and no part of a name."""
    level, known = fixed(tables.place[P_LEVEL, place]), state[6] > 0 and fit
    every, larger = common(group, tables)
    lone = level == TOWN and state[8] == 0 and state[9] == 0
    if not fit or (lone and (every > 1 or state[6])):
        return False
    few = every < _COMMON if level == TOWN else larger < _COMMON
    if stop >= end or tables.chars[K_CLASS, text[stop]] != C_HAN:
        if stop < end and C_DIGIT <= tables.chars[K_CLASS, text[stop]] <= C_LETTER:
            return bool(known and few and road_numbered(text, stop, end, tables))
        return bool(level <= CITY or known or few)
    if road_behind(text, stop, end, tables):
        return False
    if level <= state[6]:
        return bool(place_behind(text, stop, end, place, tables))
    if level < TOWN and place_behind(text, stop, end, place, tables):
        return True
    house, _ = longest_word(text, stop, end, tables, L_HOUSES)
    if house >= 0:
        return False
    further, kind, said = find_name(text, stop, end, tables)
    if further - stop < 2 or road_behind(text, stop + 1, end, tables):
        return False  # 黄浦江路, 象山港东路
    if kind != ESTATE:
        if lone and (not said or further - stop < 3):
            return False
        zone, _ = longest_word(text, stop, end, tables, L_WORDS)
        return bool(level <= CITY or ((known or few) and zone != W_ZONE))
    if level == TOWN:
        return bool(not lone and (few or state[9] > 0) and further - stop > 3)
    return bool(level <= CITY or (known and few) or (every < _COMMON and larger == 1))


@inner
def find_place(  # noqa: C901 - one pass over the names at a place
    text: Any, at: int, end: int, below: bool, state: Any, tables: Any
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """The size, the word and the place of the place name at ``at``; size 0 for none.

    ``below``: parts below the towns were read before, so that only full names count.
    """
    found, sizes = state[12:], 0
    hashed = NAMES_BASIS
    for count in range(min(int(tables.chars[K_NAMES, text[at]]), end - at, _LONGEST)):
        hashed = longer(hashed, text[at + count])
        group = value_of(hashed, tables)
        if group < PREFIX:
            break
        if group >= 0:
            found[2 * sizes] = count + 1
            found[2 * sizes + 1] = group
            sizes += 1
    for number in range(sizes - 1, -1, -1):
        size, group = found[2 * number], found[2 * number + 1]
        stop = at + size
        place, fit = member_of(group, _FULL, state, tables)
        if place >= 0:
            level = fixed(tables.place[P_LEVEL, place])
            if text[stop - 1] == _CITY_SIGN and stop < end and text[stop] == _FIELD_SIGN:
                continue
            if level == TOWN and (not fit or road_behind(text, stop, end, tables)):
                continue
            if (
                size == 2
                and level >= DISTRICT
                and not (fit and state[6])
                and text[at + 1] != _COUNTY
            ):
                continue
            if not below or ends_here(text, stop, end, level, state, tables):
                return size, group, place
            continue
        if below or size < 2:
            continue
        place, fit = member_of(group, _SHORT, state, tables)
        if place >= 0 and stands_alone(text, stop, end, group, place, fit, state, tables):
            return size, group, place
    if sizes and found[0] == 1 and state[0] == state[2] and not below:  # 湘长沙, 粤深圳
        place, fit = member_of(found[1], _LETTER, state, tables)
        if place >= 0 and place_behind(text, at + 1, end, place, tables):
            return 1, found[1], place
    return 0, -1, -1


@inner
def ends_here(
    text: Any, stop: int, end: int, level: int, state: Any, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Whether a full name behind streets and houses is the region of the address, written last."""
    if level == TOWN:
        return False
    if stop >= end or tables.chars[K_CLASS, text[stop]] != C_HAN:
        return True
    if full_place(text, stop, end, level, tables) > 0:
        return True
    if state[6] == 0:  # no region before: 3栋501天心区书院路9号
        _, kind, said = find_name(text, stop, end, tables)
        return bool(kind != ESTATE and said)
    return False


@inner
def put_place(
    at: int, size: int, group: int, place: int, parts: Any, state: Any, tables: Any
) -> None:  # pragma: no cover - compiled
    """Put a place as a part, and keep where it lies for those behind it."""
    level, code = fixed(tables.place[P_LEVEL, place]), fixed(tables.place[P_CODE, place])
    put(parts, state, level, at, at + size)
    number = state[0] - 1
    parts[Q_GROUP, number] = group
    parts[Q_PLACE, number] = place
    if not fits(code, level, state):
        state[7] = state[8] = state[9] = state[11] = 0
    state[6] = level
    present = tables.place[P_CODE, tables.place[P_PRESENT, place]]
    _, larger = common(group, tables)
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
                several += fits(fixed(tables.place[P_CODE, other]), DISTRICT, state)
        if several <= 1:
            state[7], state[8], state[9] = code // 10_000, code // 100, present
            state[11] = present // 100
