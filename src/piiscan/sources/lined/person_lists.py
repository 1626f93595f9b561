"""Lists of people inside a message: lines with the same kind of number, or of the same shape."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int64, UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.lined.line_markers import skip_blanks

#: Lines of one shape that make a list.
_FEW: Final = 3


@inner
def _shape(data: UInt8, low: int, high: int) -> int:
    """What a line of one Latin word with a digit in it looks like; 0 for all other lines.

    Its first letters, its length if it is a number, whether it is a mail address.
    """
    low = skip_blanks(data, low, high)
    while high > low and data[high - 1] <= 32:
        high -= 1
    if high - low < 5 or high - low > 64:
        return 0
    shape, digits, begun = 7, 0, False
    for at in range(low, high):
        byte = data[at]
        if byte <= 32 or byte >= 0x7F:
            return 0
        if 48 <= byte <= 57:
            digits += 1
            begun = True
        elif byte == 64:
            return 1 << 8
        elif not 65 <= (byte & 0xDF) <= 90:
            begun = True
        elif not begun:
            shape = (shape * 31 + (byte | 32)) & 0xFFFF
    if digits == 0:
        return 0
    return ((shape + (high - low if digits == high - low else 0)) & 0xFFFF) << 8 | (1 << 24)


@inner
def tell_numbers(offsets: Int64, data: UInt8, low: int, high: int, out: Int64) -> None:
    """Per line of low:high: 1 a number as long as a mobile, 2 an identity number; its shape."""
    for i in range(low, high):
        out[i] = _shape(data, offsets[i], offsets[i + 1])
        run = 0
        for at in range(offsets[i], offsets[i + 1] + 1):
            if at < offsets[i + 1] and 48 <= data[at] <= 57:
                run += 1
                continue
            last = at < offsets[i + 1] and (data[at] == 88 or data[at] == 120)
            if run == 11 or run == 13:
                out[i] |= 1
            elif run == 18 or run == 15 or (run == 17 and last):
                out[i] |= 2
            run = 0


@kernel
def is_list(numbers: Int64, low: int, high: int, marks: UInt8) -> bool:
    """Whether lines low:high are a list of people; ``marks``: those with the repeated value."""
    for mask in (1, 2):
        count = 0
        for at in range(low, high):
            marks[at] = (numbers[at] & mask) != 0
            count += marks[at]
        if count > 1:
            return True
    for first in range(low, high):
        shape = numbers[first] >> 8
        if shape == 0:
            continue
        count = 0
        for at in range(low, high):
            marks[at] = numbers[at] >> 8 == shape
            count += marks[at]
        if count >= _FEW:
            return True
    return False


@kernel
def split_list(low: int, high: int, marks: UInt8, begins: Int64) -> None:
    """Records of a list: as many lines each as lie between two of its values."""
    first, last, step, even = -1, -1, 0, True
    for at in range(low, high):
        if marks[at]:
            if last >= 0:
                even = even and step in (0, at - last)
                step = at - last
            first = at if first < 0 else first
            last = at
    lead = first - low if even and first - low < step else step - 1
    open_ = low
    for at in range(low, high):
        if even:
            if (at - first + lead) % step == 0 or at == low:
                open_ = at
        elif at > low and (marks[at] if marks[low] else marks[at - 1]):
            open_ = at
        begins[at] = open_
