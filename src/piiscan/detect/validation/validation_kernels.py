# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of validation: judge values in place, copy the others to matrices, find joined numbers.

43010419050615001X in a text -> judged where it is; 430104-19050615-001x -> value matrix
"""

from typing import TYPE_CHECKING

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint64_t
from cython.cimports.libc.string import memmove, memset
from cython.cimports.piiscan.detect.arithmetic.digit_kernels import are_digits, is_digit
from cython.cimports.piiscan.detect.checks import HIGH
from cython.cimports.piiscan.detect.validation.value_matrix import *
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

if TYPE_CHECKING:
    from piiscan.detect.matching import matcher
    from piiscan.detect.validation import value_matrix

#: Rows to prefetch the text ahead; the spans themselves are prefetched twice as far ahead.
_PREFETCH_ROWS = cython.declare(cython.Py_ssize_t, 8)


@cython.cfunc
@cython.nogil
def judgements_into(
    source: UInt8,
    found: cython.pointer[Candidates],
    checks: cython.pointer[SingleChecks],
    as_of: int64_t,
    tables: cython.pointer[CheckTables],
    out: cython.pointer[JudgementOut],
    texts: BoolOut,
    same: BoolOut,
    others: Int64Out,
) -> int64_t:
    """Judge the values that are equal to their spans; return the number of the others."""
    other_count: int64_t = 0
    which: int64_t
    for row in range(found.rows):
        which = found.recognizer[row]
        value = source + found.start[row]
        length = found.end[row] - found.start[row]
        outcome = outcome_of(UNDECIDED, 0, 0)
        if checks.check_number[which] != PYTHON_CHECK and length <= checks.max_length[which]:
            kept = min(found.leading_digits[row], length)
            while kept < length and checks.keeps_byte[which << 8 | value[kept]]:
                kept += 1
            if kept == length:
                outcome = judge(checks.check_number[which], value, length, as_of, tables)
        same[row] = outcome.verdict != UNDECIDED
        texts[row] = False
        if outcome.verdict == UNDECIDED:
            texts[row] = checks.is_text[which]
            if not texts[row]:
                others[other_count] = row
                other_count += 1
            outcome.verdict = PLAUSIBLE
        put_outcome(outcome, out, row)
    return other_count


def keep_slice(
    chars: arrays.UInt8, length: arrays.Int32, first_kept: arrays.Int32, max_length: int64_t
) -> None:
    """Cut values longer than ``max_length`` to a slice from ``first_kept[i]``, in place.

    Row i becomes the ``max_length`` characters from ``first_kept[i]``.
    """
    rows: cython.Py_ssize_t
    row: cython.Py_ssize_t
    width: int64_t
    rows, width = chars.shape
    index: int64_t
    values: UInt8Out = uint8_out(chars)
    lengths: Int32Out = int32_out(length)
    first: Int32 = int32(first_kept)
    value: UInt8Out
    with cython.nogil:
        for row in range(rows):
            if lengths[row] <= max_length:
                continue
            value = values + row * width
            for index in range(width):
                value[index] = value[first[row] + index] if index < max_length else 0
            lengths[row] = cython.cast(cython.int, max_length)


def lay_out(
    rows: arrays.Int64,
    candidates: matcher.Candidates,
    slots: value_matrix.Slots,
    first: arrays.Int64,
    end: arrays.Int64,
) -> int:
    """Lay out one matrix per recognizer as wide as its longest span; return the bytes of all.

    ``slots``: next free entry and byte of each recognizer, and the width of its matrix, which is 0
    before. ``first``, ``end``: outputs, the first byte of each matrix and the end of its rows.
    """
    count: cython.Py_ssize_t = len(rows)
    recognizers: cython.Py_ssize_t = len(end)
    places: Int64 = int64(rows)
    found: Candidates = candidates_of(candidates)
    free: SlotsOut = slots_out(slots)
    first_byte: Int64Out = int64_out(first)
    row_end: Int64Out = int64_out(end)
    entry: int64_t = 0
    size: int64_t = 0
    with cython.nogil:
        for at in range(count):
            row = places[at]
            which = found.recognizer[row]
            row_end[which] += 1
            free.width[which] = max(free.width[which], found.end[row] - found.start[row])
        for which in range(recognizers):
            free.width[which] = (free.width[which] + 7) // 8 * 8
            free.next_entry[which] = entry
            free.next_byte[which] = first_byte[which] = size
            size += row_end[which] * free.width[which]
            entry += row_end[which]
            row_end[which] = entry
    return size


def gather(
    folded: arrays.UInt8,
    rows: arrays.Int64,
    candidates: matcher.Candidates,
    value_chars: arrays.UInt8,
    slots: value_matrix.Slots,
    gathered: value_matrix.Gathered,
    unchanged: arrays.Bool,
) -> None:
    """Sort rows by recognizer, copy their value characters to the matrices, set ``unchanged``.

    ``slots``, from :func:`lay_out`, is used up. ``gathered``: outputs, rows in order, lengths of
    their values, and the bytes of all matrices.
    """
    count: cython.Py_ssize_t = len(rows)
    text: UInt8 = uint8(folded)
    places: Int64 = int64(rows)
    found: Candidates = candidates_of(candidates)
    chars_of_byte: UInt8 = uint8(value_chars)
    free: SlotsOut = slots_out(slots)
    made: GatheredOut = gathered_out(gathered)
    same: BoolOut = boolean_out(unchanged)
    row: int64_t
    which: int64_t
    entry: int64_t
    first: int64_t
    place: int64_t
    position: int64_t
    char: uint8_t
    is_unchanged: cython.bint
    with cython.nogil:
        for at in range(count):
            if at + 2 * _PREFETCH_ROWS < count:
                row = places[at + 2 * _PREFETCH_ROWS]
                prefetch(found.recognizer + row)
                prefetch(found.start + row)
                prefetch(found.end + row)
                prefetch(same + row)
                prefetch(text + found.start[places[at + _PREFETCH_ROWS]])
            row = places[at]
            which = found.recognizer[row]
            entry = free.next_entry[which]
            free.next_entry[which] += 1
            made.order[entry] = row
            first = place = free.next_byte[which]
            free.next_byte[which] += free.width[which]
            chars = chars_of_byte + (which << 8)
            is_unchanged = True
            for position in range(found.start[row], found.end[row]):
                char = chars[text[position]]
                made.data[place] = char
                place += char != 0
                is_unchanged &= char == text[position]
            same[row] = is_unchanged
            made.length[entry] = cython.cast(cython.int, place - first)
            memset(made.data + place, 0, first + free.width[which] - place)


def locate_values(
    rows: arrays.Int64,
    length: arrays.Int32,
    ends: arrays.Int64,
    first: arrays.Int64,
    width: arrays.Int64,
    start: arrays.Int64,
    end: arrays.Int64,
) -> None:
    """Fill ``start`` and ``end`` of every row's value from the first bytes and widths."""
    recognizers: cython.Py_ssize_t = len(ends)
    places: Int64 = int64(rows)
    lengths: Int32 = int32(length)
    row_end: Int64 = int64(ends)
    first_byte: Int64 = int64(first)
    widths: Int64 = int64(width)
    value_start: Int64Out = int64_out(start)
    value_end: Int64Out = int64_out(end)
    entry: int64_t = 0
    with cython.nogil:
        for which in range(recognizers):
            begin = first_byte[which]
            while entry < row_end[which]:
                value_start[places[entry]] = begin
                value_end[places[entry]] = begin + lengths[entry]
                begin += widths[which]
                entry += 1


@cython.cfunc
@cython.nogil
def _checksum(data: UInt8, start: int64_t, end: int64_t) -> int64_t:
    """Return the checksum of a text; see :func:`checksum`."""
    total: uint64_t = 0
    prime: uint64_t = 0x100000001B3
    byte: uint64_t
    for at in range(start, end):
        byte = data[at]
        if byte not in (9, 32, 0x80, 0xA0, 0xC2, 0xE3):
            total = (total ^ byte) * prime
    return cython.cast(int64_t, total >> 40 & 0xFFFF)


def checksum(data: arrays.UInt8, start: int64_t, end: int64_t) -> int:
    """Return a 16-bit checksum of a text without blanks (Fowler, Noll and Vo's FNV-1a)."""
    source: UInt8 = uint8(data)
    return _checksum(source, start, end)


@cython.cfunc
@cython.nogil
def write_listed(
    data: UInt8,
    recognizer: Int16,
    byte_start: Int64,
    byte_end: Int64,
    count: cython.Py_ssize_t,
    checksums: cython.pointer[Checksums],
    rows: Int64Out,
) -> int64_t:
    """Write the candidates with a checksum of their allow list to ``rows``; return their number."""
    written: int64_t = 0
    for row in range(count):
        listed = checksums.row[recognizer[row]]
        if (
            listed >= 0
            and checksums.known[listed << 16 | _checksum(data, byte_start[row], byte_end[row])]
        ):
            rows[written] = row
            written += 1
    return written


@cython.cfunc
@cython.nogil
def make_value(
    folded: UInt8, start: int64_t, end: int64_t, rule: cython.pointer[ValueRule], out: UInt8Out
) -> int64_t:
    """Write the value of a folded span to ``out`` and return its length.

    ``out`` has room for the span. ``430104-19050615-001x -> 43010419050615001X``
    """
    length: int64_t = 0
    for at in range(start, end):
        char = rule.chars[folded[at]]
        if char != 0:
            out[length] = char
            length += 1
    if rule.first and length > rule.first:
        return rule.first
    if rule.last and length > rule.last:
        memmove(out, out + length - rule.last, rule.last)
        return rule.last
    return length


@cython.cfunc
@cython.nogil
def _are_two(
    text: UInt8,
    part: Int64,
    numbers: cython.pointer[JoinedNumbers],
    as_of: int64_t,
    tables: cython.pointer[CheckTables],
) -> cython.bint:
    """Return True if the checks of both parts of a pair accept the numbers that begin at ``text``.

    One number must be verified, and neither may be of a low level. ``part``: recognizer and length
    of each.
    """
    value: uint8_t[64]
    chars: UInt8
    which: cython.int
    place: int64_t
    verified: cython.bint = False
    for which in range(2):
        chars = numbers.value_chars + (part[2 * which] << 8)
        for place in range(part[2 * which + 1]):
            value[place] = chars[text[place]]
            if value[place] == 0:
                return False
        outcome = judge(
            numbers.check_number[part[2 * which]], value, part[2 * which + 1], as_of, tables
        )
        if outcome.verdict == UNDECIDED or outcome.verdict == REFUTED:
            return False
        if outcome.strength != 0 and outcome.strength != HIGH:
            return False
        verified |= outcome.verdict == VERIFIED
        text += part[2 * which + 1]
    return verified


@cython.cfunc
@cython.nogil
def split_run(
    text: UInt8,
    length: int64_t,
    numbers: cython.pointer[JoinedNumbers],
    as_of: int64_t,
    tables: cython.pointer[CheckTables],
) -> int64_t:
    """Return the only pair whose checks accept the run of ``length`` characters at ``text``, or -1.

    43010419050615001613800138001 -> identity number and mobile number
    """
    found: int64_t = -1
    pair: int64_t
    for pair in range(numbers.rows):
        part = numbers.parts + 4 * pair
        if part[1] + part[3] == length and _are_two(text, part, numbers, as_of, tables):
            if found >= 0:
                return -1
            found = pair
    return found


@cython.cfunc
@cython.nogil
def run_length(
    text: UInt8, length: int64_t, at: int64_t, numbers: cython.pointer[JoinedNumbers]
) -> int64_t:
    """Return the length of the run that can be two numbers from ``at`` on, 0 for none.

    The first 16 characters of a run are digits, at most one X follows, and no letter touches it.
    """
    kinds: UInt8 = numbers.kind
    end: int64_t = at + 16
    letter: cython.bint = False
    if (
        not is_digit(text[at])
        or end >= length
        or not are_digits(eight_bytes(text + at))
        or not are_digits(eight_bytes(text + at + 8))
        or kinds[text[at - 1]] == KIND_LETTER
    ):
        return 0
    while end - at <= MAX_JOINED and (
        kinds[text[end]] == KIND_DIGIT or (not letter and text[end] | 32 == 120)
    ):
        letter |= kinds[text[end]] == KIND_LETTER
        end += 1
    if end - at > MAX_JOINED or not numbers.wanted[end - at] or kinds[text[end]] == KIND_LETTER:
        return 0
    return end - at


@cython.cfunc
@cython.nogil
def joined_into(
    source: UInt8,
    length: int64_t,
    places: Int64,
    count: cython.Py_ssize_t,
    numbers: cython.pointer[JoinedNumbers],
    as_of: int64_t,
    tables: cython.pointer[CheckTables],
    found: cython.pointer[CandidatesOut],
) -> int64_t:
    """Split the run at each place that is two numbers; return the number of candidates."""
    which: cython.int
    written: int64_t = 0
    for row in range(count):
        at = places[row]
        size = run_length(source, length, at, numbers)
        if size == 0:
            continue
        pair = split_run(source + at, size, numbers, as_of, tables)
        if pair < 0:
            continue
        part = numbers.parts + 4 * pair
        for which in range(2):
            if written < found.rows:
                found.recognizer[written] = part[2 * which]
                found.start[written] = at
                found.end[written] = at + part[2 * which + 1]
                found.leading_digits[written] = 0
            at += part[2 * which + 1]
            written += 1
    return written
