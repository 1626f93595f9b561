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
from piiscan.jit import inner, kernel

_PIECE_BYTES: Final = 1 << 20
_OVERLAP_BYTES: Final = 256  # overlap of two pieces: longer than the start tag of a cell
_PREFIX_BYTES: Final = 16  # longest prefix of a name
_LEAST_STRING: Final = 5  # bytes of <si/>
_MAX_STRINGS: Final = 1 << 40
_SHEET_DATA: Final = re.compile(rb"</?(?:\w{1,16}:)?sheetData(?:\s[^>/]{0,200})?>")


@dataclass(slots=True)
class CellSurroundings:
    """What the cells of a workbook leave out: the readers of its other parts begin here.

    ``sizes``, ``used``: size of each shared string in bytes of XML, and 1 if a cell shows it.
    ``outside``: XML of each worksheet part without its cells.  ``unusual``: worksheet parts with
    texts in formulas, phonetic texts or other elements among the cells.
    """

    sizes: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    used: UInt8 = field(default_factory=lambda: np.zeros(0, np.uint8))
    phonetic: bool = False
    outside: dict[str, bytes] = field(default_factory=dict)
    unusual: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SheetDimensions:
    """Used rectangle of a sheet, and True if it has formulas.

    ``text_bytes``: bytes of the shared strings, each as often as a cell names it.  ``unread``:
    cells with a text that the native reader ignores.  ``formulas_read``: the texts in formulas are
    read.
    """

    rows: int
    columns: int
    formulas: bool
    text_bytes: int = 0
    unread: int = 0
    formulas_read: bool = False

    @property
    def cells(self) -> int:
        """Return the number of cells of the rectangle, which a dense reader would all load."""
        return self.rows * self.columns


@kernel
def _scan_xml(xml: UInt8, end: int, sizes: Int64, used: UInt8, largest: Int64) -> None:
    """Raise ``largest`` by filled cells in worksheet XML before ``end``.

    ``largest``: row, column, number of formulas, bytes of shared strings (``sizes``: of each one),
    number of elements with texts that are no values, 1 inside of the cells.  ``used`` becomes 1
    for each shared string of a cell.
    Grammar: ``<c r="AB12" …>`` with a value; ``<c … />`` has none.  ``<f>`` is a formula.  Names
    can have a prefix: ``<x:c …>``.
    """
    i = 0
    while i < end:
        if xml[i] != 60 or i + 3 >= xml.size:  # <
            i += 1
            continue
        closing = xml[i + 1] == 47  # </
        i = _skip_prefix(xml, i)
        if closing:
            if _is_sheet_data(xml, _skip_prefix(xml, i + 1)):
                largest[5] = 0
        elif _is_sheet_data(xml, i):
            largest[5] = 1
        elif largest[5] and _is_unusual(xml, i):
            largest[4] += 1
        if xml[i + 1] == 102 and (xml[i + 2] == 62 or xml[i + 2] == 32 or xml[i + 2] == 47):  # <f
            largest[2] += 1
            largest[4] += _has_literal(xml, i)
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
                used[number] = 1
        i = max(close, i + 1)
    return


@inner
def _is_sheet_data(xml: UInt8, i: int) -> bool:
    """Return True if ``sheetData`` comes after ``i``."""
    return bool(i + 6 < xml.size and xml[i + 1] == 115 and xml[i + 6] == 68)  # s, D


@inner
def _is_unusual(xml: UInt8, i: int) -> bool:
    """Return True unless the tag at ``i`` is row, c, v, f, is, t or r: 13 of them begin so."""
    first, second = xml[i + 1], xml[i + 2]
    if first == 114:  # r, row; not rPh, rPr
        return bool(second == 80)
    return not (first == 99 or first == 118 or first == 102 or first == 116 or first == 105)


@inner
def _has_literal(xml: UInt8, i: int) -> int:
    """Return 1 if the formula at ``i`` has a text or a number of five digits, or is cut off."""
    while i < xml.size and xml[i] != 62:  # >
        i += 1
    if i < xml.size and xml[i - 1] == 47:
        return 0
    digits = 0
    for at in range(i + 1, xml.size):
        byte = xml[at]
        if byte == 60:  # <
            return 0
        if byte == 34 or (byte == 38 and at + 1 < xml.size and xml[at + 1] == 113):  # " or &q
            return 1
        if 48 <= byte <= 57 and (digits or not _is_name(xml[at - 1])):
            digits += 1
            if digits == 5:
                return 1
        else:
            digits = 0
    return 1


@inner
def _is_name(byte: int) -> bool:
    """Return True for a letter, digit or ``$``: digits behind it belong to a reference."""
    return byte == 36 or 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122


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


@inner
def _is_blank(byte: int) -> bool:
    """Return True for white space of XML."""
    return byte == 32 or 9 <= byte <= 13


@kernel
def _find_string_ends(xml: UInt8, ends: Int64) -> int:
    """Write the offset behind each ``</si>`` and ``<si/>`` to ``ends``; return their number.

    Names can have a prefix: ``</x:si>``.
    """
    count = 0
    for i in range(xml.size - 4):
        if xml[i] != 60:  # <
            continue
        closing = xml[i + 1] == 47  # /
        at = i + 2 if closing else i + 1
        colon = at
        stop = min(at + _PREFIX_BYTES, xml.size)
        while colon < stop and (_is_name(xml[colon]) or xml[colon] == 95):  # _
            colon += 1
        if colon < xml.size and xml[colon] == 58 and colon > at:  # :
            at = colon + 1
        if at + 2 >= xml.size or xml[at] != 115 or xml[at + 1] != 105:  # si
            continue
        at += 2
        while at < xml.size and _is_blank(xml[at]):
            at += 1
        if not closing and at < xml.size and xml[at] == 47:
            at += 1
            closing = True
        elif not closing:
            continue
        if at < xml.size and xml[at] == 62:  # >
            ends[count] = at + 1
            count += 1
    return count


def measure_strings(stream: IO[bytes], limit: int) -> CellSurroundings:
    """Return the sizes of the shared strings; raises ValueError above ``limit`` bytes."""
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
        found = found[: _find_string_ends(np.frombuffer(data, np.uint8), found)]
        ends.append(found + begin)
        last = int(found[-1]) if found.size else 0
        rest = data[max(last, len(data) - _OVERLAP_BYTES, 0) :]
    offsets = np.concatenate(ends)
    sizes = offsets[1:] - offsets[:-1]
    return CellSurroundings(sizes, np.zeros(len(sizes), np.uint8), phonetic)


def measure_sheet(
    stream: IO[bytes], limit: int, around: CellSurroundings, part: str = ""
) -> tuple[SheetDimensions, int]:
    """Return (dimensions of an xlsx worksheet part, bytes read); stop above ``limit`` bytes.

    ``around`` gets what there is besides cells in the part ``part``.
    """
    largest = np.zeros(6, np.int64)
    size, rest = 0, b""
    outside: list[bytes] = []
    inside, skip = False, 0
    while size <= limit and (more := stream.read(_PIECE_BYTES)):
        size += len(more)
        data = rest + more
        keep = max(len(data) - _OVERLAP_BYTES, 0)
        _scan_xml(np.frombuffer(data, np.uint8), keep, around.sizes, around.used, largest)
        inside, skip = _cut_cells(data, skip, keep, inside, outside)
        rest = data[keep:]
    _scan_xml(np.frombuffer(rest or b" ", np.uint8), len(rest), around.sizes, around.used, largest)
    _cut_cells(rest, skip, len(rest), inside, outside)
    around.outside[part] = b"".join(outside)
    rows, columns, formulas, text_bytes, unusual, _ = largest.tolist()
    if unusual:
        around.unusual.add(part)
    return SheetDimensions(rows, columns, bool(formulas), text_bytes, formulas_read=True), size


def _cut_cells(
    data: bytes, begin: int, end: int, inside: bool, outside: list[bytes]
) -> tuple[bool, int]:
    """Add the bytes of [begin, end) that are not between the tags of ``sheetData`` to ``outside``.

    ``inside``: the bytes begin between them. Return it for the bytes behind ``end``, and how many
    of these belong to a tag that was added.
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


@kernel
def _scan_xlsb(data: UInt8, largest: Int64) -> None:
    """Raise ``largest`` (row, column, formulas) by the cells of an xlsb sheet ([MS-XLSB] 2.1.4).

    The fourth is the number of rows that are too short: behind one, its reader sees no cell.
    """
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
        if kind == 0 and size < 4:
            largest[3] += 1
        elif kind <= 11 and size >= 4:
            number = 0
            for k in range(4):
                number |= int(data[i + k]) << (8 * k)
            if kind == 0:  # BrtRowHdr
                row = number + 1
                largest[3] += size < 12
            elif kind > 1:  # a cell that is not blank; 8 to 11 are results of formulas
                largest[0] = max(largest[0], row)
                largest[1] = max(largest[1], number + 1)
                largest[2] = max(largest[2], kind // 8)
        i += size


def measure_xlsb_sheet(data: bytes) -> SheetDimensions:
    """Return the dimensions of an xlsb worksheet part."""
    largest = np.zeros(4, np.int64)
    _scan_xlsb(np.frombuffer(data or b"\0", np.uint8), largest)
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
    """Return the number of repetitions in an attribute, 1 if it is missing or invalid."""
    text = next((v for k, v in node.attrib.items() if k.rpartition("}")[2] == attribute), "1")
    return int(text) if text.isascii() and text.isdigit() else 1
