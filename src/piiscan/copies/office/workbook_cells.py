"""Workbook cells: edits of sheets, shared strings, formulas and sheet names.

A shared string is changed in place if all its cells change alike; otherwise each changed cell
gets an inline string.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import lt
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from piiscan.copies.office.xml_text import Aside, Tag, TextRuns, tokenize
from piiscan.copies.replacer import Replacer
from piiscan.copies.text_map import Edit
from piiscan.errors import SourceError
from piiscan.masking.splice import Change, apply_changes
from piiscan.sources.texts.column_letters import column_number

_CELLS: Final = re.compile(
    rb"<!--.*?-->|<(?:[\w]+:)?row(?=[\s>/])([^>]*)>|<((?:[\w]+:)?)c(?=[\s>/])([^>]*?)(?:/>|>(.*?)</\2c>)",
    re.DOTALL,
)
_ADDRESS: Final = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]*)(\d+)[\"']")
_TYPE: Final = re.compile(rb"\s\bt\s*=\s*[\"'](\w+)[\"']")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>(.*?)</(?:\w+:)?v>", re.DOTALL)
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f(?=[\s>/])[^>]*?(?:/>|>.*?</(?:\w+:)?f>)", re.DOTALL)
_STRINGS: Final = re.compile(rb"<((?:\w+:)?)si(?=[\s>/])[^>]*?(?:/>|>(.*?)</\1si>)", re.DOTALL)
_ONE_TEXT: Final = re.compile(rb"<(?:\w+:)?t(?:\s+xml:space=\"preserve\")?>([^<]*)</(?:\w+:)?t>")
_SHEET_NAME: Final = re.compile(rb"'(?:[^']|'')*'!")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

_ROW_NUMBER: Final = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r=[\"'](\d+)")
_LAST_ROW: Final = 1 << 62

CellAddress = tuple[int, int]  # row and column, from 1


class CellChange(NamedTuple):
    """Text of a cell, and its changes (start, end, new) in code points."""

    text: str
    changes: tuple[Change, ...]

    @property
    def new_text(self) -> str:
        """Return the cell's text with its changes applied."""
        return apply_changes(self.text, self.changes)


#: Last row of a part of a sheet, and the changes of the cells in it.
SheetChanges = tuple[int, Mapping[CellAddress, CellChange]]


@dataclass(frozen=True, slots=True)
class Formula:
    """Formula of a cell: its text without sheet names, its byte range, its element's range.

    ``master``: other formulas refer to it (shared or array formula).
    """

    runs: TextRuns
    inner: tuple[int, int]
    element: tuple[int, int]
    master: bool


@dataclass(slots=True)
class SharedStringUses:
    """Uses of each shared string by the cells of all sheets, and the changes of these cells.

    Of the changes only the first of each string is stored, and those that differ from it.
    """

    total: Counter[int] = field(default_factory=Counter)
    _changed: Counter[int] = field(default_factory=Counter)
    _first: dict[int, CellChange] = field(default_factory=dict)
    _other: dict[tuple[str, int], CellChange] = field(default_factory=dict)  # by sheet and offset
    _differing: set[int] = field(default_factory=set)
    _cells: dict[str, array[int]] = field(default_factory=dict)  # offset, string, offset …

    def sheet_edits(
        self, name: str, sheet: bytes, changes: Iterator[SheetChanges]
    ) -> Iterator[Edit]:
        """Yield the byte edits of a sheet part that turn changed cells into inline strings.

        Cells of shared strings are left for :meth:`late_edits`, and their uses counted. A number
        becomes a text. A formula is deleted; if it is a master formula, only its stored result
        changes. ``changes``: by rows, which are read along with the sheet. Raise SourceError if a
        cell is in no row of its own.
        """
        if not _rows_ascend(sheet):
            everything: dict[CellAddress, CellChange] = {}
            for _, some in changes:
                everything |= some
            changes = iter(((_LAST_ROW, everything),))
        held: Mapping[CellAddress, CellChange] = {}
        first = last = 0
        cells = self._cells.setdefault(name, array("Q"))
        for address, found, attributes, inner in _iterate_cells(sheet):
            while address[0] > last and (rows := next(changes, None)) is not None:
                first = last + 1
                last, held = rows
            if address[0] < first:
                raise SourceError("CORRUPT", "a sheet with cells in rows that are not theirs")
            index, new = _shared_index(attributes, inner), held.get(address)
            if index is not None:
                self.total[index] += 1
            if new is None:
                continue
            if index is None:
                yield found.start(), found.end(), _rewritten_cell(found, new)
                continue
            cells.extend((found.start(), index))
            self._changed[index] += 1
            if self._first.setdefault(index, new) != new:
                self._differing.add(index)
                self._other[name, found.start()] = new

    def late_edits(self, name: str, sheet: bytes) -> Iterator[Edit]:
        """Yield the edits of changed cells in a sheet part whose string does not change with them.

        Call it after :meth:`sheet_edits` of all sheets.
        """
        cells = self._cells.pop(name, ())
        for start, index in zip(cells[::2], cells[1::2], strict=True):
            if index in self._differing or self._changed[index] < self.total[index]:
                found = _CELLS.match(sheet, start)
                assert found is not None
                new = self._other.get((name, start), self._first[index])
                yield start, found.end(), _rewritten_cell(found, new)

    def replaced_string(self, index: int) -> CellChange | None:
        """Return the change of a shared string that only changed cells use, else None."""
        whole = self._changed[index] == self.total[index]
        return self._first.get(index) if whole else None


def _rows_ascend(sheet: bytes) -> bool:
    """Return True if the numbers of the rows of a sheet part ascend."""
    rows = [int(each) for each in _ROW_NUMBER.findall(sheet)]
    return all(map(lt, rows, rows[1:]))


def _iterate_cells(sheet: bytes) -> Iterator[tuple[CellAddress, re.Match[bytes], bytes, bytes]]:
    """Yield (address, regex match, attributes, inner XML) of each cell of a sheet part."""
    row = column = 0
    for found in _CELLS.finditer(sheet):
        if found[3] is None:
            if found[1] is None:  # a comment
                continue
            address = _ADDRESS.search(found[1])
            row, column = (int(address[2]) if address else row + 1), 0
            continue
        address = _ADDRESS.search(found[3])
        column = column_number(address[1]) if address else column + 1
        yield (int(address[2]) if address else row, column), found, found[3], found[4] or b""


def _shared_index(attributes: bytes, inner: bytes) -> int | None:
    """Return the index of the shared string that a cell displays; None if it displays none."""
    kind = _TYPE.search(attributes)
    if kind is None or kind[1] != b"s":
        return None
    value = _VALUE.search(inner)
    return int(value[1]) if value and value[1].strip().isdigit() else None


def _rewritten_cell(found: re.Match[bytes], new: CellChange) -> bytes:
    """Return the XML of a matched cell with the text of ``new`` as an inline string."""
    prefix, attributes, inner = found[2], found[3], found[4] or b""
    plain = _TYPE.sub(b"", attributes).rstrip()
    text = _escape_xml(new.new_text)
    formula = _FORMULA.search(inner)
    if formula is not None and b"ref=" in formula.group().partition(b">")[0]:
        value = b"<%sv>%s</%sv>" % (prefix, text, prefix)
        return b'<%sc%s t="str">%s%s</%sc>' % (prefix, plain, formula.group(), value, prefix)
    p = prefix
    inline = b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (p, p, text, p, p)
    return b'<%sc%s t="inlineStr">%s</%sc>' % (p, plain, inline, p)


def _escape_xml(text: str) -> bytes:
    """Encode ``text`` as UTF-8 XML; a control character becomes ``_x0007_``."""
    encoded = _CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", text)
    return escape(encoded).replace("\r", "&#13;").encode("utf-8", "replace")


def has_formulas(sheet: bytes) -> bool:
    """Return True if a sheet part may have formulas."""
    return b"<f" in sheet or b":f" in sheet


def iterate_formulas(sheet: bytes) -> Iterator[Formula]:
    """Yield each formula of a sheet part that has a text."""
    if not has_formulas(sheet):
        return
    for _, found, _, inner in _iterate_cells(sheet):
        formula = _FORMULA.search(inner)
        if formula is None or b"</" not in formula.group():
            continue
        base = found.start(4) + formula.start()
        begin = base + formula.group().index(b">") + 1
        end = base + formula.group().rindex(b"<")
        runs, at = TextRuns(sheet), begin
        for named in _SHEET_NAME.finditer(sheet, begin, end):
            runs.pieces += [(at, named.start()), "!"]
            at = named.end()
        runs.pieces.append((at, end))
        master = b"ref=" in formula.group().partition(b">")[0]
        yield Formula(runs, (begin, end), (base, base + len(formula.group())), master)


def string_edits(strings: bytes, use: SharedStringUses) -> Iterator[Edit]:
    """Yield byte edits of the shared strings part, for strings that only changed cells use.

    If a string reads differently from its cell, the whole string is replaced.
    """
    for index, found in enumerate(_STRINGS.finditer(strings)):
        new = use.replaced_string(index)
        if new is None:
            continue
        runs = string_runs(strings, found)
        if runs.text == new.text:
            yield from runs.edits(new.changes)
        else:
            p = found[1]
            template = b'<%ssi><%st xml:space="preserve">%s</%st></%ssi>'
            text = _escape_xml(new.new_text)
            yield found.start(), found.end(), template % (p, p, text, p, p)


def unused_strings(strings: bytes, use: SharedStringUses) -> list[TextRuns]:
    """Return the shared strings that no cell displays, left over from deleted cells."""
    return [
        string_runs(strings, found)
        for index, found in enumerate(_STRINGS.finditer(strings))
        if not use.total[index]
    ]


def string_runs(strings: bytes, found: re.Match[bytes]) -> TextRuns:
    """Return the text of one shared string without its phonetic text (``rPh``)."""
    runs = TextRuns(strings)
    if found[2] is None:
        return runs
    base, in_text, phonetic = found.start(2), False, False
    if (only := _ONE_TEXT.fullmatch(found[2])) is not None:
        runs.pieces += [(base + only.start(1), base + only.end(1))] * bool(only[1])
        return runs
    for each in tokenize(found[2]):
        if isinstance(each, Aside):
            continue
        if not isinstance(each, Tag):
            if in_text and not phonetic:
                runs.pieces.append((base + each[0], base + each[1]))
            continue
        if each.name == b"rPh":
            phonetic = each.opens and not each.closes
        in_text = each.name == b"t" and each.opens and not each.closes
    return runs


#: Characters forbidden in sheet names, and the maximum length of a name.
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_MAX_LENGTH: Final = 31


@dataclass(frozen=True, slots=True)
class SheetNames:
    """New names of the sheets whose names contain findings, by old name."""

    changed: dict[str, str]

    @classmethod
    def of(cls, sheets: Sequence[tuple[str, str]], replacer: Replacer) -> SheetNames:
        """Compute new names for the sheets whose names contain findings.

        A name has at most 31 characters, no forbidden character, and is unique. ``sheets``: pairs
        (sheet name, part name).
        """
        taken = {name for name, _ in sheets}
        changed = {}
        for name, _ in sheets:
            masked = replacer.redact_text(name)
            if masked == name:
                continue
            masked = _FORBIDDEN.sub("＊", masked)[:_MAX_LENGTH]
            new, number = masked, 1
            while new in taken:
                number += 1
                new = f"{masked[: _MAX_LENGTH - 4]}({number})"
            taken.add(new)
            changed[name] = new
        return cls(changed)

    def rename_sheets(self, part: str, data: bytes) -> bytes:
        """Return the bytes ``data`` of a workbook part with the new sheet names.

        Names occur in the workbook's sheet list, in formulas and in the file properties.
        """
        for old, new in self.changed.items():
            old_bytes, new_bytes = escape(old).encode(), escape(new).encode()
            if part == "xl/workbook.xml":
                attribute = re.escape(escape(old, {'"': "&quot;"}).encode())
                sheet = re.compile(rb'(<(?:\w+:)?sheet\s[^>]*?name=")' + attribute + b'"')
                data = sheet.sub(rb"\g<1>" + new_bytes + b'"', data)
            if part == "docProps/app.xml":
                data = data.replace(b">" + old_bytes + b"<", b">" + new_bytes + b"<")
            quoted = old_bytes.replace(b"'", b"''")
            data = data.replace(b"'" + quoted + b"'!", b"'" + new_bytes + b"'!")
            data = re.sub(
                rb"(?<![\w'.\]\x80-\xff])" + re.escape(old_bytes) + b"!",
                b"'" + new_bytes + b"'!",
                data,
            )
        return data
