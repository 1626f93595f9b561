"""Drawn pictures of lines of digits and Latin letters, which need no font of the machine."""

import io
from collections.abc import Sequence

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

STEP = 40


def picture(lines: Sequence[str], *, size: int = 24, width: int = 520) -> Image.Image:
    """The lines, black on white, one every STEP pixels."""
    page = Image.new("RGB", (width, STEP * len(lines) + 20), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        pen.text((20, 15 + STEP * number), line, "black", font=font)
    return page


def encoded(page: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The bytes of a picture."""
    file = io.BytesIO()
    page.save(file, kind, **options)
    return file.getvalue()


def barcode(text: str, kind: str = "Code128") -> Image.Image:
    """A barcode with a white border."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    bars = Image.fromarray(np.asarray(made.to_image(scale=3), np.uint8)).convert("RGB")
    page = Image.new("RGB", (bars.width + 60, bars.height + 60), "white")
    page.paste(bars, (30, 30))
    return page
