"""What a workbook holds before it is loaded: how large its sheets are, and parts nobody reads."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import IO, Final
from xml.etree import ElementTree

from piiscan.sources.block import Trouble
from piiscan.sources.formats.spreadsheet.dimensions import (
    Extent,
    measure_binary_sheet,
    measure_sheet,
    measure_tables,
)
from piiscan.sources.limits import Budget

_MOST_SHEETS: Final = 4096

#: Parts that may hold text of people and are not read with the cells (domain.md D.7 E8).
_UNREAD: Final = (
    (re.compile(r"xl/(?:comments|threadedComments/)"), "COMMENTS_NOT_READ", "comments"),
    (re.compile(r"xl/drawings/drawing"), "DRAWINGS_NOT_READ", "drawings and text boxes"),
    (re.compile(r"xl/media/"), "PICTURES_NOT_READ", "pictures"),
    (re.compile(r"xl/embeddings/"), "EMBEDDED_NOT_READ", "embedded files"),
    (re.compile(r"xl/pivotCache/pivotCacheRecords"), "PIVOT_CACHE_NOT_READ", "pivot caches"),
    (re.compile(r"xl/externalLinks/externalLink"), "LINKED_NOT_READ", "cached external cells"),
)


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
    """The extents of a zipped workbook's sheets in their order; None if it is laid out otherwise.

    Of an xlsb only the largest is known, and stands for every sheet. Raises ValueError if sheets
    and shared strings unpack to more than the budget.
    """
    known = archive.NameToInfo
    if "content.xml" in known:
        with archive.open("content.xml") as stream:
            return measure_tables(_limited(stream, budget.sheet))
    if "xl/workbook.bin" in known:
        return _measure_binary(archive, budget)
    named = sheet_parts(archive)
    if named is None:
        return None
    parts = [part for _, part in named]
    left = budget.sheet
    if "xl/sharedStrings.xml" in known:
        left -= known["xl/sharedStrings.xml"].file_size
    extents = []
    for part in parts:
        extent = Extent(0, 0, False)
        if part in known and left >= 0:
            with archive.open(part) as stream:
                extent, size = measure_sheet(stream, left)
            left -= size
        extents.append(extent)
    if left < 0:
        raise ValueError("unpacked")
    return extents


def _measure_binary(archive: zipfile.ZipFile, budget: Budget) -> list[Extent]:
    names = [name for name in archive.namelist() if re.match(r"xl/worksheets/[^/]+\.bin", name)]
    if sum(archive.getinfo(name).file_size for name in names) > budget.sheet:
        raise ValueError("unpacked")
    largest = Extent(0, 0, False)
    for name in names:
        with archive.open(name) as stream:
            extent = measure_binary_sheet(_limited(stream, budget.sheet).read())
        if extent.cells > largest.cells:
            largest = extent
    return [largest] * _MOST_SHEETS


def _limited(stream: IO[bytes], limit: int) -> io.BytesIO:
    """The stream's bytes; ValueError above ``limit``."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError("unpacked")
    return io.BytesIO(data)


def sheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]] | None:
    """Names of the sheets and of their parts, in the workbook's order."""
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
        part = target[1:] if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        parts.append((sheet.attrib.get("name", ""), part))
    return parts


def _parse(data: bytes) -> ElementTree.Element:
    # expat expands entities; a workbook never declares any, so one that does is not parsed
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ElementTree.ParseError("document type declaration")
    return ElementTree.fromstring(data)
