"""Page drawing: the image of a page, and its lines with their boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from piiscan.sources.drawing import Box, Drawing
from piiscan.sources.formats.pdf.page_pixels import page_pictures, page_pixels
from piiscan.sources.formats.pdf.page_text import read_chars
from piiscan.sources.pictures.picture_text import draw_recognised

#: Resolution at which a page is drawn, and its longest side in pixels.
_DPI: Final = 150
_MAX_SIDE: Final = 4000
_PAGE: Final = re.compile(r"page (\d+)(?: picture (\d+))?(?: |$)")


def draw_page(document: Any, section: str) -> Drawing | None:
    """Return the page or picture with the text ``section`` (``page 3 table 1``); None for no page.

    Its lines are recognised again if the text was.
    """
    found = _PAGE.match(section)
    if found is None or not 1 <= int(found[1]) <= len(document):
        return None
    page = document[int(found[1]) - 1]
    try:
        if found[2]:
            pixels = next(islice(page_pictures(page), int(found[2]) - 1, None), None)
            return None if pixels is None else draw_recognised(pixels)
        if " OCR " in section:
            return draw_recognised(page_pixels(page))
        longest: float = max(*page.get_size(), 1)
        bitmap = page.render(scale=min(_DPI / 72, _MAX_SIDE / longest), rev_byteorder=True)
        position = bitmap.get_posconv(page)
        textpage = page.get_textpage()
        try:
            lines = tuple(_lines(textpage, position))
        finally:
            textpage.close()
        return Drawing(bitmap.to_numpy()[:, :, :3].copy(), lines)
    finally:
        page.close()


def _lines(textpage: Any, position: Any) -> Iterator[tuple[str, Box]]:
    """Yield each line of a page with its box; ``position`` turns places of the page to pixels."""
    text, xs, ys = "", list[int](), list[int]()
    for char in read_chars(textpage):
        if char.text in "\r\n":
            if xs:
                yield text, (min(xs), min(ys), max(xs), max(ys))
            text, xs, ys = "", [], []
            continue
        text += char.text
        if char.right > char.left:
            for corner in ((char.left, char.bottom), (char.right, char.top)):
                x, y = position.to_bitmap(*corner)
                xs.append(x)
                ys.append(y)
    if xs:
        yield text, (min(xs), min(ys), max(xs), max(ys))
