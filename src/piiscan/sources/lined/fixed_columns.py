"""Fixed columns: lines whose columns have fixed places and touch, cut where numbers stand.

``张伟  430104198501102302138745213060731`` -> 张伟 | 430104198501102302 | 13874521306 | 0731
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.arrow_strings import string_column
from piiscan.data import IDENTITY_CHECKS, IDENTITY_WEIGHTS
from piiscan.sources.block import Block

_IDENTITY: Final = re.compile(
    r"(?=([1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]))"
)
_DATE: Final = re.compile(
    r"(?=((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]*))"
)
_MOBILE: Final = re.compile(r"(?=(1[3-9][0-9]{9}))")
_DIGITS: Final = "0123456789Xx"
#: Run of digits that is longer than an identity number.
_JOINED: Final = re.compile(r"[0-9]{17}[0-9Xx][0-9]")
#: Digits of a run that are more than one number; those of two numbers that the search cuts.
_LONG_RUN: Final = re.compile(r"[0-9]{26,}")
_READ_RUN: Final = 29
_SPARSE: Final = 200
#: Width of a character that is not ASCII: in columns (bytes of GBK), characters, bytes of UTF-8.
_WIDTHS: Final = (2, 1, 3)
_LEAST_LINES: Final = 3
_LONGEST: Final = 2000
#: Least share of lines with a number at the same place, and with a right check digit.
_SHARE, _RIGHT = 0.6, 0.5


@dataclass(frozen=True, slots=True)
class Cuts:
    """Places at which lines are cut, in units of ``width`` for characters other than ASCII.

    ``numbers``: (start, end) of the numbers by which a line is known to have these columns.
    """

    width: int
    places: tuple[int, ...]
    numbers: tuple[tuple[int, int], ...]

    def cells(self, line: str) -> list[str]:
        """Return the cells of a line; one for a line of another form, such as a title."""
        spread = _spread(line, self.width)
        if not any(_is_number(spread[start:end]) for start, end in self.numbers):
            return [line]
        ends = (*self.places, len(spread))
        return [spread[start:end].replace("\0", "") for start, end in pairwise(ends)]

    def cut(self, block: Block) -> Block:
        """Return a block of lines as a block of cells."""
        if block.own_range is not None:  # a piece of a long line
            return block
        rows = [self.cells(line or "") for line in block.columns[0].to_pylist()]
        count = len(self.places)
        cells = [[row[n] if n < len(row) else None for row in rows] for n in range(count)]
        starts = block.byte_starts
        if starts is not None:
            codec = "utf-16-le" if block.encoding == "utf-16" else block.encoding or "utf-8"
            sizes = [[len((cell or "").encode(codec, "replace")) for cell in c] for c in cells]
            begins = np.cumsum(np.array([[0] * len(rows), *sizes[:-1]], np.int64), axis=0)
            starts = [np.where(starts[0] < 0, -1, starts[0] + each) for each in begins]
        columns = [string_column(each) for each in cells]
        return replace(block, columns=columns, byte_starts=starts, split=True)


def has_long_number(text: UInt8) -> bool:
    """Return True if a text has a run of digits that is longer than an identity number."""
    return re.search(_JOINED.pattern.encode(), text.tobytes()) is not None


def find_cuts(lines: Sequence[str]) -> Cuts | None:
    """Find the places of columns that touch; None for other lines."""
    filled = [line for line in lines if line.strip()]
    joined = sum(map(bool, map(_JOINED.search, filled)))
    if len(filled) < _LEAST_LINES or joined < _SHARE * len(filled):
        return None
    if max(map(len, filled)) > _LONGEST:
        return None
    for width in _WIDTHS:
        spread = [_spread(line, width) for line in filled]
        numbers = _find_numbers(spread)
        if any(_touches(spread, *each) for each in numbers):
            return Cuts(width, tuple(sorted({0} | _edges(spread, numbers))), tuple(numbers))
    return None


def has_touching_columns(lines: Sequence[str]) -> bool:
    """Return True if identity numbers stand in longer runs of digits, one in 200 digits or more."""
    found = (run[0] for line in lines for run in _LONG_RUN.finditer(line))
    runs = [run for run in found if len(run) != _READ_RUN]
    right = sum(_is_right(each[1]) for run in runs for each in _IDENTITY.finditer(run))
    return right > 1 and right * _SPARSE > sum(map(len, runs))


def _spread(line: str, width: int) -> str:
    """Return a line with NULs behind characters other than ASCII, so that indexes are places."""
    if width == 1 or line.isascii():
        return line
    return re.sub(r"[^\x00-\x7f]", lambda found: found[0] + "\0" * (width - 1), line)


def _is_number(text: str) -> bool:
    """Return True for a text of digits, with an X at most at its end."""
    return text.removesuffix("X").removesuffix("x").isdecimal()


def _find_numbers(lines: list[str]) -> list[tuple[int, int]]:
    """Return (start, end) of the identity numbers and mobile numbers at places of most lines."""
    right = Counter(
        each.start() for line in lines for each in _IDENTITY.finditer(line) if _is_right(each[1])
    )
    identities = _common_places(_IDENTITY, lines)
    numbers = [
        (start, start + 18) for start, values in identities if right[start] >= _RIGHT * len(values)
    ]
    for start, values in _common_places(_MOBILE, lines):
        end, edges = start + 11, _edges(lines, numbers)
        is_free = all(end <= begin or start >= stop for begin, stop in numbers)
        distinct = {value[:7] for value in values}  # few in a running number
        if (
            is_free
            and not edges.isdisjoint((start, end))
            and len(distinct) > len({*values}) / 2 > 0.5
        ):
            numbers.append((start, end))
    return sorted(numbers)


def _common_places(shape: re.Pattern[str], lines: list[str]) -> list[tuple[int, list[str]]]:
    """Return (start, its texts) of the places where most lines have a shape, in order."""
    found: dict[int, list[str]] = {}
    for line in lines:
        for each in shape.finditer(line):
            found.setdefault(each.start(), []).append(each[1])
    return sorted(each for each in found.items() if len(each[1]) >= _SHARE * len(lines))


def _is_right(number: str) -> bool:
    """Return True if the check digit of an identity number is right."""
    pairs = zip(number, IDENTITY_WEIGHTS, strict=False)
    total = sum(int(digit) * weight for digit, weight in pairs)
    return IDENTITY_CHECKS[total % 11] == number[-1].upper()


def _edges(lines: list[str], numbers: list[tuple[int, int]]) -> set[int]:
    """Return the places, not inside of ``numbers``, where a number, date or digits begin or end."""
    counts = Counter[int]()
    for line in lines:
        is_digit = [False, *(char in _DIGITS for char in line), False]
        counts.update(at for at, (a, b) in enumerate(pairwise(is_digit)) if a != b)
    inside = {at for start, end in numbers for at in range(start + 1, end)}
    runs = {at for at, count in counts.items() if count >= _SHARE * len(lines)}
    dates = {start for start, _ in _common_places(_DATE, lines)}
    return (runs | dates | {at for each in numbers for at in each}) - inside


def _touches(lines: list[str], start: int, end: int) -> bool:
    """Return True if a digit stands before or after a number in most lines."""
    touching = (
        line[end : end + 1].isdecimal() or line[start - 1 : start].isdecimal() for line in lines
    )
    return sum(touching) >= _SHARE * len(lines)
