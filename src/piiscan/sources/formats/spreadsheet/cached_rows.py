"""Cached rows: copies in a workbook of cells in other files (links, pivot caches).

<r><x v="0"/><s v="13800138000"/></r> -> 张三, 13800138000 (``x``: an item of its field)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

from piiscan.sources.formats.spreadsheet.sheet_rows import cell_text
from piiscan.sources.texts.column_letters import column_number
from piiscan.sources.texts.xml_texts import parse_part

_LETTERS: Final = re.compile(r"[A-Z]{1,3}")
_WIDEST: Final = 16_384
_VALUES: Final = frozenset("snbde")

Cells = list[str | None]


def number_text(text: str) -> str:
    """Format a stored number as a cell shows it: ``1.38E10 -> 13800000000``.

    Return other texts unchanged.
    """
    try:
        return cell_text(float(text)) or text
    except (ValueError, OverflowError):
        return text


@dataclass(slots=True)
class LinkedRows:
    """Handler of XML parser events of a linked workbook: collects rows of cached cells."""

    found: list[Cells] = field(default_factory=list)
    _row: Cells = field(default_factory=list)
    _column: int = 0
    _is_text: bool = False
    _value: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a row, a cell or a value."""
        local = name.rpartition("}")[2]
        if local == "row":
            self._row = []
        elif local == "cell":
            letters = _LETTERS.match(attributes.get("r", ""))
            self._column = column_number(letters[0].encode()) if letters else len(self._row) + 1
            self._is_text = attributes.get("t", "n") != "n"
        elif local == "v":
            self._value = []

    def add(self, text: str) -> None:
        """Add characters of a value."""
        if self._value is not None:
            self._value.append(text)

    def end(self, name: str) -> None:
        """End a value or a row."""
        local = name.rpartition("}")[2]
        if local == "v" and self._value is not None:
            text, self._value = "".join(self._value), None
            self._row += [None] * (min(self._column, _WIDEST) - len(self._row))
            self._row[min(self._column, _WIDEST) - 1] = text if self._is_text else number_text(text)
        elif local == "row":
            self.found.append(self._row)


@dataclass(slots=True)
class PivotFields:
    """Fields of a pivot cache: their names, and the shared items that records name by number."""

    found: list[Any] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    items: list[Cells] = field(default_factory=list)
    _inside: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Add a field, or an item of the last one."""
        local = name.rpartition("}")[2]
        if local == "cacheField":
            self.names.append(attributes.get("name"))
            self.items.append([])
        elif local == "sharedItems":
            self._inside = True
        elif self._inside and self.items and (local in _VALUES or local == "m"):
            self.items[-1].append(_value(local, attributes))

    def end(self, name: str) -> None:
        """End the items of a field."""
        if name.endswith("sharedItems"):
            self._inside = False


def read_pivot_rows(stream: IO[bytes], limit: int, fields: PivotFields) -> Iterator[Cells]:
    """Yield the rows of a pivot cache: field names, records, then items that no record uses."""
    yield list(fields.names)
    reader = _RecordReader(fields)
    yield from parse_part(stream, limit, reader)
    for column, items in enumerate(fields.items):
        for number, item in enumerate(items):
            if item is not None and (column, number) not in reader.used:
                yield [*[None] * column, item]


@dataclass(slots=True)
class _RecordReader:
    """Handler of XML parser events of pivot records. ``used``: (field, item) pairs in use."""

    fields: PivotFields
    found: list[Cells] = field(default_factory=list)
    used: set[tuple[int, int]] = field(default_factory=set)
    _row: Cells | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin a record, or add a value to it."""
        local = name.rpartition("}")[2]
        if local == "r":
            self._row = []
        elif self._row is not None and len(self._row) < _WIDEST:
            column = len(self._row)
            if local == "x":
                items = self.fields.items[column] if column < len(self.fields.items) else []
                text = attributes.get("v", "")
                at = int(text) if text.isascii() and text.isdigit() else -1
                self._row.append(items[at] if 0 <= at < len(items) else None)
                self.used.add((column, at))
            elif local in _VALUES or local == "m":
                self._row.append(_value(local, attributes))

    def end(self, name: str) -> None:
        """End a record."""
        if name.rpartition("}")[2] == "r" and self._row is not None:
            self.found.append(self._row)
            self._row = None


def _value(local: str, attributes: dict[str, str]) -> str | None:
    """Return the value of a shared item as a cell shows it; None for a missing value."""
    text = attributes.get("v") or None
    return number_text(text) if local == "n" and text else text
