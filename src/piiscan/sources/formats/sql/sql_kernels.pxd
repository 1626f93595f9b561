"""Structs and codes of the scan of SQL dumps."""

from libc.stdint cimport int64_t

from piiscan.kernel_arrays cimport (
    Int32, Int32Out, Int64, UInt8, UInt8Out, int32, int32_out, int64, uint8, uint8_out,
)


cpdef enum:  # status of a scan: not SQL, cut off by the end of the text, value found
    BROKEN = -1
    MORE = 0
    DONE = 1

cpdef enum:  # expected next in a statement: a row, or the comma or end after a row
    ROW = 0
    AFTER_ROW = 1

cpdef enum:  # reason of the end of a scan: end of the text, end of the statement, invalid row
    CUT_OFF = 0
    ENDED = 1
    NOT_A_ROW = 2

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


cdef struct Rows:  # piiscan.sources.formats.sql.row_buffer.Out
    Int32Out starts  # of each cell
    Int32Out ends
    UInt8Out styles
    Int32Out firsts  # of each record: first cell, offset and statement head
    Int32Out begins
    Int32Out heads
    Int32Out gap_begins  # of each gap (comment)
    Int32Out gap_ends


cdef struct Heads:  # known statement heads
    Py_ssize_t count
    UInt8 data
    Int64 offsets
    Int32 numbers


cdef struct Counts:  # of rows
    int64_t records
    int64_t cells
    int64_t gaps


cdef inline Rows rows_out(object arrays) except *:
    """Return the pointers of the arrays of rows to write."""
    cdef Rows view
    view.starts, view.ends = int32_out(arrays[0]), int32_out(arrays[1])
    view.styles = uint8_out(arrays[2])
    view.firsts, view.begins = int32_out(arrays[3]), int32_out(arrays[4])
    view.heads = int32_out(arrays[5])
    view.gap_begins, view.gap_ends = int32_out(arrays[6]), int32_out(arrays[7])
    return view


cdef inline Heads heads_of(object arrays) except *:
    """Return the pointers of packed statement heads."""
    cdef Heads view
    view.count = len(arrays[2])
    view.data, view.offsets, view.numbers = uint8(arrays[0]), int64(arrays[1]), int32(arrays[2])
    return view
