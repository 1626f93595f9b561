r"""Rich text (RTF): masked copies, with the values in texts replaced in place.

The text is written as a Word part with the bytes of each character, so that values are found in
paragraphs and tables however the text is written: ``\'d5\'c5{\b\u19977?}`` is 张三. Pictures,
objects and other encoded files in it are left out.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, BinaryIO, Final, NamedTuple
from xml.sax.saxutils import escape

from piiscan.copies.office.office_blocks import Grid, grid_edits, held_bytes, part_grids
from piiscan.copies.office.word import word_texts
from piiscan.copies.replacer import Replacer
from piiscan.copies.text_map import Edit, apply_edits
from piiscan.errors import SourceError
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.formats.document.rich_text import (
    BESIDE,
    CHARACTERS,
    CHARSETS,
    HEADERS,
    INLINE,
    LINES,
    MAX_DEPTH,
    PARAGRAPHS,
    SIGNS,
    TOKEN,
    codec_of,
)
from piiscan.tabular.column_overrides import ColumnOverrides

#: Destinations with encoded files, which a copy has not.
_FILES: Final = frozenset(
    b"pict objdata themedata colorschememapping datastore datafield fontemb fontfile blipuid "
    b"passwordhash".split()
)
#: Destinations that are texts of their own; so is any other behind ``\*``.
_APART: Final = (
    frozenset(
        b"fonttbl colortbl stylesheet info fldinst title subject author manager company operator"
        b" category keywords comment doccomm hlinkbase upr ud listname revtbl falt sn sv xe"
        b" tc".split()
    )
    | BESIDE
    | HEADERS
)
_NAMES: Final = frozenset(b"author manager operator atnauthor atnid revtbl".split())
_CELL_ENDS: Final = (b"cell", b"nestcell")
_ROW_ENDS: Final = (b"row", b"nestrow")
_MAX_SKIP: Final = 100
#: A control word without a blank behind it, and how long one is at most.
_WORD_END: Final = re.compile(rb"\\[a-zA-Z]+-?[0-9]*\Z")
_MAX_WORD: Final = 48
#: Begin and end of a text by what a change made of it.
_TAGS: Final = {
    b"": (b"<w:t>", b"</w:t>"),
    b"deleted": (b"<w:delText>", b"</w:delText>"),
    b"revised": (b"<w:ins><w:t>", b"</w:t></w:ins>"),
}


class _Char(NamedTuple):
    """Character of an RTF text with its bytes [begin, end). ``change``: deleted or revised."""

    text: str
    begin: int
    end: int
    change: bytes
    skip: int  # characters that stand for one behind a \u here


@dataclass(slots=True)
class _Flow:
    """Text of an RTF document: finished elements, and the open paragraph, cell and row.

    ``is_name``: it is the name of somebody who worked on the document.
    """

    is_name: bool = False
    done: list[list[_Char] | str] = field(default_factory=list)
    line: list[_Char] = field(default_factory=list)
    cell: list[list[_Char]] = field(default_factory=list)
    cells: list[list[list[_Char]]] = field(default_factory=list)
    rows: list[list[list[list[_Char]]]] = field(default_factory=list)

    def end_paragraph(self, *, in_table: bool) -> None:
        """Move the open characters to the open cell, or to the finished paragraphs."""
        if in_table:
            self.cell.append(self.line)
        else:
            self.end_table()
            self._add(self.line)
        self.line = []

    def end_cell(self) -> None:
        """Move the open lines to the cells of the open row."""
        self.cells.append([*self.cell, self.line])
        self.cell, self.line = [], []

    def end_row(self) -> None:
        """Move the open cells to the rows of the open table."""
        self.rows.append(self.cells)
        self.cells = []

    def end_table(self) -> None:
        """Add all rows so far, with the open one, as a table."""
        if self.cells:
            self.end_row()
        if self.rows:
            self.done.append("<w:tbl>")
            for row in self.rows:
                self.done.append("<w:tr>")
                for cell in row:
                    self.done.append("<w:tc>")
                    for line in cell:
                        self._add(line)
                    self.done.append("</w:tc>")
                self.done.append("</w:tr>")
            self.done.append("</w:tbl>")
        for line in self.cell:
            self._add(line)
        self.rows, self.cell = [], []

    def _add(self, line: list[_Char]) -> None:
        """Add a paragraph to the finished elements."""
        self.done += ["<w:p>", line, "</w:p>"]


@dataclass(slots=True)
class _Group:
    """Properties of an RTF group. ``begin``: byte offset of its brace."""

    begin: int = 0
    flow: _Flow = field(default_factory=_Flow)
    codec: str = "cp1252"
    skip: int = 1
    in_table: bool = False
    change: bytes = b""
    ignorable: bool = False
    is_file: bool = False
    is_fonts: bool = False
    file: bytes = b""  # the destination of an encoded file that this group began


class RichText:
    """RTF document converted to XML of a Word part, with the bytes of each character.

    ``removals``: edits that leave out encoded files; ``files``: number of pictures and objects.
    """

    def __init__(self, data: bytes) -> None:
        """Parse the RTF ``data``. Raises SourceError if it has too many groups."""
        self.data, self.xml = data, b""
        self.removals: list[Edit] = []
        self.files = 0
        self._flows = [_Flow()]
        self._group = _Group(flow=self._flows[0])
        self._groups: list[_Group] = []
        self._fonts: dict[int, str] = {}
        self._font, self._default = 0, "cp1252"
        self._left = 0  # characters to be left out behind a \u
        self._decoder: Any = None
        self._begin = 0  # of the character that is being decoded
        self._surrogate: _Char | None = None
        self._read()
        self._starts: list[int] = []
        self._chars: list[_Char] = []
        self._write_xml()

    def edits(self, changes: Iterable[Edit]) -> Iterator[Edit]:
        """Convert byte edits of the XML to byte edits of the RTF."""
        for begin, end, new in changes:
            first, last = bisect_left(self._starts, begin), bisect_left(self._starts, end)
            runs: list[tuple[int, int]] = []
            for char in self._chars[first:last]:
                if runs and runs[-1][1] == char.begin:
                    runs[-1] = runs[-1][0], char.end
                else:
                    runs.append((char.begin, char.end))
            for number, (start, stop) in enumerate(runs):
                text = "" if number else new.decode()
                yield start, stop, self._encoded(text, start, self._chars[first].skip)

    def _encoded(self, text: str, start: int, skip: int) -> bytes:
        """Encode a replacement as RTF; after a control word its first character is escaped."""
        word_before = _WORD_END.search(self.data[max(start - _MAX_WORD, 0) : start])
        if not text:
            return b"{}" if word_before else b""
        parts = []
        for at, char in enumerate(text):
            if char.isascii() and char not in "\\{}" and (at or not word_before):
                parts.append(char.encode())
                continue
            units = char.encode("utf-16-le")
            for pair in range(0, len(units), 2):
                number = int.from_bytes(units[pair : pair + 2], "little", signed=True)
                parts.append(b"\\u%d " % number if not skip else b"\\u%d%s" % (number, b"?" * skip))
        return b"".join(parts)

    # reading

    def _read(self) -> None:
        """Process all tokens up to the document's end; ignore the bytes after it."""
        at = 0
        while (found := TOKEN.match(self.data, at)) is not None:
            begin, at = at, found.end()
            code, word, number, sign, brace, text = found.groups()
            if text is not None or code is not None:
                self._add_bytes(begin, at, step=4 if code is not None else 1)
            elif word is not None:
                at = self._control(word, None if number is None else int(number), begin, at)
            elif brace == b"{":
                self._begin_group(begin)
            elif brace == b"}":
                self._end_group(at)
                if not self._groups:
                    break
            elif sign is not None:
                self._sign(sign, begin, at)
        if at < len(self.data):
            self.removals.append((at, len(self.data), b""))
        while self._groups:
            self._end_group(len(self.data))
        for flow in self._flows:
            flow.end_paragraph(in_table=False)

    def _begin_group(self, begin: int) -> None:
        """Begin a group at byte ``begin`` with the properties of the group around it."""
        self._end_characters()
        if len(self._groups) >= MAX_DEPTH:
            raise SourceError("CORRUPT", "rtf: too many groups")
        self._groups.append(self._group)
        self._group = copy(self._group)
        self._group.begin, self._group.ignorable, self._group.file = begin, False, b""

    def _end_group(self, end: int) -> None:
        """End a group at byte ``end``; if it is an encoded file, drop its text."""
        self._end_characters()
        if not self._groups:
            return
        ended, self._group = self._group, self._groups.pop()
        if ended.file and not self._group.is_file:
            self.removals.append((ended.begin, end, b""))
            self.files += ended.file in (b"pict", b"objdata")

    def _control(self, word: bytes, value: int | None, begin: int, end: int) -> int:
        """Process a control word. Return the byte offset of the next token."""
        group = self._group
        if word == b"u" and value is not None:
            self._add_unit(value & 0xFFFF, begin, end)
            return end
        self._end_characters()
        if word == b"bin":
            stop = min(end + max(value or 0, 0), len(self.data))
            if not group.is_file:
                self.removals.append((begin, stop, b"{}"))
            return stop
        ignorable, group.ignorable = group.ignorable, False
        if word in _FILES:
            group.is_file, group.file = True, word
        elif word in _APART or (ignorable and word not in INLINE):
            group.flow, group.in_table = _Flow(is_name=word in _NAMES), False
            group.is_fonts = word == b"fonttbl"
            self._flows.append(group.flow)
        elif word in (b"f", b"fcharset", b"cpg", b"ansicpg", b"uc", b"plain"):
            self._encode_by(word, value)
        elif word in (b"deleted", b"revised"):
            group.change = word if value != 0 else b""
        elif word in CHARACTERS:
            self._add_char(CHARACTERS[word], begin, end)
        else:
            self._structure(word)
        return end

    def _encode_by(self, word: bytes, value: int | None) -> None:
        """Set the encoding to that of a font, else of the document."""
        group = self._group
        if word == b"uc":
            group.skip = min(max(value or 0, 0), _MAX_SKIP)
        elif word == b"plain":
            group.change, group.codec = b"", self._default
        elif word == b"f" and group.is_fonts:
            self._font = value or 0
        elif word == b"f":
            group.codec = self._fonts.get(value or 0, self._default)
        elif word == b"ansicpg" and value:
            self._default = group.codec = codec_of(value)
        elif value and word in (b"fcharset", b"cpg"):
            page = CHARSETS.get(value) if word == b"fcharset" else value
            if page is not None:
                self._fonts[self._font] = codec_of(page)

    def _structure(self, word: bytes) -> None:
        """Process a control word that ends a paragraph, cell or row (``par``, ``cell``)."""
        group = self._group
        if word in PARAGRAPHS or word in LINES:
            group.flow.end_paragraph(in_table=group.in_table)
        elif word in (b"pard", b"intbl"):
            group.in_table = word == b"intbl"
        elif word in _CELL_ENDS:
            group.flow.end_cell()
        elif word in _ROW_ENDS:
            group.flow.end_row()

    def _sign(self, sign: bytes, begin: int, end: int) -> None:
        """Process a control symbol (``~``, ``-``)."""
        if sign == b"*":
            self._group.ignorable = True
        elif sign in (b"\r", b"\n"):
            self._control(b"par", None, begin, end)
        elif sign in SIGNS:
            self._end_characters()
            self._add_char(SIGNS[sign], begin, end)

    # characters

    def _add_bytes(self, begin: int, end: int, *, step: int) -> None:
        """Add bytes [begin, end) as text. ``step``: 1, or 4 for bytes written as hex (``'d5``)."""
        group = self._group
        if group.is_file:
            return
        for at in range(begin, end, step):
            if self._left:
                self._left -= 1
                self._extend(at + step)
                continue
            self._surrogate = None
            if self._decoder is None:
                self._decoder = codecs.getincrementaldecoder(group.codec)("replace")
                self._begin = at
            byte = self.data[at] if step == 1 else int(self.data[at + 2 : at + 4], 16)
            text = self._decoder.decode(bytes((byte,)))
            if text:
                self._add_char(text, self._begin, at + step)
                self._begin = at + step
                if not self._decoder.getstate()[0]:
                    self._decoder = None

    def _add_unit(self, unit: int, begin: int, end: int) -> None:
        r"""Add a unit of UTF-16 (``\u24352?``); skip its replacement characters.

        [``begin``, ``end``): its bytes in the document.
        """
        before, self._surrogate = self._surrogate, None
        self._end_decoder()
        line = self._group.flow.line
        if before is not None and 0xDC00 <= unit < 0xE000 and line and line[-1] is before:
            line.pop()
            pair = 0x10000 + ((ord(before.text) - 0xD800) << 10) + (unit - 0xDC00)
            self._add_char(chr(pair), before.begin, end)
        else:
            self._add_char(chr(unit), begin, end)
            if 0xD800 <= unit < 0xDC00 and line and line[-1].text == chr(unit):
                self._surrogate = line[-1]
        self._left = self._group.skip

    def _extend(self, end: int) -> None:
        """Extend the byte range of the last character to ``end``."""
        line = self._group.flow.line
        if line and not self._group.is_file:
            same = line[-1] is self._surrogate
            line[-1] = line[-1]._replace(end=end)
            self._surrogate = line[-1] if same else None

    def _end_characters(self) -> None:
        """End the open sequence of bytes of one character."""
        self._end_decoder()
        self._surrogate, self._left = None, 0

    def _end_decoder(self) -> None:
        """Drop a character whose bytes are incomplete."""
        self._decoder = None

    def _add_char(self, text: str, begin: int, end: int) -> None:
        """Add a character to the open paragraph.

        [``begin``, ``end``): its bytes in the document.
        """
        group = self._group
        if text and not group.is_file:
            group.flow.line.append(_Char(text, begin, end, group.change, group.skip))

    # XML

    def _write_xml(self) -> None:
        """Write the texts as the XML of a Word part."""
        out = bytearray(b"<w:body>")
        for flow in self._flows:
            for item in flow.done:
                if isinstance(item, str):
                    out += item.encode()
                    continue
                for change, chars in groupby(item, key=lambda char: char.change):
                    begin, end = (b"<w:x author='", b"'/>") if flow.is_name else _TAGS[change]
                    out += begin
                    for char in chars:
                        self._starts.append(len(out))
                        self._chars.append(char)
                        out += escape(_printable(char.text), {"'": "&apos;"}).encode()
                    out += end
        self.xml = bytes(out + b"</w:body>")


def _printable(text: str) -> str:
    """Return a character; "" if XML does not allow it."""
    return "".join("\ufffd" if each < " " or "\ud800" <= each < "\ue000" else each for each in text)


def copy_rich(
    content: Content,
    out: BinaryIO,
    replacer: Replacer,
    overrides: ColumnOverrides,
    *,
    is_copy: bool,
) -> Iterator[Trouble]:
    """Write the redacted copy of a rich text to ``out``; yield a Trouble for files inside.

    ``is_copy``: ``content`` is a copy already, so replacements in it are no findings.

    Raises SourceError if its bytes are not at hand.
    """
    text = RichText(held_bytes(content))
    grids = _grids(text, content.member, replacer)
    changes = grid_edits(grids, replacer, overrides, is_copy=is_copy)
    out.write(apply_edits(text.data, [*text.removals, *text.edits(changes)]))
    if text.files:
        yield Trouble(content.member, "NOT_MASKED", f"{text.files} files inside")


def _grids(text: RichText, member: str, replacer: Replacer) -> Iterator[Grid]:
    """Yield the tables and the other texts of an RTF document as Grids."""
    found = word_texts(text.xml)
    yield from part_grids(member, found.texts, found.tables, replacer)
