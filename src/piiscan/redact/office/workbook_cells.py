"""Cells of a workbook that hold what was found: rewritten in their sheets and shared strings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from piiscan.redact.office.xml_text import Mark, Runs, marks
from piiscan.redact.replacer import Pen
from piiscan.redact.text_map import Change, Edit, change

_CELLS: Final = re.compile(
    rb"<(?:[\w]+:)?row(?=[\s>/])([^>]*)>|<((?:[\w]+:)?)c(?=[\s>/])([^>]*?)(?:/>|>(.*?)</\2c>)",
    re.DOTALL,
)
_PLACE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]*)(\d+)[\"']")
_TYPE: Final = re.compile(rb"\s\bt\s*=\s*[\"'](\w+)[\"']")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>(.*?)</(?:\w+:)?v>", re.DOTALL)
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f(?=[\s>/])[^>]*?(?:/>|>.*?</(?:\w+:)?f>)", re.DOTALL)
_STRINGS: Final = re.compile(rb"<((?:\w+:)?)si(?=[\s>/])[^>]*?(?:/>|>(.*?)</\1si>)", re.DOTALL)
_SHEET_NAME: Final = re.compile(rb"'(?:[^']|'')*'!")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

Place = tuple[int, int]  # row and column, from 1


@dataclass(frozen=True, slots=True)
class NewCell:
    """A cell's text as it was read, and what changes in it."""

    text: str
    changes: tuple[Change, ...]

    @property
    def new(self) -> str:
        """Its text afterwards."""
        return change(self.text, self.changes)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula's text without the names of sheets, its range, that of its element.

    ``master``: others are made of it.
    """

    runs: Runs
    inner: tuple[int, int]
    element: tuple[int, int]
    master: bool


@dataclass(slots=True)
class SharedUse:
    """How the cells of a workbook use its shared strings."""

    total: Counter[int] = field(default_factory=Counter)
    found: dict[int, Counter[NewCell]] = field(default_factory=dict)

    def add(self, sheet: bytes, cells: Mapping[Place, NewCell]) -> None:
        """The cells of one more sheet."""
        for place, _, attributes, inner in _cells(sheet):
            index = _shared(attributes, inner)
            if index is not None:
                self.total[index] += 1
                if place in cells:
                    self.found.setdefault(index, Counter())[cells[place]] += 1

    def in_place(self) -> dict[int, NewCell]:
        """Strings that all their cells change in the same way: they change, the cells do not."""
        return {
            index: next(iter(uses))
            for index, uses in self.found.items()
            if len(uses) == 1 and uses.total() == self.total[index]
        }

    def gone(self) -> dict[int, NewCell]:
        """Strings that no cell uses any more as they are."""
        return {
            index: next(iter(uses))
            for index, uses in self.found.items()
            if uses.total() == self.total[index]
        }


def _cells(sheet: bytes) -> Iterator[tuple[Place, re.Match[bytes], bytes, bytes]]:
    """Every cell that is there: its place, its match, its attributes, what is in it."""
    row = column = 0
    for found in _CELLS.finditer(sheet):
        if found[3] is None:
            told = _PLACE.search(found[1] or b"")
            row, column = (int(told[2]) if told else row + 1), 0
            continue
        told = _PLACE.search(found[3])
        column = _column(told[1]) if told else column + 1
        yield (int(told[2]) if told else row, column), found, found[3], found[4] or b""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _shared(attributes: bytes, inner: bytes) -> int | None:
    """The number of the shared string that a cell shows."""
    kind = _TYPE.search(attributes)
    if kind is None or kind[1] != b"s":
        return None
    value = _VALUE.search(inner)
    return int(value[1]) if value and value[1].strip().isdigit() else None


def sheet_edits(
    sheet: bytes, cells: Mapping[Place, NewCell], kept: Mapping[int, NewCell]
) -> Iterator[Edit]:
    """What to replace in a sheet: cells that become texts of their own.

    Cells of shared strings in ``kept`` stay, as their string changes.  A number becomes a text.
    A formula goes, unless others are made of it; then its stored result changes.
    """
    for place, found, attributes, inner in _cells(sheet):
        new = cells.get(place)
        if new is None:
            continue
        index = _shared(attributes, inner)
        if index is not None and kept.get(index) == new:
            continue
        yield found.start(), found.end(), _written(found[2], attributes, inner, new)


def _written(prefix: bytes, attributes: bytes, inner: bytes, new: NewCell) -> bytes:
    """A cell with a text of its own."""
    plain = _TYPE.sub(b"", attributes).rstrip()
    text = _escaped(new.new)
    formula = _FORMULA.search(inner)
    if formula is not None and b"ref=" in formula.group().partition(b">")[0]:
        value = b"<%sv>%s</%sv>" % (prefix, text, prefix)
        return b'<%sc%s t="str">%s%s</%sc>' % (prefix, plain, formula.group(), value, prefix)
    p = prefix
    shown = b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (p, p, text, p, p)
    return b'<%sc%s t="inlineStr">%s</%sc>' % (p, plain, shown, p)


def _escaped(text: str) -> bytes:
    told = _CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", text)
    return escape(told).replace("\r", "&#13;").encode("utf-8", "replace")


def formulas_of(sheet: bytes) -> Iterator[Formula]:
    """Every formula of a sheet."""
    for _, found, _, inner in _cells(sheet):
        formula = _FORMULA.search(inner)
        if formula is None or b"</" not in formula.group():
            continue
        base = found.start(4) + formula.start()
        begin = base + formula.group().index(b">") + 1
        end = base + formula.group().rindex(b"<")
        runs, at = Runs(sheet), begin
        for named in _SHEET_NAME.finditer(sheet, begin, end):
            runs.pieces += [(at, named.start()), "!"]
            at = named.end()
        runs.pieces.append((at, end))
        master = b"ref=" in formula.group().partition(b">")[0]
        yield Formula(runs, (begin, end), (base, base + len(formula.group())), master)


def string_edits(strings: bytes, gone: Mapping[int, NewCell]) -> Iterator[list[Edit]]:
    """What to replace in the shared strings; formatted text keeps its formats."""
    for index, found in enumerate(_STRINGS.finditer(strings)):
        new = gone.get(index)
        if new is None:
            continue
        runs = string_runs(strings, found)
        if runs.text == new.text:
            yield runs.passage().edits(new.changes)
        else:
            p = found[1]
            shown = b'<%ssi><%st xml:space="preserve">%s</%st></%ssi>'
            yield [(found.start(), found.end(), shown % (p, p, _escaped(new.new), p, p))]


def unused_strings(strings: bytes, use: SharedUse) -> list[Runs]:
    """Shared strings that no cell shows: left behind when cells were emptied."""
    return [
        string_runs(strings, found)
        for index, found in enumerate(_STRINGS.finditer(strings))
        if not use.total[index]
    ]


def string_runs(strings: bytes, found: re.Match[bytes]) -> Runs:
    """The text of one shared string, without the phonetic one beside it."""
    runs = Runs(strings)
    if found[2] is None:
        return runs
    base, inside, phonetic = found.start(2), False, False
    for each in marks(found[2]):
        if not isinstance(each, Mark):
            if inside and not phonetic:
                runs.pieces.append((base + each[0], base + each[1]))
            continue
        if each.name == b"rPh":
            phonetic = each.opens and not each.closes
        inside = each.name == b"t" and each.opens and not each.closes
    return runs


#: What no name of a sheet may hold, and how long it may be.
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST: Final = 31


@dataclass(frozen=True, slots=True)
class SheetNames:
    """Old names and new ones, of the sheets whose names change."""

    changed: dict[str, str]

    @classmethod
    def of(cls, sheets: Sequence[tuple[str, str]], pen: Pen) -> SheetNames:
        """The new names; no two are equal."""
        taken = {name for name, _ in sheets}
        changed = {}
        for name, _ in sheets:
            shown = pen.name(name)
            if shown == name:
                continue
            shown = _FORBIDDEN.sub("＊", shown)[:_LONGEST]
            new, number = shown, 1
            while new in taken:
                number += 1
                new = f"{shown[: _LONGEST - 4]}({number})"
            taken.add(new)
            changed[name] = new
        return cls(changed)

    def renamed(self, part: str, data: bytes) -> bytes:
        """A part with the new names: of the sheets themselves, in formulas, in the properties."""
        for old, new in self.changed.items():
            told, said = escape(old).encode(), escape(new).encode()
            if part == "xl/workbook.xml":
                attribute = re.escape(escape(old, {'"': "&quot;"}).encode())
                sheet = re.compile(rb'(<(?:\w+:)?sheet\s[^>]*?name=")' + attribute + b'"')
                data = sheet.sub(rb"\g<1>" + said + b'"', data)
            if part == "docProps/app.xml":
                data = data.replace(b">" + told + b"<", b">" + said + b"<")
            quoted = told.replace(b"'", b"''")
            data = data.replace(b"'" + quoted + b"'!", b"'" + said + b"'!")
            data = re.sub(
                rb"(?<![\w'.\]\x80-\xff])" + re.escape(told) + b"!", b"'" + said + b"'!", data
            )
        return data
