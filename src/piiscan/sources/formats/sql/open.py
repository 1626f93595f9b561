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
from piiscan.sources.encoding.detector import EncodingGuess, is_wide
from piiscan.sources.format import Format, Opened, ReadContext, Sample
from piiscan.sources.formats.sql.dump_blocks import (
    BlockQueue,
    build_row_blocks,
    build_text_block,
    group_by_head,
    join_blocks,
    number_rows,
)
from piiscan.sources.formats.sql.dump_scanner import DumpScanner, ScannedText
from piiscan.sources.formats.sql.schema_lines import SchemaLines
from piiscan.sources.formats.sql.statements import escapes_with_slashes
from piiscan.sources.formats.sql.table_definitions import (
    Definitions,
    DumpTable,
    DumpTables,
    StatementHead,
)
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

    @property
    def encoding(self) -> str:
        """Return the encoding as Blocks name it."""
        encoding = self.guess.encoding
        return encoding[:6] if is_wide(encoding) else encoding


@dataclass(slots=True)
class _TableSample:
    """Sample rows of one table for column types: first rows, some from the middle, last rows."""

    rng: np.random.Generator
    rows: int = 0
    pieces: int = 0
    head: list[Block] = field(default_factory=list)
    middle: Block | None = None
    tail: Block | None = None


def open_dump(
    content: Content,
    guess: EncodingGuess,
    count_names: CountNames,
    *,
    seed: int = 0,
    definitions: Definitions | None = None,
) -> Table | None:
    """Open a dump as a Table of its text with the dump's tables as ``siblings``.

    Return None if it has no rows.  The whole dump is read once, to find its tables and sample them.
    ``definitions``: tables that other files of the archive define; those of this one are added.
    """
    samples = [decode_window(w, guess, whole=len(content.windows) == 1) for w in content.windows]
    if content.extension != "sql" and not any(
        looks_like_sql(sample_text) for sample_text in samples
    ):
        return None
    dump = _Dump(
        content,
        guess,
        escapes_with_slashes(
            b"\n".join(sample_text[:_SAMPLE_BYTES].tobytes() for sample_text in samples)
        ),
    )
    tables = DumpTables(definitions)
    try:
        table_samples, sample = _sample_tables(dump, tables, seed)
        tables.share_definitions()
    except OSError:
        return None  # the text reader reports the error
    if not any(table_sample.rows for table_sample in table_samples):
        return None
    siblings = tuple(
        _table(dump, target, table_sample, count_names)
        for target, table_sample in zip(tables.tables, table_samples, strict=True)
    )
    return Table(
        member=content.member,
        kind="text",
        encoding=guess.encoding,
        sample=sample,
        blocks=lambda: itertools.chain(_read(dump, tables), _missing_end(content, samples)),
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
            sample = build_text_block(scanned, dump.encoding)
        for number, row_indices in group_by_head(scanned):
            head = tables.heads[number]
            while len(table_samples) <= head.table:
                table_samples.append(
                    _TableSample(np.random.default_rng([seed, len(table_samples)]))
                )
            _add_sample(
                table_samples[head.table],
                scanned,
                head,
                tables.tables[head.table],
                row_indices,
                dump.encoding,
            )
    while len(table_samples) < len(tables.tables):
        table_samples.append(_TableSample(np.random.default_rng(0)))
    return table_samples, sample if sample is not None else join_blocks([], 1)


def _add_sample(
    sample: _TableSample,
    scanned: ScannedText,
    head: StatementHead,
    target: DumpTable,
    row_indices: Int64,
    encoding: str,
) -> None:
    """Add the rows at ``row_indices`` to the sample of their table."""
    sample.rows += len(row_indices)
    first_rows = sum(len(block.rows) for block in sample.head)
    if first_rows < _SAMPLE_ROWS:
        first, row_indices = (
            row_indices[: _SAMPLE_ROWS - first_rows],
            row_indices[_SAMPLE_ROWS - first_rows :],
        )
        sample.head += build_row_blocks(scanned, head, target, first, None, encoding)
    if len(row_indices):
        sample.pieces += 1
        sample.tail = build_row_blocks(
            scanned, head, target, row_indices[-_SAMPLE_ROWS:], None, encoding
        )[0]
        if sample.rng.random() * sample.pieces < 1:
            at = int(sample.rng.integers(max(len(row_indices) - _SAMPLE_ROWS, 0) + 1))
            part = row_indices[at : at + _SAMPLE_ROWS]
            sample.middle = build_row_blocks(scanned, head, target, part, None, encoding)[0]


def _scan_dump(dump: _Dump, tables: DumpTables) -> Iterator[ScannedText | Block | Trouble]:
    """Scan a dump from its start and yield its scanned parts."""
    reader = DumpScanner(
        tables, slashes=dump.slashes, encoding=dump.encoding, member=dump.content.member
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
            text = build_text_block(scanned, dump.encoding)
            if len(text.rows):
                yield replace(text, kinds=schema.kinds(text.columns[0]))
            numbers = number_rows(scanned, tables, next_numbers)
            for number, row_indices in group_by_head(scanned):
                head = tables.heads[number]
                target = tables.tables[head.table]
                _count_uneven_rows(scanned, head, target, row_indices, numbers, uneven)
                for block in build_row_blocks(
                    scanned, head, target, row_indices, numbers, dump.encoding
                ):
                    yield from queue.add(number, block)
    except OSError as error:
        yield Trouble(member, "READ_ERROR", f"{type(error).__name__}: the rest is not read")
    yield from queue.flush()
    for table, (count, first) in sorted(uneven.items()):
        member_path = f"{member}#{tables.tables[table].name}"
        detail = f"{count} rows with more or fewer values than columns"
        yield Trouble(member_path, "UNEVEN_ROWS", detail, first, lost=False)
    if tables.full:
        yield Trouble(member, "TOO_MANY_TABLES", _TOO_MANY_TABLES, lost=False)


def _count_uneven_rows(
    scanned: ScannedText,
    head: StatementHead,
    target: DumpTable,
    row_indices: Int64,
    numbers: Int64,
    uneven: dict[int, list[int]],
) -> None:
    """Count the rows with more or fewer values than columns, by table, in ``uneven``."""
    columns = len(target.columns if head.columns is None else head.columns)
    wrong = np.flatnonzero(np.diff(scanned.buffer.rows(row_indices).firsts) != columns)
    if columns and len(wrong):
        count_and_first = uneven.setdefault(head.table, [0, int(numbers[row_indices[wrong[0]]])])
        count_and_first[0] += len(wrong)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the text of a dump with its tables; OtherFormatError if it has no rows of tables."""
    assert sample.guess is not None  # only texts are asked about
    archive = sample.content.member.rpartition("!")[0]
    dump = open_dump(
        sample.content,
        sample.guess,
        context.count_names,
        seed=context.seed,
        definitions=context.notes.setdefault(f"sql {archive}", {}),
    )
    if dump is None:
        raise OtherFormatError("")
    yield dump


FORMATS: Final = (Format("sql", 62, _open, extensions=("sql",)),)
