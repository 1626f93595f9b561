"""How large a sheet is, told from its stored form before a dense reader fills memory with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Final
from xml.etree import ElementTree

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.jit import inner, kernel

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


@inner
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


def measure_sheet(stream: IO[bytes], limit: int) -> tuple[Extent, int]:
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


@kernel
def _scan_records(data: UInt8, most: Int64) -> None:
    """Widen ``most`` (row, column, formulas) by the cells of an xlsb sheet ([MS-XLSB] 2.1.4)."""
    i = 0
    row = 0
    while i + 2 < data.size:
        kind = int(data[i]) & 0x7F
        if data[i] & 0x80:
            i += 1
            kind |= (int(data[i]) & 0x7F) << 7
        i += 1
        size = 0
        shift = 0
        while i < data.size and shift < 28:
            byte = int(data[i])
            size |= (byte & 0x7F) << shift
            shift += 7
            i += 1
            if byte < 0x80:
                break
        if i + size > data.size:
            return
        if kind <= 11 and size >= 4:
            number = 0
            for k in range(4):
                number |= int(data[i + k]) << (8 * k)
            if kind == 0:  # BrtRowHdr
                row = number + 1
            elif kind > 1:  # a cell that is not blank; 8 to 11 are results of formulas
                most[0] = max(most[0], row)
                most[1] = max(most[1], number + 1)
                most[2] = max(most[2], kind // 8)
        i += size


def measure_binary_sheet(data: bytes) -> Extent:
    """The extent of an xlsb worksheet part."""
    most = np.zeros(3, np.int64)
    _scan_records(np.frombuffer(data or b"\0", np.uint8), most)
    return Extent(int(most[0]), int(most[1]), bool(most[2]))


def measure_tables(stream: IO[bytes]) -> list[Extent]:
    """The extents of the tables of an ods document, repeated rows and cells counted out."""
    extents: list[Extent] = []
    rows = used = width = column = filled = 0
    formulas = False
    try:
        for event, node in ElementTree.iterparse(stream, ("start", "end")):
            name = node.tag.rpartition("}")[2]
            if event == "start":
                if name == "table":
                    rows = used = width = 0
                    formulas = False
                elif name == "table-row":
                    column = filled = 0
                continue
            if name in ("table-cell", "covered-table-cell"):
                column += _repeated(node, "number-columns-repeated")
                if len(node) or any(key.endswith("value-type") for key in node.attrib):
                    filled = column
                formulas = formulas or any(key.endswith("}formula") for key in node.attrib)
                node.clear()
            elif name == "table-row":
                rows += _repeated(node, "number-rows-repeated")
                if filled:
                    used, width = rows, max(width, filled)
                node.clear()
            elif name == "table":
                extents.append(Extent(used, width, formulas))
    except ElementTree.ParseError:
        pass  # the reader itself will say so
    return extents


def _repeated(node: ElementTree.Element, attribute: str) -> int:
    text = next((v for k, v in node.attrib.items() if k.rpartition("}")[2] == attribute), "1")
    return int(text) if text.isascii() and text.isdigit() else 1
