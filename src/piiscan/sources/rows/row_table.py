"""Row tables: the Table of numbered rows that a reader yields in order, as of a database.

Rows are read twice: once for the sample (head, middle, tail), once for the blocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from piiscan.arrow_strings import string_column
from piiscan.sources.block import Block, CountNames, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.header_row import HeaderLayout, classify_row, find_layout
from piiscan.sources.rows.transposed import has_labels, turned

#: Rows of a sample from each of head, middle and tail.
SAMPLE_ROWS: Final = 300
_BLOCK_ROWS: Final = 8192
_BLOCK_CHARACTERS: Final = 32 << 20

Cells = Sequence[str | None]  # of a row; None for a cell that is not there
Row = tuple[int, list[str | None]]  # number from 1, and cells
Blocks = Callable[[], Iterator[Block | Trouble]]


def open_rows(
    content: Content,
    context: ReadContext,
    read: Callable[[], Iterator[Cells | Trouble]],
    *,
    kind: str,
    member: str | None = None,
    headers: Sequence[str | None] | None = None,
) -> Iterator[Table]:
    """Yield the table of the rows that ``read`` yields; nothing if all are empty.

    ``read`` is called anew for each pass.

    Rows are numbered from 1 as they come. ``kind``: the kind of the table. ``member``: its path, if
    it is a part of ``content``. Without ``headers`` the row with the column names is searched among
    the first ones.
    """
    sample_rows, width = _sample(read, context.seed)
    if not sample_rows:
        return
    if headers is None:
        layout = find_sample_layout(sample_rows, context.count_names)
    else:
        layout = HeaderLayout(list(headers), None, [0] * len(headers))
    width = max(width, len(layout.groups))
    sample = block_of_rows(sample_rows, layout, width)
    name = content.member if member is None else member
    read_all: Blocks = lambda: _read(read(), layout, width)  # noqa: E731
    table = laid_out_table(content, name, kind, layout, sample, read_all)
    labelled = headers is None and has_labels(sample_rows, width, context.count_names)
    yield turned(table) if labelled else table


def find_sample_layout(rows: Sequence[Row], count_names: CountNames) -> HeaderLayout:
    """Return the header layout of a table from the numbered ``rows`` of its sample."""
    head = [[cell or "" for cell in row] for number, row in rows if number <= SAMPLE_ROWS]
    return find_layout(head, count_names)


def laid_out_table(
    content: Content, member: str, kind: str, layout: HeaderLayout, sample: Block, blocks: Blocks
) -> Table:
    """Build the Table of a part of ``content``; columns that only later rows have come last."""
    more = len(sample.columns) - len(layout.groups)
    return Table(
        member=member,
        kind=kind,
        headers=None if layout.headers is None else [*layout.headers, *[None] * more],
        header_row=layout.header_row,
        groups=[*layout.groups, *(layout.groups[-1:] or [0]) * more],
        sample=sample,
        blocks=blocks,
        sha256=content.sha256,
        size=content.size,
    )


def _sample(read: Callable[[], Iterator[Cells | Trouble]], seed: int) -> tuple[list[Row], int]:
    """Return (numbered filled rows of head, middle and tail; the largest number of cells).

    The middle rows follow a place drawn anew, ever more rarely, while the rows come by.
    """
    rng = np.random.default_rng(seed)
    head: list[Row] = []
    middle: list[Row] = []
    tail: deque[Row] = deque(maxlen=SAMPLE_ROWS)
    width, next_place = 0, 2 * SAMPLE_ROWS
    rows = (each for each in read() if not isinstance(each, Trouble))
    for number, row in enumerate(rows, 1):
        width = max(width, len(row))
        if not any(row):
            continue
        item = (number, list(row))
        if len(head) < SAMPLE_ROWS:
            head.append(item)
            continue
        tail.append(item)
        if number >= next_place:
            if len(middle) >= SAMPLE_ROWS:
                middle = []
            middle.append(item)
            if len(middle) == SAMPLE_ROWS:
                next_place = number + int(rng.integers(number, 2 * number))
    known = {number for number, _ in tail}
    return [*head, *(item for item in middle if item[0] not in known), *tail], width


def _read(
    rows: Iterator[Cells | Trouble], layout: HeaderLayout, width: int
) -> Iterator[Block | Trouble]:
    """Yield filled rows as blocks, and each Trouble of the reader."""
    part: list[Row] = []
    characters, number, blank = 0, 0, 0
    for each in rows:
        if isinstance(each, Trouble):
            yield each
            continue
        number += 1
        if not any(each):
            blank += 1
            continue
        part.append((number, list(each)))
        characters += sum(map(len, filter(None, each)))
        if len(part) == _BLOCK_ROWS or characters >= _BLOCK_CHARACTERS:
            yield block_of_rows(part, layout, width, blank)
            part, characters, blank = [], 0, 0
    if part or blank:
        yield block_of_rows(part, layout, width, blank)


def block_of_rows(part: list[Row], layout: HeaderLayout, width: int, blank: int = 0) -> Block:
    """Build a Block of numbered rows; ``blank``: number of blank rows left out between them."""
    width = max(width, max((len(row) for _, row in part), default=0))
    columns: list[Any] = []
    for column in range(width):
        cells = [row[column] if column < len(row) else None for _, row in part]
        columns.append(string_column(cells))
    rows = np.array([number for number, _ in part], np.int64)
    kinds = np.array([classify_row(number, row, layout) for number, row in part], np.int8)
    return Block(columns, rows, None, None, None, kinds=kinds, blank_rows=blank)
