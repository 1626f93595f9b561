"""Pixels: pictures and PDF documents without the compressed bytes of their pixels.

Whatever else such a file has (texts, comments, properties, places, bytes behind its end) is left.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from piiscan.copies.check.unpack import Data

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS: Final = (b"IDAT", b"fdAT")
_JPEG: Final = b"\xff\xd8\xff"
_SCAN: Final = 0xDA
#: Markers without a size; entropy-coded data ends at any other marker.
_BARE: Final = (0x01, *range(0xD0, 0xD8))
_PDF: Final = b"%PDF-"
_OTHERS: Final = (b"GIF8", b"II*\0", b"MM\0*", b"BM", b"RIFF")
_STREAM: Final = re.compile(rb"<<([^<>]*)/Length (\d+)>>\r?\nstream\r?\n")
_MAX_INFLATED: Final = 256 << 20


def is_drawn(data: Data) -> bool:
    """Return True if ``data`` is a picture or a PDF document."""
    return bytes(data[:8]).startswith((_PNG, _JPEG, _PDF, *_OTHERS))


def rest_of(data: Data) -> bytes | None:
    """Return the bytes of a PNG, JPEG or PDF file outside of pixels; None for other files."""
    for start, pieces in ((_PNG, _png_rest), (_JPEG, _jpeg_rest), (_PDF, _pdf_rest)):
        if data[: len(start)] == start:
            return b"\n".join(pieces(data))
    return None


def _png_rest(data: Data) -> Iterator[bytes]:
    """Yield the chunks of a PNG file except pixels, then the bytes after the last chunk."""
    at = len(_PNG)
    while at + 8 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = bytes(data[at + 4 : at + 8])
        if kind not in _PNG_PIXELS or end > len(data):
            yield data[at:end]
        at = end
        if kind == b"IEND":
            break
    yield data[at:]


def _jpeg_rest(data: Data) -> Iterator[bytes]:
    """Yield the segments of a JPEG file except scans, then the bytes after its end."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xD9:
            at += 2
            break
        size = 0 if marker in _BARE else int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at : at + 2 + size]
        at += 2 + size
        if marker == _SCAN:
            end = data.find(b"\xff", at)
            while end >= 0 and data[end + 1 : end + 2] == b"\0":
                end = data.find(b"\xff", end + 2)
            at = end if end >= 0 else at
    yield data[at:]


def _pdf_rest(data: Data) -> Iterator[bytes]:
    """Yield the bytes of a PDF except streams of pictures; other streams also unpacked."""
    at = 0
    for found in _STREAM.finditer(data):
        begin, end = found.end(), found.end() + int(found[2])
        if begin < at or end > len(data) or data[end : end + 10] != b"\nendstream":
            continue
        if b"/Subtype/Image/" in found[1]:
            yield data[at:begin]
            at = end
        elif b"/FlateDecode" in found[1]:
            yield zlib.decompressobj().decompress(data[begin:end], _MAX_INFLATED)
    yield data[at:]
