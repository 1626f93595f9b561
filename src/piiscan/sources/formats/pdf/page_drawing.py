"""Page drawing: the image of a page and of the pictures on it, and its lines with their boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np

from piiscan.arrays import UInt8
from piiscan.sources.drawing import Box, Drawing, DrawnLine, Piece
from piiscan.sources.formats.pdf.page_text import PageText, read_chars
from piiscan.sources.pictures.picture_text import (
    PictureText,
    can_recognise,
    draw_recognised,
    drawing_of,
    read_picture,
)

#: Resolution at which a page is drawn to be recognised, and its longest side in pixels.
DPI: Final = 200
_MAX_SIDE: Final = 4000
#: Shorter side, in pixels, below which a picture has no room for text; most pixels of one.
_MIN_SIDE: Final = 16
_MAX_PIXELS: Final = 60_000_000
#: Resolution at which a page is drawn for people.
_DPI: Final = 150
_PAGE: Final = re.compile(r"page (\d+)(?: picture (\d+))?(?: |$)")


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


def draw_page(document: Any, section: str) -> Drawing | None:
    """Return the page or picture with the text ``section`` (``page 3 table 1``); None for no page.

    Its lines are recognised again if the text was.
    """
    found = _PAGE.match(section)
    if found is None or not 1 <= int(found[1]) <= len(document):
        return None
    with closing(document[int(found[1]) - 1]) as page:
        if found[2]:
            pixels = next(islice(page_pictures(page), int(found[2]) - 1, None), None)
            return None if pixels is None else draw_recognised(pixels)
        if " OCR " in section:
            return draw_recognised(page_pixels(page))
        bitmap = draw_bitmap(page, _DPI)
        return Drawing(bitmap.to_numpy()[:, :, :3].copy(), _lines(page, bitmap))


class DrawnPage(NamedTuple):
    """Drawing of a page, and its recognised text; each is None if not made."""

    drawing: Drawing | None = None
    found: PictureText | None = None


def draw_whole(page: Any, text: PageText, *, has_text: bool) -> DrawnPage:
    """Draw a page without notes and form fields, with its lines, recognised ones if need be.

    ``has_text``: it has a text with a meaning. Pictures that are not recognised are unsure.
    """
    bitmap = draw_bitmap(page, seen_only=True)
    pixels = bitmap.to_numpy()[:, :, :3].copy()
    lines = _lines(page, bitmap)
    if not (text.characters or text.objects) or (has_text and not text.pictures):
        return DrawnPage(Drawing(pixels, lines))
    if can_recognise():
        found = read_picture(pixels)
        drawn = drawing_of(pixels, found)
        return DrawnPage(replace(drawn, lines=(*lines, *drawn.lines)), found)
    whole = (0, 0, pixels.shape[1], pixels.shape[0])
    unsure = tuple(_picture_boxes(page, bitmap, whole)) if has_text else (whole,)
    return DrawnPage(Drawing(pixels, lines, unsure))


def _picture_boxes(page: Any, bitmap: Any, whole: Box) -> Iterator[Box]:
    """Yield the box of each picture on a page; the whole page if a picture is in a form."""
    import pypdfium2

    position = bitmap.get_posconv(page)
    for each in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
        if each.level:
            yield whole
            return
        left, bottom, right, top = each.get_bounds()
        yield _box_of([position.to_bitmap(left, bottom), position.to_bitmap(right, top)])


def _box_of(points: list[tuple[int, int]]) -> Box:
    """Return the smallest box that contains all ``points``, in pixels."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _lines(page: Any, bitmap: Any) -> tuple[DrawnLine, ...]:
    """Return the text lines of a page with their boxes, in pixels of ``bitmap``."""
    with closing(page.get_textpage()) as textpage:
        return tuple(_placed_lines(textpage, bitmap.get_posconv(page)))


def _placed_lines(textpage: Any, position: Any) -> Iterator[DrawnLine]:
    """Yield each text line of a page with the boxes of its visible characters.

    ``position`` turns places of the page to pixels.
    """
    text, pieces = "", list[Piece]()
    for char in read_chars(textpage):
        if char.text in "\r\n":
            if pieces:
                yield _line(text, pieces)
            text, pieces = "", []
            continue
        if char.right > char.left and not char.text.isspace():
            corners = [(char.left, char.bottom), (char.right, char.top)]
            box = _box_of([position.to_bitmap(*corner) for corner in corners])
            pieces.append((len(text), len(text) + len(char.text), box))
        text += char.text
    if pieces:
        yield _line(text, pieces)


def _line(text: str, pieces: list[Piece]) -> DrawnLine:
    """Build a DrawnLine from a text and the boxes of its characters."""
    points = [corner for *_, box in pieces for corner in (box[:2], box[2:])]
    return DrawnLine(text, _box_of(points), tuple(pieces))
