"""Drawn spots: a picture of the page or screenshot of an answer, with a box around its line."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.case.lookup.reread import check_unchanged, reread_rows
from piiscan.case.lookup.show import Spot
from piiscan.case.report.destination import check_destination
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect, literals
from piiscan.case.store.shard_runs import number_name
from piiscan.detect.catalog.catalog import Catalog
from piiscan.errors import CaseError, SourceError
from piiscan.masking.mask import SECRET
from piiscan.output_files import make_private_folder, write_aside
from piiscan.sources.archives.read_options import ReadOptions
from piiscan.sources.drawing import Drawing, DrawnText, around, blacken, without_blanks
from piiscan.sources.read import draw_part
from piiscan.sources.rows.transposed import TURNED

Row = Mapping[str, Any]
#: Beginning of a member's section that stands on a picture or a page.
_DRAWN: Final = re.compile(
    r"page \d+(?: picture \d+)?(?= |$)|frame \d+ (?=OCR )|(?=OCR (?:text|barcodes))"
)


def draw_spots(
    case: Case,
    rows: Sequence[Row],
    spots: Sequence[Spot],
    folder: Path,
    catalog: Catalog,
    options: ReadOptions,
    *,
    clear: bool,
) -> list[Spot]:
    """Write the picture or page of each answer to ``folder``; return spots with its path.

    Only the box is visible unless ``clear``; passwords never are. Files are named by the numbers
    of source and finding. Raise CaseError if a package is missing, a source changed, or ``folder``
    is beside a source.
    """
    check_destination(case, folder)
    drawn = []
    pictures = draw_pictures(case, rows, spots, catalog, options, clear=clear)
    for row, (spot, content) in zip(rows, pictures, strict=True):
        picture = None
        if content is not None:
            place = f"{number_name(row['source'])}-{number_name(row['nth'] + 1)}"
            name = f"{place}{'-clear' if clear else ''}.png"
            picture = make_private_folder(folder) / name
            with write_aside(picture) as file:
                file.write(content)
        drawn.append(replace(spot, picture=picture))
    return drawn


def draw_pictures(
    case: Case,
    rows: Sequence[Row],
    spots: Sequence[Spot],
    catalog: Catalog,
    options: ReadOptions,
    *,
    clear: bool,
) -> Iterator[tuple[Spot, bytes | None]]:
    """Yield each spot with ``is_drawn`` and ``boxed``, and its picture or page as a PNG file.

    None for a spot on no picture. Raise as :func:`draw_spots`, at the end if a source changed.
    """
    drawer = _Drawer(case, catalog, options)
    for row, spot in zip(rows, spots, strict=True):
        content, boxed = None, []
        if (drawing := drawer.drawing(row)) is not None:
            boxed = lines_of(drawing, row["row"], spot.texts, spot.value)
            hidden = drawer.secret_lines(row, drawing) if clear else None
            content = png_bytes(painted(drawing, boxed, hidden))
        is_drawn = _section(row["member"]) is not None
        yield replace(spot, is_drawn=is_drawn, boxed=bool(boxed)), content
    drawer.check()


def _section(member: str) -> tuple[str, str] | None:
    """Split a part's name to (owner, start of its section) if it is on a picture or page.

    None for any other part.
    """
    owner, mark, section = member.removesuffix(TURNED).rpartition("#")
    found = _DRAWN.match(section) if mark else None
    return (owner, found[0]) if found else None


class _Drawer:
    """Reader of the pictures and pages of answers; it caches the last one."""

    def __init__(self, case: Case, catalog: Catalog, options: ReadOptions) -> None:
        self._case, self._catalog, self._options = case, catalog, options
        self._sources = {each["source"]: each for each in case.manifest.content["sources"]}
        self._names = case.source_names()
        self._place: tuple[Any, ...] = ()
        self._last: Drawing | None = None
        self._opened: set[int] = set()

    def drawing(self, row: Row) -> Drawing | None:
        """Return the picture or page of an answer; None for an answer without one."""
        section = _section(row["member"])
        if section is None:
            return None
        number = row["source"]
        place = (number, *section, "OCR " in row["member"])
        if place != self._place:
            if number not in self._opened:
                check_unchanged(self._sources[number], display_name=self._names[number])
                self._opened.add(number)
            self._place, self._last = place, self._draw(row)
        return self._last

    def _draw(self, row: Row) -> Drawing | None:
        """Read a drawing from its source; None if it cannot be read."""
        try:
            return draw_part(
                Path(self._sources[row["source"]]["place"]),
                row["member"],
                passwords=self._options.passwords.values,
            )
        except SourceError as error:
            if error.reason == "PACKAGE_MISSING":
                extra = error.detail.rpartition(": ")[2]
                raise CaseError("source.package_missing", extra=extra) from None
            return None

    def check(self) -> None:
        """Raise CaseError if the source of a drawing changed since the scan."""
        for number in sorted(self._opened):
            check_unchanged(self._sources[number], display_name=self._names[number])

    def secret_lines(self, row: Row, drawing: Drawing) -> list[int] | None:
        """Return the indices of a drawing's lines with passwords; None if one is on no line."""
        section, number = _section(row["member"]), row["source"]
        shards = [self._case.source_shards("findings", only=number)[number]]
        with connect(self._case.path / "tmp") as connection:
            found = [
                each
                for each in connection.execute(
                    'select member, row, "column", start, "end" from'
                    f" read_parquet([{literals(shards)}]) where source = ? and entity = ?",
                    [number, SECRET],
                ).fetchall()
                if _section(each[0]) == section
            ]
        if not found:
            return []
        lines = reread_rows(
            self._sources[number],
            {(member, at) for member, at, *_ in found},
            self._catalog,
            display_name=self._names[number],
            options=self._options,
        )
        hidden: list[int] = []
        for member, at, column, start, end in found:
            line = lines.get((member, at))
            value = "" if line is None else line.text(column)[start:end].strip()
            secret = lines_of(drawing, at, (), value) if value else []
            if not secret:
                return None
            hidden += secret
        return hidden


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
