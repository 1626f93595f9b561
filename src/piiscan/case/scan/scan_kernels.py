# mypy: ignore-errors
"""Kernels of a scan: records of a block, roles of lines, numbers of a column, lines with files."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint32_t, uint64_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays


def collect_digests(
    hits: tuple[arrays.Int32, arrays.Int32, arrays.Int32, arrays.Int32, arrays.Int64, arrays.Int32],
    bits: arrays.UInt64,
    counts: arrays.Bool,
    words: arrays.UInt64,
    slots: tuple[arrays.Int64, arrays.Bool, arrays.Int16],
    excluded: tuple,
    by_role: arrays.UInt64,
    sums: arrays.UInt64,
) -> None:
    """Set the bit mask by role and slot (last row: no role), and sum the digests of each slot.

    Args:
        hits: entity, verdict, reason and role of each hit (``int32[n]``), its record and column
        bits: bit of each entity, 0 if it is not counted
        counts: True for each role that is counted; the last is of no role
        words: two words a digest
        slots: record of each row, True for rows of data (or empty: all), group of each column
        excluded: verdict and reason of hits that are not counted
        by_role: ``uint64[roles + 1, records * groups]``, changed in place
        sums: ``uint64[records * groups, 2]``, changed in place
    """
    entity, verdict, reason, role, record, column = hits
    records, data, group = slots
    count: cython.Py_ssize_t = len(entity)
    hit: cython.Py_ssize_t
    roles: int64_t = by_role.shape[0]
    width: int64_t = by_role.shape[1]
    groups: int64_t = 1 + max(group)
    entities: Int32 = int32(entity)
    verdicts: Int32 = int32(verdict)
    reasons: Int32 = int32(reason)
    of_hit: Int32 = int32(role)
    rows: Int64 = int64(record)
    columns: Int32 = int32(column)
    masks: UInt64 = uint64(bits)
    is_counted: Bool = boolean(counts)
    digests: UInt64 = uint64(words)
    record_of_row: Int64 = int64(records)
    has_data: cython.bint = len(data) > 0
    is_data: Bool = boolean(data)
    group_of: Int16 = int16(group)
    refuted: int32_t = excluded[0]
    anonymous: int32_t = excluded[1]
    out: UInt64Out = uint64_out(by_role)
    totals: UInt64Out = uint64_out(sums)
    at: int64_t
    slot: int64_t
    with cython.nogil:
        for hit in range(count):
            at = of_hit[hit] if of_hit[hit] >= 0 else roles - 1
            if masks[entities[hit]] == 0 or not is_counted[at]:
                continue
            if verdicts[hit] == refuted or reasons[hit] == anonymous:
                continue
            if has_data and not is_data[rows[hit]]:
                continue
            slot = record_of_row[rows[hit]] * groups + group_of[columns[hit]]
            out[at * width + slot] |= masks[entities[hit]]
            totals[2 * slot] += digests[2 * hit]
            totals[2 * slot + 1] += digests[2 * hit + 1]


def carry_roles(
    records: arrays.Int64,
    rows: arrays.Int64,
    bits: arrays.UInt64,
    names: arrays.Bool,
    role: arrays.Int32,
) -> None:
    """Write to ``role`` the roles of lines that follow a party's label.

    Args:
        records, rows: record and row of each hit, in reading order
        bits: bit of the entity of each hit, 0 if it is not personal
        names: True for names of persons
        role: role of each hit, -1 for none; changed in place
    """
    count: cython.Py_ssize_t = len(records)
    hit: cython.Py_ssize_t
    of_hit: Int64 = int64(records)
    lines: Int64 = int64(rows)
    kinds: UInt64 = uint64(bits)
    is_name: Bool = boolean(names)
    roles: Int32Out = int32_out(role)
    record: int64_t = -1
    party: int32_t = -1
    party_row: int64_t = -1
    seen: uint64_t = 0
    before: uint64_t = 0
    with cython.nogil:
        for hit in range(count):
            if of_hit[hit] != record:
                record = of_hit[hit]
                party = -1
                seen = 0
                before = 0
            if kinds[hit] == 0:
                continue
            if roles[hit] >= 0:
                if roles[hit] != party:
                    party = roles[hit]
                    party_row = lines[hit]
                    before = seen
            elif party >= 0 and lines[hit] > party_row:
                if is_name[hit]:
                    party = -1
                elif before == 0 or kinds[hit] & before != 0:
                    roles[hit] = party
            seen |= kinds[hit]


def parse_numbers(
    offsets: arrays.Int64,
    data: arrays.UInt8,
    chosen: arrays.Int64,
    check_digits: int,
    out: arrays.Int64,
) -> None:
    """Write the number in each string ``chosen`` to ``out``, -1 if it has other characters.

    The last ``check_digits`` bytes are left out.
    """
    count: cython.Py_ssize_t = len(chosen)
    number: cython.Py_ssize_t
    left_out: int64_t = check_digits
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(data)
    strings: Int64 = int64(chosen)
    values: Int64Out = int64_out(out)
    at: int64_t
    value: uint64_t
    is_number: cython.bint
    with cython.nogil:
        for number in range(count):
            value = 0
            is_number = True
            for at in range(places[strings[number]], places[strings[number] + 1] - left_out):
                if not 48 <= bytes_[at] <= 57:
                    is_number = False
                    break
                value = value * 10 + (bytes_[at] - 48)
            values[number] = cython.cast(int64_t, value) if is_number else -1


def read_births(
    offsets: arrays.Int64, data: arrays.UInt8, chosen: arrays.Int64, out: arrays.Int64
) -> None:
    """Write the birth day in each string ``chosen``, an identity number, to ``out``.

    ``430104190506150016 -> 19050615``; -1 unless it has 18 bytes, with eight digits for the day.
    """
    count: cython.Py_ssize_t = len(chosen)
    number: cython.Py_ssize_t
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(data)
    strings: Int64 = int64(chosen)
    days: Int64Out = int64_out(out)
    at: int64_t
    low: int64_t
    day: int64_t
    with cython.nogil:
        for number in range(count):
            low = places[strings[number]]
            day = 0 if places[strings[number] + 1] - low == 18 else -1
            if day == 0:
                for at in range(low + 6, low + 14):
                    if not 48 <= bytes_[at] <= 57:
                        day = -1
                        break
                    day = day * 10 + (bytes_[at] - 48)
            days[number] = day


@cython.cfunc
@cython.nogil
def _three_bytes(data: UInt8, at: int64_t, high: int64_t) -> uint32_t:
    """Return the three bytes at ``at`` as one number (0xE5B9B4 for 年), 0 if fewer are left."""
    if at + 2 >= high:
        return 0
    return data[at] << 16 | data[at + 1] << 8 | data[at + 2]


@cython.cfunc
@cython.nogil
def _skip_blanks(data: UInt8, at: int64_t, high: int64_t) -> int64_t:
    """Return the offset after white space, NBSP, ideographic spaces and byte order marks."""
    three: uint32_t
    while at < high:
        three = _three_bytes(data, at, high)
        if data[at] <= 32:
            at += 1
        elif three == 0xE38080 or three == 0xEFBBBF:
            at += 3
        elif data[at] == 0xC2 and at + 1 < high and data[at + 1] == 0xA0:
            at += 2
        else:
            break
    return at


@cython.cfunc
@cython.nogil
def _is_extension(
    data: UInt8, at: int64_t, high: int64_t, known: UInt64, extensions: cython.Py_ssize_t
) -> cython.bint:
    """Return True if a whole known file extension begins at byte ``at``.

    No letter or digit follows it.
    """
    number: uint64_t = 0
    size: cython.int = 0
    byte: uint8_t
    each: cython.Py_ssize_t
    while at < high and size < 8:
        byte = data[at]
        if 65 <= byte <= 90:
            byte += 32
        if not (97 <= byte <= 122 or 48 <= byte <= 57):
            break
        number = number << 8 | byte
        at += 1
        size += 1
    if 1 <= size < 8:
        for each in range(extensions):
            if known[each] == number:
                return True
    return False


@cython.cfunc
@cython.nogil
def _is_word(
    data: UInt8,
    at: int64_t,
    high: int64_t,
    word: cython.pointer[cython.const[cython.char]],
    size: cython.int,
) -> cython.bint:
    """Return True if the bytes at ``at`` are ``word`` (small letters) in any case."""
    place: cython.int
    if at + size > high:
        return False
    for place in range(size):
        if data[at + place] | 32 != word[place]:
            return False
    return True


@cython.cfunc
@cython.nogil
def _announces_name(data: UInt8, at: int64_t, high: int64_t) -> cython.bint:
    """Return True if the sign at byte ``at``, after 文件, announces a file name: ``]``, ``:``.

    名称 and blanks before the sign are skipped.
    """
    sign: uint32_t
    while at < high:
        sign = _three_bytes(data, at, high)
        if data[at] == 32:
            at += 1
        elif sign == 0xE5908D or sign == 0xE7A7B0:  # 名 称
            at += 3
        else:
            break
    if at >= high:
        return False
    if data[at] < 128:
        return data[at] in (93, 41, 62, 58, 34)  # ] ) > : "
    sign = _three_bytes(data, at, high)  # 】 ） ： “ 「 『 《
    return sign in (0xE38091, 0xEFBC89, 0xEFBC9A, 0xE2809C, 0xE3808C, 0xE3808E, 0xE3808A)


@cython.cfunc
@cython.nogil
def _begins_title(sign: uint32_t) -> cython.bint:
    """Return True for 消, 聊, 会, 群, 对, 与, 和, 跟 and 我, as three bytes of UTF-8."""
    return sign in (
        0xE6B688,
        0xE8818A,
        0xE4BC9A,
        0xE7BEA4,
        0xE5AFB9,
        0xE4B88E,
        0xE5928C,
        0xE8B79F,
        0xE68891,
    )


def flag_lines(
    offsets: arrays.Int64, data: arrays.UInt8, known: arrays.UInt64, out: arrays.UInt8
) -> None:
    """Write the flag bits of each line to ``out``: 1 word, 2 name, 4 title, 8 peer, 16 spoken.

    ``name := "." extension``; ``word := ("文件" | "文档" | "附件") sign | ("[" | "(") "file"``;
    ``title := ("<" | ";") "title"``; peer: the line begins with 消, 聊, 会, 群, 对, 与, 和, 跟 or
    我; spoken: 文件 without a sign.  ``known``: file extensions as numbers.
    """
    rows: cython.Py_ssize_t = len(out)
    row: cython.Py_ssize_t
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(data)
    extensions: UInt64 = uint64(known)
    extension_count: cython.Py_ssize_t = len(known)
    flags: UInt8Out = uint8_out(out)
    with cython.nogil:
        for row in range(rows):
            flags[row] = _flag_line(
                bytes_, places[row], places[row + 1], extensions, extension_count
            )


@cython.cfunc
@cython.nogil
def _flag_line(
    data: UInt8, low: int64_t, high: int64_t, known: UInt64, extensions: cython.Py_ssize_t
) -> uint8_t:
    """Return the flag bits of one line."""
    flags: uint8_t = 0
    at: int64_t
    byte: uint8_t
    sign: uint32_t
    if _begins_title(_three_bytes(data, _skip_blanks(data, low, high), high)):
        flags |= 8
    for at in range(low, high):
        byte = data[at]
        if byte == 46:
            if flags & 2 == 0 and _is_extension(data, at + 1, high, known, extensions):
                flags |= 2
        elif byte == 0xE4 or byte == 0xE6:
            sign = _three_bytes(data, at, high)
            if (sign == 0xE4BBB6 or sign == 0xE6A1A3) and at - 3 >= low:  # 件 档
                sign = _three_bytes(data, at - 3, high)
                if sign == 0xE69687 or sign == 0xE99984:  # 文 附
                    flags |= 1 if _announces_name(data, at + 3, high) else 16
        elif byte == 91 or byte == 40:
            if _is_word(data, at + 1, high, b"file", 4):
                flags |= 1
        elif byte == 60 or byte == 59:
            if _is_word(data, at + 1, high, b"title", 5):
                flags |= 4
    return flags
