"""Drawing: a picture or the image of a page, with the boxes of the lines on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import UInt8

#: Left, top, right and bottom in pixels.
Box = tuple[int, int, int, int]

_MAX_SIDE: Final = 4000


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pixels (``uint8[height, width, 3]``: red, green, blue), and the lines in reading order.

    ``lines``: (text, box), those of barcodes behind the others.
    """

    pixels: UInt8 = field(repr=False)
    lines: tuple[tuple[str, Box], ...] = field(repr=False)

    def bounded(self) -> Drawing:
        """Return the drawing with neither side much above 4,000 pixels; pixels are left out."""
        step = max(-(-max(self.pixels.shape[:2]) // _MAX_SIDE), 1)
        lines = []
        for text, (left, top, right, bottom) in self.lines:
            ends = -(-right // step), -(-bottom // step)
            lines.append((text, (left // step, top // step, *ends)))
        return Drawing(np.ascontiguousarray(self.pixels[::step, ::step]), tuple(lines))
