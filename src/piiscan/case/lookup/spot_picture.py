"""Spot picture: a picture or page with a box around the line of an answer, masked or clear."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.sources.drawing import Drawing, DrawnText, around, blacken, without_blanks

#: Squares along the longer side to which a masked picture is reduced.
_SQUARES: Final = 32
_RED: Final = (220, 0, 0)


def lines_of(drawing: Drawing, row: int, texts: Sequence[str], value: str) -> list[int]:
    """Return the indices of a drawing's lines that contain ``value``; [] if unknown.

    ``row``, ``texts``: number and cells of its row. Lines that read the same are all returned
    unless one has this number. Blanks do not count.
    """
    lines = [line.text for line in drawing.lines]
    if 0 < row <= len(lines) and without_blanks(lines[row - 1]) == without_blanks("".join(texts)):
        return [row - 1]
    stream = DrawnText(lines)
    for needle in ("".join(texts), value):
        if found := {part.line for place in stream.find(needle) for part in place}:
            return sorted(found)
    return []


def painted(drawing: Drawing, boxed: Iterable[int], hidden: Iterable[int] | None) -> UInt8:
    """Return a drawing's pixels with red boxes around the lines ``boxed``.

    ``hidden``: lines that are blacked. None: all are, and the rest is reduced to large squares.
    """
    pixels = drawing.pixels.copy() if hidden is not None else _reduced(drawing.pixels)
    covered = range(len(drawing.lines)) if hidden is None else hidden
    blacken(pixels, (drawing.lines[number].box for number in covered), 2)
    width = max(max(pixels.shape[:2]) // 400, 2)
    for number in boxed:
        left, top, right, bottom = around(drawing.lines[number].box, 3 * width)
        pixels[top : top + width, left:right] = _RED
        pixels[bottom - width : bottom, left:right] = _RED
        pixels[top:bottom, left : left + width] = _RED
        pixels[top:bottom, right - width : right] = _RED
    return pixels


def _reduced(pixels: UInt8) -> UInt8:
    """Return a picture as coarse squares, in which no text or face is recognisable."""
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
