"""What a workbook holds before it is loaded: how large its sheets are, and parts nobody reads."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from piiscan.compiled import kernel
from piiscan.sources.block import Trouble
from piiscan.sources.budget import Budget

UInt8 = npt.NDArray[np.uint8]
Int64 = npt.NDArray[np.int64]

#: Parts that may hold text of people and are not read with the cells (domain.md D.7 E8).
_UNREAD: Final = (
    (re.compile(r"xl/(?:comments|threadedComments/)"), "COMMENTS_NOT_READ", "comments"),
    (re.compile(r"xl/drawings/drawing"), "DRAWINGS_NOT_READ", "drawings and text boxes"),
    (re.compile(r"xl/media/"), "PICTURES_NOT_READ", "pictures"),
    (re.compile(r"xl/embeddings/"), "EMBEDDED_NOT_READ", "embedded files"),
    (re.compile(r"xl/pivotCache/pivotCacheRecords"), "PIVOT_CACHE_NOT_READ", "pivot caches"),
    (re.compile(r"xl/externalLinks/externalLink"), "LINKED_NOT_READ", "cached external cells"),
)
_PIECE: Final = 1 << 20
_KEPT: Final = 256  # bytes carried from one piece to the next: longer than a cell's start tag


@dataclass(frozen=True, slots=True)
class Extent:
    """The used rectangle of a sheet, and whether it has formulas."""

    rows: int
    columns: int
    formulas: bool

    @property
    def cells(self) -> int:
        """How many cells the rectangle has; a dense reader takes them all."""
        return self.rows * self.columns


@kernel
def _scan(xml: UInt8, end: int, most: Int64) -> None:
    """Widen ``most`` (row, column, formulas) by the filled cells that begin before ``end``."""
    i = 0
    while i < end:
        if xml[i] != 60 or i + 3 >= xml.size:  # <
            i += 1
            continue
        if xml[i + 1] == 102 and (xml[i + 2] == 62 or xml[i + 2] == 32 or xml[i + 2] == 47):  # <f
            most[2] += 1
        if xml[i + 1] != 99 or xml[i + 2] != 32:  # <c and a blank
            i += 1
            continue
        close = i
        while close < xml.size and xml[close] != 62:
            close += 1
        if close < xml.size and xml[close - 1] != 47:  # not <c … />, which has no value
            _reference(xml, i, close, most)
        i = close
    return


@kernel
def _reference(xml: UInt8, begin: int, close: int, most: Int64) -> None:
    """Read r="AB12" between ``begin`` and ``close``."""
    i = begin
    while i + 3 < close and not (
        xml[i] == 32 and xml[i + 1] == 114 and xml[i + 2] == 61 and xml[i + 3] == 34
    ):
        i += 1
    i += 4
    column = 0
    row = 0
    while i < close and 65 <= xml[i] <= 90:
        column = column * 26 + xml[i] - 64
        i += 1
    while i < close and 48 <= xml[i] <= 57:
        row = row * 10 + xml[i] - 48
        i += 1
    most[0] = max(most[0], row)
    most[1] = max(most[1], column)


def measure_sheet(stream: BinaryIO, limit: int) -> tuple[Extent, int]:
    """The extent of a worksheet part and its length in bytes (reading stops above ``limit``)."""
    most = np.zeros(3, np.int64)
    size, rest = 0, b""
    while size <= limit and (more := stream.read(_PIECE)):
        size += len(more)
        data = rest + more
        keep = max(len(data) - _KEPT, 0)
        _scan(np.frombuffer(data, np.uint8), keep, most)
        rest = data[keep:]
    _scan(np.frombuffer(rest or b" ", np.uint8), len(rest), most)
    return Extent(int(most[0]), int(most[1]), bool(most[2])), size


def list_unread(archive: zipfile.ZipFile, member: str) -> Iterator[Trouble]:
    """A Trouble for each kind of part that is in the workbook and not read."""
    counts: Counter[int] = Counter()
    for name in archive.namelist():
        for number, (pattern, _, _) in enumerate(_UNREAD):
            if pattern.match(name):
                counts[number] += 1
    for number, count in sorted(counts.items()):
        _, reason, what = _UNREAD[number]
        yield Trouble(member, reason, f"{count} parts with {what}")


def measure_sheets(archive: zipfile.ZipFile, budget: Budget) -> list[Extent] | None:
    """The extents of an xlsx workbook's sheets in their order; None if it is not laid out as one.

    Raises ValueError if sheets and shared strings unpack to more than the budget.
    """
    parts = _sheet_parts(archive)
    if parts is None:
        return None
    left = budget.sheet
    extents = []
    known = set(archive.namelist())
    for part in parts:
        extent = Extent(0, 0, False)
        if part in known:
            with archive.open(part) as stream:
                extent, size = measure_sheet(stream, left)  # type: ignore[arg-type]
            left -= size
        extents.append(extent)
    if "xl/sharedStrings.xml" in known:
        left -= archive.getinfo("xl/sharedStrings.xml").file_size
    if left < 0:
        raise ValueError("unpacked")
    return extents


def _sheet_parts(archive: zipfile.ZipFile) -> list[str] | None:
    """Part names of the sheets, in the workbook's order."""
    try:
        book = _parse(archive.read("xl/workbook.xml"))
        links = _parse(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return None
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    parts = []
    for sheet in (node for node in book.iter() if node.tag.rpartition("}")[2] == "sheet"):
        key = next((v for k, v in sheet.attrib.items() if k.rpartition("}")[2] == "id"), "")
        target = targets.get(key, "")
        parts.append(target[1:] if target.startswith("/") else posixpath.normpath(f"xl/{target}"))
    return parts


def _parse(data: bytes) -> ElementTree.Element:
    # expat expands entities; a workbook never declares any, so one that does is not parsed
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ElementTree.ParseError("document type declaration")
    return ElementTree.fromstring(data)
