"""Dump scanner: read an SQL dump from start to end as rows of tables and ranges of other text.

    dump := (INSERT rows | COPY block | CREATE TABLE | COMMENT | USE | routine | remark | text)*

A statement without a complete row is reported and read as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.sources.block import Block, Trouble
from piiscan.sources.encoding.decoder import PIECE_BYTES, Piece
from piiscan.sources.formats.sql.row_buffer import CUT_OFF, DONE, ENDED, ROW, RowBuffer
from piiscan.sources.formats.sql.statements import (
    ASSIGNMENTS,
    CLOSERS,
    COPY,
    FROM_DUAL,
    INSERT,
    OPENERS,
    SELECTION,
    UNION,
    CopyForm,
    read_comment,
    read_copy_form,
    read_create,
    read_use,
    split_columns,
    split_name,
)
from piiscan.sources.formats.sql.table_definitions import DumpTables
from piiscan.sources.rows.long_record import LongRecord, drop_text
from piiscan.sources.rows.record_blocks import MAX_RECORD_BYTES, append_piece
from piiscan.sources.rows.table_warnings import TableWarnings
from piiscan.sources.rows.tokenizer import Dialect, RecordCells, TextFormat

BETWEEN, ROWS, COPY_LINES = 0, 1, 2
#: Maximum bytes of the head of a statement, and of a CREATE TABLE.
_MAX_HEAD_BYTES: Final = 64 << 10
_MAX_CREATE_BYTES: Final = 256 << 10
_MAX_ENCLOSED_LINES: Final = 1000
_MAX_WASTED_SHARE: Final = 8
_BLANKS: Final = re.compile(rb"\s*")


@dataclass(frozen=True, slots=True)
class ScannedText:
    """Part of a dump after the scan: its rows, and the byte ranges of text that is not rows.

    ``line`` is the number of its first line. ``encoding``: as in Block.
    """

    buffer: RowBuffer
    text_ranges: list[tuple[int, int]]
    newlines: Int64
    line: int
    byte_offsets: Int64 | None
    base: int
    encoding: str

    def lines_at(self, positions: Int32) -> Int64:
        """Return the line number of each byte position."""
        return np.searchsorted(self.newlines, positions).astype(np.int64) + self.line


@dataclass(slots=True)
class _ScanState:
    """Progress of the scan of one part of the dump."""

    data: bytes
    buffer: RowBuffer
    final: bool
    at: int = 0
    text_ranges: list[tuple[int, int]] = field(default_factory=list)
    missing_closers: set[str] = field(default_factory=set)  # closers that are not in this text
    create_searched_to: int = 0  # no CREATE TABLE before this offset is complete
    line_end: int = -1
    needs_more: bool = False  # the rest needs more text
    wasted_bytes: int = 0  # bytes that were scanned for rows without result
    text_end: int = field(init=False)  # end of the text without trailing white space

    def __post_init__(self) -> None:
        self.text_end = len(self.data.rstrip())

    @property
    def gave_up(self) -> bool:
        """Return True if too many bytes were scanned in vain, so that the part is read as text."""
        return self.wasted_bytes > _MAX_WASTED_SHARE * len(self.data)


class DumpScanner:
    """Scanner of one dump; it adds the tables it finds to ``tables``.

    ``slashes``: a backslash escapes a quote.  ``encoding``: as in Block.  A scanner reads one
    stream.
    """

    def __init__(self, tables: DumpTables, *, slashes: bool, encoding: str, member: str) -> None:
        self.text: UInt8 = np.empty(0, np.uint8)
        self.byte_offsets: Int64 | None = None
        self.base = 0
        self.row = 1
        self.line = 1
        self._tables = tables
        self._slashes = slashes
        self._format = TextFormat(Dialect(), encoding, False)
        self._warnings = TableWarnings(member)
        self._mode = BETWEEN
        self._expected = ROW
        self._head = 0
        self._copy = CopyForm()
        self._waiting_for: tuple[str, int] | None = None  # key of CLOSERS, line of the opener
        self._long: LongRecord | None = None

    def read(self, pieces: Iterable[Piece]) -> Iterator[ScannedText | Block | Trouble]:
        """Yield the scanned parts of a dump in order; a very long text line becomes Blocks."""
        for piece in pieces:
            self._warnings.add_piece(piece, self.line + int(np.count_nonzero(self.text == 10)))
            append_piece(self, piece)
            yield from self._scan(final=False)
        yield from self._scan(final=True)
        if self._mode == COPY_LINES or (self._mode == ROWS and self._expected == ROW):
            self._warnings.add_row("CUT_OFF", self.line, "the dump ends before a statement does")
        yield from self._warnings.summary()

    def _scan(self, *, final: bool) -> Iterator[ScannedText | Block | Trouble]:
        """Scan the text read so far: yield pieces of a very long line, or its statements.

        ``final``: no more text follows.
        """
        if self._long is not None:
            yield from self._long.read_pieces(self, self._format, final=final)
            if not self._long.ended:
                return
            self._long = None
        if self.text.size:
            yield from self._scan_text(final)
        if self._mode == BETWEEN and self.text.size > PIECE_BYTES and not np.any(self.text == 10):
            self._long = LongRecord(self.line, self.line, PIECE_BYTES)

    def _scan_text(self, final: bool) -> Iterator[ScannedText | Trouble]:
        """Scan the dump text by statements; yield rows and warnings, drop the scanned text.

        ``final``: no more text follows.
        """
        buffer = RowBuffer(self.text)
        state = _ScanState(self.text.tobytes(), buffer, final)
        newlines = np.flatnonzero(self.text == 10)
        while state.at < len(state.data) and not state.needs_more:
            if self._mode == BETWEEN:
                self._scan_between(state)
            elif self._mode == ROWS:
                self._scan_rows(state, newlines)
            else:
                self._scan_copy(state, newlines)
        state.text_ranges = sorted([*state.text_ranges, *buffer.comments()])
        yield ScannedText(
            *(buffer, state.text_ranges, newlines, self.line, self.byte_offsets, self.base),
            encoding=self._format.encoding,
        )
        lines_passed = int(np.searchsorted(newlines, state.at))
        numbers = np.arange(max(lines_passed, 1), dtype=np.int32)
        empty = np.empty(0, np.int32)
        no_cells = RecordCells(
            empty, empty, empty.astype(np.uint8), empty, numbers, empty, state.at, lines_passed, 0
        )
        yield from self._warnings.resolve_rows(self.line, self.line, no_cells)
        self.line += lines_passed
        drop_text(self, state.at)

    def _report(
        self, at: int, newlines: Int64, detail: str, reason: str = "BROKEN_STATEMENT"
    ) -> None:
        """Add a warning about a broken statement at a byte position."""
        line = self.line + int(np.searchsorted(newlines, at))
        self._warnings.add_row(reason, line, detail)

    def _report_cut_off(self, state: _ScanState, start: int) -> None:
        """Add a warning if the dump ends inside the statement at ``start``, the last line."""
        if not state.final or state.data.find(b"\n", start, state.text_end) >= 0:
            return  # not the last line, of which alone a copy is made
        rest = state.data[start : state.text_end]
        if rest and rest[-1:] not in b";)":
            line = self.line + state.data.count(b"\n", 0, start)
            self._warnings.add_row("CUT_OFF", line, "the dump ends inside a statement")

    def _scan_rows(self, state: _ScanState, newlines: Int64) -> None:
        """Scan rows of an INSERT; if a row is broken, report it and continue after it."""
        position = (state.at, self._expected, self._head)
        flags = (self._slashes, state.final)
        found = state.buffer.read_rows(position, flags, self._tables.packed_heads)
        reason, state.at, self._expected, self._head, scanned_to = found
        if reason == CUT_OFF and len(state.data) - state.at < MAX_RECORD_BYTES:
            state.needs_more = True
        elif reason == ENDED:
            self._mode = BETWEEN
        else:
            broken_at = state.at
            state.wasted_bytes += scanned_to - broken_at
            self._find_next_row(state)
            is_rest = state.final and state.line_end >= state.text_end
            why = "CUT_OFF" if is_rest else "BROKEN_STATEMENT"
            self._report(broken_at, newlines, "no whole row of values; read as plain text", why)

    def _find_next_row(self, state: _ScanState) -> None:
        """Continue with the next row on the same line, else with the next statement."""
        if state.line_end < state.at:
            end = state.data.find(b"\n", state.at)
            state.line_end = end if end >= 0 else len(state.data)
        at = -1 if state.gave_up else state.data.find(b"),(", state.at, state.line_end)
        if at < 0:
            self._mode = BETWEEN
            return
        state.text_ranges.append((state.at, at + 1))
        state.at, self._expected = at + 2, ROW

    def _scan_copy(self, state: _ScanState, newlines: Int64) -> None:
        """Scan lines of a COPY block into ``state`` and advance to its end or to more text."""
        if self._copy.header:
            end = state.data.find(b"\n", state.at)
            if end < 0 and not state.final:
                state.needs_more = True
                return
            end = len(state.data) if end < 0 else end + 1
            state.text_ranges.append((state.at, end))
            state.at, self._copy = end, replace(self._copy, header=False)
        form = self._copy
        reason, state.at = state.buffer.read_copy(state.at, self._head, form, final=state.final)
        if reason == ENDED:
            self._mode = BETWEEN
        elif reason == CUT_OFF and len(state.data) - state.at >= MAX_RECORD_BYTES:
            self._report(state.at, newlines, "a very long row; read as plain text")
            self._mode = BETWEEN
        else:
            state.needs_more = True

    def _scan_between(self, state: _ScanState) -> None:
        """Scan text outside statements up to the next rows, or to the last complete line."""
        data, begin = state.data, state.at
        at = begin
        if state.gave_up:
            return self._add_text(state, begin, len(data))
        while True:
            if self._waiting_for is not None:
                at = self._find_closer(state, at)
                if at < 0:
                    return self._add_text(state, begin, len(data))
            start = _after(_BLANKS, state, at) if at == begin else -1
            if (
                start < 0
                or data[start : start + 1] not in b"IiRrCcUuMm"
                or not self._start_rows(state, start)
            ):
                opener = OPENERS.search(data, at)
                if opener is None:
                    return self._add_text(state, begin, len(data))
                kind, start = str(opener.lastgroup), _after(_BLANKS, state, opener.start())
                if kind != "rows":
                    at = self._read_definition(state, kind, start, opener.end())
                    if at < 0:
                        return self._add_text(state, begin, start)
                    continue
                if not self._start_rows(state, start):
                    if not state.final and len(data) - start < _MAX_HEAD_BYTES:
                        return self._add_text(state, begin, start)
                    self._report_cut_off(state, start)
                    at = opener.end()
                    continue
            if start > begin:
                state.text_ranges.append((begin, start))
            return None

    def _start_rows(self, state: _ScanState, start: int) -> bool:
        """Start to read rows if an INSERT or COPY is at ``start``; return True if one is."""
        for pattern, mode in ((INSERT, ROWS), (COPY, COPY_LINES)):
            found = pattern.match(state.data, start, start + _MAX_HEAD_BYTES)
            if found is None:
                continue
            names = (found.group(), split_name(found[1]), split_columns(found[2]))
            tables = self._tables
            slot = tables.recent_slot(*names) if mode == ROWS else tables.head_number(*names)
            if slot is not None:
                self._mode, self._head, self._expected, state.at = mode, slot, ROW, found.end()
                if mode == COPY_LINES:
                    self._copy = read_copy_form(found[3])
                return True
        return self._read_items(state, start)

    def _read_items(self, state: _ScanState, start: int) -> bool:
        """Read the rows of an UPDATE, INSERT … SET, or SELECT of values; return True if one is."""
        for pattern, named in ((ASSIGNMENTS, True), (SELECTION, False)):
            found = pattern.match(state.data, start, start + _MAX_HEAD_BYTES)
            if found is None:
                continue
            table = split_name(found[1] or found[3])
            at, columns, rows = found.end(), split_columns(found[2]), 0
            while True:
                flags = (self._slashes, state.final)
                status, end, cells, names = state.buffer.read_items(at, named, flags)
                if status != DONE:
                    break
                if columns is None or named:
                    columns = _unique_names(names)
                raw = b"\0".join((found.group(), *(each.encode() for each in columns)))
                head = self._tables.head_number(raw, table, columns)
                if head is None:
                    break
                state.buffer.add_items(at, head, cells)
                rows, state.at = rows + 1, end
                union = None if named else UNION.match(state.data, _after(FROM_DUAL, state, end))
                if union is None:
                    state.at = end if named else _after(FROM_DUAL, state, end)
                    break
                at = union.end()
            return rows > 0
        return False

    def _add_text(self, state: _ScanState, begin: int, end: int) -> None:
        """Add bytes [begin, end) as plain text and stop; without the last line unless final."""
        if not state.final:
            end = max(state.data.rfind(b"\n", begin, end) + 1, begin)
        if end > begin:
            state.text_ranges.append((begin, end))
        state.at, state.needs_more = end, True

    def _read_definition(self, state: _ScanState, kind: str, start: int, end: int) -> int:
        """Read CREATE, USE or a column comment at ``start``; return the next offset, or -1.

        Return -1 if more text is needed. For a comment or routine, the scanner waits for its end.

        Args:
            kind: name of the group of OPENERS that matched.
            start, end: byte range of that match.
        """
        data = state.data
        if kind in CLOSERS:
            if kind not in state.missing_closers:
                self._waiting_for = (kind, self.line + data.count(b"\n", 0, start))
            return end
        if kind == "create":
            return self._read_create(state, start, end)
        if not state.final and data.find(b"\n", start) < 0:
            return -1
        if kind == "use":
            database = read_use(data, start)
            if database is not None:
                self._tables.use(database)
        elif (comment := read_comment(data, start)) is not None:
            self._tables.set_comment(*comment)
        return end

    def _read_create(self, state: _ScanState, start: int, end: int) -> int:
        """Read the CREATE TABLE at ``start``; return the next offset, -1 for more text."""
        if start < state.create_searched_to:
            return end
        declared = read_create(state.data[start : start + _MAX_CREATE_BYTES])
        if declared is not None:
            self._tables.declare(declared)
            return start + declared.end
        if not state.final and len(state.data) - start < _MAX_CREATE_BYTES:
            return -1
        state.create_searched_to = start + _MAX_CREATE_BYTES
        return end

    def _find_closer(self, state: _ScanState, at: int) -> int:
        """Return the offset after the end of the open comment or routine.

        Return ``at`` if the search is abandoned, -1 if the end may follow in more text.
        """
        kind, since = self._waiting_for or ("", 0)
        found = CLOSERS[kind].search(state.data, at)
        if found is not None:
            self._waiting_for = None
            return found.end()
        state.missing_closers.add(kind)
        line = self.line + state.data.count(b"\n")
        if kind == "delimiter" or (not state.final and line - since < _MAX_ENCLOSED_LINES):
            return -1
        self._waiting_for = None
        return at


def _after(pattern: re.Pattern[bytes], state: _ScanState, at: int) -> int:
    """Return the offset after the match of ``pattern`` at ``at``."""
    found = pattern.match(state.data, at)
    return at if found is None else found.end()


def _unique_names(names: list[bytes]) -> tuple[str, ...]:
    """Return the last part of each name; a repeated one gets a number: phone, phone#2."""
    unique: list[str] = []
    for each in names:
        parts = split_name(each) if each else ("",)
        name, number = parts[-1] if parts else "", 1
        while name and name in unique:
            number += 1
            name = f"{parts[-1]}#{number}"
        unique.append(name)
    return tuple(unique)
