"""Rule of a canonical value, and the kernel functions of validation that later stages call."""

from libc.stdint cimport int64_t

from piiscan.detect.checks.check_kernels cimport *
from piiscan.detect.matching.match_kernels cimport *
from piiscan.detect.validation.allow_list cimport *
from piiscan.detect.validation.joined_numbers cimport *
from piiscan.detect.validation.validation_tables cimport *


cdef struct ValueRule:  # rule of the canonical value of a recognizer
    UInt8 chars  # character of each folded byte, 0 to drop it: a row of ``value_chars``
    int64_t first  # characters kept from the start, 0 for all
    int64_t last  # characters kept from the end, 0 for all


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
