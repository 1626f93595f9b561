"""Kernels of validation: judge values in place, copy the others to matrices, find joined numbers.

43010419050615001X in a text -> judged where it is; 430104-19050615-001x -> value matrix
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t
from cython.cimports.libc.string import memset
from cython.cimports.piiscan.detect.arithmetic.digit_kernels import are_digits, is_digit
from cython.cimports.piiscan.detect.checks.check_kernels import (
    UNDECIDED,
    JudgementOut,
    Outcome,
    SingleChecks,
    judge_single,
    judgement_out,
    outcome_of,
    put_outcome,
    single_checks_of,
)
from cython.cimports.piiscan.detect.matching.match_kernels import (
    KIND_DIGIT,
    KIND_LETTER,
    Candidates,
    candidates_of,
)
from cython.cimports.piiscan.detect.validation.validation_kernels import Checksums, checksums_of
from cython.cimports.piiscan.kernel_arrays import (
    Bool,
    BoolOut,
    Int16,
    Int32,
    Int32Out,
    Int64,
    Int64Out,
    UInt8,
    UInt8Out,
    boolean,
    boolean_out,
    eight_bytes,
    int16,
    int32,
    int32_out,
    int64,
    int64_out,
    prefetch,
    uint8,
    uint8_out,
)

from piiscan.detect.checks import Verdict

#: Longest run that can be two numbers, in characters.
MAX_RUN = 63
_MAX_RUN = cython.declare(int64_t, MAX_RUN)
_PLAUSIBLE = cython.declare(cython.int, Verdict.PLAUSIBLE)
#: Rows to prefetch the text ahead; the spans themselves are prefetched twice as far ahead.
_PREFETCH_ROWS = cython.declare(cython.Py_ssize_t, 8)


def judge_in_place(
    folded: object,
    candidates: object,
    single_checks: object,
    as_of: int64_t,
    judged: object,
    is_text: object,
    unchanged: object,
    other_rows: object,
) -> int:
    """Judge candidates of digits (or a last letter) in place; write the others to ``other_rows``.

    Args:
        folded: folded text
        candidates, single_checks: the candidates, and the checks that can judge them in place
        as_of: latest date of birth, yyyymmdd
        judged: output, PLAUSIBLE for rows that are not judged here
        is_text, unchanged: outputs, as in :class:`CanonicalValues`
        other_rows: output, rows to judge by their check module; their number is returned
    """
    source: UInt8 = uint8(folded)
    found: Candidates = candidates_of(candidates)
    checks: SingleChecks = single_checks_of(single_checks)
    out: JudgementOut = judgement_out(judged)
    texts: BoolOut = boolean_out(is_text)
    same: BoolOut = boolean_out(unchanged)
    others: Int64Out = int64_out(other_rows)
    other_count: int64_t
    with cython.nogil:
        other_count = judgements_into(
            source, cython.address(found), cython.address(checks), as_of, cython.address(out),
            texts, same, others,
        )  # fmt: skip
    return other_count


@cython.cfunc
@cython.nogil
def judgements_into(
    source: UInt8,
    found: cython.pointer[Candidates],
    checks: cython.pointer[SingleChecks],
    as_of: int64_t,
    out: cython.pointer[JudgementOut],
    texts: BoolOut,
    same: BoolOut,
    others: Int64Out,
) -> int64_t:
    """Judge the values that are equal to their spans; return the number of the others."""
    other_count: int64_t = 0
    row: cython.Py_ssize_t
    which: int64_t
    length: int64_t
    value: UInt8
    outcome: Outcome
    for row in range(found.rows):
        which = found.recognizer[row]
        value = source + found.start[row]
        length = found.end[row] - found.start[row]
        outcome = outcome_of(UNDECIDED, 0, 0)
        if (
            checks.check_number[which]
            and found.leading_digits[row] + 1 >= length
            and length <= checks.max_length[which]
            and (
                found.leading_digits[row] == length
                or checks.keeps_byte[which << 8 | value[length - 1]]
            )
        ):
            outcome = judge_single(checks.check_number[which], value, length, checks, as_of)
        same[row] = outcome.verdict != UNDECIDED
        texts[row] = False
        if outcome.verdict == UNDECIDED:
            texts[row] = checks.is_text[which]
            if not texts[row]:
                others[other_count] = row
                other_count += 1
            outcome.verdict = _PLAUSIBLE
        put_outcome(outcome, out, row)
    return other_count


def keep_slice(chars: object, length: object, first_kept: object, max_length: int64_t) -> None:
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


def lay_out(rows: object, candidates: object, slots: object, first: object, end: object) -> int:
    """Lay out one matrix per recognizer as wide as its longest span; return the bytes of all.

    ``slots``: next free entry and byte of each recognizer, and the width of its matrix, which is 0
    before. ``first``, ``end``: outputs, the first byte of each matrix and the end of its rows.
    """
    count: cython.Py_ssize_t = len(rows)
    at: cython.Py_ssize_t
    recognizers: cython.Py_ssize_t = len(end)
    which: cython.Py_ssize_t
    places: Int64 = int64(rows)
    found: Candidates = candidates_of(candidates)
    next_entry: Int64Out = int64_out(slots[0])
    next_byte: Int64Out = int64_out(slots[1])
    width: Int64Out = int64_out(slots[2])
    first_byte: Int64Out = int64_out(first)
    row_end: Int64Out = int64_out(end)
    row: int64_t
    entry: int64_t = 0
    size: int64_t = 0
    with cython.nogil:
        for at in range(count):
            row = places[at]
            which = found.recognizer[row]
            row_end[which] += 1
            width[which] = max(width[which], found.end[row] - found.start[row])
        for which in range(recognizers):
            width[which] = (width[which] + 7) // 8 * 8
            next_entry[which] = entry
            next_byte[which] = first_byte[which] = size
            size += row_end[which] * width[which]
            entry += row_end[which]
            row_end[which] = entry
    return size


def gather(
    folded: object,
    rows: object,
    candidates: object,
    value_chars: object,
    slots: object,
    gathered: object,
    unchanged: object,
) -> None:
    """Sort rows by recognizer, copy their value characters to the matrices, set ``unchanged``.

    ``slots``, from :func:`lay_out`, is used up. ``gathered``: outputs, rows in order, lengths of
    their values, and the bytes of all matrices.
    """
    count: cython.Py_ssize_t = len(rows)
    at: cython.Py_ssize_t
    text: UInt8 = uint8(folded)
    places: Int64 = int64(rows)
    found: Candidates = candidates_of(candidates)
    chars_of_byte: UInt8 = uint8(value_chars)
    next_entry: Int64Out = int64_out(slots[0])
    next_byte: Int64Out = int64_out(slots[1])
    width: Int64 = int64(slots[2])
    order: Int64Out = int64_out(gathered[0])
    length: Int32Out = int32_out(gathered[1])
    data: UInt8Out = uint8_out(gathered[2])
    same: BoolOut = boolean_out(unchanged)
    chars: UInt8
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
            entry = next_entry[which]
            next_entry[which] += 1
            order[entry] = row
            first = place = next_byte[which]
            next_byte[which] += width[which]
            chars = chars_of_byte + (which << 8)
            is_unchanged = True
            for position in range(found.start[row], found.end[row]):
                char = chars[text[position]]
                data[place] = char
                place += char != 0
                is_unchanged &= char == text[position]
            same[row] = is_unchanged
            length[entry] = cython.cast(cython.int, place - first)
            memset(data + place, 0, first + width[which] - place)


def locate_values(
    rows: object,
    length: object,
    ends: object,
    first: object,
    width: object,
    start: object,
    end: object,
) -> None:
    """Fill ``start`` and ``end`` of every row's value from the first bytes and widths."""
    recognizers: cython.Py_ssize_t = len(ends)
    which: cython.Py_ssize_t
    places: Int64 = int64(rows)
    lengths: Int32 = int32(length)
    row_end: Int64 = int64(ends)
    first_byte: Int64 = int64(first)
    widths: Int64 = int64(width)
    value_start: Int64Out = int64_out(start)
    value_end: Int64Out = int64_out(end)
    entry: int64_t = 0
    begin: int64_t
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
    total: int64_t = 0
    at: int64_t
    byte: int64_t
    for at in range(start, end):
        byte = data[at]
        if byte not in (9, 32, 0x80, 0xA0, 0xC2, 0xE3):
            total += byte * byte
    return total & 0xFFFF


def checksum(data: object, start: int64_t, end: int64_t) -> int:
    """Return a 16-bit checksum of a text: the sum of its squared bytes, without blanks."""
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
    row: cython.Py_ssize_t
    listed: int64_t
    for row in range(count):
        listed = checksums.row[recognizer[row]]
        if (
            listed >= 0
            and checksums.known[listed << 16 | _checksum(data, byte_start[row], byte_end[row])]
        ):
            rows[written] = row
            written += 1
    return written


def find_listed(
    data: object, recognizer: object, located: object, checksums: object, rows: object
) -> int:
    """Write the candidates with a checksum of their allow list to ``rows``; return their number.

    ``located``: offsets of the candidates.
    """
    count: cython.Py_ssize_t = len(recognizer)
    source: UInt8 = uint8(data)
    which: Int16 = int16(recognizer)
    starts: Int64 = int64(located[4])
    ends: Int64 = int64(located[5])
    lists: Checksums = checksums_of(checksums)
    out: Int64Out = int64_out(rows)
    found: int64_t
    with cython.nogil:
        found = write_listed(source, which, starts, ends, count, cython.address(lists), out)
    return found


def find_runs(text: object, starts: object, wanted: object, kind: object, out: object) -> int:
    """Write the runs of a ``wanted`` length that begin at ``starts``, until ``out`` is full.

    Return the number of runs, also of those that were not written.  The first 16 characters of a
    run are digits, at most one X follows, and no letter touches it.
    """
    source: UInt8 = uint8(text)
    length: int64_t = len(text)
    count: cython.Py_ssize_t = len(starts)
    places: Int64 = int64(starts)
    lengths: Bool = boolean(wanted)
    kinds: UInt8 = uint8(kind)
    capacity: int64_t = len(out[0])
    run_start: Int64Out = int64_out(out[0])
    run_length: Int64Out = int64_out(out[1])
    found: int64_t
    with cython.nogil:
        found = runs_into(
            source, length, places, count, lengths, kinds, capacity, run_start, run_length
        )
    return found


@cython.cfunc
@cython.nogil
def runs_into(
    source: UInt8,
    length: int64_t,
    places: Int64,
    count: cython.Py_ssize_t,
    lengths: Bool,
    kinds: UInt8,
    capacity: int64_t,
    run_start: Int64Out,
    run_length: Int64Out,
) -> int64_t:
    """Read a run from each place; return the number of those of a wanted length."""
    row: cython.Py_ssize_t
    found: int64_t = 0
    at: int64_t
    end: int64_t
    letter: cython.bint
    for row in range(count):
        at = places[row]
        if (
            not is_digit(source[at])
            or at + 16 >= length
            or not are_digits(eight_bytes(source + at))
            or not are_digits(eight_bytes(source + at + 8))
            or kinds[source[at - 1]] == KIND_LETTER
        ):
            continue
        letter = False
        end = at + 16
        while end - at <= _MAX_RUN and (
            kinds[source[end]] == KIND_DIGIT or (not letter and source[end] | 32 == 120)
        ):
            letter |= kinds[source[end]] == KIND_LETTER
            end += 1
        if end - at <= _MAX_RUN and lengths[end - at] and kinds[source[end]] != KIND_LETTER:
            if found < capacity:
                run_start[found] = at
                run_length[found] = end - at
            found += 1
    return found
