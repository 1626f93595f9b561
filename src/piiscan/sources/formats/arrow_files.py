"""Parquet, ORC, Feather and Arrow files: nested columns under dotted names, batch by batch."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet as pq

from piiscan.errors import SourceError
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_whole
from piiscan.sources.format import Format, Opened, Sample, unread
from piiscan.sources.formats import binary_values
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record, open_records
from piiscan.sources.rows.row_table import Cells, open_rows
from piiscan.sources.stored_values import RowLimits, cell_text, decode_stored, flatten_stored

_BATCH: Final = 4096
_ERRORS: Final = (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, TypeError)
#: Metadata that describe columns.
_DESCRIPTIONS: Final = (b"pandas", b"ARROW:schema")

#: Yields batches of rows, the number of rows of a part that cannot be read, and details of a loss.
Batches = Callable[[], Iterator[pa.RecordBatch | int | str]]


@dataclass(slots=True)
class _File:
    """Opened Parquet or Arrow file: its batches, column names, and columns with binary values."""

    content: Content
    context: ReadContext
    batches: Batches
    names: list[str]
    larger: set[int] = field(default_factory=set)  # numbers of columns

    def rows(self) -> Iterator[list[Any] | Trouble]:
        """Yield the stored values of each row; a Trouble, then empty lists, for unreadable ones.

        A Trouble ends them at the limit of rows.
        """
        limits = RowLimits(self.content.size, self.context.budget)
        member = self.content.member
        for batch in self.batches():
            if isinstance(batch, str):
                yield Trouble(member, "CORRUPT", batch)
                continue
            if isinstance(batch, int):
                detail = f"{batch} rows after row {limits.rows}"
                yield Trouble(member, "CORRUPT", detail)
                for _ in range(min(batch, self.content.size * 8)):
                    if limits.exceeded(()):
                        break
                    yield []
                continue
            for at in range(0, batch.num_rows, _BATCH):
                part = batch.slice(at, _BATCH)
                try:
                    columns = [_values(column) for column in part.columns]
                except IndexError:  # of a value that many rows share
                    detail = f"{part.num_rows} rows after row {limits.rows}"
                    yield Trouble(member, "CORRUPT", detail)
                    columns = [[None] * part.num_rows for _ in part.columns]
                for row in zip(*columns, strict=True):
                    if limits.exceeded(row):
                        yield Trouble(member, "ZIP_RATIO", f"stopped after {limits.rows - 1} rows")
                        return
                    yield list(row)

    def cells(self) -> Iterator[Cells | Trouble]:
        """Yield each row as texts; add the numbers of columns with other bytes to ``larger``."""
        for row in self.rows():
            if isinstance(row, Trouble):
                yield row
                continue
            cells = [cell_text(each) for each in row]
            self.larger |= {n for n, each in enumerate(cells) if each is None and row[n]}
            yield cells

    def records(self) -> Iterator[Record | Trouble]:
        """Yield each row as a record with dotted keys (``user.phone``)."""
        for row in self.rows():
            if isinstance(row, Trouble):
                yield row
                continue
            cells, others = flatten_stored(dict(zip(self.names, row, strict=False)))
            if others:
                self.larger.add(0)
            yield 0, cells

    def binary_values(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield (dotted key, row number, bytes) of the binary values that are no texts."""
        rows = (each for each in self.rows() if not isinstance(each, Trouble))
        for number, row in enumerate(rows, 1):
            _, others = flatten_stored(dict(zip(self.names, row, strict=False)))
            yield from ((key, number, data) for key, data in others)


def _values(column: pa.Array) -> list[Any]:
    """Return a column as Python values; texts that are no UTF-8 are decoded one by one."""
    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        return _values(column.storage)
    if pa.types.is_dictionary(kind):  # values that many rows share are made once
        known = _values(column.dictionary)
        if (pc.min(column.indices).as_py() or 0) < 0:
            raise IndexError
        return [None if each is None else known[each] for each in column.indices.to_pylist()]
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise
        stored = column.cast(pa.large_binary()).to_pylist()
        values = [None if each is None else decode_stored(each) for each in stored]
    except (ValueError, OverflowError):  # a time beyond Python's
        values = column.cast(pa.string()).to_pylist()
    return values


def _flattened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch with each field of a structure as a column of its own (``user.phone``)."""
    if not any(pa.types.is_struct(each.type) for each in batch.schema):
        return batch
    table = pa.Table.from_batches([batch])
    while any(pa.types.is_struct(each.type) for each in table.schema):
        table = table.flatten()
    columns = [each.combine_chunks() for each in table.columns]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of a file, its other metadata, and its binary values as members."""
    content = sample.content
    data: Any
    if content.path is not None and content.size:
        with content.open() as stream:
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    else:
        data = read_whole(content, context.budget.in_memory)
    source = pa.BufferReader(pa.py_buffer(data))
    openers = {b"PAR1": _open_parquet, b"ORC": _open_orc}
    try:
        signature = next((each for each in openers if content.head.startswith(each)), b"")
        schema, batches = openers.get(signature, _open_ipc)(source, content.head)
        empty = [pa.nulls(0, each.type) for each in schema]
        flat = _flattened(pa.RecordBatch.from_arrays(empty, schema=schema)).schema
        names, metadata = [name or "" for name in flat.names], schema.metadata or {}
    except _ERRORS as error:
        raise SourceError("CORRUPT", type(error).__name__) from None
    file = _File(content, context, batches, names)
    described = [
        [decode_stored(key), decode_stored(value)]
        for key, value in metadata.items()
        if key not in _DESCRIPTIONS
    ]
    member, headers = f"{content.member}#metadata", ["key", "value"]
    read = partial(iter, described)
    yield from open_rows(content, context, read, kind="database", member=member, headers=headers)
    if any(pa.types.is_nested(each) for each in flat.types):
        tables = list(open_records(content, file.records, kind="database"))
    else:
        columns = [name or None for name in file.names]
        tables = list(open_rows(content, context, file.cells, kind="database", headers=columns))
    yield from tables
    if not tables:
        empty_file = Trouble(content.member, "EMPTY", "a table without rows", lost=False)
        yield from [each for each in file.rows() if isinstance(each, Trouble)] or [empty_file]
    if file.larger:
        yield from binary_values(content, context).read("", file.binary_values())


def _open_parquet(source: Any, head: bytes) -> tuple[pa.Schema, Batches]:
    """Return schema and batches of a Parquet file, row group by row group."""
    del head
    schema = pq.ParquetFile(source).schema_arrow
    texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_binary(f.type)]
    unique = [each for each in texts if schema.names.count(each) == 1]

    def batches() -> Iterator[pa.RecordBatch | int | str]:
        """Yield all batches; after an error, column by column; the rows left out if that fails."""
        # texts that many rows share stay one value
        file = pq.ParquetFile(source, read_dictionary=unique)
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            done = 0
            try:
                for batch in file.iter_batches(_BATCH, row_groups=[group]):
                    yield _flattened(batch)
                    done += batch.num_rows
            except _ERRORS:
                read = partial(pq.ParquetFile(source).iter_batches, _BATCH, [group])
                left, most = max(rows - done, 1), 8 * source.size()
                place = f"row group {group + 1}"
                yield from _whole_columns(schema, read, place, most, done=done, rows=left)

    return schema, batches


def _whole_columns(
    schema: pa.Schema,
    read: Callable[[list[str]], Iterable[pa.RecordBatch]],
    place: str,
    most: int,
    *,
    done: int = 0,
    rows: int = 0,
) -> Iterator[pa.RecordBatch | int | str]:
    """Yield ``rows`` rows of a part after ``done``, column by column up to a damaged page.

    ``read``: yields batches of columns. ``place``: of the part. ``most``: rows that may be filled
    up. ``rows``: 0 for those of the longest column.
    """
    columns, damaged = list[list[pa.Array]](), list[str]()
    for name in schema.names:
        columns.append([])
        try:
            for batch in read([name]):
                columns[-1].append(_checked(batch).column(0))
        except _ERRORS:
            first = f"{sum(map(len, columns[-1])) + 1} of {place}"
            damaged.append(f"column {name}: values from row {first} on")
    sizes = [sum(map(len, parts)) for parts in columns]
    rows = rows or max(sizes, default=0)
    if len(damaged) == len(schema) or min(sizes) < done + rows > most:
        yield max(rows, 1)
        return
    arrays = []
    for field_of, parts, size in zip(schema, columns, sizes, strict=True):
        parts.append(pa.nulls(max(done + rows - size, 0), field_of.type))
        arrays.append(pa.chunked_array(parts, field_of.type).combine_chunks().slice(done, rows))
    yield _flattened(pa.RecordBatch.from_arrays(arrays, schema=schema))
    yield from damaged


def _open_orc(source: Any, head: bytes) -> tuple[pa.Schema, Batches]:
    """Return schema and batches of an ORC file, stripe by stripe."""
    from pyarrow import orc

    del head
    file = orc.ORCFile(source)

    def read(stripe: int, names: list[str] | None = None) -> list[pa.RecordBatch]:
        """Read a stripe, or some of its columns."""
        return [_checked(file.read_stripe(stripe, names))]

    def batches() -> Iterator[pa.RecordBatch | int | str]:
        """Yield each stripe, a damaged one column by column; 1 for one that cannot be read."""
        for stripe in range(file.nstripes):
            try:
                yield from map(_flattened, read(stripe))
            except _ERRORS:
                columns, place = partial(read, stripe), f"stripe {stripe + 1}"
                yield from _whole_columns(file.schema, columns, place, 8 * source.size())

    return file.schema, batches


def _open_ipc(source: Any, head: bytes) -> tuple[pa.Schema, Batches]:
    """Return schema and batches of an Arrow file or stream."""
    is_file = head.startswith(b"ARROW1")

    def reader() -> Any:
        """Return a new Arrow reader from the start of the file."""
        source.seek(0)
        return pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)

    def batches() -> Iterator[pa.RecordBatch | int | str]:
        """Yield all batches, each checked as a whole."""
        opened = reader()
        count = opened.num_record_batches if is_file else None
        number = 0
        while count is None or number < count:
            try:
                batch = opened.get_batch(number) if is_file else opened.read_next_batch()
                yield _flattened(_checked(batch))
            except StopIteration:
                return
            except _ERRORS:
                yield 1
                if not is_file:
                    return
            number += 1

    return reader().schema, batches


def _checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Check that the offsets of a batch are inside its buffers; return the batch.

    Its texts may be no UTF-8 (GBK). Raises ArrowInvalid.
    """
    for column in batch.columns:
        if pa.types.is_string(column.type):
            column.view(pa.binary()).validate(full=True)
        elif pa.types.is_large_string(column.type):
            column.view(pa.large_binary()).validate(full=True)
        else:
            column.validate(full=True)
    return batch


def _is_stream(sample: Sample) -> bool:
    """Return True for an Arrow stream: a schema message, which can be read."""
    content = sample.content
    if not content.head.startswith(b"\xff\xff\xff\xff"):
        return False
    try:
        pa.ipc.read_schema(pa.py_buffer(content.head))
    except _ERRORS:
        return False
    return True


FORMATS: Final = (
    Format(
        "parquet", 25, _open, signatures=((0, b"PAR1"),), isolated=True, extensions=("parquet",)
    ),
    Format("orc", 25, _open, signatures=((0, b"ORC"),), isolated=True, extensions=("orc",)),
    Format(
        "encrypted parquet",
        25,
        unread("ENCRYPTED", "the columns have keys"),
        signatures=((0, b"PARE"),),
        has_reader=False,
    ),
    Format(
        "arrow",
        25,
        _open,
        signatures=((0, b"ARROW1\0\0"),),
        isolated=True,
        extensions=("feather", "arrow"),
    ),
    Format("arrow stream", 26, _open, probe=_is_stream, extensions=("arrows",), isolated=True),
)
