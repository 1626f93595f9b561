"""Dump tables: names, columns and comments of a dump's tables, and the heads of its statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.sources.block import CountNames
from piiscan.sources.formats.sql.statements import Parts, TableDefinition
from piiscan.sources.rows.tokenizer import MAX_CELLS

#: Maximum number of tables with rows, and of different statement heads. Rows of others are text.
MAX_TABLES: Final = 4096
MAX_HEADS: Final = 16_384
#: Maximum number of heads that the kernel compares; others are found one by one in Python.
_MAX_RECENT_HEADS: Final = 64


#: Columns and their comments, by the last part of a table's name in lower case.
Definitions = dict[str, tuple[tuple[str, ...], dict[str, str]]]


@dataclass(slots=True)
class DumpTable:
    """Table of a dump: its name, its columns in order, and their comments by lower-case name."""

    name: str
    columns: list[str] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    number: int | None = None  # from 0 in the order of first rows; None: no rows

    def add(self, columns: tuple[str, ...]) -> None:
        """Append to the table's columns those names in ``columns`` that it lacks."""
        known = {name.lower() for name in self.columns}
        new = [name for name in dict.fromkeys(columns) if name.lower() not in known]
        self.columns += new[: MAX_CELLS - len(self.columns)]

    def headers(self, count_names: CountNames) -> list[str | None]:
        """Return a header per column: its name, or ``comment(name)`` if only that is known."""
        return [self._header(name, count_names) for name in self.columns]

    def _header(self, name: str, count_names: CountNames) -> str | None:
        """Return the header of column ``name``, maybe with its comment; None if empty."""
        comment = self.comments.get(name.lower(), "")
        if comment and not count_names([name]):
            normalized = (
                comment.replace("，", ",").replace("：", ":").replace(" ", ",").replace(":", ",")
            )
            for text in (comment, normalized.split(",")[0]):
                if count_names([text]):
                    return f"{text}({name})"
        return name or None


@dataclass(frozen=True, slots=True)
class StatementHead:
    """Head of a statement: the number of its table, and its column list, None if it has none."""

    table: int
    columns: tuple[str, ...] | None

    def column_order(self, target: DumpTable) -> list[int] | None:
        """Return each table column's position in a row (-1: none); None if in the same order."""
        if self.columns is None:
            return None
        position = {name.lower(): number for number, name in enumerate(self.columns)}
        order = [position.get(name.lower(), -1) for name in target.columns]
        return None if order == list(range(len(order))) else order


class DumpTables:
    """All tables of a dump, numbered in order of their first rows.

    A second scan with the same calls in the same order gets the same numbers.
    """

    def __init__(self, definitions: Definitions | None = None) -> None:
        """Start without tables. ``definitions``: columns known from other files of the archive."""
        self._definitions = {} if definitions is None else definitions
        self.tables: list[DumpTable] = []  # tables with rows
        self.heads: list[StatementHead] = []
        self.full = False  # True if a limit was reached and statements were read as text
        self._by_name: dict[Parts, DumpTable] = {}
        self._numbers: dict[tuple[str, bytes], int] = {}
        self._database = ""
        self._recent_heads: list[tuple[bytes, int]] = []
        self.packed_heads = _pack_heads([])

    def use(self, database: str) -> None:
        """Set the database of unqualified table names. Drop the statement heads if it changes."""
        if database != self._database:
            self._database = database
            self._recent_heads = []
            self.packed_heads = _pack_heads([])

    def table_named(self, parts: Parts) -> DumpTable:
        """Return the dump table named ``parts``; add it if it is new."""
        full = parts if len(parts) > 1 or not self._database else (self._database, *parts)
        key = tuple(part.lower() for part in full)
        if key not in self._by_name:
            display_name = ".".join(parts)
            if any(other[-1] == key[-1] for other in self._by_name):
                display_name = ".".join(full)
            columns, comments = self._definitions.get(key[-1], ((), {}))
            self._by_name[key] = DumpTable(display_name, list(columns), dict(comments))
        return self._by_name[key]

    def share_definitions(self) -> None:
        """Add the columns of the tables of this dump for other files of the archive."""
        for key, each in self._by_name.items():
            if each.columns:
                self._definitions.setdefault(key[-1], (tuple(each.columns), dict(each.comments)))

    def declare(self, definition: TableDefinition) -> None:
        """Add the columns and comments of a CREATE TABLE statement to its table."""
        target = self.table_named(definition.name)
        target.add(definition.columns)
        for name, comment in zip(definition.columns, definition.comments, strict=True):
            if comment:
                target.comments[name.lower()] = comment

    def set_comment(self, parts: Parts, column: str, comment: str) -> None:
        """Set the comment of ``column`` in the table named ``parts``."""
        self.table_named(parts).comments[column.lower()] = comment

    def recent_slot(self, raw: bytes, parts: Parts, columns: tuple[str, ...] | None) -> int | None:
        """Return the slot of statement head ``raw`` among recent heads; None if too many heads."""
        number = self.head_number(raw, parts, columns)
        if number is None:
            return None
        for slot, (text, other_number) in enumerate(self._recent_heads):
            if other_number == number and text == raw:
                return slot
        recent = [*self._recent_heads, (raw, number)]
        self._recent_heads = (
            recent if len(recent) <= _MAX_RECENT_HEADS else recent[-_MAX_RECENT_HEADS // 2 :]
        )
        self.packed_heads = _pack_heads(self._recent_heads)
        return len(self._recent_heads) - 1

    def head_number(self, raw: bytes, parts: Parts, columns: tuple[str, ...] | None) -> int | None:
        """Return the number of statement head ``raw``, added if new; None if too many heads."""
        key = (self._database, raw)
        if key in self._numbers:
            return self._numbers[key]
        target = self.table_named(parts)
        if len(self.heads) >= MAX_HEADS or (
            target.number is None and len(self.tables) >= MAX_TABLES
        ):
            self.full = True
            return None
        if target.number is None:
            target.number = len(self.tables)
            self.tables.append(target)
        target.add(columns or ())
        self.heads.append(StatementHead(target.number, columns))
        self._numbers[key] = len(self.heads) - 1
        return self._numbers[key]


def _pack_heads(heads: list[tuple[bytes, int]]) -> tuple[UInt8, Int64, Int32]:
    """Pack (head, number) pairs for the kernel: (all bytes, offset of each, number of each)."""
    offsets = np.zeros(len(heads) + 1, np.int64)
    np.cumsum([len(text) for text, _ in heads], out=offsets[1:])
    data = np.frombuffer(b"".join(text for text, _ in heads), np.uint8)
    return data, offsets, np.array([number for _, number in heads], np.int32)
