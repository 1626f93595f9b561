"""Struct of validation that the kernels of later stages share: checksums of allow lists."""

from libc.stdint cimport int64_t

from piiscan.detect.checks.check_kernels cimport JudgementOut, SingleChecks
from piiscan.detect.matching.match_kernels cimport Candidates
from piiscan.kernel_arrays cimport (
    Bool, BoolOut, Int16, Int64, Int64Out, UInt8, boolean, int64,
)


cdef struct Checksums:  # piiscan.detect.validation.allow_list.Checksums
    Int64 row
    Bool known


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
cdef int64_t judgements_into(
    UInt8 source, Candidates* found, SingleChecks* checks, int64_t as_of, JudgementOut* out,
    BoolOut texts, BoolOut same, Int64Out others,
) noexcept nogil
cdef int64_t runs_into(
    UInt8 source, int64_t length, Int64 places, Py_ssize_t count, Bool lengths, UInt8 kinds,
    int64_t capacity, Int64Out run_start, Int64Out run_length,
) noexcept nogil
