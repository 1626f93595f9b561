"""Tables and blocks: the description of a table and its cells, as every reader yields them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int8, Int64
from piiscan.packed_state import packable
from piiscan.sources.read_state import ReadState

#: Callback that counts the known column names in a row of cells. The caller supplies it, as
#: this package has no catalog of names.
CountNames = Callable[[list[str]], int]

#: Bits of a row number.  The rows of table ``n`` of a joined block have numbers from
#: ``n << ROW_BITS`` on.
ROW_BITS: Final = 40

#: Kinds of records. Only DATA is counted; the other kinds remain readable in the source.
DATA, HEADER, TITLE, SUBTOTAL, BLANK, SCHEMA = range(6)
KINDS: Final = ("DATA", "HEADER", "TITLE", "SUBTOTAL", "BLANK", "SCHEMA")


@packable
@dataclass(frozen=True, slots=True)
class Trouble:
    """Problem of a reader: input that was not read (``lost``) or was read with a doubt."""

    member: str  # path inside the source; from ``walk``, the display path
    reason: str  # code in upper case
    detail: str = ""
    row: int | None = None
    lost: bool = True


@packable
@dataclass(frozen=True, slots=True)
class Block:
    """Block of consecutive records of one table: string columns of equal length and byte offsets.

    ``columns[c]`` is a ``pa.string()`` or ``pa.large_string()`` array; null means that the record
    has no such cell.  ``byte_starts[c][r]`` is the offset, in the member's bytes, of the first
    character of the cell.  It is negative if the cell's text is not an exact image of bytes
    (unescaped quotes, restored floats, lossy decoding): -2 - p if the cell begins at byte p, else
    -1.  ``encoding`` determines the number of bytes per character inside a cell.

    Rows may be wider than the headers of the table.  Such columns follow the others, and
    ``extra_headers`` names them if the format names its cells (JSON keys that appear later).  In a
    table's ``sample``, unknown row and line numbers (of middle and tail) are -1.
    """

    columns: list[pa.Array]
    rows: Int64  # 1-based row number of each record, as in Excel or an editor
    lines: Int64 | None  # 1-based number of the first line of each record; None for sheets
    byte_starts: list[Int64] | None
    encoding: str | None  # "utf-8" | "gb18030" | "big5" | "utf-16" | None
    piece_start: int = 0  # of a piece of a long record: code point at which the piece begins
    #: Of a piece of a long record: [start, end) in code points; the rest overlaps its neighbours.
    own_range: tuple[int, int] | None = None
    kinds: Int8 | None = None  # kind of each record (DATA, HEADER, …); None = all DATA
    split: bool = True  # False: the one column is the whole line, not a cell (column 0, no header)
    extra_headers: tuple[str | None, ...] = ()  # of the columns beyond the table's headers
    table: int = 0  # 0: the table that yields the block; n: the n-th of its ``siblings``
    #: Per row, the number of the first row of its record; None: every row is a record.
    record_starts: Int64 | None = None
    #: Per row, the number of the first row of its chat message; 0: none.
    message_starts: Int64 | None = None
    blank_rows: int = 0  # number of blank rows left out of the block
    keys: tuple[str, ...] = ()  # of JSON: the dotted key of each column

    @property
    def tables(self) -> Int64:
        """Return the number of each row's table: 0, but in a joined block (``int64[n]``)."""
        return self.rows >> ROW_BITS

    def slice(self, begin: int, end: int) -> Block:
        """Return the records [begin, end)."""
        starts = self.byte_starts
        return replace(
            self,
            columns=[column.slice(begin, end - begin) for column in self.columns],
            rows=self.rows[begin:end],
            lines=None if self.lines is None else self.lines[begin:end],
            byte_starts=None if starts is None else [each[begin:end] for each in starts],
            kinds=None if self.kinds is None else self.kinds[begin:end],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Description of one table (or of one run of plain lines) of a source that is not yet read.

    ``sample`` has records of head, middle and tail (seeded, bounded).  ``blocks`` reads the whole
    table, once.  ``headers`` is None for plain text, which has one column of lines.  ``siblings``
    are further tables in the same text with their rows interleaved (an SQL dump).  Their blocks
    come from ``blocks`` of this table.
    """

    member: str
    #: text | delimited | jsonl | sheet | sql | database | html | xml | mail | contacts | chat
    #: | document
    kind: str
    encoding: str | None = None
    delimiter: str | None = None
    headers: list[str | None] | None = None
    header_row: int | None = None
    #: Per column: number, from 0, of its table among tables side by side.
    groups: list[int] = field(default_factory=lambda: [0])
    sample: Block
    blocks: Callable[[], Iterator[Block | Trouble]] = lambda: iter(())
    sha256: str | None = None  # of an archive member's bytes
    size: int | None = None
    troubles: list[Trouble] = field(default_factory=list)
    siblings: tuple[Table, ...] = ()
    #: Reads the blocks from a state on; None for a reader that always begins at the start.
    resume: Callable[[ReadState], Iterator[Block | Trouble]] | None = None
    #: Text of which the table is built, if a worker process leaves that to the reader.
    whole: str | None = None


def unbuilt_table(member: str, text: str) -> Table:
    """Return the description of a text of lines from which the reader builds a Table."""
    nothing = Block([], np.empty(0, np.int64), None, None, None)
    return Table(member=member, kind="text", sample=nothing, whole=text)


def with_blocks(
    table: Table,
    change: Callable[[Iterator[Block | Trouble], ReadState], Iterator[Block | Trouble]],
) -> Table:
    """Return ``table`` with blocks that went through ``change``, which gets the state as well."""
    read, resume = table.blocks, table.resume
    return replace(
        table,
        blocks=lambda: change(read(), ReadState()),
        resume=None if resume is None else lambda state: change(resume(state), state),
    )
