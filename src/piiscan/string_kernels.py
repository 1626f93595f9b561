# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of Arrow strings: copies of slices, widths in an encoding, indices of dictionaries."""

import cython
from cython.cimports.libc.stdint import int16_t, int32_t, int64_t
from cython.cimports.libc.string import memcpy
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays


def copy_slices(
    data: arrays.UInt8,
    extra: arrays.UInt8,
    start: arrays.Int64,
    end: arrays.Int64,
    out: arrays.UInt8,
    offsets: arrays.Int32,
) -> None:
    """Copy ``data[start[i]:end[i]]`` to ``out``, one after the other; set the end ``offsets``.

    Positions beyond ``data`` are in ``extra``.  ``offsets``: ``int32[n + 1]``; the first is 0.
    """
    rows: cython.Py_ssize_t = len(start)
    size: int64_t = len(data)
    source: UInt8 = uint8(data)
    others: UInt8 = uint8(extra)
    starts: Int64 = int64(start)
    ends: Int64 = int64(end)
    target: UInt8Out = uint8_out(out)
    places: Int32Out = int32_out(offsets)
    at: int64_t = 0
    with cython.nogil:
        for row in range(rows):
            length = ends[row] - starts[row]
            if length > 0:
                if starts[row] < size:
                    memcpy(target + at, source + starts[row], length)
                else:
                    memcpy(target + at, others + (starts[row] - size), length)
                at += length
            places[row + 1] = cython.cast(int32_t, at)


def measure_encoded(
    data: arrays.UInt8,
    at: arrays.Int64,
    length: arrays.Int64,
    widths: arrays.UInt8,
    out: arrays.Int64,
) -> None:
    """Write the bytes that ``data[at[i]:at[i] + length[i]]`` takes in an encoding to ``out``.

    Write -1 if a character has no code there.  ``widths``: bytes of each code point below U+10000,
    then of all others; 0 for no code.  Several spans of one cell come in order: each continues from
    the span before it.
    """
    rows: cython.Py_ssize_t = len(at)
    source: UInt8 = uint8(data)
    starts: Int64 = int64(at)
    lengths: Int64 = int64(length)
    of_point: UInt8 = uint8(widths)
    totals: Int64Out = int64_out(out)
    code: int64_t
    with cython.nogil:
        for row in range(rows):
            place = starts[row]
            stop = place + lengths[row]
            total = 0
            if row > 0 and starts[row - 1] == starts[row] and lengths[row - 1] <= lengths[row]:
                if totals[row - 1] >= 0:
                    place += lengths[row - 1]
                    total = totals[row - 1]
            while place < stop:
                lead = source[place]
                if lead < 0x80:
                    code = lead
                    place += 1
                elif lead < 0xE0:
                    code = ((lead & 31) << 6) | (source[place + 1] & 63)
                    place += 2
                elif lead < 0xF0:
                    code = (
                        (lead & 15) << 12 | (source[place + 1] & 63) << 6 | (source[place + 2] & 63)
                    )
                    place += 3
                else:
                    code = 0x10000
                    place += 4
                if of_point[code] == 0:
                    total = -1
                    break
                total += of_point[code]
            totals[row] = total


def mark_used(indices: arrays.Int16 | arrays.Int32, used: arrays.Bool) -> None:
    """Set ``used[i]`` to True for each index ``i`` (``int16`` or ``int32``); -1 is the last."""
    count: cython.Py_ssize_t = len(indices)
    last: int64_t = len(used) - 1
    is_narrow: cython.bint = indices.itemsize == 2
    narrow: Int16 = int16(indices) if is_narrow else cython.cast(Int16, cython.NULL)
    wide: Int32 = cython.cast(Int32, cython.NULL) if is_narrow else int32(indices)
    out: BoolOut = boolean_out(used)
    with cython.nogil:
        if is_narrow:
            for row in range(count):
                out[narrow[row] if narrow[row] >= 0 else last] = True
        else:
            for row in range(count):
                out[wide[row] if wide[row] >= 0 else last] = True


def renumber(
    indices: arrays.Int16 | arrays.Int32, table: arrays.Int32, out: arrays.Int16 | arrays.Int32
) -> None:
    """Write ``table[i]`` of each index ``i`` to ``out``; -1 has the last entry of ``table``.

    ``indices``, ``out``: ``int16`` or ``int32``.  ``table``: ``int32``.
    """
    count: cython.Py_ssize_t = len(indices)
    last: int64_t = len(table) - 1
    is_narrow: cython.bint = indices.itemsize == 2
    narrow: Int16 = int16(indices) if is_narrow else cython.cast(Int16, cython.NULL)
    wide: Int32 = cython.cast(Int32, cython.NULL) if is_narrow else int32(indices)
    numbers: Int32 = int32(table)
    to_narrow: cython.bint = out.itemsize == 2
    narrow_out: Int16Out = int16_out(out) if to_narrow else cython.cast(Int16Out, cython.NULL)
    wide_out: Int32Out = cython.cast(Int32Out, cython.NULL) if to_narrow else int32_out(out)
    with cython.nogil:
        for row in range(count):
            if is_narrow:
                number = numbers[narrow[row] if narrow[row] >= 0 else last]
            else:
                number = numbers[wide[row] if wide[row] >= 0 else last]
            if to_narrow:
                narrow_out[row] = cython.cast(int16_t, number)
            else:
                wide_out[row] = number
