"""Pixels of a PDF page, and of the pictures on it, to be recognised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from piiscan.arrays import UInt8

#: Resolution at which a page is drawn to be recognised, and its longest side in pixels.
DPI: Final = 200
_MAX_SIDE: Final = 4000
#: Shorter side, in pixels, below which a picture has no room for text; most pixels of one.
_MIN_SIDE: Final = 16
_MAX_PIXELS: Final = 60_000_000


def page_pixels(page: Any) -> UInt8:
    """Draw a page as ``uint8[height, width, 3]``: red, green, blue."""
    pixels: UInt8 = draw_bitmap(page).to_numpy()[:, :, :3].copy()
    return pixels


def draw_bitmap(page: Any, dpi: int = DPI, *, seen_only: bool = False) -> Any:
    """Draw a page as a bitmap of red, green, blue; ``seen_only``: without notes and form fields."""
    scale = min(dpi / 72, _MAX_SIDE / max(*page.get_size(), 1))
    return page.render(
        scale=scale, rev_byteorder=True, draw_annots=not seen_only, may_draw_forms=not seen_only
    )


def page_pictures(page: Any) -> Iterator[UInt8]:
    """Yield the pictures on a page as pixels, except those too small for a text."""
    import pypdfium2

    for each in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
        width, height = each.get_px_size()
        if min(width, height) < _MIN_SIDE:
            continue
        if width * height > _MAX_PIXELS:
            raise ValueError  # the page stays among those that are listed
        bitmap = each.get_bitmap(render=False)
        yield np.asarray(bitmap.to_pil().convert("RGB"), np.uint8)
