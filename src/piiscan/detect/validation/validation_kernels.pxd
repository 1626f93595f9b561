"""Structs of validation that the kernels of later stages share: values, pairs, allow lists."""

from libc.stdint cimport int64_t

from piiscan.detect.checks.check_kernels cimport CheckTables, JudgementOut, SingleChecks
from piiscan.detect.matching.match_kernels cimport Candidates, CandidatesOut
from piiscan.kernel_arrays cimport (
    Bool, BoolOut, Int16, Int64, Int64Out, UInt8, UInt8Out, boolean, int64, uint8,
)


cdef struct Checksums:  # piiscan.detect.validation.allow_list.Checksums
    Int64 row
    Bool known


cdef struct ValueRule:  # rule of the canonical value of a recognizer
    UInt8 chars  # character of each folded byte, 0 to drop it: a row of ``value_chars``
    int64_t first  # characters kept from the start, 0 for all
    int64_t last  # characters kept from the end, 0 for all


cdef struct JoinedNumbers:  # piiscan.detect.validation.joined_numbers.JoinedNumbers
    int64_t count
    Int64 parts  # two recognizers and lengths of each pair
    Bool wanted
    UInt8 kind
    UInt8 check_number
    UInt8 value_chars  # 256 bytes a recognizer


cdef inline JoinedNumbers joined_numbers_of(object joined, object value_chars) except *:
    """Return the pointers of the pairs of numbers that are found in one run of digits."""
    cdef JoinedNumbers view
    view.count, view.parts = len(joined.parts), int64(joined.parts)
    view.wanted, view.kind = boolean(joined.wanted), uint8(joined.kind)
    view.check_number, view.value_chars = uint8(joined.check_number), uint8(value_chars)
    return view


cdef inline Checksums checksums_of(object arrays) except *:
    """Return the pointers of the checksums of allow lists."""
    cdef Checksums view
    view.row, view.known = int64(arrays[0]), boolean(arrays[1])
    return view


cdef int64_t write_listed(
    UInt8 data,
    Int16 recognizer,
    Int64 byte_start,
    Int64 byte_end,
    Py_ssize_t count,
    Checksums* checksums,
    Int64Out rows,
) noexcept nogil
cdef int64_t make_value(
    UInt8 folded, int64_t start, int64_t end, ValueRule* rule, UInt8Out out
) noexcept nogil
cdef int64_t run_length(
    UInt8 text, int64_t length, int64_t at, JoinedNumbers* numbers
) noexcept nogil
cdef int64_t split_run(
    UInt8 text, int64_t length, JoinedNumbers* numbers, int64_t as_of, CheckTables* tables
) noexcept nogil
cdef int64_t judgements_into(
    UInt8 source, Candidates* found, SingleChecks* checks, int64_t as_of, CheckTables* tables,
    JudgementOut* out, BoolOut texts, BoolOut same, Int64Out others,
) noexcept nogil
cdef int64_t joined_into(
    UInt8 source, int64_t length, Int64 places, Py_ssize_t count, JoinedNumbers* numbers,
    int64_t as_of, CheckTables* tables, CandidatesOut* found,
) noexcept nogil
