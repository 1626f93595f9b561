"""Judges of identity numbers and of organisations' codes, by the number of the check."""

from libc.stdint cimport int64_t

from piiscan.detect.checks.check_kernels cimport CheckTables, Outcome
from piiscan.kernel_arrays cimport UInt8, UInt8Out


cdef Outcome judge_identity(
    int number, UInt8 value, int64_t length, int64_t as_of, CheckTables* tables
) noexcept nogil
cdef int64_t write_identity(int number, UInt8 value, int64_t length, UInt8Out out) noexcept nogil
