"""Decoded pieces to blocks: whole records only, in bounded memory whatever their length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int8, Int32, Int64, UInt8
from piiscan.jit import kernel
from piiscan.sources.block import BLANK, DATA, HEADER, TITLE, Block, Trouble
from piiscan.sources.encoding.decoder import PIECE, Piece
from piiscan.sources.rows.column_builder import gather, judge, move
from piiscan.sources.rows.long_record import LongRecord, Text
from piiscan.sources.rows.table_warnings import Doubts
from piiscan.sources.rows.tokenizer import Cut, Dialect, cut

#: Rows times columns of one block, so that a few very wide rows do not multiply with many narrow.
_CELLS = 2 << 20
#: A record longer than this is not split into cells but handed over in pieces.
LONGEST = 4 * PIECE


@dataclass(frozen=True, slots=True)
class Form:
    """How decoded text is turned into blocks; ``table`` False = plain lines, no cells."""

    dialect: Dialect
    width: str  # of Block
    table: bool
    columns: int = 1
    header: list[str] = field(default_factory=list)  # stripped header cells
    header_row: int | None = None


@dataclass(slots=True)
class _Reading:
    """What is left of the text read so far, and how far rows and lines are counted."""

    text: UInt8
    places: Int64 | None
    base: int
    row: int = 1
    line: int = 1
    one_line: int = 0


def read_blocks(
    pieces: Iterable[Piece], form: Form, *, member: str = "", longest: int | None = None
) -> Iterator[Block | Trouble]:
    """All records of the pieces in order; what was read with a doubt comes in between."""
    longest = longest or (LONGEST if form.table else PIECE)
    state = _Reading(np.empty(0, np.uint8), None, 0)
    doubts = Doubts(member)
    long: LongRecord | None = None
    for piece in pieces:
        doubts.add(piece, state.line + int(np.count_nonzero(state.text == 10)))
        join_piece(state, piece)
        if long is None:
            yield from _whole_records(state, form, doubts, final=False)
            if state.text.size > longest:
                long = LongRecord(state.row, state.line, longest)
                yield from _report_long(form, member, state.row)
        if long is not None:
            yield from long.take(state, form)
            if long.ended:
                long = None
                yield from _whole_records(state, form, doubts, final=False)
    if long is not None:
        yield from long.take(state, form, final=True)
    yield from _whole_records(state, form, doubts, final=True)
    yield from doubts.summary()


def _report_long(form: Form, member: str, row: int) -> Iterator[Trouble]:
    if form.table:
        detail = "the record is not split into cells, its text is read in pieces"
        yield Trouble(member, "LONG_RECORD", detail, row, lost=False)


def join_piece(state: Text, piece: Piece) -> None:
    """Append a piece to what is left; places are spelled out only where they do not follow on."""
    if state.text.size == 0:
        state.text, state.places, state.base = piece.text, piece.places, piece.base
        return
    if state.places is not None or piece.places is not None:
        left = _spell(state.text, state.places, state.base)
        state.places = np.concatenate([left, _spell(piece.text, piece.places, piece.base)])
    state.text = np.concatenate([state.text, piece.text])
    state.text.setflags(write=False)  # as bytes are: one type for the kernels, one compilation


def _spell(text: UInt8, places: Int64 | None, base: int) -> Int64:
    return np.arange(base, base + text.size, dtype=np.int64) if places is None else places


def _whole_records(
    state: _Reading, form: Form, doubts: Doubts, *, final: bool
) -> Iterator[Block | Trouble]:
    if state.text.size == 0:
        return
    found = cut(state.text, form.dialect, final=final, one_line=state.one_line)
    if found.records:
        yield from _blocks(state, found, form)
    for line in found.unclosed.tolist():
        row = state.row + int(np.searchsorted(found.lines, line, "right")) - 1
        doubts.note("UNCLOSED_QUOTE", row, "the quote is read as an ordinary character")
    yield from doubts.settle(state.row, state.line, found)
    _wide(state, found, form, doubts)
    state.row += found.records
    state.line += found.lines_passed
    state.one_line = found.one_line
    state.text = state.text[found.consumed :]
    state.places = None if state.places is None else state.places[found.consumed :]
    state.base += found.consumed


def _wide(state: _Reading, found: Cut, form: Form, doubts: Doubts) -> None:
    widths = np.diff(found.firsts)
    if widths.size and widths.max() >= form.dialect.most:
        row = state.row + int(np.argmax(widths))
        doubts.note("TOO_MANY_COLUMNS", row, "the last cell holds the rest of the row")


@kernel
def _runs(firsts: Int32, narrow: int, most: int, ends: Int64) -> int:
    """Ends of runs of records whose number times greatest width stays below ``most``."""
    count = 0
    begin = 0
    widest = narrow
    for r in range(firsts.size - 1):
        widest = max(widest, firsts[r + 1] - firsts[r])
        if r > begin and (r + 1 - begin) * widest > most:
            ends[count] = r
            count += 1
            begin = r
            widest = max(narrow, firsts[r + 1] - firsts[r])
    ends[count] = firsts.size - 1
    return count + 1


def _blocks(state: _Reading, found: Cut, form: Form) -> Iterator[Block]:
    kinds = judge_records(state.text, found, form, state.row)
    ends = np.empty(found.records + 1, np.int64)
    count = _runs(found.firsts, form.columns, _CELLS, ends)
    begin = 0
    for end in ends[:count].tolist():
        yield _block(state, found, form, kinds[begin:end], (begin, end))
        begin = end


def _block(state: _Reading, found: Cut, form: Form, kinds: Int8, records: tuple[int, int]) -> Block:
    begin, end = records
    widest = int(np.diff(found.firsts[begin : end + 1]).max())
    columns: list[pa.Array] = []
    starts: list[Int64] = []
    for column in range(max(widest, form.columns)):
        cells, where = gather(state.text, found, column, records, state.places)
        if state.places is None:
            move(where, state.base)
        columns.append(cells)
        starts.append(where)
    rows = np.arange(state.row + begin, state.row + end, dtype=np.int64)
    lines = found.lines[begin:end].astype(np.int64) + state.line
    return Block(columns, rows, lines, starts, form.width, kinds=kinds, split=form.table)


def judge_records(text: UInt8, found: Cut, form: Form, row: int | None) -> Int8:
    """What each record is; ``row`` is the number of the first, None if below any header."""
    kinds = judge(text, found, form.header)
    if not form.table:
        kinds[kinds != BLANK] = DATA
    elif row is not None and form.header_row is not None and row <= form.header_row:
        at = form.header_row - row
        above = kinds[:at]
        above[above != BLANK] = TITLE
        kinds[at : at + 1] = HEADER
    return kinds
