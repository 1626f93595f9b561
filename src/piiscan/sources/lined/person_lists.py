"""Person lists: lines of a message that list people, one or several lines each.

    张三 13800138000 / 李四 13900139000 -> a list, two records of one line

A list repeats the same type of number, or lines of the same shape.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int64, UInt8
from piiscan.jit import inner, kernel
from piiscan.sources.lined.line_markers import skip_blanks

#: Minimum number of lines of one shape that make a list.
_MIN_LINES: Final = 3


@inner
def _line_shape(data: UInt8, low: int, high: int) -> int:
    """Return a number for the shape of a line that is one Latin word with a digit; else 0.

    Equal shapes have the same first letters, the same length if all are digits, or are all mail
    addresses.
    """
    low = skip_blanks(data, low, high)
    while high > low and data[high - 1] <= 32:
        high -= 1
    if high - low < 5 or high - low > 64:
        return 0
    shape, digits, past_word = 7, 0, False
    for at in range(low, high):
        byte = data[at]
        if byte <= 32 or byte >= 0x7F:
            return 0
        if 48 <= byte <= 57:
            digits += 1
            past_word = True
        elif byte == 64:  # @
            return 1 << 8
        elif not 65 <= (byte & 0xDF) <= 90:
            past_word = True
        elif not past_word:
            shape = (shape * 31 + (byte | 32)) & 0xFFFF
    if digits == 0:
        return 0
    return ((shape + (high - low if digits == high - low else 0)) & 0xFFFF) << 8 | (1 << 24)


@inner
def classify_numbers(
    offsets: Int64, data: UInt8, low: int, high: int, line_features: Int64
) -> None:
    """Write flags of long numbers and the shape of lines [low, high) to ``line_features``.

    Flag 1: a number as long as a mobile number; 2: one as long as an identity number.  The shape is
    shifted by 8 bits.
    """
    for i in range(low, high):
        line_features[i] = _line_shape(data, offsets[i], offsets[i + 1])
        run = 0
        for at in range(offsets[i], offsets[i + 1] + 1):
            if at < offsets[i + 1] and 48 <= data[at] <= 57:
                run += 1
                continue
            last = at < offsets[i + 1] and (data[at] == 88 or data[at] == 120)  # X x
            if run == 11 or run == 13:
                line_features[i] |= 1
            elif run == 18 or run == 15 or (run == 17 and last):
                line_features[i] |= 2
            run = 0


@kernel
def is_person_list(line_features: Int64, low: int, high: int, repeated: UInt8) -> bool:
    """Return True if lines [low, high) list people; mark repeated values in ``repeated``."""
    for mask in (1, 2):
        count = 0
        for at in range(low, high):
            repeated[at] = (line_features[at] & mask) != 0
            count += repeated[at]
        if count > 1:
            return True
    for first in range(low, high):
        shape = line_features[first] >> 8
        if shape == 0:
            continue
        count = 0
        for at in range(low, high):
            repeated[at] = line_features[at] >> 8 == shape
            count += repeated[at]
        if count >= _MIN_LINES:
            return True
    return False


@kernel
def split_person_list(low: int, high: int, repeated: UInt8, record_starts: Int64) -> None:
    """Write the first line of its person's record for each line in [low, high).

    Records have as many lines as there are between two repeated values, if the distance is
    constant. Else a record begins or ends with each repeated value.
    """
    first, last, step, evenly_spaced = -1, -1, 0, True
    for at in range(low, high):
        if repeated[at]:
            if last >= 0:
                evenly_spaced = evenly_spaced and step in (0, at - last)
                step = at - last
            first = at if first < 0 else first
            last = at
    lead = first - low if evenly_spaced and first - low < step else step - 1
    record_start = low
    for at in range(low, high):
        if evenly_spaced:
            if (at - first + lead) % step == 0 or at == low:
                record_start = at
        elif at > low and (repeated[at] if repeated[low] else repeated[at - 1]):
            record_start = at
        record_starts[at] = record_start
