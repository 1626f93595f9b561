"""Picture files: write frames as a picture of the source's format, without metadata."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, BinaryIO, Final

from piiscan.arrays import UInt8

#: Kinds of pictures by their first bytes, and how they are written.
_KINDS: Final[tuple[tuple[bytes, str, dict[str, Any]], ...]] = (
    (b"\x89PNG", "PNG", {}),
    (b"\xff\xd8", "JPEG", {"quality": 92}),
    (b"GIF8", "GIF", {}),
    (b"BM", "BMP", {}),
    (b"RIFF", "WEBP", {"lossless": True}),
    (b"II", "TIFF", {"compression": "tiff_adobe_deflate"}),
    (b"MM", "TIFF", {"compression": "tiff_adobe_deflate"}),
)


def write_picture(frames: Sequence[UInt8], head: bytes, out: BinaryIO) -> None:
    """Write frames as a picture of the format that begins with ``head``; many JPEGs as MPO."""
    from PIL import Image

    kind, options = next((kind, how) for start, kind, how in _KINDS if head.startswith(start))
    first, *others = (Image.fromarray(frame) for frame in frames)
    if others:
        kind = "MPO" if kind == "JPEG" else kind
        options = {**options, "save_all": True, "append_images": others}
    file = io.BytesIO()  # some kinds are written back and forth
    first.save(file, kind, **options)
    out.write(file.getbuffer())
