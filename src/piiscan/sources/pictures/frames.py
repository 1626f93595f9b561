"""Frames of a picture as pixels, upright, within a budget."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.errors import SourceError
from piiscan.sources.block import Trouble

if TYPE_CHECKING:
    from PIL.Image import Image

#: Most pixels of a frame, and most frames (the pages of a fax, the pictures of an animation).
MAX_PIXELS: Final = 120_000_000
MAX_FRAMES: Final = 200
#: Mean brightness, of 255, below which a picture is brightened.
_DARK: Final = 70


def read_frames(data: bytes) -> Iterator[UInt8 | Trouble]:
    """Yield the frames of a picture as ``uint8[height, width, 3]``, red, green, blue.

    A frame equal to the one before is left out.  One that breaks off is a Trouble PICTURE_CUT_OFF,
    then what is left of it.  Raises SourceError CORRUPT for what is no picture, MEMBER_TOO_LARGE
    for one of too many pixels.
    """
    from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                size = f"{picture.width} x {picture.height} pixels"
                raise SourceError("MEMBER_TOO_LARGE", f"picture: {size}")
            count = min(getattr(picture, "n_frames", 1), MAX_FRAMES)
            before: UInt8 | None = None
            for number in range(count):
                picture.seek(number)
                try:
                    ImageFile.LOAD_TRUNCATED_IMAGES = False
                    picture.load()
                except OSError as error:
                    detail = f"picture: frame {number + 1}, {type(error).__name__}"
                    yield Trouble("", "PICTURE_CUT_OFF", detail)
                    ImageFile.LOAD_TRUNCATED_IMAGES = True  # what is left has text too
                frame = _brightened(_on_white(ImageOps.exif_transpose(picture)))
                pixels = np.asarray(frame, np.uint8)
                if before is None or before.shape != pixels.shape or (before != pixels).any():
                    yield pixels
                before = pixels
            if getattr(picture, "n_frames", 1) > count:
                yield Trouble("", "MEMBER_TOO_LARGE", f"frames from {count + 1} on")
    except UnidentifiedImageError:
        raise SourceError("CORRUPT", "picture: not decoded") from None
    except Image.DecompressionBombError:
        raise SourceError("MEMBER_TOO_LARGE", "picture: too many pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise SourceError("CORRUPT", f"picture: {type(error).__name__}") from None


def _on_white(picture: Image) -> Image:
    """Return a picture in colours, with white in place of transparency."""
    from PIL import Image

    if picture.mode[-1:] == "A" or "transparency" in picture.info:
        colours = picture.convert("RGBA")
        paper = Image.new(colours.mode, colours.size, "white")
        return Image.alpha_composite(paper, colours).convert("RGB")
    return picture.convert("RGB")


def _brightened(picture: Image) -> Image:
    """Stretch the contrast of a picture whose mean brightness is below ``_DARK`` (70 of 255).

    Return any other picture unchanged.
    """
    from PIL import ImageOps

    if np.asarray(picture.convert("L").resize((64, 64))).mean() < _DARK:
        return ImageOps.autocontrast(picture, cutoff=1)
    return picture
