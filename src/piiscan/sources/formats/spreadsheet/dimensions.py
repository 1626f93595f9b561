"""Sheet dimensions: used rows and columns, read from the stored sheet before it is loaded.

    <c r="B12"><v>1</v></c> -> 12 rows, 2 columns

A dense reader would fill memory with the blank cells of a sheet with one stray cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, Final
from xml.etree import ElementTree

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.sources.formats.spreadsheet.spreadsheet_kernels import (
    OVERLAP_BYTES,
    find_string_ends,
    measure_xlsb,
    measure_xml,
)
from piiscan.sources.rows.row_table import Cells

_PIECE_BYTES: Final = 1 << 20
_LEAST_STRING: Final = 5  # bytes of <si/>
_SHEET_DATA: Final = re.compile(rb"</?(?:\w{1,16}:)?sheetData(?:\s[^>/]{0,200})?>")


@dataclass(slots=True)
class CellSurroundings:
    """Texts of a workbook outside its cells: unused shared strings, XML around the cells.

    ``sizes``, ``used``: size of each shared string in bytes of XML, and 1 if a cell shows it.
    ``outside``: XML of each worksheet part without its cells.  ``unusual``: worksheet parts with
    texts in formulas, phonetic texts or other elements among the cells.  ``apart``: rows [place,
    text] of cells that are left out of their sheet, by part.
    """

    sizes: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    used: UInt8 = field(default_factory=lambda: np.zeros(0, np.uint8))
    phonetic: bool = False
    outside: dict[str, bytes] = field(default_factory=dict)
    apart: dict[str, list[Cells]] = field(default_factory=dict)
    unusual: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SheetDimensions:
    """Used rows and columns of a sheet, and True if it has formulas.

    ``text_bytes``: bytes of the shared strings, each as often as a cell names it.  ``unread``:
    cells with a text that the native reader ignores.  ``formulas_read``: the texts in formulas are
    read.  ``damaged``: two cells may be at one place, or a cell names no string.
    """

    rows: int
    columns: int
    formulas: bool
    text_bytes: int = 0
    unread: int = 0
    formulas_read: bool = False
    damaged: bool = False

    @property
    def cells(self) -> int:
        """Return rows times columns, the cells that a dense reader loads."""
        return self.rows * self.columns


def measure_strings(stream: IO[bytes], limit: int) -> CellSurroundings:
    """Measure the shared strings in bytes of XML; raises ValueError above ``limit`` bytes."""
    ends = [np.zeros(1, np.int64)]
    size, rest, phonetic = 0, b"", False
    while more := stream.read(_PIECE_BYTES):
        data = rest + more
        begin = size - len(rest)
        size += len(more)
        if size > limit:
            raise ValueError("unpacked")
        phonetic = phonetic or b"rPh" in data
        found = np.empty(len(data) // _LEAST_STRING + 1, np.int64)
        found = found[: find_string_ends(data, found)]
        ends.append(found + begin)
        last = int(found[-1]) if found.size else 0
        rest = data[max(last, len(data) - OVERLAP_BYTES, 0) :]
    offsets = np.concatenate(ends)
    sizes = offsets[1:] - offsets[:-1]
    return CellSurroundings(sizes, np.zeros(len(sizes), np.uint8), phonetic)


def measure_sheet(
    stream: IO[bytes], limit: int, around: CellSurroundings, part: str = ""
) -> tuple[SheetDimensions, int]:
    """Return (dimensions of an xlsx worksheet part, bytes read); stop above ``limit`` bytes.

    ``around`` gets what there is besides cells in the part ``part``.
    """
    largest = np.zeros(8, np.int64)
    size, rest = 0, b""
    outside: list[bytes] = []
    inside, skip = False, 0
    while size <= limit and (more := stream.read(_PIECE_BYTES)):
        size += len(more)
        data = rest + more
        keep = max(len(data) - OVERLAP_BYTES, 0)
        measure_xml(data, keep, around.sizes, around.used, largest)
        inside, skip = _cut_cells(data, skip, keep, inside, outside)
        rest = data[keep:]
    measure_xml(rest, len(rest), around.sizes, around.used, largest)
    _cut_cells(rest, skip, len(rest), inside, outside)
    around.outside[part] = b"".join(outside)
    rows, columns, formulas, text_bytes, unusual, _, damaged, _ = largest.tolist()
    if unusual:
        around.unusual.add(part)
    dimensions = SheetDimensions(
        *(rows, columns, bool(formulas), text_bytes), formulas_read=True, damaged=bool(damaged)
    )
    return dimensions, size


def _cut_cells(
    data: bytes, begin: int, end: int, inside: bool, outside: list[bytes]
) -> tuple[bool, int]:
    """Add the bytes of [begin, end) outside of the element ``sheetData`` to ``outside``.

    ``inside``: True if ``begin`` is inside of it. Return (True if ``end`` is inside, number of
    bytes after ``end`` that belong to a tag that was added).
    """
    at = begin
    tags = _SHEET_DATA.finditer(data, begin) if b"sheetData" in data else ()
    for found in tags:
        if found.start() < end and inside == found[0].startswith(b"</"):
            outside.append(data[found.start() if inside else at : found.end()])
            at, inside = found.end(), not inside
    if not inside and at < end:
        outside.append(data[at:end])
    return inside, max(at - end, 0)


def measure_xlsb_sheet(data: bytes) -> SheetDimensions:
    """Return the dimensions of an xlsb worksheet part."""
    largest = np.zeros(4, np.int64)
    measure_xlsb(data, largest)
    rows, columns, formulas, damaged = largest.tolist()
    return SheetDimensions(rows, columns, bool(formulas), unread=damaged)


def measure_ods_tables(stream: IO[bytes]) -> list[SheetDimensions]:
    """Return the dimensions of the tables of an ods document, repeated rows and cells included.

    Raise ParseError if its XML is not well-formed, on which the native reader can hang.
    """
    dimensions: list[SheetDimensions] = []
    rows = used = width = column = filled = unread = 0
    formulas = False
    for event, node in ElementTree.iterparse(stream, ("start", "end")):
        name = node.tag.rpartition("}")[2]
        if event == "start":
            if name == "table":
                rows = used = width = unread = 0
                formulas = False
            elif name == "table-row":
                column = filled = 0
            continue
        if name in ("table-cell", "covered-table-cell"):
            column += _repeat_count(node, "number-columns-repeated")
            if len(node) or any(key.endswith("value-type") for key in node.attrib):
                filled = column
            unread += _is_ignored(node)
            formulas = formulas or any(key.endswith("}formula") for key in node.attrib)
            node.clear()
        elif name == "table-row":
            rows += _repeat_count(node, "number-rows-repeated")
            if filled:
                used, width = rows, max(width, filled)
            node.clear()
        elif name == "table":
            dimensions.append(
                SheetDimensions(used, width, formulas, unread=unread, formulas_read=True)
            )
    return dimensions


def _is_ignored(node: ElementTree.Element) -> bool:
    """Return True if an ods cell has a text, but neither a value nor the type ``string``."""
    names = {key.rpartition("}")[2]: text for key, text in node.attrib.items()}
    if names.get("value-type") == "string" or any(name.endswith("value") for name in names):
        return False
    return any(text.strip() for part in node if part.tag.endswith("}p") for text in part.itertext())


def _repeat_count(node: ElementTree.Element, attribute: str) -> int:
    """Parse the repetitions in an attribute: ``"3" -> 3``; 1 if it is missing or invalid."""
    text = next((v for k, v in node.attrib.items() if k.rpartition("}")[2] == attribute), "1")
    return int(text) if text.isascii() and text.isdigit() else 1
