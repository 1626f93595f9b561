"""A dump from its beginning to its end: what is rows of tables, and what else stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.sources.block import Block, Trouble
from piiscan.sources.encoding.decoder import PIECE, Piece
from piiscan.sources.formats.sql.row_buffer import Harvest
from piiscan.sources.formats.sql.row_scanner import CUT, ENDED, ROW
from piiscan.sources.formats.sql.statements import (
    CLOSERS,
    COPY,
    INSERT,
    OPENERS,
    read_comment,
    read_create,
    read_use,
    split_list,
    split_name,
)
from piiscan.sources.formats.sql.table_definitions import Tables
from piiscan.sources.rows.long_record import LongRecord, drop_text
from piiscan.sources.rows.record_blocks import LONGEST, Form, join_piece
from piiscan.sources.rows.table_warnings import Doubts
from piiscan.sources.rows.tokenizer import Cut, Dialect

BETWEEN, ROWS, COPIES = 0, 1, 2
#: Bytes within which the head of a statement, and a CREATE TABLE, must come to its end.
_HEAD: Final = 64 << 10
_CREATE: Final = 256 << 10
_LINES: Final = 1000
_PATIENCE: Final = 8
_BLANKS: Final = re.compile(rb"\s*")


@dataclass(frozen=True, slots=True)
class Found:
    """What a stretch of text holds: rows, and ranges that are none; ``line`` is its first line."""

    harvest: Harvest
    texts: list[tuple[int, int]]
    newlines: Int64
    line: int
    places: Int64 | None
    base: int

    def lines_at(self, positions: Int32) -> Int64:
        """The line on which each position stands."""
        return np.searchsorted(self.newlines, positions).astype(np.int64) + self.line


@dataclass(slots=True)
class _Stretch:
    """One text under way: how far it was read, and what was found."""

    data: bytes
    harvest: Harvest
    final: bool
    at: int = 0
    texts: list[tuple[int, int]] = field(default_factory=list)
    hopeless: set[str] = field(default_factory=set)  # closers that are not in this text
    barrier: int = 0  # no CREATE TABLE before is whole
    line_end: int = -1
    stopped: bool = False  # the rest must wait for more text
    wasted: int = 0  # bytes looked at for rows that were none
    solid: int = field(init=False)  # where the last word ends

    def __post_init__(self) -> None:
        self.solid = len(self.data.rstrip())

    @property
    def tired(self) -> bool:
        """Whether so much was looked at in vain that the rest is text, whatever it looks like."""
        return self.wasted > _PATIENCE * len(self.data)


class DumpReader:
    """Reads a dump once; ``tables`` learns on the way.  ``slashes``: a backslash escapes."""

    def __init__(self, tables: Tables, *, slashes: bool, width: str, member: str) -> None:
        self.text: UInt8 = np.empty(0, np.uint8)
        self.places: Int64 | None = None
        self.base = 0
        self.row = 1
        self.line = 1
        self._tables = tables
        self._slashes = slashes
        self._form = Form(Dialect(), width, False)
        self._doubts = Doubts(member)
        self._mode = BETWEEN
        self._expected = ROW
        self._slot = 0
        self._until: tuple[str, int] | None = None  # which closer is waited for, since which line
        self._long: LongRecord | None = None

    def read(self, pieces: Iterable[Piece]) -> Iterator[Found | Block | Trouble]:
        """Everything in order; blocks are parts of a very long line of text."""
        for piece in pieces:
            self._doubts.add(piece, self.line + int(np.count_nonzero(self.text == 10)))
            join_piece(self, piece)
            yield from self._go_on(final=False)
        yield from self._go_on(final=True)
        yield from self._doubts.summary()

    def _go_on(self, *, final: bool) -> Iterator[Found | Block | Trouble]:
        if self._long is not None:
            yield from self._long.take(self, self._form, final=final)
            if not self._long.ended:
                return
            self._long = None
        if self.text.size:
            yield from self._stretch(final)
        if self._mode == BETWEEN and self.text.size > PIECE and not np.any(self.text == 10):
            self._long = LongRecord(self.line, self.line, PIECE)

    def _stretch(self, final: bool) -> Iterator[Found | Trouble]:
        harvest = Harvest(self.text)
        part = _Stretch(self.text.tobytes(), harvest, final)
        newlines = np.flatnonzero(self.text == 10)
        while part.at < len(part.data) and not part.stopped:
            if self._mode == BETWEEN:
                self._between(part)
            elif self._mode == ROWS:
                self._rows(part, newlines)
            else:
                self._copies(part, newlines)
        if final and self._mode == COPIES:
            self._report(len(part.data), newlines, "the COPY block has no end")
        part.texts = sorted([*part.texts, *harvest.comments()])
        yield Found(harvest, part.texts, newlines, self.line, self.places, self.base)
        passed = int(np.searchsorted(newlines, part.at))
        numbers = np.arange(max(passed, 1), dtype=np.int32)
        none = np.empty(0, np.int32)
        cut = Cut(none, none, none.astype(np.uint8), none, numbers, none, part.at, passed, 0)
        yield from self._doubts.settle(self.line, self.line, cut)
        self.line += passed
        drop_text(self, part.at)

    def _report(self, at: int, newlines: Int64, detail: str) -> None:
        line = self.line + int(np.searchsorted(newlines, at))
        self._doubts.note("BROKEN_STATEMENT", line, detail)

    def _rows(self, part: _Stretch, newlines: Int64) -> None:
        place = (part.at, self._expected, self._slot)
        flags = (self._slashes, part.final)
        found = part.harvest.take_rows(place, flags, self._tables.known)
        why, part.at, self._expected, self._slot, reach = found
        if why == CUT and len(part.data) - part.at < LONGEST:
            part.stopped = True
        elif why == ENDED:
            self._mode = BETWEEN
        else:
            spoilt = part.at
            part.wasted += reach - spoilt
            self._resume(part)
            rest = part.final and part.line_end >= part.solid
            detail = f"no whole row of values{' (cut off)' if rest else ''}; read as plain text"
            self._report(spoilt, newlines, detail)

    def _resume(self, part: _Stretch) -> None:
        """Go on with the next row on the same line, else with the next statement."""
        if part.line_end < part.at:
            end = part.data.find(b"\n", part.at)
            part.line_end = end if end >= 0 else len(part.data)
        at = -1 if part.tired else part.data.find(b"),(", part.at, part.line_end)
        if at < 0:
            self._mode = BETWEEN
            return
        part.texts.append((part.at, at + 1))
        part.at, self._expected = at + 2, ROW

    def _copies(self, part: _Stretch, newlines: Int64) -> None:
        why, part.at = part.harvest.take_copy(part.at, self._slot, final=part.final)
        if why == ENDED:
            self._mode = BETWEEN
        elif why == CUT and len(part.data) - part.at >= LONGEST:
            self._report(part.at, newlines, "a very long row; read as plain text")
            self._mode = BETWEEN
        else:
            part.stopped = True

    def _between(self, part: _Stretch) -> None:
        """Text up to the next statement that brings rows, or as far as there are whole lines."""
        data, begin = part.data, part.at
        at = begin
        if part.tired:
            return self._leave(part, begin, len(data))
        while True:
            if self._until is not None:
                at = self._close(part, at)
                if at < 0:
                    return self._leave(part, begin, len(data))
            start = _skip(data, at) if at == begin else -1
            if (
                start < 0
                or data[start : start + 1] not in b"IiRrCc"
                or not self._begins(part, start)
            ):
                opener = OPENERS.search(data, at)
                if opener is None:
                    return self._leave(part, begin, len(data))
                kind, start = str(opener.lastgroup), _skip(data, opener.start())
                if kind != "rows":
                    at = self._learn(part, kind, start, opener.end())
                    if at < 0:
                        return self._leave(part, begin, start)
                    continue
                if not self._begins(part, start):
                    if not part.final and len(data) - start < _HEAD:
                        return self._leave(part, begin, start)
                    at = opener.end()
                    continue
            if start > begin:
                part.texts.append((begin, start))
            return None

    def _begins(self, part: _Stretch, start: int) -> bool:
        """Whether a statement with rows begins at ``start``; then it is being read."""
        for pattern, mode in ((INSERT, ROWS), (COPY, COPIES)):
            found = pattern.match(part.data, start, start + _HEAD)
            if found is None:
                continue
            names = (found.group(), split_name(found[1]), split_list(found[2]))
            slot = self._tables.slot(*names) if mode == ROWS else self._tables.head(*names)
            if slot is not None:
                self._mode, self._slot, self._expected, part.at = mode, slot, ROW, found.end()
                return True
        return False

    def _leave(self, part: _Stretch, begin: int, end: int) -> None:
        """Text from ``begin`` to ``end``; of a text that goes on only whole lines."""
        if not part.final:
            end = max(part.data.rfind(b"\n", begin, end) + 1, begin)
        if end > begin:
            part.texts.append((begin, end))
        part.at, part.stopped = end, True

    def _learn(self, part: _Stretch, kind: str, start: int, end: int) -> int:
        """Where to go on behind a statement that says something of tables; -1: needs more text."""
        data = part.data
        if kind in CLOSERS:
            if kind not in part.hopeless:
                self._until = (kind, self.line + data.count(b"\n", 0, start))
            return end
        if kind == "create":
            return self._declare(part, start, end)
        if not part.final and data.find(b"\n", start) < 0:
            return -1
        if kind == "use":
            database = read_use(data, start)
            if database is not None:
                self._tables.use(database)
        elif (said := read_comment(data, start)) is not None:
            self._tables.remark(*said)
        return end

    def _declare(self, part: _Stretch, start: int, end: int) -> int:
        if start < part.barrier:
            return end
        declared = read_create(part.data[start : start + _CREATE], 0)
        if declared is not None:
            self._tables.declare(declared)
            return start + declared.end
        if not part.final and len(part.data) - start < _CREATE:
            return -1
        part.barrier = start + _CREATE
        return end

    def _close(self, part: _Stretch, at: int) -> int:
        """Where what was opened ends; ``at`` if it is given up, -1 if it may end further on."""
        kind, since = self._until or ("", 0)
        found = CLOSERS[kind].search(part.data, at)
        if found is not None:
            self._until = None
            return found.end()
        part.hopeless.add(kind)
        here = self.line + part.data.count(b"\n")
        if kind == "delimiter" or (not part.final and here - since < _LINES):
            return -1
        self._until = None
        return at


def _skip(data: bytes, at: int) -> int:
    """Behind the blanks at ``at``."""
    found = _BLANKS.match(data, at)
    return at if found is None else found.end()
