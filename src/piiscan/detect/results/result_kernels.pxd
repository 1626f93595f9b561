"""Structs of results: columns of rows, and strings to read or to append to."""

from libc.stdint cimport int64_t

from piiscan.kernel_arrays cimport (
    Float64Out, Int16Out, Int32, Int32Out, Int64Out, UInt8, UInt8Out,
    float64_out, int16_out, int32, int32_out, int64_out, uint8, uint8_out,
)


cdef struct ResultRowsOut:  # piiscan.detect.results.result_rows.ResultRows
    Int64Out text
    Int32Out start
    Int32Out end
    Int32Out byte_start
    Int16Out entity
    Int16Out recognizer
    Int16Out verdict
    Float64Out score
    Int16Out reason
    Int16Out word


cdef struct Strings:  # bytes and end offsets
    UInt8 data
    Int32 offsets


cdef struct StringsOut:  # the same to append to, with the bytes and strings so far
    UInt8Out data
    Int32Out offsets
    int64_t size
    int64_t count


cdef inline ResultRowsOut result_rows_out(object arrays) except *:
    """Return the pointers of result rows to write."""
    cdef ResultRowsOut view
    view.text, view.start, view.end = int64_out(arrays[0]), int32_out(arrays[1]), int32_out(arrays[2])
    view.byte_start, view.entity = int32_out(arrays[3]), int16_out(arrays[4])
    view.recognizer, view.verdict = int16_out(arrays[5]), int16_out(arrays[6])
    view.score, view.reason = float64_out(arrays[7]), int16_out(arrays[8])
    view.word = int16_out(arrays[9])
    return view


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
