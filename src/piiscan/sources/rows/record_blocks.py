"""Record blocks: decoded pieces of text as blocks of complete records, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int8, Int64, UInt8
from piiscan.packed_state import packable
from piiscan.sources.block import BLANK, DATA, HEADER, TITLE, Block, Trouble
from piiscan.sources.encoding.decoder import PIECE_BYTES, Piece
from piiscan.sources.read_state import ReadState
from piiscan.sources.rows.column_builder import build_column, classify_rows, shift_offsets
from piiscan.sources.rows.long_record import LongRecord, PendingText, drop_text
from piiscan.sources.rows.row_kernels import split_runs
from piiscan.sources.rows.table_warnings import TableWarnings
from piiscan.sources.rows.tokenizer import RecordCells, TextFormat, tokenize

#: Maximum of rows times columns of one block, so that a few wide rows do not inflate many others.
_MAX_BLOCK_CELLS = 2 << 20
#: Bytes of a record above which it is not split into cells, but yielded in pieces.
MAX_RECORD_BYTES = 4 * PIECE_BYTES


@packable
@dataclass(slots=True)
class _ReadState:
    """Text not yet yielded, with the row and line number of its start, and warnings so far."""

    warnings: TableWarnings
    text: UInt8 = field(default_factory=lambda: np.empty(0, np.uint8))
    byte_offsets: Int64 | None = None
    base: int = 0
    row: int = 1
    line: int = 1
    one_line: int = 0
    long_record: LongRecord | None = None


def read_blocks(
    pieces: Iterable[Piece],
    text_format: TextFormat,
    *,
    member: str = "",
    max_bytes: int | None = None,
    reading: ReadState | None = None,
    is_whole: bool = False,
) -> Iterator[Block | Trouble]:
    """Yield the records of decoded pieces as blocks, with Troubles for undecodable lines.

    ``max_bytes`` is the size above which a record is yielded in pieces.  ``reading``: state of the
    reading of the pieces. ``is_whole``: the pieces are few, and read before any record.
    """
    max_bytes = max_bytes or (MAX_RECORD_BYTES if text_format.table else PIECE_BYTES)
    state = (reading or ReadState()).stage("records", lambda: _ReadState(TableWarnings(member)))
    for piece in pieces:
        state.warnings.add_piece(piece, state.line + int(np.count_nonzero(state.text == 10)))
        append_piece(state, piece)
        if is_whole:
            continue
        if state.long_record is None:
            yield from _whole_records(state, text_format, final=False)
            if state.text.size > max_bytes:
                state.long_record = LongRecord(state.row, state.line, max_bytes)
                if text_format.table:
                    detail = "the record is not split into cells, its text is read in pieces"
                    yield Trouble(member, "LONG_RECORD", detail, state.row, lost=False)
        if state.long_record is not None:
            yield from state.long_record.read_pieces(state, text_format)
            if state.long_record.ended:
                state.long_record = None
                yield from _whole_records(state, text_format, final=False)
    if state.long_record is not None:
        yield from state.long_record.read_pieces(state, text_format, final=True)
    yield from _whole_records(state, text_format, final=True)
    yield from state.warnings.summary()


def append_piece(state: PendingText, piece: Piece) -> None:
    """Append a decoded piece to the text not yet yielded, with its byte offsets."""
    if state.text.size == 0:
        state.text, state.byte_offsets, state.base = piece.text, piece.byte_offsets, piece.base
        return
    if state.byte_offsets is not None or piece.byte_offsets is not None:
        left = _explicit_offsets(state.text, state.byte_offsets, state.base)
        state.byte_offsets = np.concatenate(
            [left, _explicit_offsets(piece.text, piece.byte_offsets, piece.base)]
        )
    state.text = np.concatenate([state.text, piece.text])


def _explicit_offsets(text: UInt8, byte_offsets: Int64 | None, base: int) -> Int64:
    """Return the file offset of each byte of ``text``; without a map they count from ``base``."""
    return (
        np.arange(base, base + text.size, dtype=np.int64) if byte_offsets is None else byte_offsets
    )


def _whole_records(
    state: _ReadState, text_format: TextFormat, *, final: bool
) -> Iterator[Block | Trouble]:
    """Yield the complete records of the text not yet yielded as blocks; drop their text.

    ``final``: no more text follows, so that the last record is complete.
    """
    if state.text.size == 0:
        return
    warnings = state.warnings
    cells = tokenize(state.text, text_format.dialect, final=final, one_line=state.one_line)
    if cells.records:
        yield from _build_blocks(state, cells, text_format)
    for record in np.searchsorted(cells.lines, cells.unclosed, "right").tolist():
        row = state.row + record - 1
        warnings.add_row("UNCLOSED_QUOTE", row, "the quote is read as an ordinary character")
    yield from warnings.resolve_rows(state.row, state.line, cells)
    widths = np.diff(cells.firsts)
    if widths.size and widths.max() >= text_format.dialect.max_cells:
        row = state.row + int(np.argmax(widths))
        warnings.add_row("TOO_MANY_COLUMNS", row, "the last cell holds the rest of the row")
    state.row += cells.records
    state.line += cells.lines_passed
    state.one_line = cells.one_line
    drop_text(state, cells.consumed)


def _build_blocks(
    state: _ReadState, cells: RecordCells, text_format: TextFormat
) -> Iterator[Block]:
    """Yield tokenized records as blocks of bounded size, in rows and bytes."""
    kinds = classify_records(state.text, cells, text_format, state.row)
    ends = np.empty(cells.records + 1, np.int64)
    count = split_runs(cells.firsts, text_format.columns, _MAX_BLOCK_CELLS, ends)
    for begin, end in pairwise((0, *ends[:count].tolist())):
        widest = int(np.diff(cells.firsts[begin : end + 1]).max())
        columns: list[pa.Array] = []
        starts: list[Int64] = []
        for column in range(max(widest, text_format.columns)):
            texts, starts_in_text = build_column(
                state.text, cells, column, (begin, end), state.byte_offsets
            )
            if state.byte_offsets is None:
                shift_offsets(starts_in_text, state.base)
            columns.append(texts)
            starts.append(starts_in_text)
        yield Block(
            columns,
            np.arange(state.row + begin, state.row + end, dtype=np.int64),
            cells.lines[begin:end].astype(np.int64) + state.line,
            starts,
            text_format.encoding,
            kinds=kinds[begin:end],
            split=text_format.table,
        )


def classify_records(
    text: UInt8, cells: RecordCells, text_format: TextFormat, row: int | None
) -> Int8:
    """Return the row kind of each record; ``row``: first row number, None below any header."""
    kinds = classify_rows(text, cells, text_format.header)
    if not text_format.table:
        kinds[kinds != BLANK] = DATA
    elif row is not None and text_format.header_row is not None and row <= text_format.header_row:
        at = text_format.header_row - row
        above = kinds[:at]
        above[above != BLANK] = TITLE
        kinds[at : at + 1] = HEADER
    return kinds


def block_rows(block: Block) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """Yield the number and the cells of each row of a block."""
    columns = [column.to_pylist() for column in block.columns]
    return zip(block.rows.tolist(), zip(*columns, strict=True), strict=True)
