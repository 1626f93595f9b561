# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of lines: class the lines of running text and group them to records.

    label := ("*" | "[" | "【" | "- " | quote)? letters quote? (":" | "=" | "：" | "＝" | " |")
             or Hanzi letters and a blank
    date := YYYY sep MM sep DD, or YYYY 年 MM 月 DD 日;  sep := - / .;  YYYY := 19xx or 20xx
    time := date (blank | "T"){1,4} H{1,2} ":" MM [":" SS];  no blank is needed after 日
    head := ["[" | "(" | "【"] time …   |   … time [")" | "]" | ":"]

    电话：13800138000 -> LABEL    2023-07-12 10:05:30 张三(10000) -> HEAD    ---- -> SEPARATOR

Only the first bytes of a line are read (and the last, if it may end with a time), so that prose
costs little.  Parameters of most functions: ``data`` (UTF-8 bytes), ``low`` and ``high`` (byte
range [low, high) of the line), and ``at`` (byte offset in it).
"""

import cython
import numpy as np
from cython.cimports.libc.stdint import int64_t, uint8_t, uint64_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

#: Digits of a mobile number: the shortest run of digits that makes a head line its own message.
_PHONE_DIGITS = cython.declare(cython.int, 11)
_MAX_LABEL_BYTES = cython.declare(int64_t, 40)
#: Maximum bytes of a line that is a message head because it ends with a time.
_MAX_HEAD_BYTES = cython.declare(int64_t, 120)
#: Maximum lines and bytes of a record; of a card, which may include a photograph.
_MAX_LINES = cython.declare(int64_t, 200)
_MAX_BYTES = cython.declare(int64_t, 64 << 10)
_MAX_CARD_LINES = cython.declare(int64_t, 20_000)
_MAX_CARD_BYTES = cython.declare(int64_t, 2 << 20)
#: Maximum number of lines without a label between two lines with one.
_MAX_UNLABELLED = cython.declare(int64_t, 2)
#: Minimum number of lines of one shape that make a list.
_MIN_LIST_LINES = cython.declare(int64_t, 3)
#: Maximum lines and bytes of a person whose lines have no labels.
_MAX_PERSON_LINES = cython.declare(int64_t, 8)
_MAX_PERSON_BYTES = cython.declare(int64_t, 400)
#: States before a line: behind a message, or inside lines without a mark between them; 0: neither.
_AFTER_MESSAGE = cython.declare(cython.int, 1)
_INSIDE = cython.declare(cython.int, 2)


@cython.cfunc
@cython.nogil
@cython.inline
def _is_digit(data: UInt8, at: int64_t, high: int64_t) -> cython.bint:
    """Return True if an ASCII digit is at ``at``."""
    return at < high and 48 <= data[at] <= 57


@cython.cfunc
@cython.nogil
def _skip_one_or_two_digits(data: UInt8, at: int64_t, high: int64_t) -> int64_t:
    """Return the offset after one or two digits, -1 if there is none."""
    if not _is_digit(data, at, high):
        return -1
    return at + 2 if _is_digit(data, at + 1, high) else at + 1


@cython.cfunc
@cython.nogil
def _skip_day(data: UInt8, at: int64_t, high: int64_t) -> int64_t:
    """Return the offset after a day at ``at`` (2023-7-12, 2023年7月12日), -1 if there is none."""
    part: cython.int
    if at + 4 > high or not (
        (data[at] == 50 and data[at + 1] == 48) or (data[at] == 49 and data[at + 1] == 57)
    ):
        return -1
    if not _is_digit(data, at + 2, high) or not _is_digit(data, at + 3, high):
        return -1
    at += 4
    for part in range(2):
        if at < high and (data[at] == 45 or data[at] == 47 or data[at] == 46):  # - / .
            at += 1
        elif three_bytes(data, at, high) == (0xE69C88 if part else 0xE5B9B4):  # 月, 年
            at += 3
        else:
            return -1
        at = _skip_one_or_two_digits(data, at, high)
        if at < 0:
            return -1
    if _is_digit(data, at, high):
        return -1
    return at + 3 if three_bytes(data, at, high) == 0xE697A5 else at  # 日


@cython.cfunc
@cython.nogil
def _skip_time(data: UInt8, at: int64_t, high: int64_t) -> int64_t:
    """Return the offset after a day and a clock time at ``at``, -1 if there is none."""
    begin: int64_t = _skip_day(data, at, high)
    if begin < 0:
        return -1
    at = begin
    # blanks, tabs or "T" between day and clock
    while at < high and (data[at] == 32 or data[at] == 84 or data[at] == 9) and at - begin < 4:
        at += 1
    # no blank is needed after 日 (E6 97 A5)
    if at == begin and not (data[at - 3] == 0xE6 and data[at - 1] == 0xA5):
        return -1
    at = _skip_one_or_two_digits(data, at, high)
    if at < 0 or at + 2 >= high or data[at] != 58:
        return -1
    if not _is_digit(data, at + 1, high) or not _is_digit(data, at + 2, high):
        return -1
    at += 3
    if at + 2 < high and data[at] == 58 and _is_digit(data, at + 1, high):
        at += 3
    return -1 if _is_digit(data, at, high) else at


@cython.cfunc
@cython.nogil
def _is_message_head(data: UInt8, low: int64_t, high: int64_t) -> cython.bint:
    """Return True if a line begins with a time, in brackets or not, or is short and ends in one."""
    at: int64_t = low
    end: int64_t = high
    if data[at] == 91 or data[at] == 40:  # [ (
        at += 1
    elif three_bytes(data, at, high) == 0xE38090:  # 【
        at += 3
    if _is_digit(data, at, high):
        return _skip_time(data, at, high) >= 0
    if high - low > _MAX_HEAD_BYTES:
        return False
    # the line may end with "]", ")" or ":" after the time
    while end > low and (data[end - 1] == 93 or data[end - 1] == 41 or data[end - 1] == 58):
        end -= 1
    if end - low < 14 or not _is_digit(data, end - 1, high):
        return False
    for at in range(max(low, end - 24), end - 13):
        if data[at] < 48 or data[at] > 57 or (at > low and 48 <= data[at - 1] <= 57):
            continue
        if _skip_time(data, at, end) == end:
            return True
    return False


@cython.cfunc
@cython.nogil
def _is_separator_line(data: UInt8, low: int64_t, high: int64_t) -> cython.bint:
    """Return True if a line repeats one sign: ----, ====, ————, or is ``-[ RECORD 1 ]---``."""
    first: uint8_t = data[low]
    if high - low < 3:
        return False
    if first == 45 and data[low + 1] == 91:  # -[
        return data[low + 2] == 32 and data[high - 1] in (45, 43)  # - +
    if first < 0x80:
        if first not in (45, 61, 42, 95, 35, 126, 43):  # - = * _ # ~ +
            return False
        for at in range(low, high):
            if data[at] != first:
                return False
        return True
    character = three_bytes(data, low, high)
    if (
        (character >> 12) != 0xE28
        and (character >> 12) != 0xE29
        and character != 0xEFBC8D
        and character != 0xEFBC9D
    ):
        return False
    at = low
    while at < high:
        if three_bytes(data, at, high) != character:
            return False
        at += 3
    return high - low >= 9


@cython.cfunc
@cython.nogil
def _label_hash(data: UInt8, low: int64_t, high: int64_t) -> uint64_t:
    """Return the hash (FNV) of the label that begins line ``data[low:high]``; 0 if none can.

    A label is letters before a colon or ``=``, possibly in 【】 or quotes, or with blanks between.
    It may begin an item of a list (``- name: 张三``), or end with a bar (``name | 张三``).  A label
    in Hanzi may end with a blank alone (运单号 SF…), one in Latin letters with a blank and a digit.
    """
    label_hash: uint64_t = cython.cast(uint64_t, 0xCBF29CE484222325)
    prime: uint64_t = 0x100000001B3
    letters: int64_t = 0
    gap: cython.bint = False
    hanzi: cython.bint = False
    ended: cython.bint
    at: int64_t = low
    stop: int64_t = min(high, low + _MAX_LABEL_BYTES)
    byte: uint8_t
    if high - low > 2 and data[low] == 45 and data[low + 1] == 32:
        at += 2
    while at < stop:
        byte = data[at]
        wide = three_bytes(data, at, high) if byte >= 0xE2 else 0
        ended = gap and letters >= 2 and (hanzi or byte >= 0x80)
        if byte == 58 or byte == 61 or wide == 0xEFBC9A or wide == 0xEFBC9D:  # : = ： ＝
            return label_hash if letters else 0
        if byte == 124 and gap and letters >= 2:  # |
            return label_hash
        at += 1
        if byte <= 32 or wide == 0xE38080:
            at += 2 if wide != 0 else 0
            gap = True
        elif byte in (34, 39, 42, 91, 93, 95) or wide == 0xE38090 or wide == 0xE38091:
            at += 2 if wide != 0 else 0  # "name", 'name', *姓名, [name], 【姓名】, phone_number
        elif byte >= 0x80 or 65 <= (byte & 0xDF) <= 90:
            if ended:
                return label_hash
            if (wide >> 8) in (0xE380, 0xEFBC, 0xE280):  # punctuation: 、。，；“ etc.
                return 0
            label_hash = (label_hash ^ (byte | 32 if byte < 0x80 else byte)) * prime
            letters += byte < 0x80 or byte >= 0xC0
            hanzi = hanzi or byte >= 0x80
        else:
            return label_hash if gap and letters >= 2 else 0
    return 0


@cython.cfunc
@cython.nogil
def _has_phone(data: UInt8, low: int64_t, high: int64_t) -> cython.bint:
    """Return True if the line has a run of 11 or more digits that is not an account in brackets.

    Such a head line is its own message (2021-05-28 00:37 运单号 张三 13800138000), and the next
    line does not belong to it.
    """
    run: cython.int = 0
    bracket: cython.bint = False
    for at in range(low, high):
        if not 48 <= data[at] <= 57:
            run = 0
            continue
        if run == 0:
            bracket = at > low and data[at - 1] in (40, 60)  # ( <
            if at >= low + 3 and data[at - 3] == 0xEF and data[at - 1] == 0x88:  # （
                bracket = True
        run += 1
        if run >= _PHONE_DIGITS and not bracket:
            return True
    return False


@cython.cfunc
@cython.nogil
def _has_several_labels(data: UInt8, low: int64_t, high: int64_t) -> cython.bint:
    """Return True if the line has more than one colon that is not part of a time or URL."""
    colons: int64_t = 0
    for at in range(low, high):
        if data[at] == 58:  # :
            if not (at > low and 48 <= data[at - 1] <= 57):
                colons += not (at + 1 < high and data[at + 1] == 47)  # /
        elif data[at] == 0xEF and three_bytes(data, at, high) == 0xEFBC9A:
            colons += 1
    return colons > 1


@cython.cfunc
@cython.nogil
def _starts_with(
    data: UInt8, low: int64_t, high: int64_t, word: cython.p_const_char, length: int64_t
) -> cython.bint:
    """Return True if the line begins with ``word`` (lower case), in upper or lower case."""
    byte: cython.int
    if high - low < length:
        return False
    for i in range(length):
        byte = data[low + i]
        if (byte | 32 if 65 <= byte <= 90 else byte) != word[i]:
            return False
    return True


@cython.cfunc
@cython.nogil
def _find_slot(table: UInt64, mask: uint64_t, label_hash: uint64_t) -> uint64_t:
    """Return the slot of ``label_hash`` in the hash table, or the free slot for it."""
    at: uint64_t = (label_hash ^ (label_hash >> 29)) & mask
    while table[at] != 0 and table[at] != label_hash:
        at = (at + 1) & mask
    return at


def fill_label_table(
    offsets: arrays.Int64,
    data: arrays.UInt8,
    party: arrays.UInt8,
    table: arrays.UInt64,
    parties: arrays.UInt8,
) -> None:
    """Write the hashes of all label names to ``table`` and their party flags to ``parties``."""
    places: Int64 = int64(offsets)
    source: UInt8 = uint8(data)
    flags: UInt8 = uint8(party)
    hashes: UInt64Out = uint64_out(table)
    out: UInt8Out = uint8_out(parties)
    names: cython.Py_ssize_t = len(party)
    mask: uint64_t = len(table) - 1
    with cython.nogil:
        for i in range(names):
            label_hash = _label_hash(source, places[i], places[i + 1])
            if label_hash != 0:
                slot = _find_slot(hashes, mask, label_hash)
                hashes[slot] = label_hash
                out[slot] |= flags[i]


def classify_lines(
    offsets: arrays.Int64,
    data: arrays.UInt8,
    table: arrays.UInt64,
    parties: arrays.UInt8,
    kinds: arrays.UInt8,
    labels: arrays.UInt64,
) -> None:
    """Write each line's kind and flags to ``kinds``, its label's hash to ``labels``.

    ``labels`` has the hash, 0 for a line that does not begin with a known label.  Line i is
    ``data[offsets[i]:offsets[i + 1]]``.
    """
    places: Int64 = int64(offsets)
    source: UInt8 = uint8(data)
    hashes: UInt64 = uint64(table)
    mask: uint64_t = len(table) - 1
    flags: UInt8 = uint8(parties)
    out: UInt8Out = uint8_out(kinds)
    out_labels: UInt64Out = uint64_out(labels)
    lines: cython.Py_ssize_t = len(kinds)
    with cython.nogil:
        for i in range(lines):
            high = places[i + 1]
            low = skip_blanks(source, places[i], high)
            while high > low and source[high - 1] <= 32:
                high -= 1
            out_labels[i] = 0
            out[i] = BLANK if low == high else _unlabelled_kind(source, low, high)
            if out[i] != PLAIN:
                continue
            label_hash = _label_hash(source, low, high)
            if label_hash == 0:
                continue
            slot = _find_slot(hashes, mask, label_hash)
            if hashes[slot] == label_hash:
                out[i] = LABEL | (PARTY if flags[slot] else 0)
                out[i] |= MORE_IN_LINE if _has_several_labels(source, low, high) else 0
                out_labels[i] = label_hash


@cython.cfunc
@cython.nogil
def _unlabelled_kind(data: UInt8, low: int64_t, high: int64_t) -> uint8_t:
    """Return the kind of a line without blanks around it; PLAIN if it may have a label."""
    first: uint8_t = data[low]
    if first in (98, 66) and _starts_with(data, low, high, b"begin:vcard", 11):  # b B
        return CARD_BEGIN
    if first in (101, 69) and _starts_with(data, low, high, b"end:vcard", 9):  # e E
        return CARD_END
    if _is_separator_line(data, low, high):
        return SEPARATOR
    if _is_message_head(data, low, high):
        return HEAD | (MORE_IN_LINE if _has_phone(data, low, high) else 0)
    return PLAIN


@cython.cfunc
@cython.nogil
def _line_shape(data: UInt8, low: int64_t, high: int64_t) -> int64_t:
    """Return a number for the shape of a line that is one Latin word with a digit; else 0.

    Equal shapes have the same first letters, the same length if all are digits, or are all mail
    addresses.
    """
    shape: int64_t = 7
    digits: int64_t = 0
    past_word: cython.bint = False
    low = skip_blanks(data, low, high)
    while high > low and data[high - 1] <= 32:
        high -= 1
    if high - low < 5 or high - low > 64:
        return 0
    for at in range(low, high):
        byte = data[at]
        if byte <= 32 or byte >= 0x7F:
            return 0
        if 48 <= byte <= 57:
            digits += 1
            past_word = True
        elif byte == 64:  # @
            return 1 << 8
        elif not 65 <= (byte & 0xDF) <= 90:
            past_word = True
        elif not past_word:
            shape = (shape * 31 + (byte | 32)) & 0xFFFF
    if digits == 0:
        return 0
    if digits == high - low:
        shape += digits
    return (shape & 0xFFFF) << 8 | (1 << 24)


@cython.cfunc
@cython.nogil
def _line_features(data: UInt8, low: int64_t, high: int64_t) -> int64_t:
    """Return flags of the long numbers of a line, and its shape, shifted by 8 bits.

    Flag 1: a number as long as a mobile number; 2: one as long as an identity number.
    """
    features: int64_t = _line_shape(data, low, high)
    run: int64_t = 0
    at: int64_t
    last: cython.bint
    for at in range(low, high + 1):
        if at < high and 48 <= data[at] <= 57:
            run += 1
            continue
        last = at < high and (data[at] == 88 or data[at] == 120)  # X x
        if run == 11 or run == 13:
            features |= 1
        elif run == 18 or run == 15 or (run == 17 and last):
            features |= 2
        run = 0
    return features


@cython.cfunc
@cython.nogil
def _is_person_list(
    features: Int64, low: int64_t, high: int64_t, repeated: UInt8Out
) -> cython.bint:
    """Return True if lines [low, high) list people; mark repeated values in ``repeated``.

    A list repeats the same type of number, or lines of the same shape:
    ``张三 13800138000``, ``李四 13900139000``.
    """
    mask: int64_t
    count: int64_t
    for mask in range(1, 3):
        count = 0
        for at in range(low, high):
            repeated[at] = features[at] & mask != 0
            count += repeated[at]
        if count > 1:
            return True
    for first in range(low, high):
        shape = features[first] >> 8
        if shape == 0:
            continue
        count = 0
        for at in range(low, high):
            repeated[at] = features[at] >> 8 == shape
            count += repeated[at]
        if count >= _MIN_LIST_LINES:
            return True
    return False


@cython.cfunc
@cython.nogil
def _split_person_list(
    low: int64_t, high: int64_t, repeated: UInt8, record_starts: Int64Out
) -> cython.void:
    """Write the first line of its person's record for each line in [low, high).

    Records have as many lines as there are between two repeated values, if the distance is
    constant. Else a record begins or ends with each repeated value.
    """
    first: int64_t = -1
    last: int64_t = -1
    step: int64_t = 0
    record_start: int64_t = low
    evenly_spaced: cython.bint = True
    for at in range(low, high):
        if not repeated[at]:
            continue
        if last >= 0:
            evenly_spaced = evenly_spaced and (step == 0 or step == at - last)
            step = at - last
        first = at if first < 0 else first
        last = at
    lead = first - low if evenly_spaced and first - low < step else step - 1
    for at in range(low, high):
        if evenly_spaced:
            if (at - first + lead) % step == 0 or at == low:
                record_start = at
        elif at > low and (repeated[at] if repeated[low] else repeated[at - 1]):
            record_start = at
        record_starts[at] = record_start


@cython.cfunc
@cython.nogil
@cython.inline
def _is_too_long(
    lines: cython.pointer[Lines], begin: int64_t, at: int64_t, most: int64_t, most_bytes: int64_t
) -> cython.bint:
    """Return True if line ``at`` makes a record that begins at ``begin`` too long."""
    return at - begin >= most or lines.offsets[at + 1] - lines.offsets[begin] > most_bytes


@cython.cfunc
@cython.nogil
def _card_end(lines: cython.pointer[Lines], begin: int64_t) -> tuple[int64_t, cython.bint]:
    """Return (line after the contact card at line ``begin``, True if its end is known)."""
    for at in range(begin + 1, lines.count):
        if lines.kinds[at] == CARD_END:
            return at + 1, True
        if lines.kinds[at] == CARD_BEGIN:
            return at, True
        if _is_too_long(lines, begin, at, _MAX_CARD_LINES, _MAX_CARD_BYTES):
            return at, True
    return lines.count, False


@cython.cfunc
@cython.nogil
def _message_end(
    lines: cython.pointer[Lines], begin: int64_t, chat: cython.bint
) -> tuple[int64_t, cython.bint]:
    """Return (line after the message with head line ``begin``, True if its end is known).

    ``chat``: another message precedes it.
    """
    if lines.kinds[begin] & MORE_IN_LINE:
        return begin + 1, True
    for at in range(begin + 1, lines.count):
        kind = lines.kinds[at] & KIND_MASK
        if kind in (HEAD, SEPARATOR, CARD_BEGIN) or (kind == BLANK and not chat):
            return at, True
        if _is_too_long(lines, begin, at, _MAX_LINES, _MAX_BYTES):
            return at, True
    return lines.count, False


@cython.cfunc
@cython.nogil
def _labels_end(
    lines: cython.pointer[Lines], begin: int64_t, stop: int64_t
) -> tuple[int64_t, cython.bint]:
    """Return (line after the block of labels at line ``begin``, True if its end is known)."""
    seen_labels: uint64_t[202]  # two more than _MAX_LINES
    count: int64_t = 0
    section: int64_t = 0
    plain: int64_t = 0
    last_has_several: cython.bint = False
    has_party: cython.bint = False
    party: cython.bint
    many: cython.bint
    end: int64_t = begin
    at: int64_t
    k: int64_t
    kind: uint8_t
    for at in range(begin, stop):
        kind = lines.kinds[at]
        if _is_too_long(lines, begin, at, _MAX_LINES, _MAX_BYTES):
            return max(end, begin + 1), True  # a line longer than any record is one by itself
        if kind == PLAIN:
            plain += 1
            if plain > _MAX_UNLABELLED:
                return end, True
            if _line_features(lines.data, lines.offsets[at], lines.offsets[at + 1]) & 3:
                return end, True
            continue
        if kind & KIND_MASK != LABEL:
            return end, True
        party = kind & PARTY != 0
        many = kind & MORE_IN_LINE != 0
        # several labels in each line, so each line is a record: 姓名：… 电话：…
        if many and last_has_several and not (party and has_party):
            return at, True
        last_has_several, has_party = many, has_party or party
        for k in range(0 if party else section, count):
            if seen_labels[k] == lines.labels[at]:
                return at, True
        if party:
            section = count
        seen_labels[count] = lines.labels[at]
        count += 1
        plain = 0
        end = at + 1
    return end, False


@cython.cfunc
@cython.nogil
def _has_free_words(data: UInt8, low: int64_t, high: int64_t) -> cython.bint:
    """Return True if a line has two Hanzi, and no colon, which would make a label of them."""
    hanzi: cython.int = 0
    for at in range(low, high):
        hanzi += 0xE4 <= data[at] <= 0xE9
        if data[at] == 58 or three_bytes(data, at, high) == 0xEFBC9A:  # ：
            return False
    return hanzi > 1


@cython.cfunc
@cython.nogil
def _person_end(lines: cython.pointer[Lines], begin: int64_t) -> tuple[int64_t, cython.bint]:
    """Return (line after the person at line ``begin``, True if its end is known).

    A person is some short lines up to a blank or separator line, with one number as long as that
    of a phone or one as long as an identity number, or one of each, and without a repeated label.
    The end is ``begin`` if the lines are none.
    """
    phones: int64_t = 0
    numbers: int64_t = 0
    named: int64_t = 0
    features: int64_t = 0
    end: int64_t = begin
    at: int64_t
    k: int64_t
    while end < lines.count and lines.kinds[end] & KIND_MASK in (PLAIN, LABEL):
        if _is_too_long(lines, begin, end, _MAX_PERSON_LINES, _MAX_PERSON_BYTES):
            return begin, True
        end += 1
    if end < lines.count and lines.kinds[end] & KIND_MASK not in (BLANK, SEPARATOR):
        return begin, True
    for at in range(begin, end):
        features = _line_features(lines.data, lines.offsets[at], lines.offsets[at + 1])
        phones += features & 1
        numbers += features >> 1 & 1
        if features & 3:
            named += _has_free_words(lines.data, lines.offsets[at], lines.offsets[at + 1])
        if lines.labels[at] != 0 and lines.labels[begin] == 0 and phones + numbers == 0:
            return begin, end < lines.count  # a title above the labels
        for k in range(begin, at):
            if lines.labels[at] != 0 and lines.labels[k] == lines.labels[at]:
                return begin, end < lines.count
    # 张三 138… above 李四 430…: two persons
    is_person: cython.bint = phones < 2 and numbers < 2 and phones + numbers > 0 and named < 2
    if lines.labels[begin] != 0 and lines.labels[end - 1] == 0 and features & 3 == 0:
        is_person = False  # text follows the labels
    return end if is_person else begin, end < lines.count


@cython.cfunc
@cython.nogil
def _split_message(
    lines: cython.pointer[Lines],
    begin: int64_t,
    end: int64_t,
    features: Int64Out,
    repeated: UInt8Out,
    record_starts: Int64Out,
) -> cython.void:
    """Write the record starts of a message's lines: one record, or one per listed person.

    ``features``, ``repeated``: work space.
    """
    low: int64_t = begin + 1
    labelled: int64_t = 0
    for at in range(begin, end):
        record_starts[at] = begin
    while end > low and lines.kinds[end - 1] == BLANK:
        end -= 1
    if end - low < 2:
        return
    for at in range(low, end):
        features[at] = _line_features(lines.data, lines.offsets[at], lines.offsets[at + 1])
    if not _is_person_list(features, low, end, repeated):
        return
    for at in range(low, end):
        labelled += lines.kinds[at] & KIND_MASK == LABEL
    if labelled < 2:
        _split_person_list(low, end, repeated, record_starts)
        return
    while low < end:
        stop, _known = _labels_end(lines, low, end)
        stop = max(stop, low + 1)
        for at in range(low, stop):
            record_starts[at] = low
        low = stop


def group_records(
    lines: tuple,
    record_starts: arrays.Int64,
    message_starts: arrays.Int64,
    state: cython.int,
    final: cython.bint,
) -> tuple[int, int]:
    """Write for each line the first line of its record and of its message.

    Return the first line of a record that may go on (with ``final``: the number of lines), and the
    state behind the last complete record. ``lines``: kinds and labels of :func:`classify_lines`,
    offsets, data. ``state``: that before the lines, 0 at first.
    """
    kinds, labels, offsets, data = lines
    text: Lines
    text.kinds, text.labels = uint8(kinds), uint64(labels)
    text.offsets, text.data, text.count = int64(offsets), uint8(data), len(kinds)
    work = np.empty(len(kinds), np.int64), np.empty(len(kinds), np.uint8)
    features: Int64Out = int64_out(work[0])
    repeated: UInt8Out = uint8_out(work[1])
    records: Int64Out = int64_out(record_starts)
    messages: Int64Out = int64_out(message_starts)
    before: cython.int = state
    with cython.nogil:
        end = _group_records(
            cython.address(text), features, repeated, records, messages,
            cython.address(before), final,
        )  # fmt: skip
    return end, before


@cython.cfunc
@cython.nogil
def _group_records(
    lines: cython.pointer[Lines],
    features: Int64Out,
    repeated: UInt8Out,
    record_starts: Int64Out,
    message_starts: Int64Out,
    state: cython.pointer[cython.int],
    final: cython.bint,
) -> int64_t:
    """Write the first line of each line's record and message; return the first line left over."""
    at: int64_t = 0
    while at < lines.count:
        kind = lines.kinds[at] & KIND_MASK
        end, known = at + 1, True
        if kind == HEAD:
            end, known = _message_end(lines, at, state[0] == _AFTER_MESSAGE)
        elif kind == CARD_BEGIN:
            end, known = _card_end(lines, at)
        elif kind == PLAIN or kind == LABEL:
            end = at
            if state[0] == 0:
                end, known = _person_end(lines, at)
            if end == at and kind == LABEL and (known or final):
                end, known = _labels_end(lines, at, lines.count)
            end = max(end, at + 1)
        if not known and not final:
            return at
        if kind == HEAD:
            _split_message(lines, at, end, features, repeated, record_starts)
        for line in range(at, end):
            if kind == HEAD:
                message_starts[line] = at
            else:
                record_starts[line] = at
        if kind == HEAD:
            state[0] = _AFTER_MESSAGE
        elif kind != BLANK or state[0] == _INSIDE:
            state[0] = _INSIDE if kind == PLAIN or kind == LABEL else 0
        at = end
    return at
