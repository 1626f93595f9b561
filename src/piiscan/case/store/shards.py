"""Parquet shards: written once under a temporary name, renamed when complete, never changed.

Equal rows give equal bytes: row groups have a fixed size for any size of blocks, and no clock,
machine or file name is stored inside.

Files are not flushed to the disk one by one, which would take minutes for thousands of small
sources.  :func:`publish` does so once for each record (manifest, count, head of the log) before it
appears, with all that the record names.  A run that finds a shard different from the job store
makes it again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from piiscan.case.store.plain_files import partial_file
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import open_private
from piiscan.packed_state import packable
from piiscan.string_kernels import mark_used, renumber
from piiscan.wording.words import Sentence

#: Rows of a row group but the last, in whatever tables they come.
ROW_GROUP: Final = 65_536

#: First bytes of a Parquet file; bytes that stand for others which are written already.
_MAGIC: Final = b"PAR1"
_ZEROS: Final = bytes(16 << 20)
#: Folder of what a killed scan leaves to go on from, in the temporary folder of the case.
RESUMED: Final = "resumed"
#: Bytes that must stay free on the disk that holds the case.
RESERVE: Final = 100 << 20

# Encodings: a dictionary for few distinct words, differences for increasing numbers, plain for
# digests, which are random, and for numbers that hardly change, which compression makes small.
_DICTIONARY_COLUMNS: Final = {
    "member", "header", "start", "end", "entity", "recognizer", "verdict", "context", "reason",
    "role", "combination", "people", "coarse", "doubts", "status", "party", "party_kind",
    "price_state", "channel", "kind",
}  # fmt: skip
_DELTA_COLUMNS: Final = {"row", "record", "line", "byte_offset"}


def check_disk(folder: Path, *, needed: int = 0) -> None:
    """Raise CaseError unless ``needed`` bytes and a reserve are free on the disk of ``folder``."""
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        raise CaseError("case.disk_full", free=free >> 20, needed=needed + RESERVE >> 20)


@packable
@dataclass(frozen=True, slots=True)
class ShardState:
    """State of a shard that is not complete, from which its writing can go on.

    Attributes:
        name: of its temporary file
        size: bytes of its row groups in that file
        sha256: of these bytes
        footer: metadata of these row groups, as a Parquet file has them at its end
        rows: rows that are in no row group yet
    """

    name: str
    size: int
    sha256: str
    footer: bytes
    rows: pa.Table | None


class HashingFile:
    """A binary file for sequential writing that computes the SHA-256 of its content.

    Attributes:
        size: bytes written
        left_out: bytes to come that are not written
        footer: what is written from now on if it is a footer to be kept apart, else None
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self.size = self.left_out = 0
        self.footer: BytesIO | None = None

    def write(self, data: Any) -> int:
        """Write ``data`` and add it to the hash; return the number of bytes."""
        if self.left_out:
            self.left_out -= len(data)
        elif self.footer is not None:
            self.footer.write(data)
        else:
            self._sha256.update(data)
            self.size += len(data)
            self._file.write(data)
        return len(data)

    @classmethod
    def reopen(cls, path: Path, state: ShardState) -> HashingFile | None:
        """Open ``path`` behind the bytes of ``state``; return None if it has others."""
        if not path.is_file():
            return None
        file = path.open("r+b")
        opened = cls(file)
        while piece := file.read(min(1 << 20, state.size - opened.size)):
            opened.size += len(piece)
            opened._sha256.update(piece)
        if opened.hexdigest() != state.sha256:
            file.close()
            return None
        file.truncate(opened.size)
        return opened

    def flush(self) -> None:
        """Flush the file."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def closed(self) -> bool:
        """Return True if the file is closed."""
        return bool(self._file.closed)

    def hexdigest(self) -> str:
        """Return the SHA-256 of all data written so far."""
        return self._sha256.hexdigest()


class ShardWriter:
    """Writer of one shard: ``add`` tables, then ``close``; ``discard`` or an error leaves no file.

    No file appears before the first row; without rows ``close`` returns None.  ``pool`` encodes one
    row group of a shard at a time while the next one is collected.  The next ``add`` or ``close``
    raises a failure of that.
    """

    def __init__(
        self,
        path: Path,
        schema: pa.Schema,
        *,
        temporary: Path,
        pool: Executor,
        rows: int = ROW_GROUP,
    ) -> None:
        """Prepare a shard at ``path``; its incomplete file is in ``temporary``.

        ``rows``: rows of a row group.
        """
        self._rows = rows
        self._path = path
        self._schema = schema
        self._temporary = temporary / f"{path.parent.name}-{path.name}"
        self._collected: list[pa.Table] = []
        self._count = 0
        self._file: Any = None
        self._writer: Any = None
        self._footer: Any = None  # of the row groups before those of the writer
        self._pool = pool
        self._pending: Future[None] | None = None

    def add(self, table: pa.Table) -> None:
        """Append the rows of ``table`` to the shard; write a row group if enough are collected.

        Raise CaseError on a full disk.
        """
        start = 0
        if table.schema != self._schema:  # Parquet stores seconds as milliseconds
            table = table.cast(self._schema)
        while start < table.num_rows:
            part = table.slice(start, self._rows - self._count)
            self._collected.append(part)
            self._count += part.num_rows
            start += part.num_rows
            if self._count == self._rows:
                self._write()

    def close(self) -> str | None:
        """Give the shard its final name and return its SHA-256; None if it had no rows."""
        if self._count:
            self._write()
        if self._file is None:
            return None
        self._wait()
        if self._footer is None:
            self._writer.close()
        else:
            self._file.write(_footer_bytes(self._end_segment()))
        self._file.close()
        digest = str(self._file.hexdigest())
        self._writer = self._file = None
        self._temporary.replace(self._path)
        return digest

    def state(self) -> ShardState:
        """Return the state of the shard; its row groups so far are in the temporary file."""
        self._wait()
        rows = None
        if self._count:
            rows = pa.concat_tables(self._collected).unify_dictionaries()
        if self._file is None:
            return ShardState(self._temporary.name, 0, "", b"", rows)
        footer, file = _footer_bytes(self._end_segment()), self._file
        file.flush()
        return ShardState(self._temporary.name, file.size, file.hexdigest(), footer, rows)

    def resume(self, state: ShardState, file: HashingFile | None) -> None:
        """Go on from ``state``; ``file``: its temporary file, if there is one."""
        if file is not None:
            self._file = file
            self._footer = pq.read_metadata(BytesIO(_MAGIC + state.footer))
        if state.rows is not None:
            self.add(state.rows)

    def _end_segment(self) -> Any:
        """End the Parquet writer, and return the metadata of all row groups in the file.

        Another writer goes on in the file (:meth:`_open`).
        """
        if self._writer is not None:
            self._file.footer = BytesIO(_MAGIC)
            self._file.footer.seek(len(_MAGIC))
            self._writer.close()
            footer = pq.read_metadata(self._file.footer)
            self._writer = self._file.footer = None
            if self._footer is None:
                self._footer = footer
            else:
                self._footer.append_row_groups(footer)
        return self._footer

    def discard(self, *, keep: bool = False) -> None:
        """Drop the rows and remove the incomplete file; ``keep``: leave it for :meth:`resume`."""
        if self._pending is not None:
            wait([self._pending])
            self._pending = None
        if self._file is not None:
            with suppress(OSError, pa.ArrowException):  # the footer of a file that is removed
                self._end_segment()
            self._file.close()
            self._writer = self._file = self._footer = None
        if not keep:
            self._temporary.unlink(missing_ok=True)
        self._collected.clear()
        self._count = 0

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.discard()

    def _write(self) -> None:
        """Submit the collected rows to the pool, to be written as one row group."""
        if self._writer is None:
            self._open()
        check_disk(self._temporary.parent)
        rows = pa.concat_tables(self._collected)
        self._collected = []
        self._count = 0
        self._wait()
        self._pending = self._pool.submit(self._encode, rows)

    def _encode(self, rows: pa.Table) -> None:
        """Encode ``rows`` as one row group, with sorted dictionaries."""
        group = normalize_dictionaries(rows.unify_dictionaries().combine_chunks())
        self._writer.write_table(group, row_group_size=ROW_GROUP)

    def _wait(self) -> None:
        """Wait until the submitted row group is written. Raise CaseError if writing failed."""
        if self._pending is None:
            return
        try:
            self._pending.result()
        except OSError as error:
            raise CaseError(
                "case.shard_unwritable",
                path=self._temporary,
                reason=error.strerror or Sentence("case.writing_failed"),
            ) from error
        finally:
            self._pending = None

    def _open(self) -> None:
        """Open a Parquet writer, with an encoding per column, for the temporary file.

        Behind the row groups of others it counts their bytes, as the footer has all places.
        """
        names = self._schema.names
        # digests are random: compression does not shrink them
        uncompressed = [f.name for f in self._schema if f.type == pa.binary(16)]
        compressed = [name for name in _leaf_columns(self._schema) if name not in uncompressed]
        if self._file is None:
            self._file = HashingFile(open_private(self._temporary))
        before = self._file.left_out = self._file.size
        sink = pa.PythonFile(self._file, mode="w")
        self._writer = pq.ParquetWriter(
            sink,
            self._schema,
            compression=dict.fromkeys(compressed, "zstd") | dict.fromkeys(uncompressed, "none"),
            compression_level=dict.fromkeys(compressed, 1),
            use_dictionary=[name for name in names if name in _DICTIONARY_COLUMNS],
            column_encoding={n: "DELTA_BINARY_PACKED" for n in names if n in _DELTA_COLUMNS},
            write_statistics=["row"] if "row" in names else False,
            max_rows_per_page=ROW_GROUP,
        )
        for at in range(len(_MAGIC), before, len(_ZEROS)):  # it begins with the magic
            sink.write(memoryview(_ZEROS)[: before - at])


def _footer_bytes(metadata: Any) -> bytes:
    """Return Parquet metadata as a file has them behind its row groups."""
    file = BytesIO()
    metadata.write_metadata_file(file)
    return file.getvalue().removeprefix(_MAGIC)


def _leaf_columns(schema: pa.Schema) -> list[str]:
    """Return the dotted paths of all Parquet columns of a schema, nested ones included."""
    paths = []
    for field in schema:
        if pa.types.is_list(field.type):
            inner = field.type.value_type
            ends = [f".{f.name}" for f in inner] if pa.types.is_struct(inner) else [""]
            paths += [f"{field.name}.list.element{end}" for end in ends]
        else:
            paths.append(field.name)
    return paths


def normalize_dictionaries(table: pa.Table) -> pa.Table:
    """Return the table with each dictionary sorted and reduced to the words in use.

    Parquet stores dictionaries as they are, and theirs depend on the blocks that the rows came in.
    Each dictionary column must be one chunk.
    """
    columns = [
        _normalize(column.chunk(0))
        if pa.types.is_dictionary(column.type) and table.num_rows
        else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _normalize(column: pa.Array) -> pa.Array:
    """Return a dictionary array with its dictionary sorted and reduced to the words in use."""
    indices, missing = column.indices, column.null_count
    filled = indices.fill_null(-1) if missing else indices
    numbers = filled.to_numpy(zero_copy_only=False)
    used = np.zeros(len(column.dictionary) + 1, np.bool_)  # last entry: null
    mark_used(numbers, used)
    occur = np.flatnonzero(used[:-1])
    words = column.dictionary.take(pa.array(occur))
    order = pc.sort_indices(words)
    table = np.full(len(column.dictionary) + 1, -1, np.int32)
    table[occur[order.to_numpy()]] = np.arange(len(order))
    renumbered = np.empty_like(numbers)
    renumber(numbers, table, renumbered)
    valid = pc.is_valid(indices).buffers()[1] if missing else None
    return pa.DictionaryArray.from_arrays(
        pa.Array.from_buffers(indices.type, len(renumbered), [valid, pa.py_buffer(renumbered)]),
        words.take(order),
        safe=False,  # all indices are in range
    )


def write_table(path: Path, table: pa.Table, *, temporary: Path) -> str:
    """Write ``table`` to ``path`` as one Parquet file, by rename; return its SHA-256.

    A table without rows is written too.
    """
    partial_file = temporary / f"{path.parent.name}-{path.name}"
    with open_private(partial_file) as file:
        pq.write_table(table, file, compression="zstd")
    digest = file_sha256(partial_file)
    partial_file.replace(path)
    return digest


def write_shard(
    path: Path,
    schema: pa.Schema,
    tables: Iterable[pa.Table],
    *,
    temporary: Path,
    rows: int = ROW_GROUP,
) -> None:
    """Write ``tables`` to ``path`` as one shard, also without rows.

    ``rows``: rows of a row group.
    """
    with (
        ThreadPoolExecutor(1, thread_name_prefix="writing") as pool,
        ShardWriter(path, schema, temporary=temporary, pool=pool, rows=rows) as writer,
    ):
        for table in tables:
            writer.add(table)
        if writer.close() is None:
            write_table(path, schema.empty_table(), temporary=temporary)


def write_checksum_file(path: Path, sha256: str, *, temporary: Path) -> tuple[str, str]:
    """Write the checksum file of a shard of clear values beside it; return its name and SHA-256."""
    file = path.with_name(f"{path.name}.sha256")
    line = f"{sha256}  {path.name}\n".encode()
    return f"{path.parent.name}/{file.name}", write_bytes(file, line, temporary=temporary)


def read_by_source(
    path: Path, columns: Sequence[str] | None = None, rows: int = ROW_GROUP
) -> Iterator[tuple[int, pa.Table]]:
    """Yield source number and rows of a shard; a table ends with its source.

    ``columns`` include ``source``; None for all. ``rows``: most rows that are read at once.
    """
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(rows, columns=columns, use_threads=False):
            table = pa.Table.from_batches([batch])
            numbers = table["source"].to_numpy()
            starts = np.flatnonzero(np.diff(numbers, prepend=-1)).tolist()
            for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
                yield int(numbers[start]), table.slice(start, end - start)


def rows_of_source(path: Path, source: int) -> list[dict[str, Any]]:
    """Return the rows of ``source`` in a shard."""
    tables = [rows for number, rows in read_by_source(path) if number == source]
    return [row for table in tables for row in table.to_pylist()]


class SourceRows:
    """Rows of the sources in shards, read once and in order."""

    def __init__(
        self,
        shards: Mapping[int, Path],
        columns: Sequence[str] | None = None,
        rows: int = ROW_GROUP,
    ) -> None:
        """Open the shards; ``shards``: source -> the file with its rows, by number.

        ``columns``, ``rows``: as of :func:`read_by_source`.
        """
        self._rows = (
            (number, table)
            for path in dict.fromkeys(shards.values())
            for number, table in read_by_source(path, columns, rows)
            if shards.get(number) == path
        )
        self._next = next(self._rows, None)

    def before(self, source: int | None) -> Iterator[tuple[int, pa.Table]]:
        """Yield source and rows of the sources before ``source`` that remain; None for all."""
        while self._next is not None and (source is None or self._next[0] < source):
            yield self._next
            self._next = next(self._rows, None)

    def of(self, source: int) -> Iterator[pa.Table]:
        """Yield the rows of ``source``; drop those of the sources before it."""
        for number, rows in self.before(source + 1):
            if number == source:
                yield rows


def write_bytes(path: Path, content: bytes, *, temporary: Path) -> str:
    """Write ``content`` to ``path`` by rename, mode 0600; return its SHA-256.

    It survives a power cut only behind the next flush, that of a record which names it.
    """
    partial_file = temporary / f"{path.parent.name}-{path.name}"
    with open_private(partial_file) as file:
        file.write(content)
    partial_file.replace(path)
    return hashlib.sha256(content).hexdigest()


def publish(contents: Mapping[Path, bytes], *, temporary: Path, also: Iterable[Path] = ()) -> None:
    """Write records by rename, in order, behind one flush of their bytes and all they rest on.

    ``also``: files that the records name.
    """
    partial_files = {path: partial_file(temporary, path) for path in contents}
    for path, content in contents.items():
        with open_private(partial_files[path]) as file:
            file.write(content)
    flush_all([*partial_files.values(), *also])
    for path, partial in partial_files.items():
        partial.replace(path)


def flush_all(files: Iterable[Path]) -> None:
    """Flush all of ``files`` to the disk, so that they survive a power cut."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for path in files:
        number = os.open(path, os.O_RDWR)
        os.fsync(number)
        os.close(number)


def remove_temporary(temporary: Path) -> None:
    """Remove the files that a run which was broken off left in the folder ``temporary``.

    DuckDB's spill in it may be of a process that reads the case, and goes by itself.  A scan goes
    on from the files in ``RESUMED``, and removes them.
    """
    found = [path for path in temporary.glob("**/*") if path.is_file()]
    kept = {"duckdb", RESUMED}
    remove_files(path for path in found if kept.isdisjoint(path.relative_to(temporary).parts))


def remove_files(paths: Iterable[Path]) -> None:
    """Remove the files that exist."""
    for path in paths:
        path.unlink(missing_ok=True)
