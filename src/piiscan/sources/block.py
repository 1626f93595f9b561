"""What every reader hands on: a table's description and its cells, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from piiscan.arrays import Int8, Int64

#: How many of a row of cells are known column names; given from above, as sources know no names.
CountNames = Callable[[list[str]], int]

#: What a record is; everything but DATA stays readable evidence that counting leaves out.
DATA, HEADER, TITLE, SUBTOTAL, BLANK = range(5)
KINDS: Final = ("DATA", "HEADER", "TITLE", "SUBTOTAL", "BLANK")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that was not read, or read with a doubt."""

    member: str  # chain inside the source; from ``walk``, the display path
    reason: str  # upper-case code
    detail: str = ""
    row: int | None = None
    lost: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """Some consecutive records of one table: equally long string columns and where each cell stood.

    ``columns[c]`` is a ``pa.string()`` or ``pa.large_string()`` array, null = the record has no
    such cell.  ``byte_starts[c][r]`` is the offset in the member's bytes of the cell's first
    character, below 0 where the cell's text is not an exact image of bytes (unescaped quotes,
    restored floats, lossy decode): -2 - p where it is known to begin at p.  ``width`` says how to
    count on inside the cell.

    Rows may be wider than the table's headers: such columns stand behind the others, and
    ``extra_headers`` names them where the format names cells (JSON keys met later).
    In a table's ``sample`` rows and lines are -1 where they are not known (middle and tail).
    """

    columns: list[pa.Array]
    rows: Int64  # 1-based row number of each record, as Excel or an editor counts
    lines: Int64 | None  # 1-based line on which each record starts; None for sheets
    byte_starts: list[Int64] | None
    width: str | None  # "utf-8" | "gb18030" | "big5" | "utf-16" | None
    piece_start: int = 0  # a record longer than a block comes in pieces: code point of this one
    own: tuple[int, int] | None = None  # code points of this piece that are its own (rest: overlap)
    kinds: Int8 | None = None  # DATA, HEADER, …, per record; None = all DATA
    split: bool = True  # False: the one column is the whole line, not a cell (column 0, no header)
    extra_headers: tuple[str | None, ...] = ()  # of the columns behind the table's own
    table: int = 0  # 0 the table that gave the block, n the n-th of those ``beside`` it
    records: Int64 | None = None  # number of the row that each one's record begins with; None = own
    heads: Int64 | None = None  # number of the row that each one's message begins with, 0 for none
    passed: int = 0  # blank rows left out of it
    keys: tuple[str, ...] = ()  # of JSON: the dotted key of each column


@dataclass(frozen=True, slots=True)
class Table:
    """One table (or one run of plain lines) of a source, not yet read.

    ``sample`` holds records of head, middle and tail (seeded, bounded); ``blocks`` reads the
    whole, once.  ``headers`` is None for plain text (then one column of lines).  Tables ``beside``
    it stand in the same text, rows of all in turn (an SQL dump): their blocks come among its own.
    """

    member: str
    kind: str  # text | delimited | jsonl | sheet | sql
    encoding: str | None
    delimiter: str | None
    headers: list[str | None] | None
    header_row: int | None
    groups: list[int]  # per column: which of several tables side by side, from 0
    sample: Block
    blocks: Callable[[], Iterator[Block | Trouble]]
    sha256: str | None = None  # of an archive member's bytes
    size: int | None = None
    troubles: list[Trouble] = field(default_factory=list)
    beside: tuple[Table, ...] = ()
