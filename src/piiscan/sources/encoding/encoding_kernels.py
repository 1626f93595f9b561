# mypy: ignore-errors
# cython: infer_types=True
r"""Kernels of encodings: byte maps, lines that only UTF-8 explains, cells that may be mojibake.

GBK bytes D5 C5 31 of UTF-8 张1 -> offsets 0 0 0 2;    寮犱紵 (张伟, misread) -> may be mojibake
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint64_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays


def map_bytes(
    raw: arrays.UInt8, text: arrays.UInt8, rule: int64_t, base: int64_t, byte_offsets: arrays.Int64
) -> None:
    """Write to ``byte_offsets[i]`` the file offset of the character of byte ``text[i]``.

    Offsets are positions in ``raw`` plus ``base``.  ``rule``: 0 UTF-8, 1 GB18030, 2 Big5, 3 UTF-16,
    4 UTF-32.
    """
    source: UInt8 = uint8(raw)
    source_length: int64_t = len(raw)
    decoded: UInt8 = uint8(text)
    length: int64_t = len(text)
    out: Int64Out = int64_out(byte_offsets)
    ascii_width: int64_t = 2 if rule == 3 else 4 if rule == 4 else 1
    i: int64_t = 0
    j: int64_t = 0
    width: int64_t
    with cython.nogil:
        while j < length:
            if decoded[j] < 0x80:
                out[j] = base + i
                i += ascii_width
                j += 1
                continue
            width = 2 if decoded[j] < 0xE0 else 3 if decoded[j] < 0xF0 else 4
            for k in range(j, min(j + width, length)):
                out[k] = base + i
            j += width
            if rule == 3:
                i += 4 if width == 4 else 2
            elif rule == 4:
                i += 4
            elif rule == 0:
                i += width
            elif rule == 1 and i + 1 < source_length and 0x30 <= source[i + 1] <= 0x39:
                i += 4
            else:
                i += 2


def find_utf8_lines(raw: arrays.UInt8, line_numbers: arrays.Int64) -> int:
    """Write numbers of lines with valid UTF-8 characters of 3 or 4 bytes; return their count."""
    source: UInt8 = uint8(raw)
    length: int64_t = len(raw)
    out: Int64Out = int64_out(line_numbers)
    count: int64_t = 0
    line: int64_t = 0
    i: int64_t = 0
    k: int64_t
    width: int64_t
    valid: cython.bint = True
    has_wide: cython.bint = False
    with cython.nogil:
        while i <= length:
            if i == length or source[i] == 10:
                if valid and has_wide:
                    out[count] = line
                    count += 1
                line += 1
                i += 1
                valid, has_wide = True, False
                continue
            lead = source[i]
            if lead < 0x80 or not valid:
                i += 1
                continue
            width = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            valid = 0xC2 <= lead <= 0xF4 and i + width <= length
            for k in range(1, width):
                valid = valid and 0x80 <= source[i + k] <= 0xBF
            has_wide = has_wide or width > 2
            i += width if valid else 1
    return count


def mark_garbled(
    data: arrays.UInt8, ends: arrays.Int64, flags: arrays.UInt8, found: arrays.UInt8
) -> None:
    """Set ``found[row]`` to 1 if the cell ``[ends[row], ends[row + 1])`` may be mojibake.

    ``flags``: by BMP code point the places (1, 2, 4) that it may have in two Hanzi of UTF-8 that
    were read as GBK.
    """
    source: UInt8 = uint8(data)
    bounds: Int64 = int64(ends)
    places: UInt8 = uint8(flags)
    out: UInt8Out = uint8_out(found)
    rows: cython.Py_ssize_t = len(found)
    with cython.nogil:
        for row in range(rows):
            out[row] = _is_garbled(source, bounds[row], bounds[row + 1], places)


@cython.cfunc
@cython.nogil
def _is_garbled(data: UInt8, at: int64_t, stop: int64_t, flags: UInt8) -> cython.bint:
    """Return True if a cell may be mojibake."""
    high_bits: uint64_t = 0x8080808080808080
    places: cython.int = 0
    while at < stop:
        byte = data[at]
        if byte < 0x80:
            places = 0
            at += 1
            while at + 8 <= stop and eight_bytes(data + at) & high_bits == 0:
                at += 8
        elif byte >= 0xE0 and at + 2 < stop:
            places = (places << 1 | 1) & flags[
                (byte & 15) << 12 | (data[at + 1] & 63) << 6 | (data[at + 2] & 63)
            ]
            if places >= 4:
                return True
            at += 3
        elif byte == 0xC2 or byte == 0xC3:
            return True
        else:
            places = 0
            at += 1
    return False
