"""Keyed records: the blocks and the table of records whose cells have keys, as in JSON or XML.

{"name": "张三", "phone": "13800138000"} -> columns name, phone; one row
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrow_strings import replace_surrogates, string_column
from piiscan.packed_state import packable
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.read_state import ReadState
from piiscan.sources.rows.tokenizer import MAX_CELLS

BLOCK_ROWS: Final = 8192
SAMPLE_ROWS: Final = 300
_MAX_BLOCK_CELLS: Final = 1 << 20
#: Columns up to which each record is asked for all of them.
_FEW_COLUMNS: Final = 64
#: Line number and cells of a record; the key "" has text without a key.
Record = tuple[int, dict[str, str]]


@packable
@dataclass(slots=True)
class KeyColumns:
    """Column number of each key by first appearance, and the number of the last row.

    ``width``: number of the columns that the table's sample has; the others are extra ones.
    """

    keys: dict[str, int] = field(default_factory=dict)
    width: int = 0
    row: int = 0

    def add(self, record: dict[str, str]) -> None:
        """Number the new keys of ``record``, up to the maximum number of columns."""
        if record.keys() <= self.keys.keys():
            return
        for key in record:
            if key not in self.keys and len(self.keys) < MAX_CELLS - 1:
                self.keys[key] = len(self.keys)


def name_columns(keys: list[str]) -> list[str | None]:
    """Return a header per dotted key: below an Elasticsearch ``_source`` the last part, if unique.

    >>> name_columns(["_id", "_source.name", "_source.a.phone", "user.phone", ""])
    ['_id', 'name', 'phone', 'user.phone', None]
    """
    short_names = [key.removeprefix("_source.") for key in keys]
    last_parts = [
        short.rpartition(".")[2] if key.startswith("_source.") else short
        for key, short in zip(keys, short_names, strict=True)
    ]
    counts = Counter(last_parts)
    return [
        replace_surrogates(leaf if counts[leaf] == 1 else short) or None
        for leaf, short in zip(last_parts, short_names, strict=True)
    ]


def keyed_table(
    content: Content,
    sample: list[Record],
    read: Callable[[KeyColumns, ReadState], Iterator[Block | Trouble]],
    *,
    kind: str,
    member: str | None = None,
    encoding: str | None = None,
    resumes: bool = False,
) -> Table:
    """Build the Table of keyed records from those of its ``sample``.

    ``read`` yields its blocks, and adds further keys to the columns it is given. ``member``: path
    of the table, if it is a part of ``content``. ``resumes``: ``read`` can go on from a state.
    """
    columns = KeyColumns()
    for _, record in sample:
        columns.add(record)
    columns.width = len(columns.keys)

    def blocks(state: ReadState) -> Iterator[Block | Trouble]:
        """Yield the blocks with the columns of the sample, and more."""
        return read(KeyColumns(dict(columns.keys), columns.width), state)

    return Table(
        member=content.member if member is None else member,
        kind=kind,
        encoding=encoding,
        headers=name_columns(list(columns.keys)),
        groups=[0] * columns.width,
        sample=_block(sample, columns),
        blocks=lambda: blocks(ReadState()),
        resume=blocks if resumes else None,
        sha256=content.sha256,
        size=content.size,
    )


def keyed_blocks(
    records: list[Record], columns: KeyColumns, member: str
) -> Iterator[Block | Trouble]:
    """Yield keyed records as blocks; report when the number of columns reaches its maximum."""
    begin = 0
    while begin < len(records):
        # records with keys of their own make many columns: then fewer of them are a block
        rows = max(1, min(BLOCK_ROWS, _MAX_BLOCK_CELLS // max(1, len(columns.keys))))
        part = records[begin : begin + rows]
        begin += rows
        is_known = columns.keys.keys() >= set[str]().union(*[record for _, record in part])
        for row, record in () if is_known else part:
            full = len(columns.keys) >= MAX_CELLS - 1
            columns.add(record)
            if not full and len(columns.keys) >= MAX_CELLS - 1:
                detail = "further keys are read together in the last column"
                yield Trouble(member, "TOO_MANY_COLUMNS", detail, row, lost=False)
        yield _block(part, columns, whole=True)


def read_keyed_blocks(
    records: Iterator[Record | Trouble], columns: KeyColumns, member: str
) -> Iterator[Block | Trouble]:
    """Yield all records as blocks of equal numbers, and each Trouble between them."""
    part: list[Record] = []
    while more := list(itertools.islice(records, BLOCK_ROWS - len(part))):
        yield from (each for each in more if isinstance(each, Trouble))
        part += [each for each in more if not isinstance(each, Trouble)]
        if len(part) == BLOCK_ROWS:
            yield from keyed_blocks(part, columns, member)
            part = []
    yield from keyed_blocks(part, columns, member)


def _block(records: list[Record], columns: KeyColumns, *, whole: bool = False) -> Block:
    """Build the Block of keyed records: the columns of the sample, then later ones with a value.

    ``whole``: the records come in order and get row numbers; records of a sample have their lines.
    """
    keys = list(columns.keys)
    names, width = name_columns(keys), columns.width
    arrays = _columns(records, columns)
    later = sorted(number for number in arrays if number >= width)
    extra, shown_keys = [names[n] for n in later], [*keys[:width], *(keys[n] for n in later)]
    empty = pa.nulls(len(records), pa.string())
    cells = [arrays.get(number, empty) for number in (*range(width), *later)]
    if len(keys) >= MAX_CELLS - 1:
        others = (
            (f"{key}: {text}" for key, text in record.items() if key not in columns.keys)
            for _, record in records
        )
        rest = ["\n".join(each) or None for each in others]
        if any(rest):
            cells.append(string_column(rest))
            extra.append(None)
            shown_keys.append("")
    lines = np.array([line for line, _ in records], np.int64)
    kinds = np.zeros(len(records), np.int8)
    rows = lines
    if whole:  # two records on one line get consecutive numbers
        steps = np.arange(len(lines))
        rows = np.maximum.accumulate(np.maximum(lines - steps, columns.row + 1)) + steps
        columns.row = int(rows[-1])
    dotted_keys = tuple(shown_keys)
    return Block(
        cells, rows, lines, None, None, kinds=kinds, extra_headers=tuple(extra), keys=dotted_keys
    )


def _columns(records: list[Record], columns: KeyColumns) -> dict[int, pa.Array]:
    """Return number -> cells of the columns that have a cell in ``records``.

    Of many columns a record has few, so the keys of the record are looked up.
    """
    if len(columns.keys) <= _FEW_COLUMNS:
        found = [record for _, record in records]
        cells = ([record.get(key) for record in found] for key in columns.keys)
        return {
            number: column
            for number, column in enumerate(map(string_column, cells))
            if column.null_count < len(column)
        }
    filled: dict[int, list[str | None]] = {}
    for at, (_, record) in enumerate(records):
        for key, text in record.items():
            number = columns.keys.get(key, -1)
            if number >= 0:
                if number not in filled:
                    filled[number] = [None] * len(records)
                filled[number][at] = text
    return {number: string_column(column) for number, column in filled.items()}


def open_records(
    content: Content,
    read: Callable[[], Iterator[Record | Trouble]],
    *,
    kind: str,
    member: str | None = None,
    encoding: str | None = None,
) -> Iterator[Table]:
    """Yield the table of the records that ``read`` yields; nothing without records.

    ``read`` is called anew for each pass.

    ``kind``: the kind of the table. ``member``: its path, if it is a part of ``content``. A record
    has the number of its line, or 0, so that records are numbered from 1.
    """
    records = (each for each in read() if not isinstance(each, Trouble))
    sample = list(itertools.islice(records, SAMPLE_ROWS))
    if sample:
        name = content.member if member is None else member
        yield keyed_table(
            content,
            sample,
            lambda columns, _: read_keyed_blocks(read(), columns, name),
            kind=kind,
            member=member,
            encoding=encoding,
        )
