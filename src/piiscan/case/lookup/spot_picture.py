"""Spot picture: a picture or page with a box around the line of an answer, masked or clear."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.sources.drawing import Box, Drawing

#: Squares along the longer side to which a masked picture is reduced.
_SQUARES: Final = 32
_RED: Final = (220, 0, 0)


def lines_of(drawing: Drawing, row: int, texts: Sequence[str], value: str) -> list[int]:
    """Return the indexes of the lines of a drawing on which a value stands; empty if unknown.

    ``row``, ``texts``: number and cells of its row. Lines that read the same are all returned
    unless one has this number. Blanks do not count.
    """
    lines = [_without_blanks(text) for text, _ in drawing.lines]
    needles = [_without_blanks(each) for each in ("".join(texts), value)]
    if 0 < row <= len(lines) and lines[row - 1] == needles[0]:
        return [row - 1]
    starts = np.cumsum([0, *map(len, lines)])
    stream, found = "".join(lines), set[int]()
    for needle in filter(None, needles):
        at = stream.find(needle)
        while at >= 0:
            first, last = np.searchsorted(starts, [at, at + len(needle) - 1], "right") - 1
            found.update(range(int(first), int(last) + 1))
            at = stream.find(needle, at + 1)
        if found:
            break
    return sorted(found)


def _without_blanks(text: str) -> str:
    """Return a text without its white space."""
    return "".join(text.split())


def painted(drawing: Drawing, boxed: Iterable[int], hidden: Iterable[int] | None) -> UInt8:
    """Return the pixels of a drawing with a red box around each of the lines ``boxed``.

    ``hidden``: lines that are blacked. None: all are, and the rest is reduced to large squares.
    """
    pixels = drawing.pixels.copy() if hidden is not None else _reduced(drawing.pixels)
    for number in range(len(drawing.lines)) if hidden is None else hidden:
        left, top, right, bottom = _around(drawing.lines[number][1], 2)
        pixels[top:bottom, left:right] = 0
    width = max(max(pixels.shape[:2]) // 400, 2)
    for number in boxed:
        left, top, right, bottom = _around(drawing.lines[number][1], 3 * width)
        pixels[top : top + width, left:right] = _RED
        pixels[bottom - width : bottom, left:right] = _RED
        pixels[top:bottom, left : left + width] = _RED
        pixels[top:bottom, right - width : right] = _RED
    return pixels


def _around(box: Box, margin: int) -> Box:
    """Return a box with a margin, not beyond the left and upper edge."""
    left, top, right, bottom = box
    return max(left - margin, 0), max(top - margin, 0), right + margin, bottom + margin


def _reduced(pixels: UInt8) -> UInt8:
    """Return a picture of squares, in which no text and no face can be recognised."""
    height, width = pixels.shape[:2]
    side = max(-(-max(height, width) // _SQUARES), 1)
    padding = ((0, -height % side), (0, -width % side), (0, 0))
    squares = np.pad(pixels, padding, "edge").astype(np.float32)
    rows, columns = squares.shape[0] // side, squares.shape[1] // side
    means = squares.reshape(rows, side, columns, side, 3).mean(axis=(1, 3))
    large = means.astype(np.uint8).repeat(side, 0).repeat(side, 1)
    return np.ascontiguousarray(large[:height, :width])


def png_bytes(pixels: UInt8) -> bytes:
    r"""Return a picture (``uint8[height, width, 3]``) as a PNG file.

    >>> png_bytes(np.zeros((2, 2, 3), np.uint8))[:4]
    b'\x89PNG'
    """
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
