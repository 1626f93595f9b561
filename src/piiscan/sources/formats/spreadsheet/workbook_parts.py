"""Workbook parts: sheet names and dimensions of a workbook, before it is loaded."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import replace
from typing import IO, Final
from xml.etree import ElementTree

from piiscan.sources.formats.spreadsheet.dimensions import (
    CellSurroundings,
    SheetDimensions,
    measure_ods_tables,
    measure_sheet,
    measure_strings,
    measure_xlsb_sheet,
)
from piiscan.sources.limits import Budget

_MAX_SHEETS: Final = 4096


def measure_sheets(
    archive: zipfile.ZipFile, budget: Budget
) -> tuple[list[SheetDimensions] | None, CellSurroundings]:
    """Return the dimensions of a zipped workbook's sheets in order, and the other parts.

    None for an unknown structure.  Of an xlsb only the largest sheet is known, and used for every
    sheet.  Raises ValueError if sheets and shared strings unpack to more than the budget.
    """
    around = CellSurroundings()
    members = archive.NameToInfo
    if "content.xml" in members:
        with archive.open("content.xml") as stream:
            return measure_ods_tables(_read_limited(stream, budget.sheet)), around
    if "xl/workbook.bin" in members:
        return _measure_binary(archive, budget), around
    parts_by_name = sheet_parts(archive)
    if parts_by_name is None:
        return None, around
    parts = [part for _, part in parts_by_name]
    left = budget.sheet
    if "xl/sharedStrings.xml" in members:
        with archive.open("xl/sharedStrings.xml") as stream:
            around = measure_strings(stream, left)
        left -= members["xl/sharedStrings.xml"].file_size
    dimensions = []
    for part in parts:
        size = SheetDimensions(0, 0, False)
        if part in members and left >= 0:
            with archive.open(part) as stream:
                size, length = measure_sheet(stream, left, around, part)
            left -= length
        dimensions.append(size)
    if left < 0:
        raise ValueError("unpacked")
    return dimensions, around


def _measure_binary(archive: zipfile.ZipFile, budget: Budget) -> list[SheetDimensions]:
    """Return the largest sheet's dimensions of an xlsb workbook, repeated for every sheet."""
    names = [name for name in archive.namelist() if re.match(r"xl/worksheets/[^/]+\.bin", name)]
    if sum(archive.getinfo(name).file_size for name in names) > budget.sheet:
        raise ValueError("unpacked")
    largest, damaged = SheetDimensions(0, 0, False), 0
    for name in names:
        with archive.open(name) as stream:
            size = measure_xlsb_sheet(_read_limited(stream, budget.sheet).read())
        damaged += size.unread
        if size.cells > largest.cells:
            largest = size
    return [replace(largest, unread=damaged)] * _MAX_SHEETS


def _read_limited(stream: IO[bytes], limit: int) -> io.BytesIO:
    """Read the stream into memory; raises ValueError above ``limit`` bytes."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError("unpacked")
    return io.BytesIO(data)


def sheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]] | None:
    """Return the names of the sheets and of their parts, in order; None if the XML is invalid."""
    try:
        book = _parse_xml(archive.read("xl/workbook.xml"))
        links = _parse_xml(archive.read("xl/_rels/workbook.xml.rels"))
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


def _parse_xml(data: bytes) -> ElementTree.Element:
    """Parse XML; raises ParseError if it has a document type declaration."""
    # expat expands entities; a workbook never declares any, so one that does is rejected
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ElementTree.ParseError("document type declaration")
    return ElementTree.fromstring(data)
