"""Binary Word documents: the texts of a doc file by its piece table, with tables and fields.

[MS-DOC]: 2.5 the file information block, 2.9.38 the piece table (Clx), 2.8.6 the places of
paragraphs (PlcfBtePapx), of which the ends of rows and the depth of tables are read.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from piiscan.errors import SourceError
from piiscan.sources.encoding.detector import CODECS, best_encoding
from piiscan.sources.formats.document.flow_reader import FlowReader
from piiscan.sources.formats.document.flow_writer import FlowWriter

_IDENTS: Final = (0xA5EC, 0xA5DC)
_WORD6, _WORD97 = 0x65, 0xC1
_ENCRYPTED: Final = 0x100
#: Texts in the order in which they are stored, and the places of their lengths.
_TEXTS: Final = (
    ("text", 0x4C),
    ("footnotes", 0x50),
    ("headers", 0x54),
    ("macros", 0x58),
    ("comments", 0x5C),
    ("endnotes", 0x60),
    ("text boxes", 0x64),
    ("text boxes of headers", 0x68),
)
_PAGE: Final = 512
_MAX_LEVEL: Final = 32
#: Properties of a paragraph: in a table, ends a row, depth, ends a cell or a row of an inner table.
_IN_TABLE, _ROW_END, _DEPTH, _INNER_CELL, _INNER_ROW = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C
_SIZES: Final = (1, 1, 2, 4, 2, 2, 0, 3)
_CHARACTERS: Final = {"\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": "", "\x0e": "\n"}
#: Marks of pictures, notes and comments, which are no text.
_MARKS: Final = frozenset("\x00\x01\x02\x03\x04\x05\x06\x08\ufffc")


@dataclass(slots=True)
class _Piece:
    """Run of characters of a doc file: number of the first, text, offset and width of its bytes."""

    start: int
    text: str
    place: int
    width: int


@dataclass(slots=True)
class _Paragraphs:
    """Table properties of paragraphs, by the byte offset at which each begins."""

    places: list[int] = field(default_factory=list)
    found: list[dict[int, int]] = field(default_factory=list)

    def at(self, place: int) -> dict[int, int]:
        """Return the table properties of the paragraph that contains byte offset ``place``."""
        number = bisect_right(self.places, place) - 1
        return self.found[number] if number >= 0 else {}


def read_word(stream: Callable[[str], bytes]) -> Iterator[FlowReader]:
    """Yield a FlowReader for each text of a doc file (text, notes, headers), read to its end.

    ``stream`` returns the bytes of a stream, none if it is missing. Raises SourceError.
    """
    word = stream("WordDocument")
    if len(word) < 0x200 or struct.unpack_from("<H", word)[0] not in _IDENTS:
        raise SourceError("CORRUPT", "doc: no file information block")
    version, flags = struct.unpack_from("<H", word, 2)[0], struct.unpack_from("<H", word, 10)[0]
    if flags & _ENCRYPTED:
        raise SourceError("ENCRYPTED", "the document has a password")
    if version < _WORD6:
        raise SourceError("CORRUPT", "doc: an unknown version")
    if version < _WORD97:  # Word 6 or 95, whose text is one byte range
        begin, end = struct.unpack_from("<II", word, 0x18)
        data = word[begin:end]
        text = data.decode(CODECS[best_encoding(data)], "replace")
        yield _read_text("text", text, 0, [], _Paragraphs())
        return
    table = stream("1Table" if flags & 0x200 else "0Table")
    try:
        pieces, paragraphs = _pieces(word, table), _paragraphs(word, table)
    except (struct.error, IndexError) as error:
        raise SourceError("CORRUPT", f"doc: {type(error).__name__}") from None
    text = "".join(each.text for each in pieces)
    at = 0
    for name, place in _TEXTS:
        length = min(struct.unpack_from("<I", word, place)[0], len(text) - at)
        if length > 0:
            yield _read_text(name, text[at : at + length], at, pieces, paragraphs)
        at += max(length, 0)
    if text[at:].strip("\r\0"):
        yield _read_text("further text", text[at:], at, pieces, paragraphs)


def _pieces(word: bytes, table: bytes) -> list[_Piece]:
    """Parse the piece table of a doc file: its runs of characters, in order."""
    at, size = struct.unpack_from("<II", word, 0x1A2)
    clx = table[at : at + size]
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise SourceError("CORRUPT", "doc: no piece table")
    plc = clx[at + 5 : at + 5 + struct.unpack_from("<I", clx, at + 1)[0]]
    count = (len(plc) - 4) // 12
    starts = struct.unpack_from(f"<{count + 1}I", plc)
    pieces = []
    total = 0
    for number in range(count):
        length = starts[number + 1] - starts[number]
        place = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)[0]
        narrow = place & 0x40000000
        begin, width = ((place & 0x3FFFFFFF) // 2, 1) if narrow else (place & 0x3FFFFFFF, 2)
        total += max(length, 0)
        if length < 0 or total > 2 * len(word):
            raise SourceError("CORRUPT", "doc: pieces over each other")
        data = word[begin : begin + length * width]
        text = data.decode("cp1252" if narrow else "utf-16-le", "replace")
        pieces.append(_Piece(starts[number], text, begin, width))
    return pieces


def _paragraphs(word: bytes, table: bytes) -> _Paragraphs:
    """Parse the table properties of all paragraphs of a doc file."""
    at, size = struct.unpack_from("<II", word, 0x102)
    plc = table[at : at + size]
    count = max(len(plc) - 4, 0) // 8
    entries: list[tuple[int, dict[int, int]]] = []
    for number in struct.unpack_from(f"<{count}I", plc, 4 * (count + 1)) if count else ():
        page = word[(number & 0x3FFFFF) * _PAGE :][:_PAGE]
        if len(page) < _PAGE:
            continue
        runs = page[-1]
        starts = struct.unpack_from(f"<{runs + 1}I", page)
        places = (2 * page[4 * (runs + 1) + 13 * run] for run in range(runs))
        entries += [
            (start, _properties(page, at)) for start, at in zip(starts, places, strict=False)
        ]
    entries.sort(key=lambda each: each[0])
    return _Paragraphs([place for place, _ in entries], [found for _, found in entries])


def _properties(page: bytes, at: int) -> dict[int, int]:
    """Return number -> value of the table properties of the paragraph at offset ``at``."""
    if not at:
        return {}
    begin, size = (at + 1, 2 * page[at] - 1) if page[at] else (at + 2, 2 * page[at + 1])
    data, found = page[begin + 2 : begin + size], {}
    at = 0
    while at + 3 <= len(data):
        number = struct.unpack_from("<H", data, at)[0]
        length = _SIZES[number >> 13] or data[at + 2] + 1
        if number >> 8 == 0xD6 and number & 0xFF == 8:  # the definition of a table
            break
        if number in (_IN_TABLE, _ROW_END, _DEPTH, _INNER_CELL, _INNER_ROW):
            found[number] = data[at + 2]
        at += 2 + length
    return found


def _read_text(
    name: str, text: str, start: int, pieces: list[_Piece], paragraphs: _Paragraphs
) -> FlowReader:
    """Return the FlowReader of one text. ``start``: number of its first character in the file."""
    reader = FlowReader(name, lambda _: None)
    writer = FlowWriter(reader)
    begins = [each.start for each in pieces]
    at = 0
    fields: list[bool] = []  # True in the instruction of a field
    while at < len(text):
        end = next((n for n in range(at, len(text)) if text[n] in "\r\x07"), len(text))
        place = -1
        if pieces and end < len(text):
            piece = pieces[bisect_right(begins, start + end) - 1]
            place = piece.place + (start + end - piece.start) * piece.width
        found = paragraphs.at(place)
        is_cell = end < len(text) and text[end] == "\x07"
        level = found.get(_DEPTH, found.get(_IN_TABLE, int(is_cell)))
        level = max(min(level, _MAX_LEVEL), int(is_cell))
        row_end = found.get(_ROW_END, 0) if paragraphs.places else is_cell and end == at
        if not (row_end or found.get(_INNER_ROW)):
            _write(writer, text[at:end], level, fields)
        if row_end or found.get(_INNER_ROW):
            writer.end_row(max(level, 1))
        elif is_cell or found.get(_INNER_CELL):
            writer.end_cell(max(level, 1))
        else:
            writer.end_paragraph(level)
        at = end + 1
    writer.close()
    reader.close()
    return reader


def _write(writer: FlowWriter, text: str, level: int, fields: list[bool]) -> None:
    """Write the text of a paragraph at table depth ``level``; instructions of fields are events.

    ``fields``: per open field, True inside its instruction.
    """
    kept: list[str] = []

    def flush() -> None:
        """Write the collected characters, as text or as the instruction of a field."""
        if kept:
            if fields and fields[-1]:
                writer.event("instrText", "".join(kept))
            else:
                writer.add("".join(kept), level)
            kept.clear()

    for char in text:
        if char in "\x13\x14\x15":
            flush()
            writer.paragraph(level)
            if char == "\x13":
                fields.append(True)
                writer.mark("begin")
            elif fields:
                if char == "\x14":
                    fields[-1] = False
                else:
                    fields.pop()
                writer.mark("separate" if char == "\x14" else "end")
        elif char not in _MARKS:
            kept.append(_CHARACTERS.get(char, char))
    flush()
