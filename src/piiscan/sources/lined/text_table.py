r"""Text tables: encoding, delimiter and header of a text from sample windows, and its blocks.

姓名,手机号\n张三,13800138000 -> Table(kind="delimited", delimiter=",", headers=["姓名", "手机号"])
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int8, Int64, UInt8
from piiscan.sources.block import Block, Table, Trouble, unbuilt_table
from piiscan.sources.content import Content, memory_content, read_up_to
from piiscan.sources.encoding.decoder import Piece, decode_window, read_pieces
from piiscan.sources.encoding.detector import EncodingGuess
from piiscan.sources.lined.fixed_columns import find_cuts, has_long_number, has_touching_columns
from piiscan.sources.lined.record_grouping import group_lines
from piiscan.sources.read_context import ReadContext
from piiscan.sources.read_state import ReadState
from piiscan.sources.rows.column_builder import build_column
from piiscan.sources.rows.delimiter import find_dialect, read_rows
from piiscan.sources.rows.form_rows import form_label, form_row
from piiscan.sources.rows.header_row import HeaderLayout, find_layout, is_transposed
from piiscan.sources.rows.record_blocks import block_rows, classify_records, read_blocks
from piiscan.sources.rows.table_sections import find_sections, with_sections
from piiscan.sources.rows.tokenizer import Dialect, TextFormat, tokenize
from piiscan.sources.rows.transposed import turned

#: Maximum records of a table's sample from each of head, middle and tail.
SAMPLE_ROWS = 300
_SAMPLE_BYTES = 64 << 10
_MIN_SAMPLE_LINES = 50


def open_text(content: Content, guess: EncodingGuess, context: ReadContext) -> Table:
    """Open a text as one Table: kind ``delimited``, or ``text`` if its lines are no table.

    By the label names of the context, lines of plain text are grouped to records.
    """
    count_names, encoding = context.count_names, guess.block_encoding
    whole = len(content.windows) == 1
    windows, pieces = _read_windows(content, guess, whole=whole)
    cr = bool(np.any(windows[0] == 13)) and not any(np.any(text == 10) for text in windows)
    dialect = find_dialect(_dialect_sample(windows), count_names, cr=cr)
    form = ""
    if dialect is not None and (form := form_label(read_rows(windows[0], dialect), count_names)):
        dialect = None  # lines of filled-in forms: 姓名,张三,性别,男
    is_lined = not form and (dialect is None or dialect.blanks or not dialect.delimiter)
    is_lined = is_lined and has_long_number(windows[0])
    lines = [row[0] for row in read_rows(windows[0], Dialect(cr=cr))] if is_lined else []
    cuts = find_cuts(lines) if is_lined else None
    dialect = dialect if cuts is None else None
    if dialect is None:
        text_format = TextFormat(Dialect(cr=cr), encoding, False)
        layout = HeaderLayout(None, None, [0])
    else:
        rows = read_rows(windows[0], dialect)
        layout = find_layout(rows, count_names)
        columns = max(len(layout.groups), 1)
        text_format = TextFormat(dialect, encoding, True, columns, layout.raw, layout.header_row)

    sample, known = _read_sample(pieces, windows, text_format, content.member)

    def read(reading: ReadState) -> Iterator[Block | Trouble]:
        """Yield the blocks of the text; lines of plain text are grouped."""
        blocks = _read_blocks(content, guess, text_format, reading) if known is None else known
        if form:
            return _group_forms(blocks, form, reading)
        if cuts is not None:
            return (cuts.cut(each) if isinstance(each, Block) else each for each in blocks)
        if text_format.table or context.label_names is None:
            return iter(blocks)
        return group_lines(blocks, context.label_names, reading)

    table = Table(
        member=content.member,
        kind="delimited" if text_format.table else "text",
        encoding=guess.encoding,
        delimiter=text_format.dialect.delimiter or None,
        headers=layout.headers,
        header_row=layout.header_row,
        groups=layout.groups,
        sample=sample,
        blocks=lambda: read(ReadState()),
        resume=None if whole or content.path is None else read,
        sha256=content.sha256,
        size=content.size,
    )
    if cuts is not None:
        count = len(cuts.places)
        headers: list[str | None] = [None] * count
        return replace(
            table,
            kind="delimited",
            headers=headers,
            groups=[0] * count,
            sample=cuts.cut(table.sample),
        )
    if is_lined and has_touching_columns(lines):
        detail = "columns of numbers touch: cut them by their widths and save as CSV"
        table = replace(table, troubles=[Trouble(content.member, "COLUMNS_TOUCH", detail)])
    if dialect is None:
        return table
    if whole and is_transposed(rows, count_names):
        return turned(table)
    sections = find_sections(windows[0], dialect, layout, count_names)
    if not sections:
        return table
    return with_sections(table, find_layout(rows[: sections[0].start - 1], count_names), sections)


def _read_windows(
    content: Content, guess: EncodingGuess, *, whole: bool
) -> tuple[list[UInt8], list[Piece]]:
    """Return the text of the sample windows, and all pieces of a content that they cover."""
    raw = b""
    if whole:
        with suppress(OSError), content.open() as stream:
            raw = read_up_to(stream, len(content.head) + 1)
    pieces = list(read_pieces(io.BytesIO(raw), guess)) if len(raw) <= len(content.head) else []
    if pieces:
        return [np.concatenate([each.text for each in pieces])], pieces
    return [decode_window(window, guess, whole=whole) for window in content.windows], []


def _read_blocks(
    content: Content, guess: EncodingGuess, text_format: TextFormat, reading: ReadState
) -> Iterator[Block | Trouble]:
    """Yield a text as blocks; an error in the middle yields a Trouble and ends them."""
    with content.open() as stream:
        try:
            pieces = read_pieces(stream, guess, reading=reading)
            yield from read_blocks(pieces, text_format, member=content.member, reading=reading)
        except OSError as error:
            detail = type(error).__name__
            yield Trouble(content.member, "READ_ERROR", f"{detail}: the rest is not read")


def _dialect_sample(windows: list[UInt8]) -> UInt8:
    """Return the complete lines of the sample windows, as many as delimiter detection needs."""
    parts = []
    for window in windows:
        data = window[:_SAMPLE_BYTES].tobytes()
        if data.count(b"\n") < _MIN_SAMPLE_LINES:  # very wide rows
            data = window.tobytes()
        end = data.rfind(b"\n") + 1
        parts.append(data[:end] if end and window.size > len(data) else data)
    return np.frombuffer(b"".join(parts), np.uint8)


def _read_sample(
    pieces: list[Piece], windows: list[UInt8], text_format: TextFormat, member: str
) -> tuple[Block, list[Block | Trouble] | None]:
    """Return the first records, and all blocks of a text of which there are ``pieces``."""
    if not pieces:
        return build_sample(windows, text_format), None
    items = list(read_blocks(pieces, text_format, member=member, is_whole=True))
    blocks = [each for each in items if isinstance(each, Block)]
    if len(blocks) != 1:
        return build_sample(windows, text_format), items
    block = blocks[0] if len(blocks[0].rows) <= SAMPLE_ROWS else blocks[0].slice(0, SAMPLE_ROWS)
    columns, rows = block.columns[: text_format.columns], block.rows
    split = text_format.table
    return Block(columns, rows, rows, None, None, kinds=block.kinds, split=split), items


def build_sample(windows: list[UInt8], text_format: TextFormat) -> Block:
    """Build a block of the first records of each window; except in the head, only full rows."""
    columns: list[list[pa.Array]] = [[] for _ in range(text_format.columns)]
    rows: list[Int64] = []
    kinds: list[Int8] = []
    for number, window in enumerate(windows):
        records = tokenize(window, text_format.dialect, final=True)
        count = min(SAMPLE_ROWS, records.records)
        keep = np.ones(count, np.bool_)
        if number and text_format.table:
            keep = np.diff(records.firsts[: count + 1]) == text_format.columns
        for column, cells in enumerate(columns):
            cells.append(
                build_column(window, records, column, (0, count), None)[0].filter(pa.array(keep))
            )
        row_numbers = np.arange(1, count + 1) if number == 0 else np.full(count, -1)
        rows.append(row_numbers[keep].astype(np.int64))
        kinds.append(
            classify_records(window, records, text_format, 1 if number == 0 else None)[:count][keep]
        )
    all_rows = np.concatenate(rows)
    joined = [pa.concat_arrays(cells) for cells in columns]
    return Block(
        joined, all_rows, all_rows, None, None, kinds=np.concatenate(kinds), split=text_format.table
    )


def open_lines(
    content: Content, context: ReadContext, lines: Sequence[str], member: str
) -> Iterator[Table]:
    """Yield the text ``member`` of a document as a table of its lines, unless all are blank.

    They have no place in the bytes of the document ``content``. A worker leaves it to the reader.
    """
    if not any(line and not line.isspace() for line in lines):
        return
    if context.in_worker:
        yield unbuilt_table(member, "\n".join(lines))
    else:
        table = _lines_table(lines, member, context)
        yield replace(table, sha256=content.sha256, size=content.size)


def _lines_table(lines: Sequence[str], member: str, context: ReadContext) -> Table:
    """Return lines without a place in bytes as a table."""
    data = "\n".join(lines).encode("utf-8", "replace")
    text = memory_content(data, member, member=member)
    table = open_text(text, EncodingGuess("utf-8"), context)
    read = table.blocks
    return replace(
        table,
        encoding=None,
        blocks=lambda: (
            replace(each, byte_starts=None, encoding=None) if isinstance(each, Block) else each
            for each in read()
        ),
    )


def form_as_lines(table: Table, context: ReadContext) -> Table:
    """Return a sheet that is filled-in forms as a text, a line for each of its rows.

    ``姓名 | 张三 | 性别 | 男`` -> ``姓名：张三 性别：男``. Any other table is returned as it is.
    """
    rows = [[cell or "" for cell in row] for _, row in block_rows(table.sample)]
    label = form_label(rows, context.count_names)
    if not label:
        return table
    lines: dict[int, str] = {}
    troubles = []
    for block in table.blocks():
        if isinstance(block, Trouble):
            troubles.append(block)
            continue
        for number, row in block_rows(block):
            lines[number] = " ".join(form_row(row)).replace("\n", " ")
    found = [lines.get(number, "") for number in range(1, max(lines, default=0) + 1)]
    text = _lines_table(found, table.member, replace(context, label_names=None))
    return replace(
        text,
        blocks=lambda: _group_forms(text.blocks(), label, ReadState()),
        sha256=table.sha256,
        size=table.size,
        troubles=[*table.troubles, *troubles],
    )


def _group_forms(
    blocks: Iterable[Block | Trouble], label: str, reading: ReadState
) -> Iterator[Block | Trouble]:
    """Yield the lines of forms with their records, each of which begins with ``label``."""
    first = reading.stage("forms", lambda: [0])  # row of the record
    for block in blocks:
        if isinstance(block, Trouble):
            yield block
            continue
        starts = []
        for row, line in zip(block.rows.tolist(), block.columns[0].to_pylist(), strict=True):
            if not first[0] or (line or "").lstrip(' "').startswith(label):
                first[0] = row
            starts.append(first[0])
        yield replace(block, record_starts=np.array(starts, np.int64))
