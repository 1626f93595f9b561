# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of matching: fold texts, find where matches may start, run the automaton.

手机13800138000 -> folded, match start 3 -> recognizer cn.mobile, span [3, 14)
"""

from typing import TYPE_CHECKING

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from cython.cimports.piiscan.detect.arithmetic.digit_kernels import are_digits
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

if TYPE_CHECKING:
    from piiscan.detect.matching import automaton, matcher, offsets, word_sieve

    Scratch = tuple[arrays.Int64, arrays.UInt64]

#: Longest cell, in code points. Each cell is read once, so the cost is linear in its length.
_MAX_CELL_LENGTH = cython.declare(int64_t, 1 << 16)
#: Characters between the end of a label and an anchored value, at most.
_MAX_LABEL_GAP = cython.declare(cython.int, 8)
#: Most positions of a message's head.
_MAX_HEAD = cython.declare(int64_t, 120)
#: Largest value of ``ascii_tail``.
_MAX_TAIL = cython.declare(int64_t, 0x7FFFFFFF)


@cython.cfunc
@cython.nogil
def _is_printable_ascii(eight: uint64_t) -> cython.bint:
    """Return True if all eight bytes of a word are printable ASCII."""
    spaces: uint64_t = 0x2020202020202020
    ones: uint64_t = 0x0101010101010101
    high_bits: uint64_t = 0x8080808080808080
    return (eight | (eight - spaces) | (eight + ones)) & high_bits == 0


@cython.cfunc
@cython.nogil
def _count_leading_digits(word: uint64_t) -> uint64_t:
    """Count the leading digits among the eight ASCII characters packed in ``word``."""
    values: uint64_t = word ^ cython.cast(uint64_t, 0x3030303030303030)
    others: uint64_t = values + cython.cast(uint64_t, 0x7676767676767676)
    # a carry can only reach bytes after the first one
    others = (others | values) & cython.cast(uint64_t, 0x8080808080808080)
    if others == 0:
        return 8
    first: uint64_t = (others & (~others + 1)) >> 7  # 1 in the lowest bit of its byte
    return (first * cython.cast(uint64_t, 0x0001020304050607)) >> 56


def fold(
    data: arrays.UInt8,
    offsets: arrays.Int64,
    table: arrays.UInt8,
    folded: arrays.UInt8,
    starts: arrays.Int64,
    ascii_tail: arrays.Int32,
) -> tuple[int, bool]:
    """Fold all texts in one pass; return (folded length, True if a zero-width character occurs).

    Fill ``folded``, ``starts`` (start of each text) and ``ascii_tail`` (ASCII characters at its
    end). ``folded`` has room for 16 bytes more than it needs.
    """
    has_zero_width: cython.bint = False
    texts: cython.Py_ssize_t = len(offsets) - 1
    source: UInt8 = uint8(data)
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(table)
    out: UInt8Out = uint8_out(folded)
    out_starts: Int64Out = int64_out(starts)
    out_tail: Int32Out = int32_out(ascii_tail)
    with cython.nogil:
        length = fold_into(
            source, places, texts, bytes_, out, cython.NULL, out_starts, out_tail,
            cython.address(has_zero_width),
        )  # fmt: skip
    return length, bool(has_zero_width)


@cython.cfunc
@cython.nogil
def fold_into(
    data: UInt8,
    offsets: Int64,
    texts: cython.Py_ssize_t,
    table: UInt8,
    folded: UInt8Out,
    lows: UInt8Out,
    starts: Int64Out,
    ascii_tail: Int32Out,
    has_zero_width: cython.pointer[cython.bint],
) -> int64_t:
    """Fold all texts in one pass; return the folded length. The grammar is that of ``fold.py``.

    ``lows``: output, the low bytes of wide characters, which tell those of one folded byte apart;
    or NULL.
    """
    out: int64_t = 1
    byte: uint8_t
    point: uint32_t
    zero_width: cython.bint = False
    folded[0] = BREAK
    for text in range(texts):
        wide_end = out
        starts[text] = out
        at = offsets[text]
        end = offsets[text + 1]
        while at < end:
            byte = data[at]
            if byte < 0x80:
                before = at
                while at + 8 <= end:  # copy printable ASCII, the usual case, eight at a time
                    word = eight_bytes(data + at)
                    if not _is_printable_ascii(word):
                        break
                    write_eight_bytes(folded + out, word)
                    at += 8
                    out += 8
                if before < at < end < at + 8:  # the last eight bytes; some are copied twice
                    word = eight_bytes(data + end - 8)
                    if _is_printable_ascii(word):
                        out += end - at
                        at = end
                        write_eight_bytes(folded + out - 8, word)
                stop = min(at + 8, end)
                while at < stop and data[at] < 0x80:
                    folded[out] = table[data[at]]
                    if lows != cython.NULL:
                        lows[out] = ANY_LOW
                    at += 1
                    out += 1
                continue
            if 0xE0 <= byte < 0xF0 and at + 2 < end:
                while True:  # Hanzi come in rows
                    point = (byte & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | data[at + 2] & 0x3F
                    folded[out] = table[point]
                    if lows != cython.NULL:
                        lows[out] = point if LOW_FIRST <= point <= LOW_LAST else ANY_LOW
                    zero_width |= folded[out] == SKIP
                    at += 3
                    byte = data[at] if at + 2 < end else 0
                    if not 0xE0 <= byte < 0xF0:
                        break
                    out += 1
                out += 1
                wide_end = out
                continue
            if 0xC0 <= byte < 0xE0 and at + 1 < end:
                folded[out] = table[((byte & 0x1F) << 6) | (data[at + 1] & 0x3F)]
                zero_width |= folded[out] == SKIP
                at += 2
            elif byte >= 0xF0 and at + 3 < end:
                point = ((data[at + 1] & 0x3F) << 12) | ((data[at + 2] & 0x3F) << 6)
                point |= (data[at + 3] & 0x3F) | ((byte & 0x07) << 18)
                if 0x10000 <= point < PLANES:
                    folded[out] = table[point]
                elif PLANES <= point < 0x40000:
                    folded[out] = 0x8A
                elif 0xE0000 <= point < 0xE0200:  # tags and variation selectors
                    folded[out] = SKIP
                    zero_width = True
                else:
                    folded[out] = 0x8B
                at += 4
            else:
                folded[out] = 0x8B
                at += 1
            if lows != cython.NULL:
                lows[out] = ANY_LOW
            out += 1
            wide_end = out
        ascii_tail[text] = cython.cast(cython.int, min(out - wide_end, _MAX_TAIL))
        folded[out] = BREAK
        out += 1
    starts[texts] = out
    has_zero_width[0] = zero_width
    return out


@cython.cfunc
@cython.nogil
def may_end_word(
    folded: UInt8,
    lows: UInt8,
    position: int64_t,
    sieve: cython.pointer[WordSieve],
    recognizer: int64_t,
) -> cython.bint:
    """Return True if a word that supports ``recognizer`` may end at ``position``; -1: any word.

    A Latin word must not continue to the left: ``qq`` does not end in ``abcqq``.
    """
    node: int64_t = 0
    first: cython.int
    while position >= 0:
        byte = folded[position]
        if byte == SKIP:
            position -= 1
            continue
        node = trie_step(sieve.steps, node, byte | 32 if 65 <= byte <= 90 else byte)
        if node != 0 and byte >= 0x80 and not sieve.complete[node]:
            if lows == cython.NULL or lows[position] == ANY_LOW:
                return True
            node = trie_step(sieve.steps, node, lows[position])
        if node == 0:
            return False
        row = sieve.complete[node] * sieve.groups
        if row > 0 and (
            recognizer < 0 or sieve.supports[row + recognizer // 64] >> recognizer % 64 & 1
        ):
            first = byte | 32
            if not (97 <= first <= 122 and 97 <= folded[position - 1] | 32 <= 122):
                return True
        position -= 1
    return False


def find_starts_and_word_ends(
    folded: arrays.UInt8,
    marks: arrays.UInt8,
    sieve: word_sieve.WordSieve,
    out_starts: arrays.Int64,
    out_ends: arrays.Int64,
) -> tuple[int, int]:
    """Write match starts and word ends to the ``out`` arrays; return (starts, ends) written.

    A count is -1 if its array is too short: it has room for eight more than are written.
    """
    length: int64_t = len(folded)
    source: UInt8 = uint8(folded)
    pairs: UInt8 = uint8(marks)
    words: WordSieve = word_sieve_of(sieve)
    starts: Int64Out = int64_out(out_starts)
    ends: Int64Out = int64_out(out_ends)
    capacity: tuple[int64_t, int64_t] = (len(out_starts), len(out_ends))
    with cython.nogil:
        counts = starts_and_ends_into(
            source, cython.NULL, length, pairs, cython.address(words), starts, ends, capacity
        )
    return counts[0], counts[1]


@cython.cfunc
@cython.nogil
def starts_and_ends_into(
    folded: UInt8,
    lows: UInt8,
    length: int64_t,
    marks: UInt8,
    sieve: cython.pointer[WordSieve],
    out_starts: Int64Out,
    out_ends: Int64Out,
    capacity: tuple[int64_t, int64_t],
) -> tuple[int64_t, int64_t]:
    """Find the positions where a match may start or a word may end, outside numbers and words.

    Each position is written, and counted only if it is one: there is no branch to mispredict.
    """
    start_count: int64_t = 0
    end_count: int64_t = 0
    kept: int64_t = 0
    position: int64_t = 1
    length -= 1
    mark: uint32_t
    before: uint32_t = marks[two_bytes(folded)] if length > 0 else 0
    while position < length:
        if start_count + 8 > capacity[0]:
            return -1, end_count
        if end_count + 8 > capacity[1]:
            return start_count, -1
        if position + 8 < length:
            if (
                are_digits(eight_bytes(folded + position))
                and cython.cast(uint8_t, folded[position - 1] ^ 48) <= 9
                and cython.cast(uint8_t, folded[position + 8] ^ 48) <= 9
            ):  # inside a number, usual in tables: no mark
                position += 8
                continue
            stop = position + 8
        else:
            stop = length
        while position < stop:
            mark = marks[two_bytes(folded + position)]
            before = before >> 2 & mark
            out_starts[start_count] = out_ends[end_count] = position
            start_count += before & MATCH_START
            end_count += before >> 1 & 1
            before = mark
            position += 1
    for position in range(end_count):
        out_ends[kept] = out_ends[position]
        kept += may_end_word(folded, lows, out_ends[position], sieve, -1)
    return start_count, kept


@cython.cfunc
@cython.nogil
def starts_into(
    folded: UInt8,
    length: int64_t,
    start_pairs: Bool,
    marks: UInt8,
    out: Int64Out,
    capacity: int64_t,
) -> int64_t:
    """Find the positions where a match may start; return -1 if there are more than ``capacity``."""
    count: int64_t = 0
    for position in range(1, length - 1):
        if not (
            marks[two_bytes(folded + position - 1)] & START_ALLOWED
            and start_pairs[folded[position] << 8 | folded[position + 1]]
        ):
            continue
        if count == capacity:
            return -1
        out[count] = position
        count += 1
    return count


@cython.cfunc
@cython.nogil
def starts_after_words_into(
    folded: UInt8,
    length: int64_t,
    word_ends: Int64,
    words: cython.Py_ssize_t,
    start_pairs: Bool,
    marks: UInt8,
    gap: Bool,
    out: Int64Out,
) -> int64_t:
    """Find the match start after each word end, and a bracket before it."""
    count: int64_t = 0
    for number in range(words):
        position = word_ends[number] + 1
        for _step in range(_MAX_LABEL_GAP):
            byte = folded[position]
            if byte != 10 and not gap[byte]:
                break
            if byte == 40 and position + 1 < length and (count == 0 or out[count - 1] < position):
                if start_pairs[byte << 8 | folded[position + 1]]:
                    out[count] = position
                    count += 1
            position += 1
        if position + 1 < length:
            if (
                start_pairs[folded[position] << 8 | folded[position + 1]]
                and marks[two_bytes(folded + position - 1)] & START_ALLOWED
                and (count == 0 or out[count - 1] < position)
            ):
                out[count] = position
                count += 1
    return count


@cython.cfunc
@cython.nogil
def _is_word_char(folded: UInt8, length: int64_t, at: int64_t, kind: UInt8) -> cython.bint:
    """Return True if there is an ASCII letter or digit at ``at``."""
    return at < length and (kind[folded[at]] == KIND_DIGIT or kind[folded[at]] == KIND_LETTER)


@cython.cfunc
@cython.nogil
def _is_word_pair(folded: UInt8, length: int64_t, at: int64_t, kind: UInt8) -> cython.bint:
    """Return True if there are two ASCII letters or digits at ``at``."""
    return _is_word_char(folded, length, at, kind) and _is_word_char(folded, length, at + 1, kind)


@cython.cfunc
@cython.nogil
def _is_numeral(byte: cython.int) -> cython.bint:
    """Return True if ``byte`` is a digit: 0, 零, ⓪."""
    return (
        48 <= byte <= 57
        or HAN_DIGIT <= byte < HAN_DIGIT + 10
        or CIRCLED_DIGIT <= byte < CIRCLED_DIGIT + 10
    )


@cython.cfunc
@cython.nogil
def _is_long_group(folded: UInt8, at: int64_t, step: cython.int) -> cython.bint:
    """Return True if 14 digits or more begin at ``at``, or end there with ``step`` -1.

    They are a number of their own: an identity number, a card.
    """
    count: cython.int = 0
    while count < 14 and 48 <= folded[at] <= 57:
        count += 1
        at += step
    return count == 14


@cython.cfunc
@cython.nogil
def _is_whole_run(
    folded: UInt8, length: int64_t, start: int64_t, end: int64_t, dressed: cython.bint
) -> cython.bint:
    """Return True if the groups of a number are not part of a longer row of groups.

    ``138-0013-8000`` in ``138-0013-8000-1390`` -> False.  A blank between two numbers is no such
    sign, except before or after further groups of four: ``4301 0419 8811 2217``.  If ``dressed``,
    no sign of the number and no digit in any script may join it to others, and no letter follows;
    a group of 14 digits or more is no part of it: ``138 00138000 430104190506150016``.
    """
    sign: int64_t = end - 1
    byte: cython.int
    before: cython.bint
    after: cython.bint
    while sign > start and _is_numeral(folded[sign]):
        sign -= 1
    byte = folded[sign]
    if dressed and (_is_numeral(folded[start - 1]) or _is_numeral(folded[end])):
        return False
    if dressed and 97 <= folded[end] | 32 <= 122:
        return False
    if sign == start or byte == 40 or byte == 41:  # no sign, or a bracket
        return True
    before = folded[start - 1] == byte and 48 <= folded[start - 2] <= 57
    after = folded[end] == byte and 48 <= folded[end + 1] <= 57
    if dressed:
        before = before and not _is_long_group(folded, start - 2, -1)
        after = after and not _is_long_group(folded, end + 1, 1)
    if dressed or byte != 32:
        return not (before or after)
    if after and end + 6 < length and folded[end + 5] == 32 and _is_numeral(folded[end + 6]):
        after = _is_numeral(folded[end + 4]) and _is_numeral(folded[end + 2])
    else:
        after = False
    before = before and start > 5 and folded[start + 4] == 32
    before = before and _is_numeral(folded[start - 5]) and not _is_numeral(folded[start - 6])
    return not (before or after)


@cython.cfunc
@cython.nogil
def _has_time(folded: UInt8, at: int64_t) -> cython.bint:
    """Return True if the text at ``at`` begins with a day and an hour: 2023-04-01 10:00."""
    for colon in range(at + 8, at + 22):
        byte = folded[colon]
        if byte == 0 or byte == 10 or byte == 13:
            return False
        if byte == 58:
            return 48 <= folded[colon - 1] <= 57 and 48 <= folded[colon + 1] <= 57
    return False


@cython.cfunc
@cython.nogil
def _ends_head(folded: UInt8, start: int64_t, end: int64_t) -> cython.bint:
    """Return True if the span stands in brackets at the end of the head of a message.

    ``2023-04-01 10:00:01 name(10001)`` and ``name(10001) 2023-04-01 10:00``.
    """
    if folded[start - 1] != 40 or folded[end] != 41:  # ( )
        return False
    after: int64_t = end + 1
    begin: int64_t = start - 1
    if folded[after] == 58:  # :
        after += 1
    while folded[after] == 32:
        after += 1
    if 48 <= folded[after] <= 57 and _has_time(folded, after):
        return True
    while folded[begin - 1] not in (0, 10, 13) and start - begin < _MAX_HEAD:
        begin -= 1
    if folded[begin] == 91:  # [
        begin += 1
    ends = folded[end + 1] in (0, 10, 13, 32, 58)
    return ends and 48 <= folded[begin] <= 57 and _has_time(folded, begin)


@cython.cfunc
@cython.nogil
def fits_boundary(
    folded: UInt8, length: int64_t, start: int64_t, end: int64_t, rule: cython.int, kind: UInt8
) -> cython.bint:
    """Return True if the span [``start``, ``end``) fits boundary ``rule``.

    Rules: group (4), lines (6), quoted (7), tail (8), sole (9), run (10), head (11), named (12).
    ``kind``: kind of each folded byte. ``length``: number of folded bytes.
    """
    byte_before: uint8_t = folded[start - 1]
    byte_after: uint8_t = folded[end]
    pair_before: cython.bint
    if rule == 11:
        return _ends_head(folded, start, end)
    if rule == 12:  # two to four Hanzi, no more, directly before
        left = start
        while start - left < 5 and is_han(kind[folded[left - 1]]):
            left -= 1
        return 2 <= start - left <= 4 and kind[folded[left - 1]] != KIND_LETTER
    if rule > 8:
        return _is_whole_run(folded, length, start, end, rule == 10)
    if rule == 8:  # no further number after - . / :, nor after a comma if the last one has one
        if byte_after not in (44, 45, 46, 47, 58) or kind[folded[end + 1]] != KIND_DIGIT:
            return True
        sign = end - 1
        while kind[folded[sign]] == KIND_DIGIT:
            sign -= 1
        return byte_after == 44 and folded[sign] != 44
    if rule == 4:  # no further hex pair on either side, with the same separator
        if byte_after in (45, 46, 58) and _is_word_pair(folded, length, end + 1, kind):
            return _is_word_char(folded, length, end + 3, kind)
        pair_before = (
            byte_before in (45, 46, 58)
            and start > 3
            and _is_word_pair(folded, length, start - 3, kind)
        )
        return not pair_before or _is_word_char(folded, length, start - 4, kind)
    if byte_before in (9, 44, 59, 124) and byte_after in (9, 44, 59, 124):
        return False  # last field of a row and first of the next
    starts_line, ends_line = byte_before in (10, 13), byte_after in (10, 13)
    left, right = start - 1, end
    while folded[left] in (9, 10, 13, 32):
        left -= 1
    while folded[right] in (9, 10, 13, 32):
        right += 1
    if folded[left] == 0 and folded[right] == 0:  # the span fills its cell
        return True
    if rule == 7:
        return folded[left] in (34, 39, 40, 91) and folded[right] in (34, 39, 41, 93)
    return not (
        (starts_line or folded[left] == 0) and (ends_line or folded[right] == 0)
    )  # two lines of a list


def fit_boundaries(
    folded: arrays.UInt8,
    start: arrays.Int64,
    end: arrays.Int64,
    rules: arrays.UInt8,
    kind: arrays.UInt8,
    fits: arrays.Bool,
) -> None:
    """Set ``fits`` to False for spans that break the boundary rule group, lines or quoted."""
    rows: cython.Py_ssize_t = len(start)
    length: int64_t = len(folded)
    source: UInt8 = uint8(folded)
    starts: Int64 = int64(start)
    ends: Int64 = int64(end)
    of_row: UInt8 = uint8(rules)
    kinds: UInt8 = uint8(kind)
    out: BoolOut = boolean_out(fits)
    with cython.nogil:
        for row in range(rows):
            if of_row[row] == 4 or of_row[row] > 5:
                out[row] = fits_boundary(source, length, starts[row], ends[row], of_row[row], kinds)


def match(
    folded: arrays.UInt8,
    positions: arrays.Int64,
    automaton: automaton.Automaton,
    kind: arrays.UInt8,
    boundary: arrays.UInt8,
    scratch: Scratch,
    out: matcher.Candidates,
) -> tuple[int, int]:
    """Write each recognizer's longest match at each position; return (matches, positions done).

    Stop early if the candidate arrays may not have room for the next position. Grammar of a span:

        match := bytes accepted by the automaton, at most MAX_MATCH, with neighbours of the boundary

    A match never ends inside a run of digits. ``scratch``: the end of each
    recognizer's best match from a position, and the recognizers that match there.
    """
    length: int64_t = len(folded)
    count: int64_t = len(positions)
    recognizers: cython.Py_ssize_t = len(boundary)
    source: UInt8 = uint8(folded)
    places: Int64 = int64(positions)
    tables: Automaton = automaton_of(automaton)
    kinds: UInt8 = uint8(kind)
    rules: UInt8 = uint8(boundary)
    best: Int64Out = int64_out(scratch[0])
    matched: UInt64Out = uint64_out(scratch[1])
    candidates: CandidatesOut = candidates_out(out)
    with cython.nogil:
        written = match_into(
            source, length, places, count, cython.address(tables), kinds, rules, recognizers,
            best, matched, cython.address(candidates),
        )  # fmt: skip
    return written[0], written[1]


@cython.cfunc
@cython.nogil
def match_into(
    folded: UInt8,
    length: int64_t,
    positions: Int64,
    position_count: int64_t,
    automaton: cython.pointer[Automaton],
    kind: UInt8,
    boundary: UInt8,
    recognizers: cython.Py_ssize_t,
    best: Int64Out,
    matched_recognizers: UInt64Out,
    out: cython.pointer[CandidatesOut],
) -> tuple[int64_t, int64_t]:
    """Run the automaton from each position: one pass in one kernel."""
    table: cython.pointer[cython.const[uint16_t]] = automaton.table
    count: int64_t = 0
    capacity: int64_t = out.rows - recognizers
    position: int64_t  # next byte to read
    digits_end: int64_t  # end of the run of digits that starts here
    step: int64_t
    state: uint32_t
    next_state: uint32_t
    common_state: uint32_t
    matched: int64_t
    which: int64_t
    kind_before: cython.int
    kind_after: cython.int
    rule: cython.int
    touches_word: cython.bint
    single_match: cython.bint
    whole_word: cython.bint
    checks_neighbours: cython.bint
    for number in range(position_count):
        if count > capacity:
            return count, number
        at = positions[number]
        byte_before = folded[at - 1]
        kind_before = kind[byte_before]
        matched = 0
        limit = min(at + MAX_MATCH, length - 1)
        state = 1
        position = at
        last_kind = kind[folded[at]]
        digits_end = at
        if last_kind == KIND_DIGIT:
            step = 8
            while step == 8 and digits_end + 8 <= limit:
                step = _count_leading_digits(eight_bytes(folded + digits_end))
                digits_end += step
            while digits_end < limit and cython.cast(uint8_t, folded[digits_end] ^ 48) <= 9:
                digits_end += 1
            if (
                digits_end - at <= MAX_RUN
                and digits_end < limit
                and not automaton.number_may_match[(digits_end - at) << 8 | folded[digits_end]]
            ):
                continue  # the usual case in prose: no match begins with such a number
            # No match may end inside a run of digits, so read two digits a step, and up to eight
            # if the next state is the same for all digits (usual after the fourth).
            while position + 1 < digits_end and state != 0:
                if position == at + 4:
                    digit_count = min(digits_end - position, 8)
                    common_state = automaton.after_digits[state << 3 | (digit_count - 1)]
                    if common_state != 1:
                        state = common_state
                        position += digit_count
                        continue
                state = automaton.after_two_digits[
                    state << 8 | (folded[position] ^ 48) << 4 | (folded[position + 1] ^ 48)
                ]
                position += 2
        if position == at:
            state = table[256 | folded[at]]
            position += 1
        while state != 0 and position <= limit:
            byte = folded[position]
            kind_after = kind[byte]
            next_state = table[state << 8 | byte]
            if automaton.accepting[state] and not (
                kind_after == last_kind
                and (kind_after == KIND_DIGIT or kind_after == KIND_HAN_DIGIT)
            ):
                touches_word = kind_after == KIND_DIGIT or kind_after == KIND_LETTER
                single_match = (
                    matched == 0 and next_state == 0
                )  # neither a longer match nor a shorter one
                for index in range(automaton.accept_from[state], automaton.accept_from[state + 1]):
                    which = automaton.accepts[index]
                    rule = boundary[which]
                    if touches_word and (
                        2 <= rule <= 8 or (rule != 0 and last_kind == KIND_LETTER)
                    ):
                        continue
                    if rule >= 2:
                        whole_word = rule < 8 and rule != 5
                        if whole_word and (kind_before == KIND_DIGIT or kind_before == KIND_LETTER):
                            continue
                        if rule == 3 and byte_before in (46, 95, 37, 43):
                            continue  # . _ % + are part of the same mail address
                        checks_neighbours = rule == 4 or rule > 5
                        checks_neighbours &= rule != 9 or digits_end != position
                        if checks_neighbours and not fits_boundary(
                            folded, length, at, position, rule, kind
                        ):
                            continue
                    if single_match:
                        out.recognizer[count] = which
                        out.start[count] = at
                        out.end[count] = position
                        out.leading_digits[count] = min(digits_end - at, position - at, 255)
                        count += 1
                        continue
                    if best[which] == 0:
                        matched_recognizers[matched] = which
                        matched += 1
                    best[which] = position
            last_kind = kind_after
            state = next_state
            position += 1
        for index in range(matched):
            which = matched_recognizers[index]
            out.recognizer[count] = which
            out.start[count] = at
            out.end[count] = best[which]
            out.leading_digits[count] = min(digits_end - at, best[which] - at, 255)
            best[which] = 0
            count += 1
    return count, position_count


def merge(one: matcher.Candidates, two: matcher.Candidates, out: matcher.Candidates) -> None:
    """Merge two lists of candidates ordered by start into ``out``; the first list wins ties."""
    first: Candidates = candidates_of(one)
    second: Candidates = candidates_of(two)
    merged: CandidatesOut = candidates_out(out)
    with cython.nogil:
        merge_into(cython.address(first), cython.address(second), cython.address(merged))


@cython.cfunc
@cython.nogil
def merge_into(
    one: cython.pointer[Candidates],
    two: cython.pointer[Candidates],
    out: cython.pointer[CandidatesOut],
) -> cython.void:
    """Merge two lists of candidates; ``out`` has room for exactly both."""
    at: cython.Py_ssize_t
    row: cython.Py_ssize_t
    next_rows: cython.Py_ssize_t[2]
    source: cython.pointer[Candidates]
    next_rows[0] = next_rows[1] = 0
    for row in range(out.rows):
        if next_rows[1] == two.rows or (
            next_rows[0] < one.rows and one.start[next_rows[0]] <= two.start[next_rows[1]]
        ):
            source, at = one, next_rows[0]
            next_rows[0] += 1
        else:
            source, at = two, next_rows[1]
            next_rows[1] += 1
        out.recognizer[row] = source.recognizer[at]
        out.start[row] = source.start[at]
        out.end[row] = source.end[at]
        out.leading_digits[row] = source.leading_digits[at]


@cython.cfunc
@cython.nogil
def cells_into(
    folded: UInt8,
    begin: Int64,
    end: Int64,
    cells: cython.Py_ssize_t,
    automaton: cython.pointer[Automaton],
    enabled: Bool,
    out: cython.pointer[CandidatesOut],
) -> int64_t:
    """Run the automaton over each cell without its padding."""
    count: int64_t = 0
    index: int64_t
    state: uint32_t
    for cell in range(cells):
        at = begin[cell]
        last = end[cell]
        while at < last and _is_cell_padding(folded[at]):
            at += 1
        while at < last and _is_cell_padding(folded[last - 1]):
            last -= 1
        if at == last or last - at > _MAX_CELL_LENGTH:
            continue
        state = 1
        for position in range(at, last):
            if folded[position] != SKIP:
                state = automaton.table[state << 8 | folded[position]]
        for index in range(automaton.accept_from[state], automaton.accept_from[state + 1]):
            if enabled[automaton.accepts[index]]:
                out.recognizer[count] = automaton.accepts[index]
                out.start[count] = at
                out.end[count] = last
                count += 1
    return count


@cython.cfunc
@cython.nogil
def _is_cell_padding(byte: uint8_t) -> cython.bint:
    """Return True for a blank, tab, quote or ``=``, which spreadsheets put around a cell."""
    return byte == 32 or byte == 9 or byte == 34 or byte == 39 or byte == 61


@cython.cfunc
@cython.nogil
def write_offsets(
    texts: cython.pointer[FoldedTexts],
    span_start: Int64,
    span_end: Int64,
    count: cython.Py_ssize_t,
    out: cython.pointer[OffsetsOut],
) -> cython.void:
    """Write text number, code point span and byte span of each folded span to the outputs."""
    text: int64_t = 0
    position: int64_t = texts.starts[0]
    at: int64_t = texts.offsets[0]
    last_end: int64_t = position  # folded end of the last span, and its byte offset
    last_end_byte: int64_t = at
    for index in range(count):
        target = span_start[index]
        if target >= texts.starts[text + 1]:
            text = text_at(texts.starts, texts.texts, text, target)
            last_end = position = texts.starts[text]
            at = texts.offsets[text]
        if position < last_end <= target:  # continue from the last span if it is nearer
            at = last_end_byte
            position = last_end
        at = byte_at(texts, text, target, position, at)
        position = target
        last_end = span_end[index]
        last_end_byte = byte_at(texts, text, last_end, position, at)
        out.text[index] = text
        out.text_byte[index] = texts.offsets[text]
        out.start[index] = cython.cast(cython.int, target - texts.starts[text])
        out.end[index] = cython.cast(cython.int, last_end - texts.starts[text])
        out.byte_start[index] = at
        out.byte_end[index] = last_end_byte


@cython.cfunc
@cython.nogil
def text_at(starts: Int64, texts: int64_t, text: int64_t, position: int64_t) -> int64_t:
    """Return the number of the text, after number ``text``, that contains folded ``position``.

    The search doubles its step, because the next candidate is rarely far away.
    """
    low: int64_t = text + 1
    last: int64_t = texts - 1
    step: int64_t = 1
    while low + step <= last and starts[low + step] <= position:
        low += step
        step *= 2
    high = min(low + step, last)
    while low < high:
        middle = (low + high + 1) // 2
        if starts[middle] <= position:
            low = middle
        else:
            high = middle - 1
    return low


@cython.cfunc
@cython.nogil
def byte_at(
    texts: cython.pointer[FoldedTexts],
    text: int64_t,
    target: int64_t,
    known_position: int64_t,
    known_byte: int64_t,
) -> int64_t:
    """Return the byte offset of folded position ``target`` in ``text``.

    ``known_byte``: byte offset of the earlier folded position ``known_position`` in the same text.
    """
    end: int64_t = texts.offsets[text + 1]
    remaining: int64_t = texts.starts[text + 1] - 1 - target
    if remaining <= texts.ascii_tail[text]:  # only ASCII from there on
        return end - remaining
    if target > known_position:
        return skip_code_points(texts.data, known_byte, end, target - known_position)
    return known_byte


def find_folded_positions(
    texts: offsets.FoldedTexts, text: arrays.Int64, byte: arrays.Int64, folded: arrays.Int64
) -> None:
    """Write the folded position of ``byte[i]`` of text ``text[i]`` to ``folded[i]``.

    Write -1 within a character. ``text`` and the bytes of each text are in order.
    """
    source: FoldedTexts = folded_texts_of(texts)
    rows: cython.Py_ssize_t = len(byte)
    numbers: Int64 = int64(text)
    bytes_: Int64 = int64(byte)
    out: Int64Out = int64_out(folded)
    number: int64_t = -1
    at: int64_t = 0
    position: int64_t = 0
    with cython.nogil:
        for row in range(rows):
            if numbers[row] != number:
                number = numbers[row]
                at, position = source.offsets[number], source.starts[number]
            target, limit = source.offsets[number] + bytes_[row], source.offsets[number + 1]
            while at < target:
                at = skip_code_points(source.data, at, limit, 1)
                position += 1
            out[row] = position if at == target else -1


def find_plain(
    data: arrays.UInt8,
    start: arrays.Int64,
    end: arrays.Int64,
    ascii_too: arrays.Bool,
    plain: arrays.Bool,
) -> None:
    """Write to ``plain[i]`` if span i has only three-byte characters of lead 0xE4 to 0xE9.

    If ``ascii_too[i]``, it may have printable ASCII too.
    """
    rows: cython.Py_ssize_t = len(start)
    source: UInt8 = uint8(data)
    starts: Int64 = int64(start)
    ends: Int64 = int64(end)
    with_ascii: Bool = boolean(ascii_too)
    out: BoolOut = boolean_out(plain)
    with cython.nogil:
        for row in range(rows):
            at = starts[row]
            while at < ends[row]:
                if 0xE4 <= source[at] <= 0xE9:
                    at += 3
                elif with_ascii[row] and 0x21 <= source[at] <= 0x7E:
                    at += 1
                else:
                    break
            out[row] = at >= ends[row]
