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
    """Line of text on a drawing: its text, its box, and the boxes of parts of the text.

    ``pieces``: (start, end, box) in code points, in rising order; empty if unknown.
    """

    text: str
    box: Box
    pieces: tuple[Piece, ...] = ()


class LinePart(NamedTuple):
    """Part [start, end) of a line's text, in code points. ``line``: number of the line, from 0."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Picture or page as pixels (``uint8[height, width, 3]``, RGB), with the text lines on it.

    ``lines``: in reading order, the texts of barcodes last. ``unsure``: boxes of marks on the
    drawing that are not in the lines, or in them with a doubt. ``recognised``: the lines were
    recognised on the pixels, and the drawing may show more.
    """

    pixels: UInt8 = field(repr=False)
    lines: tuple[DrawnLine, ...] = field(repr=False)
    unsure: tuple[Box, ...] = ()
    recognised: bool = False

    def bounded(self) -> Drawing:
        """Return the drawing with sides of about 4,000 pixels at most.

        Every n-th pixel remains, and lines lose the boxes of their parts.
        """
        step = max(-(-max(self.pixels.shape[:2]) // _MAX_SIDE), 1)
        lines = []
        for text, (left, top, right, bottom), *_ in self.lines:
            ends = -(-right // step), -(-bottom // step)
            lines.append(DrawnLine(text, (left // step, top // step, *ends)))
        return Drawing(np.ascontiguousarray(self.pixels[::step, ::step]), tuple(lines))


class DrawnText:
    """Lines of a drawing as one text without blanks, to find values across line ends."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Join ``lines`` without their white space."""
        self._places = [
            [at for at, char in enumerate(text) if not char.isspace()] for text in lines
        ]
        self._starts = [0, *accumulate(map(len, self._places))]
        self._stream = "".join(map(without_blanks, lines))

    def find(self, text: str) -> Iterator[list[LinePart]]:
        """Yield, for each occurrence of ``text``, the parts of lines it covers.

        White space is ignored.

        >>> list(DrawnText(("Road 1,", "Town")).find("1, Town"))
        [[LinePart(line=0, start=5, end=7), LinePart(line=1, start=0, end=4)]]
        """
        needle = without_blanks(text)
        at = self._stream.find(needle) if needle else -1
        while at >= 0:
            parts, start, end = list[LinePart](), at, at + len(needle)
            while start < end:
                line = bisect_right(self._starts, start) - 1
                base, stop = self._starts[line], min(end, self._starts[line + 1])
                places = self._places[line]
                parts.append(LinePart(line, places[start - base], places[stop - base - 1] + 1))
                start = stop
            yield parts
            at = self._stream.find(needle, at + 1)


def without_blanks(text: str) -> str:
    """Return ``text`` without its white space: ``张 三 -> 张三``."""
    return "".join(text.split())


def blacken(pixels: UInt8, boxes: Iterable[Box], margin: int) -> None:
    """Paint ``boxes`` black in ``pixels``, each larger by ``margin`` pixels, cut at the edges."""
    for box in boxes:
        left, top, right, bottom = around(box, margin)
        pixels[top : max(bottom, 0), left : max(right, 0)] = 0


def around(box: Box, margin: int) -> Box:
    """Return ``box``, larger by ``margin`` pixels on each side, cut at the left and upper edge."""
    left, top, right, bottom = box
    return max(left - margin, 0), max(top - margin, 0), right + margin, bottom + margin
