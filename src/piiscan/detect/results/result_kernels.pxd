"""Structs of results: strings to read or to append to."""

from libc.stdint cimport int64_t

from piiscan.detect.results.result_rows cimport *
from piiscan.detect.scoring.score_kernels cimport *


cdef struct Strings:  # bytes and end offsets
    UInt8 data
    Int32 offsets


cdef struct StringsOut:  # the same to append to, with the bytes and strings so far
    UInt8Out data
    Int32Out offsets
    int64_t size
    int64_t count


cdef inline Strings strings_of(object arrays) except *:
    """Return the pointers of strings."""
    cdef Strings view
    view.data, view.offsets = uint8(arrays[0]), int32(arrays[1])
    return view


cdef inline StringsOut strings_out(object arrays) except *:
    """Return the pointers of strings to append to; the first end offset is 0."""
    cdef StringsOut view
    view.data, view.offsets = uint8_out(arrays[0]), int32_out(arrays[1])
    view.size = view.count = 0
    return view
