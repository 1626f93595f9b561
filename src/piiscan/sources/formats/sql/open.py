"""Opener for SQL dumps: a Table for each table of the dump, and one for all other text.

INSERT INTO `users` (`name`, `phone`) VALUES ('张三', '13800138000');
-> Table users, headers name and phone, one row
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.errors import OtherFormatError
from piiscan.sources.block import Block, CountNames, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.decoder import decode_window, read_pieces
from piiscan.sources.encoding.detector import EncodingGuess
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats.sql.dump_blocks import (
    BlockQueue,
    HeadRows,
    build_row_blocks,
    build_text_block,
    group_by_head,
    join_blocks,
    number_rows,
)
from piiscan.sources.formats.sql.dump_scanner import DumpScanner, ScannedText
from piiscan.sources.formats.sql.schema_lines import SchemaLines
from piiscan.sources.formats.sql.statements import escapes_with_slashes
from piiscan.sources.formats.sql.table_definitions import DumpTable, DumpTables
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.delimiter import looks_like_sql

_SAMPLE_ROWS: Final = 300
_SAMPLE_BYTES: Final = 64 << 10
#: First line of the dumps of a tool, and the words of their last line.
_ENDS: Final = (
    (re.compile(rb"(?m)\A\s*-- (?:MySQL|MariaDB) dump "), b"-- Dump completed"),
    (re.compile(rb"(?m)^-- PostgreSQL database dump\r?$"), b"PostgreSQL database dump complete"),
)
_TOO_MANY_TABLES: Final = "statements of further tables are read as plain text"


@dataclass(frozen=True, slots=True)
class _Dump:
    """A dump and its options: content, encoding, and True if a backslash escapes a quote."""

    content: Content
    guess: EncodingGuess
    slashes: bool


@dataclass(slots=True)
class _TableSample:
    """Sample rows of one table for column types: first rows, some from the middle, last rows."""

    rng: np.random.Generator
    rows: int = 0
    pieces: int = 0
    head: list[Block] = field(default_factory=list)
    middle: Block | None = None
    tail: Block | None = None

    def add(self, part: HeadRows) -> None:
        """Add some of the rows of a part of the dump."""
        indices = part.indices
        self.rows += len(indices)
        wanted = _SAMPLE_ROWS - sum(len(block.rows) for block in self.head)
        if wanted > 0:
            self.head += build_row_blocks(part, indices[:wanted])
            indices = indices[wanted:]
        if len(indices):
            self.pieces += 1
            self.tail = next(build_row_blocks(part, indices[-_SAMPLE_ROWS:]))
            if self.rng.random() * self.pieces < 1:
                at = int(self.rng.integers(max(len(indices) - _SAMPLE_ROWS, 0) + 1))
                self.middle = next(build_row_blocks(part, indices[at : at + _SAMPLE_ROWS]))


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the text of a dump as a Table, with the dump's tables as ``siblings``.

    The whole dump is read once, to find its tables and sample them. The tables that other files of
    the archive define are known. Raises OtherFormatError if it has no rows of tables.
    """
    content, guess = sample.content, sample.text_guess
    windows = [decode_window(w, guess, whole=len(content.windows) == 1) for w in content.windows]
    if content.extension != "sql" and not any(map(looks_like_sql, windows)):
        raise OtherFormatError("")
    head = b"\n".join(window[:_SAMPLE_BYTES].tobytes() for window in windows)
    dump = _Dump(content, guess, escapes_with_slashes(head))
    archive = content.member.rpartition("!")[0]
    tables = DumpTables(context.notes.setdefault(f"sql {archive}", {}))
    try:
        table_samples, text_sample = _sample_tables(dump, tables, context.seed)
        tables.share_definitions()
    except OSError:
        raise OtherFormatError("") from None  # the text reader reports the error
    if not any(table_sample.rows for table_sample in table_samples):
        raise OtherFormatError("")
    siblings = tuple(
        _table(dump, target, table_sample, context.count_names)
        for target, table_sample in zip(tables.tables, table_samples, strict=True)
    )
    yield Table(
        member=content.member,
        kind="text",
        encoding=guess.encoding,
        sample=text_sample,
        blocks=lambda: itertools.chain(_read(dump, tables), _missing_end(content, windows)),
        sha256=content.sha256,
        size=content.size,
        siblings=siblings,
    )


def _missing_end(content: Content, samples: list[UInt8]) -> list[Trouble]:
    """Return a Trouble if a dump lacks the last line that its tool writes."""
    head, tail = samples[0][:4096].tobytes(), samples[-1][-_SAMPLE_BYTES:].tobytes()
    for begin, end in _ENDS:
        if begin.search(head) and end not in tail:
            detail = f"the last line of a whole dump is missing: {end.decode()}"
            return [Trouble(content.member, "CUT_OFF", detail)]
    return []


def _table(dump: _Dump, target: DumpTable, sample: _TableSample, count_names: CountNames) -> Table:
    """Build the Table of one table of a dump; its blocks come from the dump's text Table."""
    headers = target.headers(count_names)
    blocks = [b for b in (*sample.head, sample.middle, sample.tail) if b is not None]
    width = max([1, len(headers), *(len(block.columns) for block in blocks)])
    return Table(
        member=f"{dump.content.member}#{target.name}",
        kind="sql",
        encoding=dump.guess.encoding,
        headers=headers + [None] * (width - len(headers)) if headers else None,
        groups=[0] * width,
        sample=join_blocks(blocks, width),
        sha256=dump.content.sha256,
        size=dump.content.size,
    )


def _sample_tables(dump: _Dump, tables: DumpTables, seed: int) -> tuple[list[_TableSample], Block]:
    """Scan the whole dump; return a sample of each table and the first lines of text."""
    table_samples: list[_TableSample] = []
    sample: Block | None = None
    for scanned in _scan_dump(dump, tables):
        if not isinstance(scanned, ScannedText):
            continue
        if sample is None or not len(sample.rows):
            sample = build_text_block(scanned)
        for part in group_by_head(scanned, tables):
            while len(table_samples) <= part.head.table:
                rng = np.random.default_rng([seed, len(table_samples)])
                table_samples.append(_TableSample(rng))
            table_samples[part.head.table].add(part)
    while len(table_samples) < len(tables.tables):
        table_samples.append(_TableSample(np.random.default_rng(0)))
    return table_samples, sample if sample is not None else join_blocks([], 1)


def _scan_dump(dump: _Dump, tables: DumpTables) -> Iterator[ScannedText | Block | Trouble]:
    """Scan a dump from its start and yield its scanned parts."""
    reader = DumpScanner(
        tables, slashes=dump.slashes, encoding=dump.guess.block_encoding, member=dump.content.member
    )
    with dump.content.open() as stream:
        yield from reader.read(read_pieces(stream, dump.guess))


def _read(dump: _Dump, tables: DumpTables) -> Iterator[Block | Trouble]:
    """Yield the whole dump as blocks; ``Block.table`` is the table number in the dump."""
    member = dump.content.member
    next_numbers = [0] * len(tables.tables)
    uneven: dict[int, list[int]] = {}
    queue, schema = BlockQueue(), SchemaLines()
    tables.use("")
    try:
        for scanned in _scan_dump(dump, tables):
            if not isinstance(scanned, ScannedText):
                yield scanned
                continue
            text = build_text_block(scanned)
            if len(text.rows):
                yield replace(text, kinds=schema.kinds(text.columns[0]))
            numbers = number_rows(scanned, tables, next_numbers)
            for part in group_by_head(scanned, tables):
                _count_uneven_rows(part, numbers, uneven)
                for block in build_row_blocks(part, part.indices, numbers):
                    yield from queue.add(part.number, block)
    except OSError as error:
        yield Trouble(member, "READ_ERROR", f"{type(error).__name__}: the rest is not read")
    yield from queue.flush()
    for table, (count, first) in sorted(uneven.items()):
        member_path = f"{member}#{tables.tables[table].name}"
        detail = f"{count} rows with more or fewer values than columns"
        yield Trouble(member_path, "UNEVEN_ROWS", detail, first, lost=False)
    if tables.full:
        yield Trouble(member, "TOO_MANY_TABLES", _TOO_MANY_TABLES, lost=False)


def _count_uneven_rows(part: HeadRows, numbers: Int64, uneven: dict[int, list[int]]) -> None:
    """Count the rows with more or fewer values than columns, by table, in ``uneven``."""
    head, indices = part.head, part.indices
    columns = len(part.table.columns if head.columns is None else head.columns)
    wrong = np.flatnonzero(np.diff(part.scanned.buffer.rows(indices).firsts) != columns)
    if columns and len(wrong):
        count_and_first = uneven.setdefault(head.table, [0, int(numbers[indices[wrong[0]]])])
        count_and_first[0] += len(wrong)


FORMATS: Final = (Format("sql", 62, _open, extensions=("sql",)),)
