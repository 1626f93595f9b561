"""The tables of an SQL dump as they become known: names, columns, and the heads of statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.sources.block import CountNames
from piiscan.sources.formats.sql.statements import Declared, Parts
from piiscan.sources.rows.tokenizer import MOST_CELLS

#: Tables with rows of their own, and different heads of statements; what is beyond stays text.
MOST_TABLES: Final = 4096
MOST_HEADS: Final = 16_384
#: Heads that the kernel knows; the others are looked up one by one.
_AT_HAND: Final = 64


@dataclass(slots=True)
class Target:
    """A table: its name, its columns in order, what comments say of them (lower-case names)."""

    name: str
    columns: list[str] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    number: int | None = None  # from 0 in the order of first rows; None: no rows

    def add(self, columns: tuple[str, ...]) -> None:
        """Columns that are new stand behind the others."""
        known = {name.lower() for name in self.columns}
        new = [name for name in dict.fromkeys(columns) if name.lower() not in known]
        self.columns += new[: MOST_CELLS - len(self.columns)]

    def headers(self, count_names: CountNames) -> list[str | None]:
        """A header a column: its name, after its comment where only that one says what it is."""
        return [self._header(name, count_names) for name in self.columns]

    def _header(self, name: str, count_names: CountNames) -> str | None:
        said = self.comments.get(name.lower(), "")
        if said and not count_names([name]):
            first = said.replace("，", ",").replace("：", ":").replace(" ", ",").replace(":", ",")
            for text in (said, first.split(",")[0]):
                if count_names([text]):
                    return f"{text}({name})"
        return name or None


@dataclass(frozen=True, slots=True)
class Head:
    """How a statement begins: which table its rows are of, in which order their values stand."""

    table: int
    columns: tuple[str, ...] | None

    def order(self, target: Target) -> list[int] | None:
        """Per column of the table the place of its value (-1: none); None if they stand alike."""
        if self.columns is None:
            return None
        place = {name.lower(): number for number, name in enumerate(self.columns)}
        order = [place.get(name.lower(), -1) for name in target.columns]
        return None if order == list(range(len(order))) else order


class Tables:
    """All tables of a dump; the same calls in the same order give the same numbers."""

    def __init__(self) -> None:
        self.targets: list[Target] = []  # those with rows
        self.heads: list[Head] = []
        self.full = False  # some statements were left as text
        self._by_name: dict[Parts, Target] = {}
        self._numbers: dict[tuple[str, bytes], int] = {}
        self._database = ""
        self._at_hand: list[tuple[bytes, int]] = []
        self.known = _pack([])

    def use(self, database: str) -> None:
        """Names that follow are of ``database``; heads without it mean other tables from here."""
        if database != self._database:
            self._database = database
            self._at_hand = []
            self.known = _pack([])

    def target(self, parts: Parts) -> Target:
        """The table of that name, made if absent."""
        full = parts if len(parts) > 1 or not self._database else (self._database, *parts)
        key = tuple(part.lower() for part in full)
        if key not in self._by_name:
            shown = ".".join(parts)
            if any(other[-1] == key[-1] for other in self._by_name):
                shown = ".".join(full)
            self._by_name[key] = Target(shown)
        return self._by_name[key]

    def declare(self, declared: Declared) -> None:
        """What CREATE TABLE says."""
        target = self.target(declared.name)
        target.add(declared.columns)
        for name, said in zip(declared.columns, declared.comments, strict=True):
            if said:
                target.comments[name.lower()] = said

    def remark(self, parts: Parts, column: str, said: str) -> None:
        """What a comment says of a column."""
        self.target(parts).comments[column.lower()] = said

    def slot(self, raw: bytes, parts: Parts, columns: tuple[str, ...] | None) -> int | None:
        """Where the head ``raw`` of a statement stands among the known ones; None if too many."""
        number = self.head(raw, parts, columns)
        if number is None:
            return None
        for place, (text, other) in enumerate(self._at_hand):
            if other == number and text == raw:
                return place
        at_hand = [*self._at_hand, (raw, number)]
        self._at_hand = at_hand if len(at_hand) <= _AT_HAND else at_hand[-_AT_HAND // 2 :]
        self.known = _pack(self._at_hand)
        return len(self._at_hand) - 1

    def head(self, raw: bytes, parts: Parts, columns: tuple[str, ...] | None) -> int | None:
        """The number of a head; None where there are too many."""
        key = (self._database, raw)
        if key in self._numbers:
            return self._numbers[key]
        target = self.target(parts)
        if len(self.heads) >= MOST_HEADS or (
            target.number is None and len(self.targets) >= MOST_TABLES
        ):
            self.full = True
            return None
        if target.number is None:
            target.number = len(self.targets)
            self.targets.append(target)
        target.add(columns or ())
        self.heads.append(Head(target.number, columns))
        self._numbers[key] = len(self.heads) - 1
        return self._numbers[key]


def _pack(
    heads: list[tuple[bytes, int]],
) -> tuple[UInt8, Int64, Int32]:
    """Heads as the kernel takes them: all their bytes, where each begins, the number of each."""
    offsets = np.zeros(len(heads) + 1, np.int64)
    np.cumsum([len(text) for text, _ in heads], out=offsets[1:])
    data = np.frombuffer(b"".join(text for text, _ in heads), np.uint8)
    return data, offsets, np.array([number for _, number in heads], np.int32)
