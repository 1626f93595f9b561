"""Page text: the lines, ruled tables and other contents of a page of a PDF document."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from piiscan.sources.formats.pdf.ruled_tables import Char, Grid, Line, find_grids

_MAX_OBJECTS: Final = 50_000
_MAX_SEGMENTS: Final = 200_000
_MAX_DEPTH: Final = 8  # of forms inside forms
#: Characters that a font without a table of characters gives.
_MEANINGLESS: Final = re.compile("[\x00-\x08\x0e-\x1f\ue000-\uf8ff\ufffd]")
_BREAK: Final = re.compile(r"\r\n?|\n")


@dataclass(slots=True)
class PageText:
    """Text of a PDF page: lines, ruled tables, and counts of pictures, objects and characters."""

    lines: list[str] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    pictures: int = 0
    objects: int = 0
    characters: int = 0
    meaningless: int = 0

    @property
    def tables(self) -> list[list[list[str | None]]]:
        """Return the rows of each table."""
        return [grid.rows() for grid in self.grids]


def read_page(page: Any) -> PageText:
    """Read the text of a pypdfium2 page, which stays open."""
    found = PageText()
    lines = _lines(page, found)
    with closing(page.get_textpage()) as textpage:
        text = textpage.get_text_range(errors="replace")
        found.characters = len("".join(text.split()))
        found.meaningless = len(_MEANINGLESS.findall(text))
        grids = find_grids(lines) if found.characters else []
        if grids:
            _fill(read_chars(textpage), grids, found)
        else:
            found.lines = _BREAK.split(_plain(text))
    found.grids = [grid for grid in grids if grid.texts]
    return found


def _plain(text: str) -> str:
    """Return a text without NULs, with a hyphen for pdfium's marks of one."""
    return text.replace("\x00", "").replace("\ufffe", "-").replace("\x02", "-")


def _fill(chars: Iterator[Char], grids: list[Grid], found: PageText) -> None:
    """Add each character to the table cell that contains it, else to ``found.lines``."""
    pieces: list[str] = []
    spaced = in_cell = False
    for char in chars:
        if char.text.isspace() or char.right <= char.left:
            spaced = True
            if not in_cell:
                pieces.append(char.text)
            continue
        cell = None
        for grid in grids:
            if (cell := grid.cell_at(char)) is not None:
                grid.add(cell, char, spaced=spaced)
                break
        if cell is None:
            pieces += ["\n"] * in_cell
            pieces.append(char.text)
        elif not in_cell:
            pieces.append("\n")
        in_cell, spaced = cell is not None, False
    found.lines = [line for line in _BREAK.split(_plain("".join(pieces))) if line.strip()]


def read_chars(textpage: Any) -> Iterator[Char]:
    """Yield the characters of a page, each with its box in points."""
    import pypdfium2.raw as pdfium

    box = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = map(ctypes.byref, box)
    raw = textpage.raw
    for at in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(raw, at)
        text = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
        text = "-" if text in "\ufffe\x02" else text
        if pdfium.FPDFText_GetCharBox(raw, at, left, right, bottom, top):
            x0, x1, y0, y1 = (each.value for each in box)
            yield Char(text, x0, y0, x1, y1)
        else:
            yield Char(text)


def _lines(page: Any, found: PageText) -> list[Line]:
    """Return the straight lines drawn on a page, as in borders of tables; count its pictures."""
    import pypdfium2.raw as pdfium

    lines: list[Line] = []
    count = pdfium.FPDFPage_CountObjects(page.raw)
    found.objects = count
    waiting: list[tuple[Any, tuple[Matrix, ...]]] = [
        (pdfium.FPDFPage_GetObject(page.raw, at), ()) for at in range(min(count, _MAX_OBJECTS))
    ]
    seen = 0
    while waiting and seen < _MAX_OBJECTS:
        seen += 1
        item, around = waiting.pop()
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            found.pictures += 1
        elif kind == pdfium.FPDF_PAGEOBJ_PATH and len(lines) < _MAX_SEGMENTS:
            lines += _path_lines(item, (_matrix(item), *around))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and len(around) < _MAX_DEPTH:
            inner = pdfium.FPDFFormObj_CountObjects(item)
            matrices = (_matrix(item), *around)
            waiting += [
                (pdfium.FPDFFormObj_GetObject(item, at), matrices)
                for at in range(max(0, min(inner, _MAX_OBJECTS)))
            ]
    return lines if len(lines) < _MAX_SEGMENTS else []


Matrix = tuple[float, float, float, float, float, float]


def _matrix(item: Any) -> Matrix:
    """Return the transformation matrix of a page object; identity without one."""
    import pypdfium2.raw as pdfium

    made = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, made):
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    return made.a, made.b, made.c, made.d, made.e, made.f


def _path_lines(item: Any, matrices: tuple[Matrix, ...]) -> list[Line]:
    """Return the straight lines of a drawn path, in page coordinates."""
    import pypdfium2.raw as pdfium

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    drawn = pdfium.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    if not drawn or not (fill.value or stroke.value):
        return []
    x, y = ctypes.c_float(), ctypes.c_float()
    to_x, to_y = ctypes.byref(x), ctypes.byref(y)
    lines: list[Line] = []
    first = last = None
    for at in range(min(pdfium.FPDFPath_CountSegments(item), 4096)):
        segment = pdfium.FPDFPath_GetPathSegment(item, at)
        if not pdfium.FPDFPathSegment_GetPoint(segment, to_x, to_y):
            continue
        point = x.value, y.value
        for a, b, c, d, e, f in matrices:
            point = a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            lines.append((*last, *point))
        last = point
        if first is not None and pdfium.FPDFPathSegment_GetClose(segment):
            lines.append((*point, *first))
    return lines
