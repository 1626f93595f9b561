"""Structs of tables in text: lines to split, their cells, and the columns that are built."""

from libc.stdint cimport int64_t

from piiscan.kernel_arrays cimport *
from piiscan.sources.rows.column_builder cimport *
from piiscan.sources.rows.tokenizer cimport *


cdef enum:  # bytes with a meaning
    QUOTE = 34
    SPACE = 32
    LF = 10
    CR = 13


cdef struct Lines:  # delimited text, and how to read it
    UInt8 text
    int64_t size
    UInt8 delimiter  # its bytes; none if it has the size 0
    int64_t delimiter_size
    bint blanks  # the delimiter is a run of two or more blanks
    bint quotes  # cells may be in quotes
    bint cr  # a lone CR ends a line
    bint final  # the text is complete


cdef struct Cell:  # place of a cell, and what was found out about its quotes
    int64_t start
    int64_t end  # -1: the text is cut off
    int64_t style
    int64_t next  # offset behind the cell
    int64_t lines  # line ends inside
    int64_t status  # 1, 2: no closing quote up to ``open_until`` (2: on its line)
    int64_t open_until


cdef struct Progress:  # what was scanned so far
    int64_t records
    int64_t cells
    int64_t unclosed  # quotes without a closing one
    int64_t position
    int64_t lines
    int64_t one_line  # before this offset, quotes must close on their line


cdef struct Cells:  # of records, with their text
    UInt8 text
    Int32 starts
    Int32 ends
    UInt8 styles
    Int32 firsts


cdef inline Cells cells_of(object text, object arrays) except *:
    """Return the pointers of the cells of records and of their text."""
    cdef Cells view
    view.text, view.starts, view.ends = uint8(text), int32(arrays[0]), int32(arrays[1])
    view.styles, view.firsts = uint8(arrays[2]), int32(arrays[3])
    return view
