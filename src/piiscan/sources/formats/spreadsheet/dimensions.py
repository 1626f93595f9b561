"""Sheet dimensions: used rows and columns, read from the stored sheet before it is loaded.

    <c r="B12"><v>1</v></c> -> 12 rows, 2 columns

A dense reader would fill memory with the blank cells of a sheet with one stray cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO, Final
from xml.etree import ElementTree

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.jit import inner, kernel

_PIECE_BYTES: Final = 1 << 20
_OVERLAP_BYTES: Final = 256  # overlap of two pieces: longer than the start tag of a cell
_PREFIX_BYTES: Final = 16  # longest prefix of a name
_MAX_STRINGS: Final = 1 << 40
_STRING_END: Final = re.compile(rb"</(?:\w{1,16}:)?si\s*>|<(?:\w{1,16}:)?si\s*/>")


@dataclass(frozen=True, slots=True)
class SheetDimensions:
    """Used rectangle of a sheet, and True if it has formulas.

    ``text_bytes``: bytes of the shared strings, each as often as a cell names it.  ``unread``:
    cells with a text that the native reader ignores.
    """

    rows: int
    columns: int
    formulas: bool
    text_bytes: int = 0
    unread: int = 0

    @property
    def cells(self) -> int:
        """Return the number of cells of the rectangle, which a dense reader would all load."""
        return self.rows * self.columns


@kernel
def _scan_xml(xml: UInt8, end: int, sizes: Int64, largest: Int64) -> None:
    """Raise ``largest`` by filled cells in worksheet XML before ``end``.

    ``largest``: row, column, number of formulas, bytes of shared strings (``sizes``: of each one).
    Grammar: ``<c r="AB12" …>`` with a value; ``<c … />`` has none.  ``<f>`` is a formula.  Names
    can have a prefix: ``<x:c …>``.
    """
    i = 0
    while i < end:
        if xml[i] != 60 or i + 3 >= xml.size:  # <
            i += 1
            continue
        i = _skip_prefix(xml, i)
        if xml[i + 1] == 102 and (xml[i + 2] == 62 or xml[i + 2] == 32 or xml[i + 2] == 47):  # <f
            largest[2] += 1
        if xml[i + 1] != 99 or xml[i + 2] != 32:  # <c and a blank
            i += 1
            continue
        close = i
        while close < xml.size and xml[close] != 62:  # >
            close += 1
        if close < xml.size and xml[close - 1] != 47:  # not <c … />, which has no value
            _read_cell_reference(xml, i, close, largest)
            number = _shared_string(xml, i, close)
            if 0 <= number < sizes.size:
                largest[3] += sizes[number]
        i = max(close, i + 1)
    return


@inner
def _skip_prefix(xml: UInt8, i: int) -> int:
    """Return the offset before a tag's name: of ``<`` at ``i``, or of the colon of ``<x:``."""
    for at in range(i + 1, min(i + _PREFIX_BYTES, xml.size - 3)):
        if xml[at] == 58:  # :
            return at
        if xml[at] < 65:  # the name ends; no letter
            return i
    return i


@inner
def _shared_string(xml: UInt8, begin: int, close: int) -> int:
    """Return the number in ``<v>12</v>`` of a cell with ``t="s"`` in its tag [begin, close); -1."""
    i = begin
    while i + 5 < close and not (
        xml[i] == 32 and xml[i + 1] == 116 and xml[i + 2] == 61 and xml[i + 4] == 115  #  t="s
    ):
        i += 1
    if i + 5 >= close:
        return -1
    i = close + 1
    while i < min(close + _OVERLAP_BYTES, xml.size) and not 48 <= xml[i] <= 57:
        i += 1
    number = -1
    while i < xml.size and 48 <= xml[i] <= 57 and number < _MAX_STRINGS:
        number = max(number, 0) * 10 + xml[i] - 48
        i += 1
    return number


@inner
def _read_cell_reference(xml: UInt8, begin: int, close: int, largest: Int64) -> None:
    """Raise ``largest`` by the row and column of ``r="AB12"`` in a tag [begin, close)."""
    i = begin
    while i + 3 < close and not (
        xml[i] == 32 and xml[i + 1] == 114 and xml[i + 2] == 61 and xml[i + 3] == 34  #  r="
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
    largest[0] = max(largest[0], row)
    largest[1] = max(largest[1], column)


def measure_strings(stream: IO[bytes], limit: int) -> Int64:
    """Return the size of each shared string in bytes of XML; raises ValueError above ``limit``."""
    ends: list[int] = [0]
    size, rest = 0, b""
    while more := stream.read(_PIECE_BYTES):
        data = rest + more
        begin = size - len(rest)
        size += len(more)
        if size > limit:
            raise ValueError("unpacked")
        ends += [begin + found.end() for found in _STRING_END.finditer(data)]
        last = ends[-1] - begin
        rest = data[max(last, len(data) - _OVERLAP_BYTES, 0) :]
    return np.array(ends[1:], np.int64) - np.array(ends[:-1], np.int64)


def measure_sheet(stream: IO[bytes], limit: int, sizes: Int64) -> tuple[SheetDimensions, int]:
    """Return (dimensions of an xlsx worksheet part, bytes read); stop above ``limit`` bytes.

    ``sizes``: size of each shared string.
    """
    largest = np.zeros(4, np.int64)
    size, rest = 0, b""
    while size <= limit and (more := stream.read(_PIECE_BYTES)):
        size += len(more)
        data = rest + more
        keep = max(len(data) - _OVERLAP_BYTES, 0)
        _scan_xml(np.frombuffer(data, np.uint8), keep, sizes, largest)
        rest = data[keep:]
    _scan_xml(np.frombuffer(rest or b" ", np.uint8), len(rest), sizes, largest)
    rows, columns, formulas, text_bytes = largest.tolist()
    return SheetDimensions(rows, columns, bool(formulas), text_bytes), size


@kernel
def _scan_xlsb(data: UInt8, largest: Int64) -> None:
    """Raise ``largest`` (row, column, formulas) by the cells of an xlsb sheet ([MS-XLSB] 2.1.4)."""
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
                largest[0] = max(largest[0], row)
                largest[1] = max(largest[1], number + 1)
                largest[2] = max(largest[2], kind // 8)
        i += size


def measure_xlsb_sheet(data: bytes) -> SheetDimensions:
    """Return the dimensions of an xlsb worksheet part."""
    largest = np.zeros(3, np.int64)
    _scan_xlsb(np.frombuffer(data or b"\0", np.uint8), largest)
    return SheetDimensions(int(largest[0]), int(largest[1]), bool(largest[2]))


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
            dimensions.append(SheetDimensions(used, width, formulas, unread=unread))
    return dimensions


def _is_ignored(node: ElementTree.Element) -> bool:
    """Return True if an ods cell has a text, but neither a value nor the type ``string``."""
    names = {key.rpartition("}")[2]: text for key, text in node.attrib.items()}
    if names.get("value-type") == "string" or any(name.endswith("value") for name in names):
        return False
    return any(text.strip() for text in node.itertext())


def _repeat_count(node: ElementTree.Element, attribute: str) -> int:
    """Return the number of repetitions in an attribute, 1 if it is missing or invalid."""
    text = next((v for k, v in node.attrib.items() if k.rpartition("}")[2] == attribute), "1")
    return int(text) if text.isascii() and text.isdigit() else 1
