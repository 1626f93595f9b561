"""Structs and codes of the scan of SQL dumps."""

from libc.stdint cimport int64_t

from piiscan.kernel_arrays cimport *
from piiscan.sources.formats.sql.row_buffer cimport *


cdef enum:  # style of a value
    PLAIN = 0  # as it is
    SLASHED = 1  # with backslashes
    DOUBLED_QUOTES = 2
    HEX = 3  # 0xe5bca0, X'e5bca0'
    COPIED = 4  # of a COPY block
    ESCAPED = 5  # E'\u5f20'
    UNICODE = 6  # UNISTR('\5f20'), U&'\5f20'
    BYTEA = 7  # '\xe5bca0'
    DIGITS = 8  # UNHEX('e5bca0')


cdef struct Heads:  # known statement heads
    Py_ssize_t count
    UInt8 data
    Int64 offsets
    Int32 numbers


cdef struct Counts:  # of rows
    int64_t records
    int64_t cells
    int64_t gaps


cdef inline Heads heads_of(object arrays) except *:
    """Return the pointers of packed statement heads."""
    cdef Heads view
    view.count = len(arrays[2])
    view.data, view.offsets, view.numbers = uint8(arrays[0]), int64(arrays[1]), int32(arrays[2])
    return view
