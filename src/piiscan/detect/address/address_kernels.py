# mypy: ignore-errors
"""Kernels of addresses: fold texts, cut them into parts, resolve regions, measure and write.

    湖南长沙岳麓麓山南路三号 -> 湖南 | 长沙 | 岳麓 | 麓山南路 | 三号 -> 430104, street_number,
    湖南省长沙市岳麓区麓山南路3号

``text`` is folded text, one
number a code point; spans in it are [start, end). A function that reads at ``at`` reads no further
than ``end``, the end of the address.
"""

from typing import TYPE_CHECKING

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint16_t, uint64_t
from cython.cimports.libc.string import memcmp, memcpy

from piiscan import arrays

if TYPE_CHECKING:
    from piiscan.detect.address import lookup_tables

#: Each character is one step of the hash: xor, multiply (a 64-bit variant of FNV-1a).
PRIME = 0x9E3779B97F4A7C15
_PRIME = cython.declare(uint64_t, PRIME)
#: Start of the hashes of the words of each lexicon (L_…), as they are in one table.
BASES = (0xCBF29CE484222325, 0x84222325CBF29CE4, 0x9CE484222325CBF2, 0x2325CBF29CE48422)
_BASES = cython.declare(uint64_t[4])
#: Likeness points of each kind of part, by kind; 16 points are a certain address.
_PART_SCORES = cython.declare(int64_t[18])
_FULL_SCORE = cython.declare(cython.double, 16)
#: Maximum likeness of a firm in a city with no local part: 长沙市示例公司.
_FIRM_MAX = cython.declare(cython.double, 0.3)
#: Maximum number of region names that are compared; the cost grows with their square.
_MAX_NAMES = cython.declare(int64_t, 8)
#: A short name shared by this many places or more is an ordinary word: 新城, 和平, 解放.
_COMMON = cython.declare(int64_t, 4)
#: Characters such as 东 between a name and its road word, at most.
_MAX_AFFIXES = cython.declare(int64_t, 2)
#: Minimum length of a name that ends in one character such as 城 before a road name.
_LONG_NAME = cython.declare(int64_t, 3)
#: A name of up to this many characters next to an address is a person or a label, unless a word
#: such as 小区 makes it an estate.
_GLUED_NAME = cython.declare(int64_t, 4)
#: Digits of a postcode; a longer run is a phone number or another number.
_POSTCODE_DIGITS = cython.declare(int64_t, 6)
#: A bare number of at least this many digits is a phone number.
_PHONE_DIGITS = cython.declare(int64_t, 7)
#: A bare number is a room from this many digits on, with fewer a building.
_ROOM_DIGITS = cython.declare(int64_t, 3)
#: A repeated part is searched for this many parts back.
_MAX_BACK = cython.declare(int64_t, 16)

_PROVINCE_SIGN = cython.declare(uint16_t, ord("省"))
_CITY_SIGN = cython.declare(uint16_t, ord("市"))
_COUNTY = cython.declare(uint16_t, ord("县"))
_AREA = cython.declare(uint16_t, ord("区"))
_BANNER = cython.declare(uint16_t, ord("旗"))
_FIELD = cython.declare(uint16_t, ord("场"))
_ROAD_SIGN = cython.declare(uint16_t, ord("路"))
_WAY = cython.declare(uint16_t, ord("道"))
_LINE = cython.declare(uint16_t, ord("线"))
_SECTION = cython.declare(uint16_t, ord("段"))
_MOUTH = cython.declare(uint16_t, ord("口"))
_ORDER = cython.declare(uint16_t, ord("第"))
_ANNEX = cython.declare(uint16_t, ord("附"))
_GROUND = cython.declare(uint16_t, ord("地"))
_BELOW = cython.declare(uint16_t, ord("下"))
_BASEMENT = cython.declare(uint16_t, ord("负"))
_LIST = cython.declare(uint16_t, ord("、"))
_F = cython.declare(uint16_t, ord("F"))
_NO = cython.declare(uint16_t, ord("号"))
_BLOCK = cython.declare(uint16_t, ord("栋"))
_STAIRS = cython.declare(uint16_t[2])  # 单元
_STOREY = cython.declare(uint16_t, ord("层"))
_ROOM_SIGN = cython.declare(uint16_t, ord("室"))
_TEAM = cython.declare(uint16_t, ord("组"))
_LANE = cython.declare(uint16_t, ord("弄"))
_VILLAGE_SIGN = cython.declare(uint16_t, ord("村"))
_NUMERALS = cython.declare(uint16_t[11])  # 一 to 十, from 1 on


def _fill_tables() -> None:
    """Fill the small tables."""
    scores = (0, 4, 5, 6, 6, 4, 4, 3, 5, 4, 3, 4, 4, 3, 4, 0, 0, 0)
    for number, basis in enumerate(BASES):
        _BASES[number] = basis
    for kind in range(18):
        _PART_SCORES[kind] = scores[kind]
    for value, sign in enumerate(" 一二三四五六七八九十"):
        _NUMERALS[value] = ord(sign)
    _STAIRS[0], _STAIRS[1] = ord("单"), ord("元")


_fill_tables()


# Words: a hash table of all lexicons, with every beginning of a word.


def insert_words(
    hashes: arrays.UInt64, numbers: arrays.Int32, keys: arrays.UInt64, values: arrays.Int32
) -> None:
    """Insert hash -> value pairs into the open-addressing table of ``keys`` and ``values``.

    ``numbers`` has the value of each hash.  The first value of a hash wins.
    """
    words: cython.Py_ssize_t = len(hashes)
    last: uint64_t = len(keys) - 1
    hash_of: UInt64 = uint64(hashes)
    number_of: Int32 = int32(numbers)
    out_keys: UInt64Out = uint64_out(keys)
    out_values: Int32Out = int32_out(values)
    word: cython.Py_ssize_t
    slot: uint64_t
    with cython.nogil:
        for word in range(words):
            slot = (hash_of[word] >> 20) & last
            while out_keys[slot] != 0 and out_keys[slot] != hash_of[word]:
                slot = (slot + 1) & last
            if out_keys[slot] == 0:
                out_keys[slot] = hash_of[word]
                out_values[slot] = number_of[word]


@cython.cfunc
@cython.nogil
def _word_value(hashed: uint64_t, tables: Tables) -> int64_t:
    """Return the value of the word with this hash, PREFIX or less if there is no such word.

    PREFIX if it only begins a word, a smaller number if it begins none.
    """
    slot: uint64_t = (hashed >> 20) & tables.last_slot
    while tables.keys[slot] != 0:
        if tables.keys[slot] == hashed:
            return tables.values[slot]
        slot = (slot + 1) & tables.last_slot
    return PREFIX - 1


@cython.cfunc
@cython.nogil
def _longest_word(
    text: UInt16, at: int64_t, end: int64_t, tables: Tables, lexicon: cython.int
) -> tuple[int64_t, int64_t]:
    """Return value and length of the longest word of ``lexicon`` at ``at``; -1, 0 for none."""
    best: tuple[int64_t, int64_t] = (-1, 0)
    hashed: uint64_t = _BASES[lexicon]
    count: int64_t
    if at >= end:
        return best
    longest: int64_t = tables.longest[lexicon * CHARS + text[at]]
    for count in range(min(longest, end - at)):
        hashed = (hashed ^ text[at + count]) * _PRIME
        found: int64_t = _word_value(hashed, tables)
        if found < PREFIX:
            break
        if found >= 0:
            best = (found, count + 1)
    return best


@cython.cfunc
@cython.nogil
def _word(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> int64_t:
    """Return the class (W_…) of the longest word at ``at``; -1 for none."""
    return _longest_word(text, at, end, tables, L_WORDS)[0]


@cython.cfunc
@cython.nogil
def _unit(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> int64_t:
    """Return the class (U_…) of the longest unit word at ``at``; -1 for none."""
    return _longest_word(text, at, end, tables, L_UNITS)[0]


def fold_texts(
    starts: arrays.Int64,
    ends: arrays.Int64,
    data: arrays.UInt8,
    table: arrays.UInt16,
    out: arrays.UInt16,
    offsets: arrays.Int64,
) -> int:
    """Write folded UTF-8 texts to ``out``, their ends to ``offsets``.  Return the code points.

    Text ``n`` is ``data[starts[n]:ends[n]]``; its characters begin at ``offsets[n]`` in ``out``.  A
    character outside the basic plane becomes U+FFFD.
    """
    rows: cython.Py_ssize_t = len(starts)
    begins: Int64 = int64(starts)
    stops: Int64 = int64(ends)
    source: UInt8 = uint8(data)
    folds: UInt16 = uint16(table)
    folded: UInt16Out = uint16_out(out)
    places: Int64Out = int64_out(offsets)
    count: int64_t = 0
    row: cython.Py_ssize_t
    at: int64_t
    end: int64_t
    code: int64_t
    lead: uint8_t
    with cython.nogil:
        for row in range(rows):
            places[row] = count
            at, end = begins[row], stops[row]
            while at < end:
                lead = source[at]
                if lead < 0x80:
                    code = lead
                    at += 1
                elif lead < 0xE0 and at + 1 < end:
                    code = (lead & 0x1F) << 6 | source[at + 1] & 0x3F
                    at += 2
                elif lead < 0xF0 and at + 2 < end:
                    code = (lead & 0x0F) << 12 | (source[at + 1] & 0x3F) << 6
                    code |= source[at + 2] & 0x3F
                    at += 3
                else:
                    code = 0xFFFD
                    at += 4
                folded[count] = folds[code]
                count += 1
        places[rows] = count
    return count


# Region names.


@cython.cfunc
@cython.nogil
def _full_name_size(
    text: UInt16, at: int64_t, end: int64_t, level: int64_t, tables: Tables
) -> int64_t:
    """Return the characters of the longest full place name at ``at`` that ranks below ``level``.

    0 if there is none.  ``level`` 0 allows every place.
    """
    best: int64_t = 0
    hashed: uint64_t = _BASES[L_NAMES]
    count: int64_t
    member: int64_t
    if at >= end:
        return 0
    longest: int64_t = tables.longest[L_NAMES * CHARS + text[at]]
    for count in range(min(longest, end - at, LONGEST_NAME)):
        hashed = (hashed ^ text[at + count]) * _PRIME
        group: int64_t = _word_value(hashed, tables)
        if group < PREFIX:
            break
        if group < 0:
            continue
        for member in range(tables.group_from[group], tables.group_from[group + 1]):
            if (
                tables.level[tables.member_place[member]] > level
                and tables.member_form[member] == FULL
            ):
                best = count + 1
    return best


@cython.cfunc
@cython.nogil
def _region_begins(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> cython.bint:
    """Return True if two full region names begin at ``at``: ``湖南省长沙市``.

    A name that contains such a pair ends before it.
    """
    sign: int64_t
    for sign in range(at + 2, min(at + 5, end)):
        if text[sign] == _PROVINCE_SIGN or text[sign] == _CITY_SIGN:
            if _full_name_size(text, at, sign + 1, 0, tables) == sign + 1 - at:
                return _full_name_size(text, sign + 1, end, PROVINCE, tables) > 0
    return False


@cython.cfunc
@cython.nogil
def _fits_region(code: int64_t, level: int64_t, scan: Scan) -> cython.bint:
    """Return True if a place with this ``code`` and ``level`` agrees with the region in ``scan``.

    ``code`` is the six-digit code of the place and ``level`` its kind (PROVINCE to TOWN).  Both the
    codes as written and the codes of today in ``scan`` count.
    """
    if scan.province and code // 10_000 != scan.province:
        return False
    if level == TOWN and scan.district:
        return code == scan.district
    if level >= DISTRICT and scan.city:
        return code // 100 == scan.city or code // 100 == scan.present_city
    return True


@cython.cfunc
@cython.nogil
def _best_place(
    group: int64_t, form: int64_t, scan: Scan, tables: Tables
) -> tuple[int64_t, int64_t]:
    """Choose the likeliest place for gazetteer word ``group``.  Return (place, fits the region).

    Forms above ``form`` are ignored (FULL < SHORT < LETTER).  The place is -1 if the word has none,
    the flag is 1 if the place fits the region read so far.
    """
    best: int64_t = -1
    best_rank: int64_t = -1
    at: int64_t
    for at in range(tables.group_from[group], tables.group_from[group + 1]):
        place: int64_t = tables.member_place[at]
        if tables.member_form[at] > form:
            continue
        level: int64_t = tables.level[place]
        rank: int64_t = (
            64 * _fits_region(tables.code[place], level, scan) + 32 * tables.current[place]
        )
        rank += 16 * (level > scan.level) + 8 * (tables.member_form[at] == FULL) + 4 - level
        if rank > best_rank:
            best, best_rank = place, rank
    return best, best_rank >= 64


@cython.cfunc
@cython.nogil
def _count_places(group: int64_t, tables: Tables) -> tuple[int64_t, int64_t]:
    """Count present-day places of gazetteer word ``group``: (all, those above town level)."""
    count: int64_t = 0
    larger: int64_t = 0
    at: int64_t
    for at in range(tables.group_from[group], tables.group_from[group + 1]):
        place: int64_t = tables.member_place[at]
        count += tables.current[place]
        larger += tables.current[place] != 0 and tables.level[place] < TOWN
    return count, larger


@cython.cfunc
@cython.nogil
def _inner_place_follows(
    text: UInt16, at: int64_t, end: int64_t, place: int64_t, tables: Tables
) -> cython.bint:
    """Return True if the name of a place inside ``place`` begins at ``text[at]``.

    ``place`` is a province, city or district: ``湖南 + 长沙`` is True.  A two-character name before
    a road word does not count.
    """
    step: int64_t = 10_000 if tables.level[place] == PROVINCE else 100
    hashed: uint64_t = _BASES[L_NAMES]
    count: int64_t
    member: int64_t
    if at >= end:
        return False
    longest: int64_t = tables.longest[L_NAMES * CHARS + text[at]]
    for count in range(min(longest, end - at, LONGEST_NAME)):
        hashed = (hashed ^ text[at + count]) * _PRIME
        group: int64_t = _word_value(hashed, tables)
        if group < PREFIX:
            break
        if group < 0 or count == 0:
            continue
        for member in range(tables.group_from[group], tables.group_from[group + 1]):
            other: int64_t = tables.member_place[member]
            if (
                tables.code[other] // step == tables.code[place] // step
                and tables.level[other] > tables.level[place]
            ):
                return count > 1 or not _road_word_end(text, at + count + 1, end, tables)
    return False


@cython.cfunc
@cython.nogil
def _is_numbered_road(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> cython.bint:
    """Return True if a road named by a number begins at ``at``: ``6号大街``."""
    while at < end and tables.class_of[text[at]] == C_DIGIT:
        at += 1
    return _unit(text, at, end, tables) == U_ROAD


@cython.cfunc
@cython.nogil
def _is_short_place(
    text: UInt16,
    stop: int64_t,
    end: int64_t,
    group: int64_t,
    place: int64_t,
    scan: Scan,
    tables: Tables,
) -> cython.bint:
    """Return True if a suffixless name that ends at ``stop`` is a place, not part of a longer name.

    ``湖南长沙`` is True for 长沙, ``黄浦江路`` is False for 黄浦. ``group``: number of the word in
    the gazetteer. ``place``: the place chosen for it, which agrees with the region read so far.
    """
    level: int64_t = tables.level[place]
    known: cython.bint = scan.level > 0
    places: tuple[int64_t, int64_t] = _count_places(group, tables)
    larger: int64_t = places[1]
    town_only: cython.bint = level == TOWN and scan.city == 0 and scan.district == 0
    if town_only and (places[0] > 1 or known):
        return False
    few: cython.bint = places[0] < _COMMON if level == TOWN else larger < _COMMON
    if stop >= end or tables.class_of[text[stop]] != C_HAN:
        if stop < end and C_DIGIT <= tables.class_of[text[stop]] <= C_LETTER:
            return known and few and _is_numbered_road(text, stop, end, tables)
        return level <= CITY or known or few
    if _road_word_end(text, stop, end, tables):
        return False
    if level <= scan.level:
        return _inner_place_follows(text, stop, end, place, tables)
    if level < TOWN and _inner_place_follows(text, stop, end, place, tables):
        return True
    if _longest_word(text, stop, end, tables, L_HOUSES)[0] >= 0:
        return False
    name: tuple[int64_t, int64_t, int64_t] = _find_name(text, stop, end, tables)
    if name[0] - stop < 2 or _road_word_end(text, stop + 1, end, tables):
        return False  # 黄浦 in 黄浦江路, 象山 in 象山港东路
    if name[1] != ESTATE:
        if town_only and (not name[2] or name[0] - stop < 3):
            return False
        return level <= CITY or ((known or few) and _word(text, stop, end, tables) != W_ZONE)
    if level == TOWN:
        return not town_only and (few or scan.district > 0) and name[0] - stop > 3
    return level <= CITY or (known and few) or (places[0] < _COMMON and larger == 1)


@cython.cfunc
@cython.nogil
def _find_place(
    text: UInt16, at: int64_t, end: int64_t, scan: Scan, tables: Tables
) -> tuple[int64_t, int64_t, int64_t]:
    """Find the place name that begins at ``at``.  Return (length in code points, word, place).

    Return (0, -1, -1) if there is none.  The longest name that passes wins: a match must agree with
    the places before it and must not be the start of a longer name.
    ``长沙岳麓麓山南路 -> 长沙市, 岳麓区``, but ``中山路 -> no place`` (the road is not in 中山市).
    After parts below the town level only full names count.
    """
    lengths: int64_t[LONGEST_NAME]  # of the names that begin here, and their words
    groups: int64_t[LONGEST_NAME]
    names: int64_t = 0
    hashed: uint64_t = _BASES[L_NAMES]
    longest: int64_t = tables.longest[L_NAMES * CHARS + text[at]]
    count: int64_t
    number: int64_t
    size: int64_t
    group: int64_t
    place: int64_t
    fits: cython.bint
    for count in range(min(longest, end - at, LONGEST_NAME)):
        hashed = (hashed ^ text[at + count]) * _PRIME
        group = _word_value(hashed, tables)
        if group < PREFIX:
            break
        if group >= 0:
            lengths[names] = count + 1
            groups[names] = group
            names += 1
    for number in range(names - 1, -1, -1):
        size, group = lengths[number], groups[number]
        stop: int64_t = at + size
        chosen: tuple[int64_t, int64_t] = _best_place(group, FULL, scan, tables)
        place, fits = chosen[0], chosen[1] != 0
        if place >= 0:
            level: int64_t = tables.level[place]
            if text[stop - 1] == _CITY_SIGN and stop < end and text[stop] == _FIELD:
                continue
            if level == TOWN and (not fits or _road_word_end(text, stop, end, tables)):
                continue
            if (
                size == 2
                and level >= DISTRICT
                and not (fits and scan.level)
                and text[at + 1] != _COUNTY
            ):
                continue
            if not scan.below_town or _is_final_region(text, stop, end, level, scan, tables):
                return size, group, place
            continue
        if scan.below_town or size < 2:
            continue
        chosen = _best_place(group, SHORT, scan, tables)
        place = chosen[0]
        if place >= 0 and chosen[1]:
            if _is_short_place(text, stop, end, group, place, scan, tables):
                return size, group, place
    # One letter for a province, only at the start of an address: 湘长沙, 粤深圳.
    if names and lengths[0] == 1 and scan.count == scan.first and not scan.below_town:
        place = _best_place(groups[0], LETTER, scan, tables)[0]
        if place >= 0 and _inner_place_follows(text, at + 1, end, place, tables):
            return 1, groups[0], place
    return 0, -1, -1


@cython.cfunc
@cython.nogil
def _is_final_region(
    text: UInt16, stop: int64_t, end: int64_t, level: int64_t, scan: Scan, tables: Tables
) -> cython.bint:
    """Return True if a full place name after the street, ending at ``stop``, is the region.

    Some addresses have the region last: ``3栋501天心区书院路9号``.  A town is never such a region.
    """
    if level == TOWN:
        return False
    if stop >= end or tables.class_of[text[stop]] != C_HAN:
        return True
    if _full_name_size(text, stop, end, level, tables) > 0:
        return True
    if scan.level == 0:  # no region was read before this name
        name: tuple[int64_t, int64_t, int64_t] = _find_name(text, stop, end, tables)
        return name[1] != ESTATE and name[2] != 0
    return False


# Names of roads, villages and estates.


@cython.cfunc
@cython.nogil
def _road_word_end(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> int64_t:
    """Return the end of a road word (路, 大道) that begins at ``at``, 0 if there is none.

    Up to two characters such as 东 may precede it: ``东路, 一西路``.
    """
    here: int64_t
    for here in range(at, at + _MAX_AFFIXES + 1):
        word: tuple[int64_t, int64_t] = _longest_word(text, here, end, tables, L_WORDS)
        if word[0] == W_ROAD:
            return here + word[1]
        if here >= end:
            return 0
        if (
            text[here] != _ORDER
            and tables.class_of[text[here]] != C_DIGIT
            and not tables.marks_of[text[here]] & M_ROAD_AFFIX
        ):
            return 0
    return 0


@cython.cfunc
@cython.nogil
def _numeral_end(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> int64_t:
    """Return the end of the Chinese numerals that begin at ``at``; ``at`` if there are none."""
    while at < end and tables.numeral_of[text[at]] < NO_NUMERAL:
        at += 1
    return at


@cython.cfunc
@cython.nogil
def _is_counted_unit(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> cython.bint:
    """Return True if a Chinese numeral with a unit of buildings, rooms or groups begins at ``at``.

    ``三栋, 第二单元`` are True; numerals before a road, village or metre word are not.
    """
    here: int64_t = at + 1 if tables.marks_of[text[at]] & M_LEAD else at
    stop: int64_t = _numeral_end(text, here, end, tables)
    if stop == here:
        return False
    unit: tuple[int64_t, int64_t] = _longest_word(text, stop, end, tables, L_UNITS)
    if unit[0] < 0 or unit[0] in (U_ROAD, U_VILLAGE, U_METRES):
        return False
    return _word(text, stop + unit[1], end, tables) != W_ROAD


@cython.cfunc
@cython.nogil
def _is_lettered_unit(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> cython.bint:
    """Return True if a unit named by letters and digits begins at the letter ``at``: ``A座, B1栋``.

    Up to three of them before a unit word, or one letter or a digit at the end of the name.
    """
    here: int64_t = at
    while here < end and here < at + 3 and C_DIGIT <= tables.class_of[text[here]] <= C_LETTER:
        here += 1
    if _unit(text, here, end, tables) >= 0:
        return True
    while here < end and C_DIGIT <= tables.class_of[text[here]] <= C_LETTER:
        here += 1
    if here < end and tables.class_of[text[here]] == C_HAN:
        return False
    return here == at + 1 or tables.class_of[text[here - 1]] == C_DIGIT


@cython.cfunc
@cython.nogil
def _is_hanzi(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> cython.bint:
    """Return True if ``text[at]`` is a Hanzi."""
    return at < end and tables.class_of[text[at]] == C_HAN


@cython.cfunc
@cython.nogil
def _road_end(text: UInt16, at: int64_t, size: int64_t, end: int64_t, tables: Tables) -> int64_t:
    """Return the end of the road name whose road word (路) is ``text[at:at + size]``; 0 for none.

    Return 0 if the word is only part of a longer name: ``街`` in ``新街口``. A character of the
    name precedes the word.
    """
    stop: int64_t = at + size
    if size == 1 and (text[at] == _WAY or text[at] == _LINE) and _is_hanzi(text, stop, end, tables):
        if (
            _word(text, stop, end, tables) != W_REMARK
            and tables.numeral_of[text[at - 1]] == NO_NUMERAL
            and not tables.marks_of[text[stop]] & M_ROAD_AFFIX
        ):
            return 0
    if stop < end and text[at] != _ROAD_SIGN and tables.marks_of[text[stop]] & M_NAME_TAIL:
        return 0
    further: int64_t = _road_word_end(text, stop, end, tables)
    if further and text[further - 1] == _ROAD_SIGN and text[stop - 1] != _ROAD_SIGN:
        stop = further
    word: tuple[int64_t, int64_t] = _longest_word(text, stop, end, tables, L_WORDS)
    if word[0] == W_VILLAGE or (word[0] == W_ESTATE and word[1] > 1):
        return 0
    # 乡 in 莫干山路乡邻村 is no town
    if word[0] == W_TOWN and (word[1] > 1 or not _is_hanzi(text, stop + word[1], end, tables)):
        return 0
    return stop


@cython.cfunc
@cython.nogil
def _find_name(
    text: UInt16, at: int64_t, end: int64_t, tables: Tables
) -> tuple[int64_t, int64_t, int64_t]:
    """Find the road, village or estate name at ``at``.  Return (end, kind, a word gave the kind).

    ``麓山南路三号 -> 麓山南路 (road)``, ``示例小区2栋 -> 示例小区 (estate)``. The last is 1 if a
    word such as 路 or 小区 gives the kind.  Without such a word the kind is ESTATE, or OTHER for a
    single character.
    """
    here: int64_t = at
    estate_end: int64_t = 0
    estate_size: int64_t = 0
    stop: int64_t
    road: int64_t
    kind: cython.int  # class of a character
    word: tuple[int64_t, int64_t]
    next_word: tuple[int64_t, int64_t]
    while here < end:
        kind = tables.class_of[text[here]]
        if kind != C_HAN and kind != C_LETTER and kind != C_DIGIT:
            break
        after_han: cython.bint = here > at and tables.class_of[text[here - 1]] == C_HAN
        if kind == C_DIGIT and after_han:
            stop = here
            while stop < end and tables.class_of[text[stop]] == C_DIGIT:
                stop += 1
            road = _road_word_end(text, stop, end, tables)
            if road and estate_end == 0 and _unit(text, stop, end, tables) != U_LANE:
                return road, ROAD, 1
            break
        if kind == C_LETTER and after_han and _is_lettered_unit(text, here, end, tables):
            break
        if kind == C_HAN and here == at:
            word = _longest_word(text, here, end, tables, L_WORDS)
            stop = at + word[1]
            if word[0] == W_ZONE and word[1] > 2 and not _road_word_end(text, stop, end, tables):
                next_word = _longest_word(text, stop, end, tables, L_WORDS)
                if next_word[0] != W_ZONE and (next_word[0] != W_ESTATE or next_word[1] == 1):
                    return stop, ZONE, 1
        if kind == C_HAN and here > at:
            if _region_begins(text, here, end, tables):
                break
            if here > at + 1 and _is_counted_unit(text, here, end, tables):
                break
            word = _longest_word(text, here, end, tables, L_WORDS)
            size: int64_t = word[1]
            stop = here + size
            apart: cython.bint = estate_end > 0 and here - estate_end >= 2 + (
                estate_size == 1 and estate_end - at < _LONG_NAME
            )
            if word[0] == W_ROAD:
                stop = _road_end(text, here, size, end, tables)
                if stop and apart:
                    return estate_end, ESTATE, 1
                if stop:
                    return stop, ROAD, 1
            elif word[0] in (W_TOWN, W_VILLAGE, W_ZONE):
                next_word = _longest_word(text, stop, end, tables, L_WORDS)
                longer: cython.bint = next_word[0] == W_ZONE or (
                    next_word[0] == W_ESTATE and next_word[1] > 1
                )
                road = _road_word_end(text, stop, end, tables) if size == 1 else 0
                direct: cython.bint = next_word[0] == W_ROAD and (
                    next_word[1] == 1 or road - stop == _MAX_AFFIXES
                )
                if word[0] == W_TOWN and here - at > 1 and not direct:
                    road = 0
                if longer and _road_word_end(text, stop + next_word[1], end, tables):
                    longer = False  # in 东风村花园路 the village ends before 花园路
                if not longer and not road:
                    if apart:
                        return estate_end, ESTATE, 1
                    if word[0] == W_TOWN:
                        return stop, TOWN, 1
                    if word[0] == W_ZONE:
                        return stop, ZONE, 1
                    if next_word[0] == W_VILLAGE:
                        stop += next_word[1]  # 协议村村委会 is one name
                    return stop, VILLAGE, 1
            elif word[0] == W_ESTATE:
                if size > 1 or here - at >= 2:
                    estate_end, estate_size = stop, size
                here = stop - 1
            elif word[0] == W_REMARK and (size > 1 or not _is_hanzi(text, stop, end, tables)):
                break
        here += 1
    return here, ESTATE if here - at > 1 else OTHER, estate_end > 0


# Numbers: [lead] digits (dash digits)* [unit]. 3号 -> number, 二栋 -> building, 501 -> room.


@cython.cfunc
@cython.nogil
def _number_span(
    text: UInt16, at: int64_t, end: int64_t, tables: Tables
) -> tuple[int64_t, int64_t, int64_t]:
    """Find the number at ``at``, without its unit word.  Return (start, end, number of digits).

    The start is after a leading 第, 附, 东, 甲 or 地下; the end is before the unit word.  Dashes
    between digits or letters belong to the number, but never begin it.  Start equals end if there
    is no number.
    """
    first: int64_t = at
    digits: int64_t = 0
    if at + 1 < end and text[at] == _GROUND and text[at + 1] == _BELOW:
        first = at + 2
    elif tables.marks_of[text[at]] & (M_LEAD | M_SIDE | M_STEM):
        first = at + 1
    here: int64_t = first
    while here < end:
        kind: cython.int = tables.class_of[text[here]]
        if kind == C_DIGIT:
            digits += 1
        elif kind == C_DASH or text[here] == _LIST:
            stop: int64_t = here
            while stop < end and (tables.class_of[text[stop]] == C_DASH or text[stop] == _LIST):
                stop += 1
            if here == first or stop >= end:
                break
            if not C_DIGIT <= tables.class_of[text[stop]] <= C_LETTER:
                break
        elif kind != C_LETTER:
            break
        here += 1
    if here == first:
        here = _numeral_end(text, first, end, tables)
        digits = here - first
    return first, here, digits


@cython.cfunc
@cython.nogil
def _count_dashes(text: UInt16, at: int64_t, stop: int64_t, tables: Tables) -> int64_t:
    """Count the rows of dashes in the number ``text[at:stop]``, but for a dash at its start."""
    dashes: int64_t = 0
    here: int64_t
    for here in range(at + 1, stop):
        dashes += (
            tables.class_of[text[here]] == C_DASH and tables.class_of[text[here - 1]] != C_DASH
        )
    return dashes


@cython.cfunc
@cython.nogil
def _add_part(scan: Scan, kind: int64_t, start: int64_t, end: int64_t) -> cython.void:
    """Append a part [``start``, ``end``) of ``kind`` and update the state of the scan."""
    number: int64_t = scan.count
    scan.parts.kind[number] = kind
    scan.parts.start[number] = start
    scan.parts.end[number] = end
    scan.parts.group[number] = -1
    scan.parts.place[number] = -1
    scan.count = number + 1
    if kind != REMARK and kind != OTHER:
        scan.kind = kind
    if kind == ROAD:
        scan.after_road = True
    if kind > ZONE and kind != OTHER:
        scan.below_town = True
    if kind != ESTATE:
        scan.is_estate = False


@cython.cfunc
@cython.nogil
def _add_dashed_numbers(
    text: UInt16,
    at: int64_t,
    stop: int64_t,
    full: int64_t,
    last: int64_t,
    scan: Scan,
    tables: Tables,
) -> cython.void:
    """Append the numbers of ``3-2-501`` as parts, from the building down to the kind ``last``.

    ``3-2-501室 -> 3 (building) | 2 (unit) | 501室 (room)``.  ``text[at:stop]`` are the numbers;
    ``full`` is the end of the unit word.
    """
    count: int64_t = 1 + _count_dashes(text, at, stop, tables)
    kind: int64_t = UNIT if scan.kind == BUILDING and last != UNIT else BUILDING
    start: int64_t = at
    number: int64_t = 1
    here: int64_t
    if last == ROOM and count == 2 and BUILDING <= scan.kind < ROOM:
        here = at
        while here < stop and tables.class_of[text[here]] != C_DASH:
            here += 1
        if here - at >= _ROOM_DIGITS:
            _add_part(scan, ROOM, at, full)  # 1701-1702室 is one part
            return
    for here in range(at, stop + 1):
        if here == stop or tables.class_of[text[here]] == C_DASH:
            if here == start:
                start = here + 1
                continue
            if number == count:
                _add_part(scan, last, start, full)
            else:
                _add_part(scan, kind, start, here)
                kind = UNIT if kind == BUILDING else FLOOR
            start = here + 1
            number += 1


@cython.cfunc
@cython.nogil
def _number_kind(
    first: uint16_t, size: int64_t, unit: int64_t, next_unit: int64_t, scan: Scan
) -> int64_t:
    """Return the part kind of a number in an address: BUILDING for ``2栋``, ROOM for ``501室``.

    The kind follows from the unit words of this and the next number, and from the part before.
    ``first``: first character of the number. ``size``: its characters. ``unit``: class of its unit
    word (U_…). ``next_unit``: class of the unit word of the next number, -1 for none.
    """
    before: int64_t = scan.kind
    if unit == U_NUMBER:
        if first == _ANNEX:
            return before if before in (NUMBER, BUILDING, ROOM) else NUMBER
        if before == ESTATE:
            return BUILDING if scan.is_estate or scan.after_road else NUMBER
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


@cython.cfunc
@cython.nogil
def _add_bare_number(
    text: UInt16, at: int64_t, stop: int64_t, digits: int64_t, scan: Scan, tables: Tables
) -> cython.void:
    """Append number ``text[at:stop]``, which has no unit word, as a part.

    The kind follows from the part before: ``示例路12 -> number``, ``2栋501 -> room``.
    """
    before: int64_t = scan.kind
    dashes: int64_t = _count_dashes(text, at, stop, tables)
    kind: int64_t = OTHER
    tail: int64_t = stop
    if dashes == 0 and digits >= _POSTCODE_DIGITS and stop - at == digits:
        kind = POSTCODE if digits == _POSTCODE_DIGITS else OTHER
    elif before == ROAD and dashes < 2:
        kind = NUMBER
    elif dashes:
        while tables.class_of[text[tail - 1]] != C_DASH:
            tail -= 1
        kind = ROOM
        if dashes == 1 and stop - tail < _ROOM_DIGITS and before != BUILDING and before != UNIT:
            kind = UNIT
        _add_dashed_numbers(text, at, stop, stop, kind, scan, tables)
        return
    elif before in (UNIT, FLOOR, ROOM):
        kind = ROOM
    elif before == BUILDING:
        kind = ROOM
        if stop + 1 < scan.end and stop - at < _ROOM_DIGITS:
            kind = UNIT if tables.class_of[text[stop + 1]] == C_DIGIT else ROOM
    elif before in (VILLAGE, GROUP):
        kind = NUMBER
    elif before == ZONE:
        kind = BUILDING
    elif before in (ESTATE, NUMBER):
        kind = ROOM if stop - at >= _ROOM_DIGITS else BUILDING
    _add_part(scan, kind, at, stop)


@cython.cfunc
@cython.nogil
def _find_number(text: UInt16, at: int64_t, end: int64_t, scan: Scan, tables: Tables) -> int64_t:
    """Append the number at ``at`` with its unit, maybe as several parts.  Return its end.

    Return ``at`` if there is no number.
    """
    span: tuple[int64_t, int64_t, int64_t] = _number_span(text, at, end, tables)
    first: int64_t = span[0]
    stop: int64_t = span[1]
    digits: int64_t = span[2]
    found: tuple[int64_t, int64_t] = _longest_word(text, stop, end, tables, L_UNITS)
    unit: int64_t = found[0]
    full: int64_t = stop + found[1]
    next_unit: int64_t = -1
    here: int64_t
    dashed: cython.bint = False
    if stop == first:  # 东楼, 甲座: the leading character is the number
        if first == at or tables.marks_of[text[at]] & M_LEAD:
            return at
        if unit != U_BUILDING and unit != U_UNIT:
            return at
        _add_part(scan, BUILDING if unit == U_BUILDING else UNIT, at, full)
        return full
    if unit < 0:
        if text[stop - 1] == _F and digits > 0 and digits == stop - first - 1:
            _add_part(scan, FLOOR, at, stop)
            return stop
        if digits == 0 or tables.class_of[text[first]] == C_HAN:
            return at
        if first > at and text[at] != _ANNEX:
            return at
        if _is_hanzi(text, stop, end, tables) and not _is_counted_unit(text, stop, end, tables):
            if scan.kind == ESTATE:
                if stop - first == digits and digits < _ROOM_DIGITS:
                    return at
            elif not ROAD <= scan.kind <= ROOM:
                return at
        _add_bare_number(text, at, stop, digits, scan, tables)
        return stop
    if digits == 0 and stop - first > 2:
        return at
    if unit == U_ROAD and full < end and tables.marks_of[text[full]] & M_NAME_TAIL:
        return at  # 五道口 is a name
    if full < end:
        span = _number_span(text, full, end, tables)
        if span[2]:
            next_unit = _unit(text, span[1], end, tables)
    kind: int64_t = _number_kind(text[at], stop - at, unit, next_unit, scan)
    if scan.kind == ESTATE and not scan.is_estate:
        if kind == GROUP or (
            kind == NUMBER
            and unit == U_NUMBER
            and scan.count > 1
            and scan.parts.kind[scan.count - 2] == TOWN
        ):
            scan.parts.kind[scan.count - 1] = VILLAGE  # 石婆桥 in 慈城镇石婆桥200号
            scan.kind = VILLAGE
    for here in range(first, stop):
        dashed |= tables.class_of[text[here]] == C_DASH
    if dashed and (kind == ROOM or kind == UNIT):
        _add_dashed_numbers(text, at, stop, full, kind, scan, tables)
    else:
        _add_part(scan, kind, at, full)
        if unit == U_LANE:
            scan.after_road = True
    return full


# Parts: address := (region | remark | number | name)*. 长沙市示例路1号 -> 长沙市 | 示例路 | 1号.


def scan_parts(
    text: arrays.UInt16,
    offsets: arrays.Int64,
    parts: arrays.Int32,
    first: arrays.Int64,
    tables: lookup_tables.Tables,
) -> int:
    """Split every text into address parts and return their number.

    Text ``row`` is ``text[offsets[row]:offsets[row + 1]]``; ``first[row]`` becomes its first part.
    ``parts``: int32[5, n], rows Q_…, filled; it needs a column for each code point.
    """
    rows: cython.Py_ssize_t = len(offsets) - 1
    source: UInt16 = uint16(text)
    places: Int64 = int64(offsets)
    out: Int64Out = int64_out(first)
    lookup: AddressTables = tables_of(tables)
    scan: ScanState
    row: cython.Py_ssize_t
    scan.parts = parts_of(parts)
    scan.count = 0
    with cython.nogil:
        for row in range(rows):
            out[row] = scan.count
            _scan_address(
                source, places[row], places[row + 1], cython.address(scan), cython.address(lookup)
            )
        out[rows] = scan.count
    return scan.count


@cython.cfunc
@cython.nogil
def _scan_address(
    text: UInt16, at: int64_t, end: int64_t, scan: Scan, tables: Tables
) -> cython.void:
    """Split the folded text [``at``, ``end``) into address parts, from left to right."""
    stop: int64_t
    scan.first, scan.end = scan.count, end
    scan.kind = scan.level = 0
    scan.province = scan.city = scan.present_city = scan.district = 0
    scan.is_estate = scan.after_road = scan.below_town = False
    while at < end:
        kind: cython.int = tables.class_of[text[at]]
        if kind == C_BLANK or kind == C_OTHER or C_MARK <= kind <= C_HASH:
            at += 1
            continue
        if kind == C_LETTER:
            stop = _scan_remark(text, at, end, scan, tables)
            if stop > at:
                at = stop
                continue
            while stop < end and tables.class_of[text[stop]] == C_LETTER:
                stop += 1
            # exports write null before an address: null湖南省
            if _full_name_size(text, stop, end, 0, tables):
                _add_part(scan, OTHER, at, stop)
                at = stop
                continue
        if kind == C_HAN:
            place: tuple[int64_t, int64_t, int64_t] = _find_place(text, at, end, scan, tables)
            if place[0]:
                _add_place(at, place[0], place[1], place[2], scan, tables)
                at += place[0]
                continue
            stop = _scan_remark(text, at, end, scan, tables)
            if stop > at:
                at = stop
                continue
            stop = _district_end(text, at, end, scan, tables)
            if stop:
                _add_part(scan, DISTRICT, at, stop)
                at = stop
                continue
        stop = _find_number(text, at, end, scan, tables)
        if stop > at:
            at = stop
            continue
        name: tuple[int64_t, int64_t, int64_t] = _find_name(text, at, end, tables)
        stop = max(name[0], at + 1)
        below: cython.bint = scan.below_town
        _add_part(scan, name[1], at, stop)
        if name[1] == ESTATE and name[2]:
            scan.is_estate = True
            scan.parts.group[scan.count - 1] = TYPED_BY_WORD
        elif name[1] == ESTATE and scan.level == 0 and stop - at <= _GLUED_NAME:
            scan.below_town = below  # perhaps a person's name: a region may still follow
        at = stop


@cython.cfunc
@cython.nogil
def _add_place(
    at: int64_t, size: int64_t, group: int64_t, place: int64_t, scan: Scan, tables: Tables
) -> cython.void:
    """Append a place name as a part and set the region of the scan to its place.

    The region noted before is dropped if the place does not belong to it.
    """
    level: int64_t = tables.level[place]
    code: int64_t = tables.code[place]
    present: int64_t = tables.code[tables.present[place]]
    province: int64_t = code // 10_000
    larger: int64_t = _count_places(group, tables)[1]
    several: int64_t = 0
    member: int64_t
    _add_part(scan, level, at, at + size)
    scan.parts.group[scan.count - 1] = group
    scan.parts.place[scan.count - 1] = place
    if not _fits_region(code, level, scan):
        scan.province = scan.city = scan.district = scan.present_city = 0
    scan.level = level
    if level == PROVINCE or (tables.current[place] and larger == 1):
        scan.province = province
    if level == CITY and (larger <= 1 or scan.province):
        scan.province = province
        if province in (11, 12, 31, 50):  # a municipality
            scan.city = scan.present_city = 0
        else:
            scan.city, scan.present_city = code // 100, present // 100
    if level == DISTRICT:
        for member in range(tables.group_from[group], tables.group_from[group + 1]):
            other: int64_t = tables.member_place[member]
            if tables.level[other] == DISTRICT and tables.current[other]:
                several += _fits_region(tables.code[other], DISTRICT, scan)
        if several <= 1:
            scan.province, scan.city, scan.district = province, code // 100, present
            scan.present_city = present // 100


@cython.cfunc
@cython.nogil
def _section_end(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> int64_t:
    """Return the end of a road section right after a road: ``东段, 一段, 东一段``; 0 for none."""
    here: int64_t
    for here in range(at, min(end, at + 3)):
        if text[here] == _SECTION:
            return here + 1 if here > at else 0
        if (
            not tables.marks_of[text[here]] & M_ROAD_AFFIX
            and tables.numeral_of[text[here]] == NO_NUMERAL
            and tables.class_of[text[here]] != C_DIGIT
        ):
            return 0
    return 0


@cython.cfunc
@cython.nogil
def _scan_remark(text: UInt16, at: int64_t, end: int64_t, scan: Scan, tables: Tables) -> int64_t:
    """Scan a word at ``at`` that names no place (``地址, 对面, 与``) or a road section.

    Skip it or append it as a part.  Return its end; ``at`` if there is none.
    """
    word: tuple[int64_t, int64_t] = _longest_word(text, at, end, tables, L_WORDS)
    stop: int64_t = at + word[1]
    if word[0] == W_SKIP:
        return stop
    if word[0] == W_REMARK or (word[0] == W_JOIN and scan.kind == ROAD):
        _add_part(scan, REMARK, at, stop)
        return stop
    if scan.kind == ROAD and scan.parts.end[scan.count - 1] == at:
        stop = _section_end(text, at, end, tables)
        if stop:
            _add_part(scan, ROAD, at, stop)
            return stop
        if text[at] == _MOUTH:
            _add_part(scan, REMARK, at, at + 1)
            return at + 1
    return at


@cython.cfunc
@cython.nogil
def _district_end(text: UInt16, at: int64_t, end: int64_t, scan: Scan, tables: Tables) -> int64_t:
    """Return the end of an unlisted district right after a province or city; 0 for none.

    Such a name ends in 县, 区 or 旗 and has at most six characters.
    """
    stop: int64_t
    if scan.kind != PROVINCE and scan.kind != CITY:
        return 0
    for stop in range(at + 1, min(at + 6, end)):
        if tables.class_of[text[stop]] != C_HAN:
            return 0
        word: int64_t = _word(text, stop, end, tables)
        if word >= 0 and word != W_SKIP:
            return 0
        if text[stop] == _COUNTY or text[stop] == _AREA or text[stop] == _BANNER:
            if stop > at + 1 and tables.numeral_of[text[stop - 1]] == NO_NUMERAL:
                return stop + 1
    return 0


# Regions: the place on which the names of an address agree. 长春市朝阳区 -> 220104.


@cython.cfunc
@cython.nogil
def _is_within(lower: int64_t, upper: int64_t, tables: Tables) -> cython.bint:
    """Return True if the place ``lower`` is or was inside ``upper``, or is the same place."""
    level: int64_t = tables.level[upper]
    step: int64_t = 10_000 if level == PROVINCE else 100 if level == CITY else 1
    low: int64_t = tables.code[lower] // step
    present_low: int64_t = tables.code[tables.present[lower]] // step
    high: int64_t = tables.code[upper] // step
    present_high: int64_t = tables.code[tables.present[upper]] // step
    if low != high and low != present_high and present_low != high and present_low != present_high:
        return False
    return tables.level[lower] != level or lower == upper or level < TOWN


@cython.cfunc
@cython.nogil
def _count_support(
    candidate: int64_t, first: int64_t, last: int64_t, parts: Parts, tables: Tables
) -> int64_t:
    """Count how strongly region names in parts [``first``, ``last``) agree with a candidate place.

    Each town that agrees counts 1, each other region name 2.
    """
    count: int64_t = 0
    seen: int64_t = 0
    part: int64_t
    at: int64_t
    agrees: cython.bint
    for part in range(first, last):
        group: int64_t = parts.group[part]
        if parts.kind[part] > TOWN or group < 0:
            continue
        seen += 1
        if seen > _MAX_NAMES:
            break
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            other: int64_t = tables.member_place[at]
            if tables.level[other] > tables.level[candidate]:
                agrees = _is_within(other, candidate, tables)
            else:
                agrees = _is_within(candidate, other, tables)
            if agrees:
                count += 1 if parts.kind[part] == TOWN else 2
                break
    return count


@cython.cfunc
@cython.nogil
def _choose_place(
    first: int64_t,
    last: int64_t,
    lowest: int64_t,
    highest: int64_t,
    within: int64_t,
    found: Int32Out,
    parts: Parts,
    tables: Tables,
) -> tuple[int64_t, int64_t]:
    """Choose the place that most region names fit.  Return (place, number of equally good places).

    The place is -1 if there is none. ``first``, ``last``: the parts of the address, [first, last).
    ``lowest``, ``highest``: levels of the places that can be chosen. ``within``: a place that must
    contain the choice, -1 for any. ``found``: filled with the codes of the equally good places, at
    most MAX_CANDIDATES.
    """
    best: int64_t = -1
    best_rank: int64_t = 0
    count: int64_t = 0
    seen: int64_t = 0
    part: int64_t
    at: int64_t
    number: int64_t
    for part in range(first, last):
        group: int64_t = parts.group[part]
        kind: int64_t = parts.kind[part]
        if kind > TOWN or group < 0:
            continue
        seen += 1
        if seen > _MAX_NAMES:
            break
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            place: int64_t = tables.member_place[at]
            level: int64_t = tables.level[place]
            if level < lowest or level > highest or (kind == TOWN) != (level == TOWN):
                continue
            if within >= 0 and not _is_within(place, within, tables):
                continue
            rank: int64_t = 16 * _count_support(place, first, last, parts, tables) + 8 * (
                level == kind
            )
            rank += 2 * level + tables.current[place]
            if rank > best_rank:
                best, best_rank, count = place, rank, 0
            if rank == best_rank:
                code: int32_t = tables.code[tables.present[place]]
                known: cython.bint = False
                for number in range(min(count, MAX_CANDIDATES)):
                    known |= found[number] == code
                if not known:
                    if count < MAX_CANDIDATES:
                        found[count] = code
                    count += 1
    return best, count


@cython.cfunc
@cython.nogil
def _assign_places(
    first: int64_t, last: int64_t, leaf: int64_t, parts: Parts, tables: Tables
) -> int64_t:
    """Set place and kind of each region name to the meaning that fits the place ``leaf``.

    Return the city as written, -1 if there is none.
    """
    city: int64_t = -1
    part: int64_t
    best: int64_t
    best_rank: int64_t
    at: int64_t
    agrees: cython.bint
    for part in range(first, last):
        group: int64_t = parts.group[part]
        if parts.kind[part] > TOWN or group < 0:
            continue
        best, best_rank = -1, -1
        for at in range(tables.group_from[group], tables.group_from[group + 1]):
            place: int64_t = tables.member_place[at]
            level: int64_t = tables.level[place]
            if level > tables.level[leaf]:
                agrees = _is_within(place, leaf, tables)
            else:
                agrees = _is_within(leaf, place, tables)
            rank: int64_t = (
                4 * (level == parts.kind[part]) + 2 * tables.current[place] + (place == leaf)
            )
            if agrees and rank > best_rank:
                best, best_rank = place, rank
        parts.place[part] = best
        if best >= 0:
            parts.kind[part] = tables.level[best]
            if tables.level[best] == CITY:
                city = best
    return city


def resolve_regions(
    first: arrays.Int64,
    parts: arrays.Int32,
    resolved: arrays.Int32,
    found: arrays.Int32,
    tables: lookup_tables.Tables,
) -> None:
    """Write each address's region to ``resolved`` and its candidate districts to ``found``.

    ``resolved[row]`` gets the columns R_…, ``found[row]`` the codes of the candidate districts, at
    most MAX_CANDIDATES. A name can mean several places: ``朝阳区`` is in 北京 and in 长春.
    """
    rows: cython.Py_ssize_t = len(first) - 1
    firsts: Int64 = int64(first)
    table: PartTable = parts_of(parts)
    regions: Int32Out = int32_out(resolved)
    candidates: Int32Out = int32_out(found)
    lookup: AddressTables = tables_of(tables)
    row: cython.Py_ssize_t
    with cython.nogil:
        for row in range(rows):
            _resolve_region(
                firsts[row], firsts[row + 1], cython.address(table), regions + row * R_COLUMNS,
                candidates + row * MAX_CANDIDATES, cython.address(lookup),
            )  # fmt: skip


@cython.cfunc
@cython.nogil
def _resolve_region(
    first: int64_t, last: int64_t, parts: Parts, region: Int32Out, found: Int32Out, tables: Tables
) -> cython.void:
    """Write the region of one address to ``region`` and its candidate districts to ``found``."""
    scratch: int32_t[MAX_CANDIDATES]
    chosen: tuple[int64_t, int64_t] = _choose_place(
        first, last, PROVINCE, DISTRICT, -1, found, parts, tables
    )
    leaf: int64_t = chosen[0]
    count: int64_t = chosen[1]
    above: cython.bint = leaf < 0 or tables.level[leaf] < DISTRICT
    region[R_DISTRICT] = region[R_CITY] = -1
    region[R_CANDIDATES] = 0
    if above and count <= 1:
        chosen = _choose_place(first, last, TOWN, TOWN, leaf, found, parts, tables)
        if chosen[0] >= 0 and chosen[1] == 1:
            region[R_DISTRICT] = tables.code[chosen[0]]
        elif chosen[0] >= 0 and leaf < 0:
            region[R_CANDIDATES] = chosen[1]
    if not above and count > 1:
        region[R_CANDIDATES] = count
        leaf = _choose_place(first, last, PROVINCE, CITY, -1, scratch, parts, tables)[0]
    region[R_LEAF] = leaf
    if leaf >= 0:
        region[R_CITY] = _assign_places(first, last, leaf, parts, tables)


# Precision (none to room) and likeness. 长沙市岳麓区 -> district, 示例路1号2栋501 -> room.


@cython.cfunc
@cython.nogil
def _address_level(first: int64_t, last: int64_t, parts: Parts) -> int64_t:
    """Return the precision level of the address with parts [``first``, ``last``).

    It is an index in LEVELS of :mod:`piiscan.detect.address.parser`.
    """
    kinds: int64_t = 0
    named_by_word: cython.bint = False
    part: int64_t
    kind: int64_t
    for part in range(first, last):
        kinds |= cython.cast(int64_t, 1) << parts.kind[part]
        named_by_word |= parts.kind[part] == ESTATE and parts.group[part] == TYPED_BY_WORD
    region: cython.bint = kinds & (1 << CITY | 1 << DISTRICT | 1 << TOWN) != 0
    village: cython.bint = kinds & (1 << VILLAGE | 1 << GROUP) != 0
    inside: cython.bint = kinds & (1 << BUILDING | 1 << UNIT | 1 << FLOOR) != 0
    named: cython.bint = kinds & 1 << ESTATE and (
        named_by_word or region or inside or kinds & (1 << ROAD | 1 << NUMBER | 1 << ROOM)
    )
    anchor: cython.bint = named or village or kinds & (1 << ROAD | 1 << ZONE)
    numbered: cython.bint = kinds & 1 << NUMBER and (anchor or region)
    if kinds & 1 << ROOM and (anchor or numbered or (inside and region)):
        return ROOM_LEVEL
    if (inside and (anchor or numbered)) or (village and kinds & 1 << NUMBER):
        return BUILDING_LEVEL
    if numbered:
        return STREET_NUMBER_LEVEL
    if named or kinds & 1 << ROAD:
        return STREET_LEVEL
    if village:
        return VILLAGE_LEVEL
    for kind in range(TOWN, PROVINCE - 1, -1):
        if kinds & cython.cast(int64_t, 1) << kind:
            return kind
    return NO_LEVEL


@cython.cfunc
@cython.nogil
def _likeness(
    first: int64_t,
    last: int64_t,
    start: int64_t,
    end: int64_t,
    text: UInt16,
    parts: Parts,
    tables: Tables,
) -> cython.double:
    """Score how much the text [``start``, ``end``) looks like an address, from 0 to 1.

    The points of the known kinds are scaled by the share of characters that they cover.
    """
    total: int64_t = 0
    unknown: int64_t = 0
    seen: int64_t = 0
    left: int64_t = end - start
    local: int64_t = 1 << TOWN | 1 << VILLAGE | 1 << ROAD | 1 << NUMBER | 1 << BUILDING | 1 << ROOM
    firm: cython.bint = False
    part: int64_t
    at: int64_t
    for part in range(first, last):
        kind: int64_t = parts.kind[part]
        last_char: uint16_t = text[parts.end[part] - 1]
        known: cython.bint = kind != OTHER and kind != REMARK
        known &= kind != ESTATE or parts.group[part] == TYPED_BY_WORD
        if kind >= NUMBER and kind != ESTATE and tables.class_of[last_char] != C_HAN:
            known &= total > 0
        if not known:
            unknown += parts.end[part] - parts.start[part]
        elif not seen & cython.cast(int64_t, 1) << kind:
            total += _PART_SCORES[kind]
            seen |= cython.cast(int64_t, 1) << kind
        firm = kind == ESTATE and part + 1 == last and tables.marks_of[last_char] & M_FIRM
    if end <= start:
        return 0.0
    for at in range(start, end):
        left -= tables.class_of[text[at]] != C_HAN
    share: cython.double = cython.cast(cython.double, unknown) / cython.cast(
        cython.double, max(1, left)
    )
    share = 1.0 - min(1.0, share)
    score: cython.double = min(1.0, cython.cast(cython.double, total) / _FULL_SCORE) * (
        0.25 + 0.75 * share
    )
    return min(score, _FIRM_MAX) if firm and seen & local == 0 else score


def measure(
    first: arrays.Int64,
    offsets: arrays.Int64,
    text: arrays.UInt16,
    parts: arrays.Int32,
    levels: arrays.Int8,
    scores: arrays.Float32,
    tables: lookup_tables.Tables,
) -> None:
    """Write the precision level and likeness of every text to ``levels`` and ``scores``."""
    rows: cython.Py_ssize_t = len(first) - 1
    firsts: Int64 = int64(first)
    places: Int64 = int64(offsets)
    source: UInt16 = uint16(text)
    table: PartTable = parts_of(parts)
    out_levels: Int8Out = int8_out(levels)
    out_scores: Float32Out = float32_out(scores)
    lookup: AddressTables = tables_of(tables)
    row: cython.Py_ssize_t
    with cython.nogil:
        for row in range(rows):
            out_levels[row] = _address_level(firsts[row], firsts[row + 1], cython.address(table))
            out_scores[row] = _likeness(
                firsts[row], firsts[row + 1], places[row], places[row + 1], source,
                cython.address(table), cython.address(lookup),
            )  # fmt: skip


# Parts that the canonical form omits: 张三湖南省长沙市示例路1号410000 -> 湖南省长沙市示例路1号.


@cython.cfunc
@cython.nogil
def _numeral_value(text: UInt16, at: int64_t, end: int64_t, tables: Tables) -> int64_t:
    """Return the value of Chinese numerals: ``二十三 -> 23``, ``二三 -> 23``; -1 above 99,999."""
    total: int64_t = 0
    digit: int64_t = 0
    units: cython.bint = False
    here: int64_t
    for here in range(at, end):
        value: int64_t = tables.numeral_of[text[here]]
        if value >= 10:
            total += max(digit, 1) * value
            digit, units = 0, True
        elif units:
            digit = value
        else:
            digit = digit * 10 + value
        if digit > 99_999:
            return -1
    return total + digit


@cython.cfunc
@cython.nogil
def _floor_in_room(
    part: int64_t, last: int64_t, text: UInt16, parts: Parts, tables: Tables
) -> cython.bint:
    """Return True if the room number after floor ``part`` begins with the floor: ``17楼1703室``.

    The floor is then redundant.  ``last``: end of the address's parts.
    """
    value: int64_t = 0
    room: int64_t = 0
    here: int64_t
    if part + 1 >= last or parts.kind[part + 1] != ROOM:
        return False
    number: tuple[int64_t, int64_t, int64_t] = _number_span(
        text, parts.start[part], parts.end[part], tables
    )
    room_number: tuple[int64_t, int64_t, int64_t] = _number_span(
        text, parts.start[part + 1], parts.end[part + 1], tables
    )
    if number[0] > parts.start[part]:
        return False
    if room_number[2] != room_number[1] - room_number[0] or number[2] != number[1] - number[0]:
        return False
    if tables.numeral_of[text[number[0]]] < NO_NUMERAL:
        value = _numeral_value(text, number[0], number[1], tables)
    else:
        for here in range(number[0], min(number[1], number[0] + 4)):
            value = value * 10 + text[here] - 48
    for here in range(room_number[0], min(room_number[1], room_number[0] + 6)):
        room = room * 10 + text[here] - 48
    return room >= 100 and room // 100 == value


@cython.cfunc
@cython.nogil
def _is_repeated(part: int64_t, first: int64_t, text: UInt16, parts: Parts) -> cython.bint:
    """Return True if an earlier part of the address has the kind and text of ``part``."""
    size: int64_t = parts.end[part] - parts.start[part]
    other: int64_t
    for other in range(max(first, part - _MAX_BACK), part):
        if parts.kind[other] == parts.kind[part] and parts.end[other] - parts.start[other] == size:
            if memcmp(text + parts.start[other], text + parts.start[part], 2 * size) == 0:
                return True
    return False


@cython.cfunc
@cython.nogil
def _is_glued_name(part: int64_t, first: int64_t, last: int64_t, parts: Parts) -> cython.bint:
    """Return True if ``part`` is a person or label, no place: 张三 in ``张三湖南省长沙市…``."""
    other: int64_t
    if parts.group[part] == TYPED_BY_WORD or parts.end[part] - parts.start[part] > _GLUED_NAME:
        return False
    if part > first and parts.kind[part - 1] == ROOM:
        return True
    for other in range(first, last):
        kind: int64_t = parts.kind[other]
        if PROVINCE <= kind <= TOWN:
            return other > part
        if kind not in (ESTATE, OTHER, REMARK) or parts.group[other] == TYPED_BY_WORD:
            return False
    return False


@cython.cfunc
@cython.nogil
def _is_omitted(
    part: int64_t, first: int64_t, last: int64_t, text: UInt16, parts: Parts, tables: Tables
) -> cython.bint:
    """Return True if the canonical form of an address omits ``part``: postcode, repeat, name.

    ``first`` and ``last`` are the address's first part and the end of its parts.
    """
    kind: int64_t = parts.kind[part]
    if kind == FLOOR:
        return _floor_in_room(part, last, text, parts, tables)
    if kind == POSTCODE:
        return True
    if kind == OTHER and parts.end[part] - parts.start[part] >= _PHONE_DIGITS:
        return True
    if (kind == ESTATE or kind == OTHER) and _is_glued_name(part, first, last, parts):
        return True
    return (kind <= TOWN or kind == ESTATE) and _is_repeated(part, first, text, parts)


# Canonical form: region names in full and as of today, Arabic numbers, one word for each unit.


@cython.cfunc
@cython.nogil
def _write_char(out: UInt8Out, at: int64_t, code: uint16_t) -> int64_t:
    """Write one code point to ``out`` at byte ``at`` as UTF-8.  Return the next free byte."""
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | code >> 6
        out[at + 1] = 0x80 | code & 0x3F
        return at + 2
    out[at] = 0xE0 | code >> 12
    out[at + 1] = 0x80 | code >> 6 & 0x3F
    out[at + 2] = 0x80 | code & 0x3F
    return at + 3


@cython.cfunc
@cython.nogil
def _write_plain(
    out: UInt8Out, at: int64_t, text: UInt16, start: int64_t, end: int64_t, tables: Tables
) -> int64_t:
    """Write letters, digits and Hanzi of ``text[start:end]`` to ``out``.  Return the next byte."""
    here: int64_t
    for here in range(start, end):
        if tables.class_of[text[here]] <= C_HAN:
            at = _write_char(out, at, text[here])
    return at


@cython.cfunc
@cython.nogil
def _write_name(
    out: UInt8Out, at: int64_t, number: int64_t, names: UInt8, name_from: Int32
) -> int64_t:
    """Copy the full place name ``number`` to ``out`` at byte ``at``.  Return the next free byte."""
    size: int64_t = name_from[number + 1] - name_from[number]
    memcpy(out + at, names + name_from[number], size)
    return at + size


@cython.cfunc
@cython.nogil
def _write_number(
    out: UInt8Out, at: int64_t, text: UInt16, start: int64_t, end: int64_t, tables: Tables
) -> int64_t:
    """Write number ``text[start:end]`` in Arabic digits to ``out``.  Return the next free byte.

    Leading zeros are dropped and a row of dashes becomes one dash: ``三十二 -> 32``,
    ``03--201 -> 3-201``. The number does not begin with a dash.
    """
    value: int64_t = -1
    step: int64_t = 1
    here: int64_t = start
    if tables.numeral_of[text[start]] < NO_NUMERAL:
        value = _numeral_value(text, start, end, tables)
    if value >= 0:
        while step * 10 <= value:
            step *= 10
        while step:
            at = _write_char(out, at, 48 + value // step % 10)
            step //= 10
        return at
    while here < end:
        if text[here] == 48 and (here == start or tables.class_of[text[here - 1]] != C_DIGIT):
            stop: int64_t = here
            while stop < end and text[stop] == 48:
                stop += 1
            if stop < end and tables.class_of[text[stop]] == C_DIGIT:
                here = stop
                continue
        if tables.class_of[text[here]] != C_DASH:
            at = _write_char(out, at, text[here])
        elif tables.class_of[text[here - 1]] != C_DASH:
            at = _write_char(out, at, 45)
        here += 1
    return at


@cython.cfunc
@cython.nogil
def _write_numbered_part(
    out: UInt8Out,
    at: int64_t,
    kind: int64_t,
    text: UInt16,
    start: int64_t,
    end: int64_t,
    tables: Tables,
) -> int64_t:
    """Write part ``text[start:end]`` (number and unit) in canonical form to ``out`` at byte ``at``.

    ``二十三幢 -> 23栋``, ``501 -> 501室``, ``B座 -> B栋``.  ``kind``: kind of the part (NUMBER,
    GROUP, BUILDING … ROOM).  Return the next free byte.
    """
    span: tuple[int64_t, int64_t, int64_t] = _number_span(text, start, end, tables)
    first: int64_t = span[0]
    stop: int64_t = span[1]
    unit: tuple[int64_t, int64_t] = _longest_word(text, stop, end, tables, L_UNITS)
    here: int64_t
    if tables.marks_of[text[start]] & (M_SIDE | M_STEM) or (
        first > start and text[start] == _ANNEX
    ):
        at = _write_char(out, at, text[start])
    elif first > start and (text[start] == _BASEMENT or text[start] == _GROUND):
        at = _write_char(out, at, _BASEMENT)
    if stop > first:
        at = _write_number(out, at, text, first, stop, tables)
    if kind == ROOM:
        return _write_char(out, at, _ROOM_SIGN)
    if kind == BUILDING:
        return _write_char(out, at, _BLOCK)
    if kind == UNIT:
        return _write_char(out, _write_char(out, at, _STAIRS[0]), _STAIRS[1])
    if kind == FLOOR:
        return _write_char(out, at, _STOREY)
    if kind == GROUP and (stop >= end or text[end - 1] == _TEAM):
        return _write_char(out, at, _TEAM)
    if kind == NUMBER and unit[0] == U_LANE:
        return _write_char(out, at, _LANE)
    if kind == NUMBER and (unit[0] < 0 or unit[1] == 1):
        return _write_char(out, at, _NO)
    for here in range(stop, end):
        at = _write_char(out, at, text[here])
    return at


@cython.cfunc
@cython.nogil
def _write_road(
    out: UInt8Out, at: int64_t, text: UInt16, start: int64_t, end: int64_t, tables: Tables
) -> int64_t:
    """Write a road name with Chinese numerals for the numbers 1 to 99: ``长春6街 -> 长春六街``."""
    here: int64_t = start
    while here < end:
        stop: int64_t = here
        value: int64_t = 0
        while stop < end and tables.class_of[text[stop]] == C_DIGIT:
            value = min(value * 10 + text[stop] - 48, 100)
            stop += 1
        if value == 0 or value >= 100:
            stop = max(stop, here + 1)
            at = _write_plain(out, at, text, here, stop, tables)
        else:
            if value >= 20:
                at = _write_char(out, at, _NUMERALS[value // 10])
            if value >= 10:
                at = _write_char(out, at, _NUMERALS[10])
            if value % 10:
                at = _write_char(out, at, _NUMERALS[value % 10])
        here = stop
    return at


@cython.cfunc
@cython.nogil
def _write_part(
    out: UInt8Out,
    at: int64_t,
    kind: int64_t,
    text: UInt16,
    start: int64_t,
    end: int64_t,
    tables: Tables,
) -> int64_t:
    """Write part ``text[start:end]`` of ``kind`` in canonical form.  Return the next free byte."""
    if kind == NUMBER or kind == GROUP or BUILDING <= kind <= ROOM:
        return _write_numbered_part(out, at, kind, text, start, end, tables)
    if kind == ROAD:
        return _write_road(out, at, text, start, end, tables)
    if kind == ESTATE:
        span: tuple[int64_t, int64_t, int64_t] = _number_span(text, start, end, tables)
        if span[1] > start and _unit(text, span[1], end, tables) == U_PHASE:
            at = _write_number(out, at, text, start, span[1], tables)
            start = span[1]
    if kind == VILLAGE and end - start > 4 and text[end - 3] == _VILLAGE_SIGN:
        end -= 2 + (text[end - 4] == _VILLAGE_SIGN)  # 村委会
    return _write_plain(out, at, text, start, end, tables)


def write_canonical(
    first: arrays.Int64,
    text: arrays.UInt16,
    parts: arrays.Int32,
    region_names: arrays.Int32,
    names: arrays.UInt8,
    name_from: arrays.Int32,
    out: arrays.UInt8,
    offsets: arrays.Int64,
    tables: lookup_tables.Tables,
) -> None:
    """Write the canonical form of every address to ``out`` as UTF-8, and its ends to ``offsets``.

    It is the same text for every spelling of one address. Region names are written in full and as
    of today if the place was only renamed.  Numbers are Arabic and each unit has one word.  Blanks,
    punctuation, postcodes and repeated parts are dropped.

    Args:
        first: int64[n + 1], first part of each address.
        text: folded text of all addresses.
        parts: int32[5, m], rows Q_….
        region_names: int32[n, 3], name numbers of province, city and district; -1 if unknown.
        names, name_from: bytes and offsets of the gazetteer's names.
        out: uint8 buffer, large enough.
        offsets: int64[n + 1], filled with the byte offsets of the forms in ``out``.
        tables: lookup tables.
    """
    rows: cython.Py_ssize_t = len(first) - 1
    firsts: Int64 = int64(first)
    source: UInt16 = uint16(text)
    table: PartTable = parts_of(parts)
    regions: Int32 = int32(region_names)
    name_bytes: UInt8 = uint8(names)
    name_offsets: Int32 = int32(name_from)
    written: UInt8Out = uint8_out(out)
    places: Int64Out = int64_out(offsets)
    lookup: AddressTables = tables_of(tables)
    row: cython.Py_ssize_t
    at: int64_t = 0
    with cython.nogil:
        for row in range(rows):
            places[row] = at
            at = _write_address(
                written, at, firsts[row], firsts[row + 1], source, cython.address(table),
                regions + 3 * row, name_bytes, name_offsets, cython.address(lookup),
            )  # fmt: skip
        places[rows] = at


@cython.cfunc
@cython.nogil
def _write_address(
    out: UInt8Out,
    at: int64_t,
    first: int64_t,
    last: int64_t,
    text: UInt16,
    parts: Parts,
    region: Int32,
    names: UInt8,
    name_from: Int32,
    tables: Tables,
) -> int64_t:
    """Write the canonical form of one address to ``out`` at byte ``at``.  Return the next byte.

    ``region``: name numbers of province, city and district.
    """
    written_level: int64_t = -1
    level: int64_t
    towns: cython.int
    part: int64_t
    for level in range(PROVINCE, TOWN):
        if region[level - PROVINCE] >= 0:
            written_level = level
            if level != CITY or region[1] != region[0]:
                at = _write_name(out, at, region[level - PROVINCE], names, name_from)
    for towns in range(1, -1, -1):  # regions and towns before everything else
        for part in range(first, last):
            kind: int64_t = parts.kind[part]
            place: int64_t = parts.place[part]
            if (kind <= TOWN) != towns or (kind <= written_level and place >= 0):
                continue
            if _is_omitted(part, first, last, text, parts, tables):
                continue
            if kind == TOWN and place >= 0:
                at = _write_name(out, at, tables.name[place], names, name_from)
            else:
                at = _write_part(out, at, kind, text, parts.start[part], parts.end[part], tables)
    return at
