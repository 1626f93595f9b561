# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of masks: write the part of each value that may be shown, and stars for the rest.

13800138000 -> 138****8000, 湖南省长沙市岳麓区示例路0号 -> 湖南省长沙市岳麓区***
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint16_t
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

# Last Hanzi of the levels of a region.
_PROVINCE = cython.declare(uint16_t, ord("省"))
_CITY = cython.declare(uint16_t, ord("市"))
_REGION = cython.declare(uint16_t, ord("区"))
_STATE = cython.declare(uint16_t, ord("州"))
_LEAGUE = cython.declare(uint16_t, ord("盟"))
_COUNTY = cython.declare(uint16_t, ord("县"))
_BANNER = cython.declare(uint16_t, ord("旗"))
# Hanzi before them.
_GOVERNED = cython.declare(uint16_t, ord("治"))
_ADMINISTERED = cython.declare(uint16_t, ord("政"))
_LAND = cython.declare(uint16_t, ord("地"))
#: Hanzi before 区 that make it no district: 小区, 社区, 园区.
_NO_DISTRICT = cython.declare(uint16_t[11])
#: Hanzi in one level's name, at most: 克孜勒苏柯尔克孜自治州.
_LONGEST = cython.declare(int64_t, 11)

for _number, _sign in enumerate("小社园校片库景厂矿营街"):
    _NO_DISTRICT[_number] = ord(_sign)


def write_masks(
    starts: arrays.Int64,
    data: arrays.UInt8,
    kinds: arrays.Int64,
    table: arrays.Int64,
    out: arrays.UInt8,
    ends: arrays.Int32,
) -> None:
    """Write the masks of all strings to ``out``, their end offsets to ``ends``.

    Row ``kinds[i]`` of ``table`` (int64[k, 5]) is the rule of value ``i``: characters to show at
    its head and its tail, byte that ends the value (0 for none), stars for the rest (-1 one a
    character, -2 show all), and 1 to hide the text after that byte too.
    """
    rows: cython.Py_ssize_t = len(starts) - 1
    places: Int64 = int64(starts)
    source: UInt8 = uint8(data)
    rule_of: Int64 = int64(kinds)
    rules: Int64 = int64(table)
    masked: UInt8Out = uint8_out(out)
    out_ends: Int32Out = int32_out(ends)
    at: int64_t = 0
    with cython.nogil:
        for row in range(rows):
            at = _write_mask(
                source, places[row], places[row + 1], rules + 5 * rule_of[row], masked, at
            )
            out_ends[row + 1] = at


@cython.cfunc
@cython.nogil
def _write_mask(
    data: UInt8, start: int64_t, end: int64_t, rule: Int64, out: UInt8Out, at: int64_t
) -> int64_t:
    """Write the mask of ``data[start:end]`` to ``out`` at byte ``at``.  Return the next free byte.

    At least four characters of a long value and half of a short one stay hidden.
    """
    head: int64_t = rule[0]
    tail: int64_t = rule[1]
    stars: int64_t = rule[3]
    split: int64_t = start  # end of the text before the byte that ends it
    count: int64_t = 0  # characters there
    while split < end and (rule[2] == 0 or data[split] != rule[2]):
        count += data[split] & 0xC0 != 0x80
        split += 1
    if stars == -2:
        head, tail = count, 0
    else:
        showable: int64_t = count - (4 if count >= 11 else (count + 1) // 2)
        if head + tail > showable:
            tail = min(tail, showable // 2)
            head = min(head, showable - tail)
    seen: int64_t = 0
    starred: cython.bint = False
    for place in range(start, end):
        begins: cython.bint = data[place] & 0xC0 != 0x80  # a character
        seen += begins and place < split
        if place < split:
            visible: cython.bint = seen <= head or seen > count - tail
        else:
            visible = rule[4] == 0 or place == split
        if visible:
            out[at] = data[place]
            at += 1
        elif place < split and stars >= 0:
            if not starred:
                memset(out + at, 42, stars)
                at += stars
            starred = True
        elif begins:
            out[at] = 42
            at += 1
    return at


@cython.cfunc
@cython.nogil
def _level(code: uint16_t, previous: uint16_t, since: int64_t, level: int64_t) -> int64_t:
    """Return the level of region name ended by Hanzi ``code``: 1 省, 2 市, 3 区; 0 for none.

    ``previous`` is the Hanzi before it, ``since`` the Hanzi since the last level, ``level`` that
    level.
    """
    number: cython.int
    if code == _PROVINCE:
        return 1 if level < 1 and since >= 3 else 0
    if code == _CITY:
        return 0 if since < 2 else (2 if level < 2 else 3)
    if code == _STATE:
        return 2 if previous == _GOVERNED and level < 2 else 0
    if code == _LEAGUE:
        return 2 if level < 2 and since >= 3 else 0
    if code == _COUNTY or code == _BANNER:
        return 3 if since >= 2 else 0
    if code != _REGION or since < 2:
        return 0
    if previous == _GOVERNED or previous == _ADMINISTERED:
        return 1 if level < 1 else 0
    if previous == _LAND and level < 2:
        return 2
    for number in range(11):
        if previous == _NO_DISTRICT[number]:
            return 0
    return 3


def write_address_masks(
    starts: arrays.Int64, data: arrays.UInt8, out: arrays.UInt8, ends: arrays.Int32
) -> None:
    """Write every address up to its district and three stars to ``out``, offsets to ``ends``.

    address := [province] [city] [district] rest
    """
    rows: cython.Py_ssize_t = len(starts) - 1
    places: Int64 = int64(starts)
    source: UInt8 = uint8(data)
    masked: UInt8Out = uint8_out(out)
    out_ends: Int32Out = int32_out(ends)
    at: int64_t = 0
    with cython.nogil:
        for row in range(rows):
            shown: int64_t = _district_end(source, places[row], places[row + 1]) - places[row]
            memcpy(masked + at, source + places[row], shown)
            memset(masked + at + shown, 42, 3)
            at += shown + 3
            out_ends[row + 1] = at


@cython.cfunc
@cython.nogil
def _district_end(data: UInt8, start: int64_t, end: int64_t) -> int64_t:
    """Return the end of province, city and district at the start of an address ``data[start:end]``.

    Blanks and commas may come between them.
    """
    at: int64_t = start
    shown: int64_t = start
    level: int64_t = 0
    since: int64_t = 0
    previous: uint16_t = 0
    while at < end and level < 3:
        if since == 0 and (data[at] == 32 or data[at] == 44):
            at += 1
            continue
        if not 0xE4 <= data[at] <= 0xE9 or at + 3 > end:
            break
        code: uint16_t = (data[at] & 15) << 12 | (data[at + 1] & 63) << 6 | data[at + 2] & 63
        at += 3
        since += 1
        if since > _LONGEST:
            break
        found: int64_t = _level(code, previous, since, level)
        previous = code
        if found:
            level, since, shown = found, 0, at
    return shown
