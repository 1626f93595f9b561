"""Pictures: recognised text as lines, barcodes as a table; pictures that WeChat masks by one byte.

A finding is located by the frame and the line; ``piiscan lookup --show`` has its box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import numpy as np

from piiscan.errors import SourceError
from piiscan.sources.block import Table, Trouble
from piiscan.sources.content import Content, memory_member, read_up_to, read_whole
from piiscan.sources.drawing import Drawing
from piiscan.sources.format import EVERY_DRAWING, Format, Opened, Sample, unread
from piiscan.sources.lined.section_tables import SectionReader
from piiscan.sources.pictures.picture_text import (
    PACKAGES,
    draw_recognised,
    drawing_of,
    open_recognised,
    read_picture,
)
from piiscan.sources.read_context import ReadContext

_SIGNATURES: Final = (
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF8"),
    (0, b"II*\x00"),
    (0, b"MM\x00*"),
)
#: First bytes of the pictures that WeChat stores with one byte added by XOR to each.
_MASKED_HEADS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")
_FRAME: Final = re.compile(r"frame (\d+) ")
#: First bytes of WeChat's pictures with AES.
_AES_HEADS: Final = ((0, b"\x07\x08V1\x08\x07"), (0, b"\x07\x08V2\x08\x07"))


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the recognised text and barcodes of each frame; a Trouble if there is neither."""
    from piiscan.sources.pictures.frames import read_frames

    content = sample.content
    if content.size > context.budget.in_memory:
        raise SourceError("MEMBER_TOO_LARGE", "picture: to be held")
    sections = SectionReader(content, context)
    empty = True
    number = 0
    for pixels in read_frames(read_whole(content, context.budget.in_memory)):
        if isinstance(pixels, Trouble):
            yield replace(pixels, member=content.member)
            continue
        number += 1
        found = read_picture(pixels)
        if context.section == EVERY_DRAWING:
            yield drawing_of(pixels, found)
        yield from open_recognised(sections, found, "" if number == 1 else f"frame {number} ")
        empty = empty and not (found.lines or found.barcodes)
    if empty:
        yield Trouble(content.member, "NO_TEXT_IN_PICTURE", "picture", lost=False)


def _draw(sample: Sample, context: ReadContext, section: str) -> Drawing | None:
    """Return the frame that contains the part ``section`` (``frame 2 OCR text``), else None."""
    from piiscan.sources.pictures.frames import read_frames

    with sample.content.open() as stream:
        data = read_up_to(stream, context.budget.in_memory)
    found = _FRAME.match(section)
    wanted = int(found[1]) if found else 1
    frames = (each for each in read_frames(data) if not isinstance(each, Trouble))
    pixels = next(islice(frames, wanted - 1, None), None)
    return None if pixels is None else draw_recognised(pixels)


def _is_other_picture(sample: Sample) -> bool:
    """Return True for BMP and WebP files, whose first bytes alone are no signature."""
    head = sample.content.head
    return (head.startswith(b"BM") and head.startswith(b"\0\0\0\0", 6)) or (
        head.startswith(b"RIFF") and head.startswith(b"WEBP", 8)
    )


def mask_of(head: bytes) -> int:
    """Return the byte by which WeChat masks the picture that begins with ``head``; 0 for none.

    >>> mask_of(bytes(each ^ 0x5A for each in b"GIF89a"))
    90
    """
    for plain in _MASKED_HEADS:
        if len(head) > len(plain):
            mask = head[0] ^ plain[0]
            if mask and all(a ^ mask == b for a, b in zip(head, plain, strict=False)):
                return mask
    return 0


def _is_masked(sample: Sample) -> bool:
    """Return True if a ``.dat`` file becomes a picture by XOR with one byte, as in WeChat."""
    content = sample.content
    return content.name.lower().endswith(".dat") and mask_of(content.head) != 0


def _open_masked(sample: Sample, context: ReadContext) -> Iterator[Table | Content | Trouble]:
    """Yield the picture behind WeChat's XOR mask as a member."""
    content = sample.content
    with content.open() as stream:
        data = read_up_to(stream, context.budget.in_memory + 1)
    context.usage.total += len(data)
    if len(data) > context.budget.in_memory or context.usage.exceeded() is not None:
        yield Trouble(content.member, "MEMBER_TOO_LARGE", "picture: to be held")
        return
    plain = (np.frombuffer(data, np.uint8) ^ np.uint8(mask_of(data[:16]))).tobytes()
    yield memory_member(content, "picture", plain, seed=context.seed)


_DECLARED: Final[dict[str, Any]] = {
    "isolated": True,
    "draw": _draw,
    "slow": True,
    "packages": PACKAGES,
    "extra": "ocr",
    "extensions": ("jpg", "jpeg", "png", "gif", "tif", "tiff", "bmp", "webp"),
}
FORMATS: Final = (
    Format("picture", 40, _open, signatures=_SIGNATURES, **_DECLARED),
    Format("picture", 41, _open, probe=_is_other_picture, **_DECLARED),
    Format("picture of WeChat", 42, _open_masked, probe=_is_masked, extensions=("dat",)),
    Format(
        "picture of WeChat with AES",
        42,
        unread("ENCRYPTED", "a picture of WeChat with AES"),
        signatures=_AES_HEADS,
        has_reader=False,
    ),
)
