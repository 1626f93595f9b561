"""Kinds of lines, and helpers of kernels that read lines."""

from libc.stdint cimport int64_t

from piiscan.kernel_arrays cimport *
from piiscan.sources.lined.line_kinds cimport *


cdef struct Lines:  # lines of a text: line i is data[offsets[i]:offsets[i + 1]]
    UInt8 kinds
    UInt64 labels
    Int64 offsets
    UInt8 data
    int64_t count


cdef inline int64_t three_bytes(UInt8 data, int64_t at, int64_t high) noexcept nogil:
    """Return the three bytes at ``at`` as one number (0xE5B9B4 for 年), 0 if fewer are left."""
    if at + 2 >= high:
        return 0
    return <int64_t> data[at] << 16 | <int64_t> data[at + 1] << 8 | data[at + 2]


cdef inline int64_t skip_blanks(UInt8 data, int64_t at, int64_t high) noexcept nogil:
    """Return the offset after white space, NBSP, ideographic spaces and byte order marks."""
    cdef int64_t wide
    while at < high:
        if data[at] <= 32:
            at += 1
        elif data[at] == 0xC2 and at + 1 < high and data[at + 1] == 0xA0:
            at += 2
        else:
            wide = three_bytes(data, at, high)
            if wide != 0xE38080 and wide != 0xEFBBBF:
                break
            at += 3
    return at
