"""Covering: find the boxes of values on a drawing and paint them black.

A value is covered wherever its text stands on the drawing, also where it goes on in the next line:
``13800|138000`` in a narrow cell. If it is not found in the lines, all of the drawing is covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from piiscan.arrays import UInt8
from piiscan.sources.drawing import Box, Drawing, DrawnText, blacken, without_blanks

#: Fewest characters of a value that begin its next part.
_MIN_PART: Final = 2
#: Share of the height of a box that is covered above and below it, and least pixels.
_MARGIN, _MIN_MARGIN = 8, 2


class Covered(NamedTuple):
    """Pixels without the values. ``whole``: True if all is black, as a value was not found."""

    pixels: UInt8
    whole: bool


def cover(drawing: Drawing, values: Iterable[str]) -> Covered:
    """Paint the boxes of ``values``, and all unsure boxes, black."""
    pixels = drawing.pixels.copy()
    text = DrawnText([line.text for line in drawing.lines])
    boxes = list(drawing.unsure)
    for value in dict.fromkeys(map(without_blanks, values)):
        found = _boxes_of(drawing, text, value)
        if found is None:
            pixels[:] = 0
            return Covered(pixels, whole=True)
        boxes += found
    for box in boxes:
        blacken(pixels, [box], max((box[3] - box[1]) // _MARGIN, _MIN_MARGIN))
    return Covered(pixels, whole=False)


def _boxes_of(drawing: Drawing, text: DrawnText, value: str) -> list[Box] | None:
    """Return the boxes of all occurrences of a value; the boxes of its parts if it is split.

    Return None if a part of it is nowhere.
    """
    boxes: list[Box] = []
    while value:
        for size in range(len(value), min(_MIN_PART, len(value)) - 1, -1):
            if found := list(text.find(value[:size])):
                break
        else:
            return None
        for place in found:
            for line, start, end in place:
                boxes += _boxes_in(drawing, line, start, end)
        value = value[size:]
    return boxes


def _boxes_in(drawing: Drawing, line: int, start: int, end: int) -> Iterator[Box]:
    """Yield one box around the pieces of a line that overlap [start, end)."""
    whole = drawing.lines[line]
    pieces = [box for first, last, box in whole.pieces if first < end and start < last]
    if not pieces:
        yield whole.box
        return
    left, top, right, bottom = zip(*pieces, strict=True)
    yield min(left), min(top), max(right), max(bottom)
