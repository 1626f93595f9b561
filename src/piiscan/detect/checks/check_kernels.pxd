"""Structs and helpers of checks, shared by the kernels of all stages of detection.

A value is a pointer to ``length`` ASCII characters; nothing is read behind them.
"""

from libc.stdint cimport int64_t, uint8_t

from piiscan.data cimport TLD_WIDTH
from piiscan.detect.checks cimport (
    Judgement, JudgementOut, PLAUSIBLE, REFUTED, VERIFIED, judgement_of, judgement_out,
)
from piiscan.detect.checks.check_numbers cimport *
from piiscan.detect.checks.check_tables cimport *


cdef struct Values:  # rows of a matrix of canonical values, uint8[k, w], and their lengths
    Py_ssize_t rows
    int64_t width
    UInt8 chars
    Int32 length


cdef struct Outcome:  # judgement of one value
    int verdict
    int reason
    int strength


cdef inline Values values_of(object chars, object length) except *:
    """Return the pointers of a matrix of values and of their lengths."""
    cdef Values view
    view.rows, view.width = chars.shape
    view.chars, view.length = uint8(chars), int32(length)
    return view


cdef inline Outcome outcome_of(int verdict, int reason, int strength) noexcept nogil:
    """Return the outcome of the check of one value."""
    cdef Outcome outcome
    outcome.verdict, outcome.reason, outcome.strength = verdict, reason, strength
    return outcome


cdef inline void put_outcome(Outcome outcome, JudgementOut* out, Py_ssize_t row) noexcept nogil:
    """Write the outcome of the check of one value to ``row`` of ``out``."""
    out.verdict[row], out.reason[row] = outcome.verdict, outcome.reason
    out.strength[row] = outcome.strength


cdef inline Outcome refuted(int reason) noexcept nogil:
    """Return the outcome REFUTED with a reason code."""
    return outcome_of(REFUTED, reason, 0)


cdef inline Outcome plausible() noexcept nogil:
    """Return the outcome PLAUSIBLE without a reason."""
    return outcome_of(PLAUSIBLE, 0, 0)


cdef inline Outcome verified() noexcept nogil:
    """Return the outcome VERIFIED without a reason."""
    return outcome_of(VERIFIED, 0, 0)


cdef inline uint8_t char_at(UInt8 value, int64_t length, int64_t place) noexcept nogil:
    """Return the character at ``place`` of a value, 0 behind it."""
    return value[place] if place < length else 0


cdef inline uint8_t lower(uint8_t byte) noexcept nogil:
    """Return an ASCII letter as a small letter, other characters as they are."""
    return byte + 32 if 65 <= byte <= 90 else byte


cdef inline bint is_letter(uint8_t byte) noexcept nogil:
    """Return True if ``byte`` is an ASCII letter."""
    return 97 <= (byte | 32) <= 122


cdef inline bint has_char(UInt8 value, int64_t length, uint8_t byte) noexcept nogil:
    """Return True if the character ``byte`` is in a value."""
    cdef int64_t place
    for place in range(length):
        if value[place] == byte:
            return True
    return False


cdef inline bint is_word(
    UInt8 value, int64_t first, int64_t last, Words* words
) noexcept nogil:
    """Return True if characters [``first``, ``last``) are one of ``words``, by bisection.

    Capitals count as small letters.
    """
    cdef int64_t low = 0
    cdef int64_t high = words.rows
    cdef int64_t middle, place
    cdef UInt8 listed
    cdef int order
    if last - first > TLD_WIDTH:
        return False
    while low < high:
        middle = (low + high) // 2
        listed = words.names + middle * TLD_WIDTH
        order = 0
        place = 0
        while place < TLD_WIDTH and order == 0:
            order = (lower(value[first + place]) if first + place < last else 0) - listed[place]
            place += 1
        if order == 0:
            return True
        if order < 0:
            high = middle
        else:
            low = middle + 1
    return False


cdef CheckTables* check_tables() except *  # loaded at first use, never freed; with the GIL
cdef Outcome judge(
    int number, UInt8 value, int64_t length, int64_t as_of, CheckTables* tables
) noexcept nogil  # UNDECIDED: ask the check function of the module
cpdef bint makes_canonical(int number) noexcept nogil  # True if the check has a canonical form
cdef int64_t write_canonical(
    int number, UInt8 value, int64_t length, UInt8Out out
) noexcept nogil  # ``out``: room for length + CANONICAL_ROOM bytes; -1: ask the module
