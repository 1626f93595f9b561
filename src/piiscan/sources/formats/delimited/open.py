"""Delimited and plain text as a Table: encoding, delimiter and header settled from a sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int8, Int64, UInt8
from piiscan.sources.block import Block, CountNames, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.decoder import decode_window, read_pieces
from piiscan.sources.encoding.detector import Guess
from piiscan.sources.lined.line_kinds import Names
from piiscan.sources.lined.record_grouping import join_lines
from piiscan.sources.rows.column_builder import gather
from piiscan.sources.rows.delimiter import find_dialect, read_rows
from piiscan.sources.rows.header_row import Layout, find_layout
from piiscan.sources.rows.record_blocks import Form, judge_records, read_blocks
from piiscan.sources.rows.tokenizer import Dialect, cut

#: Records of each of head, middle and tail that a table's sample holds.
SAMPLED = 300
_SHOWN = 64 << 10
_FEW = 50


def open_text(
    content: Content, guess: Guess, count_names: CountNames, names: Names | None = None
) -> Table:
    """The content as one table: kind ``delimited`` if its lines are cells, else ``text``.

    ``names``: what labels of lines are called; lines that belong together are then one record.
    """
    whole = len(content.windows) == 1
    looks = [decode_window(window, guess, whole=whole) for window in content.windows]
    cr = not any(np.any(look == 10) for look in looks) and bool(np.any(looks[0] == 13))
    dialect = find_dialect(_some(looks), count_names, cr=cr)
    if dialect is None:
        form, layout = Form(Dialect(cr=cr), _width(guess), False), Layout(None, None, [0])
    else:
        layout = find_layout(read_rows(looks[0], dialect), count_names)
        columns = max(len(layout.groups), 1)
        form = Form(dialect, _width(guess), True, columns, layout.raw, layout.header_row)
    return Table(
        member=content.member,
        kind="delimited" if form.table else "text",
        encoding=guess.encoding,
        delimiter=form.dialect.delimiter or None,
        headers=layout.headers,
        header_row=layout.header_row,
        groups=layout.groups,
        sample=sample_of(looks, form),
        blocks=lambda: _read(content, guess, form, names),
        sha256=content.sha256,
        size=content.size,
    )


def _read(
    content: Content, guess: Guess, form: Form, names: Names | None
) -> Iterator[Block | Trouble]:
    blocks = read_content(content, guess, form)
    return blocks if form.table or names is None else join_lines(blocks, names)


def read_content(content: Content, guess: Guess, form: Form) -> Iterator[Block | Trouble]:
    """The whole content as blocks; an error in the middle is a Trouble after what could be read."""
    with content.open() as stream:
        try:
            yield from read_blocks(read_pieces(stream, guess), form, member=content.member)
        except OSError as error:
            detail = type(error).__name__
            yield Trouble(content.member, "READ_ERROR", f"{detail}: the rest is not read")


def _width(guess: Guess) -> str:
    return "utf-16" if guess.encoding.startswith("utf-16") else guess.encoding


def _some(looks: list[UInt8]) -> UInt8:
    """Enough whole lines of each look to judge delimiters by."""
    parts = []
    for look in looks:
        data = look[:_SHOWN].tobytes()
        if data.count(b"\n") < _FEW:  # very wide rows
            data = look.tobytes()
        end = data.rfind(b"\n") + 1
        parts.append(data[:end] if end and look.size > len(data) else data)
    return np.frombuffer(b"".join(parts), np.uint8)


def sample_of(looks: list[UInt8], form: Form) -> Block:
    """The first records of each look in one block; of all but the head only full rows."""
    columns: list[list[pa.Array]] = [[] for _ in range(form.columns)]
    rows: list[Int64] = []
    kinds: list[Int8] = []
    for number, look in enumerate(looks):
        found = cut(look, form.dialect, final=True)
        count = min(SAMPLED, found.records)
        kept = np.ones(count, np.bool_)
        if number and form.table:
            kept = np.diff(found.firsts[: count + 1]) == form.columns
        for column, cells in enumerate(columns):
            cells.append(gather(look, found, column, (0, count), None)[0].filter(pa.array(kept)))
        known = np.arange(1, count + 1) if number == 0 else np.full(count, -1)
        rows.append(known[kept].astype(np.int64))
        kinds.append(judge_records(look, found, form, 1 if number == 0 else None)[:count][kept])
    numbers = np.concatenate(rows)
    joined = [pa.concat_arrays(cells) for cells in columns]
    return Block(
        joined, numbers, numbers, None, None, kinds=np.concatenate(kinds), split=form.table
    )
