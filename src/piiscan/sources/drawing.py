"""Drawing: a picture or the image of a page, with the boxes of the lines on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import UInt8

#: Left, top, right and bottom in pixels.
Box = tuple[int, int, int, int]
#: Begin and end in the text of a line, and the box of these characters.
Piece = tuple[int, int, Box]

_MAX_SIDE: Final = 4000


class DrawnLine(NamedTuple):
    """A line: its text and box; ``pieces`` in rising order, none if only the whole has a box."""

    text: str
    box: Box
    pieces: tuple[Piece, ...] = ()


class LinePart(NamedTuple):
    """A part of a line: number of the line, begin and end in its text."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pixels (``uint8[height, width, 3]``: red, green, blue), and the lines in reading order.

    ``lines``: those of barcodes behind the others. ``unsure``: boxes of what is on the drawing but
    not in the lines, or in them with a doubt. ``recognised``: the lines are what was recognised of
    it, and it may show more.
    """

    pixels: UInt8 = field(repr=False)
    lines: tuple[DrawnLine, ...] = field(repr=False)
    unsure: tuple[Box, ...] = ()
    recognised: bool = False

    def bounded(self) -> Drawing:
        """Return the drawing with neither side much above 4,000 pixels; pixels are left out."""
        step = max(-(-max(self.pixels.shape[:2]) // _MAX_SIDE), 1)
        lines = []
        for text, (left, top, right, bottom), *_ in self.lines:
            ends = -(-right // step), -(-bottom // step)
            lines.append(DrawnLine(text, (left // step, top // step, *ends)))
        return Drawing(np.ascontiguousarray(self.pixels[::step, ::step]), tuple(lines))


class DrawnText:
    """Lines of a drawing as one text without blanks, to find values across line ends."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Join the lines."""
        self._places = [
            [at for at, char in enumerate(text) if not char.isspace()] for text in lines
        ]
        self._starts = [0, *accumulate(map(len, self._places))]
        self._stream = "".join(map(without_blanks, lines))

    def find(self, text: str) -> Iterator[list[LinePart]]:
        """Yield the parts of lines of each place of a text, whose blanks do not count.

        >>> list(DrawnText(("Road 1,", "Town")).find("1, Town"))
        [[LinePart(line=0, start=5, end=7), LinePart(line=1, start=0, end=4)]]
        """
        needle = without_blanks(text)
        at = self._stream.find(needle) if needle else -1
        while at >= 0:
            yield list(self._parts(at, at + len(needle)))
            at = self._stream.find(needle, at + 1)

    def _parts(self, start: int, end: int) -> Iterator[LinePart]:
        """Yield the parts of lines of a range of the joined text."""
        while start < end:
            line = bisect_right(self._starts, start) - 1
            base, stop = self._starts[line], min(end, self._starts[line + 1])
            places = self._places[line]
            yield LinePart(line, places[start - base], places[stop - base - 1] + 1)
            start = stop


def without_blanks(text: str) -> str:
    """Return a text without its white space."""
    return "".join(text.split())


def blacken(pixels: UInt8, boxes: Iterable[Box], margin: int) -> None:
    """Paint boxes of a picture black, each with a margin, cut at its edges."""
    for box in boxes:
        left, top, right, bottom = around(box, margin)
        pixels[top : max(bottom, 0), left : max(right, 0)] = 0


def around(box: Box, margin: int) -> Box:
    """Return a box with a margin, not beyond the left and upper edge."""
    left, top, right, bottom = box
    return max(left - margin, 0), max(top - margin, 0), right + margin, bottom + margin
