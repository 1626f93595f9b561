"""Parquet shards: written once under a temporary name, renamed when whole, never changed.

The same rows give the same bytes: row groups have a fixed size whatever blocks the rows came in,
and nothing of the clock, the machine or the file's own name is inside.

Shards are not flushed to the disk one by one (thousands of small sources would take minutes):
:func:`flush_all` does that before a manifest, and a run that finds a shard other than its ledger
says makes it again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256
from piiscan.jit import kernel
from piiscan.output_files import open_private

#: Least rows of a row group: as many tables as it takes, never a part of one, since taking them
#: apart and together again costs a quarter of writing them.
ROW_GROUP: Final = 65_536
#: Most rows of a row group, where one table has more.
_LARGEST: Final = 262_144

#: Bytes that must stay free on the disk that holds the case.
RESERVE: Final = 100 << 20

# Few distinct values: a dictionary; running numbers: differences; digests are random: plain.
# That is a third of the size and half the time of the defaults, measured on 3 M findings.
_WORDS: Final = {
    "source", "member", "column", "header", "group", "start", "end", "entity", "recognizer",
    "verdict", "score", "context", "reason", "role", "combination", "people", "coarse",
    "doubts", "status", "party", "party_kind", "price_state", "channel", "kind",
}  # fmt: skip
_RUNNING: Final = {"row", "record", "line", "byte_offset"}


def check_disk(folder: Path, *, needed: int = 0) -> None:
    """Nothing; CaseError unless ``needed`` bytes and a reserve are free where ``folder`` is."""
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        raise CaseError(
            f"only {free >> 20} MB are free for the case, {(needed + RESERVE) >> 20} MB are needed;"
            " free some space and run the same command again: what is finished is kept"
        )


class _Hashed:
    """A binary file for writing from front to back that knows the SHA-256 of what it was given."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()

    def write(self, data: Any) -> int:
        self._sha256.update(data)
        return int(self._file.write(data))

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    @property
    def closed(self) -> bool:
        return bool(self._file.closed)

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


class ShardWriter:
    """Writes one shard: ``add`` tables, then ``close``; ``discard`` (or an error) leaves nothing.

    No file appears before the first row; without rows ``close`` returns None.  Row groups are
    encoded in ``pool`` (one at a time for each shard) while the next one is gathered; a failure
    there is raised by the next ``add`` or ``close``.
    """

    def __init__(self, path: Path, schema: pa.Schema, *, temporary: Path, pool: Executor) -> None:
        self._path = path
        self._schema = schema
        self._temporary = temporary / f"{path.parent.name}-{path.name}"
        self._waiting: list[pa.Table] = []
        self._count = 0
        self._file: Any = None
        self._writer: Any = None
        self._pool = pool
        self._under_way: Future[None] | None = None

    def add(self, table: pa.Table) -> None:
        """Append the rows of ``table`` (columns as in the schema); CaseError on a full disk."""
        if table.num_rows:
            self._waiting.append(table)
            self._count += table.num_rows
        if self._count >= ROW_GROUP:
            self._write()

    def close(self) -> str | None:
        """The shard's SHA-256 once it stands under its own name; None if it had no rows."""
        if self._count:
            self._write()
        if self._writer is None:
            return None
        self._wait()
        self._writer.close()
        self._file.close()
        digest = str(self._file.hexdigest())
        self._writer = self._file = None
        self._temporary.replace(self._path)
        return digest

    def discard(self) -> None:
        """Forget the rows and remove the half-written file."""
        if self._under_way is not None:
            wait([self._under_way])
            self._under_way = None
        if self._file is not None:
            with suppress(OSError, pa.ArrowException):  # the footer of what nobody will read
                self._writer.close()
            self._file.close()
            self._writer = self._file = None
        self._temporary.unlink(missing_ok=True)
        self._waiting.clear()
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
        """One row group of the waiting rows."""
        if self._writer is None:
            self._open()
        check_disk(self._temporary.parent)
        whole = pa.concat_tables(self._waiting)
        self._waiting = []
        self._count = 0
        self._wait()
        self._under_way = self._pool.submit(self._encode, whole)

    def _encode(self, rows: pa.Table) -> None:
        group = tidy_words(rows.unify_dictionaries().combine_chunks())
        self._writer.write_table(group, row_group_size=_LARGEST)

    def _wait(self) -> None:
        """The row group under way is written; CaseError if it could not be."""
        if self._under_way is None:
            return
        try:
            self._under_way.result()
        except OSError as error:
            raise CaseError(
                f"{self._temporary}: {error.strerror or 'writing failed'}; free some space and run"
                " the same command again: what is finished is kept"
            ) from error
        finally:
            self._under_way = None

    def _open(self) -> None:
        names = self._schema.names
        # digests are random: compressing them costs time and gains nothing
        bare = [f.name for f in self._schema if f.type == pa.binary(16)]
        packed = [name for name in _leaves(self._schema) if name not in bare]
        self._file = _Hashed(open_private(self._temporary))
        self._writer = pq.ParquetWriter(
            self._file,
            self._schema,
            compression=dict.fromkeys(packed, "zstd") | dict.fromkeys(bare, "none"),
            compression_level=dict.fromkeys(packed, 1),
            use_dictionary=[name for name in names if name in _WORDS],
            column_encoding={n: "DELTA_BINARY_PACKED" for n in names if n in _RUNNING},
            write_statistics=["row"] if "row" in names else False,
            max_rows_per_page=_LARGEST,
        )


def _leaves(schema: pa.Schema) -> list[str]:
    """The columns that Parquet makes of a schema, by their paths."""
    paths = []
    for field in schema:
        if pa.types.is_list(field.type):
            paths += [f"{field.name}.list.element.{f.name}" for f in field.type.value_type]
        else:
            paths.append(field.name)
    return paths


def tidy_words(table: pa.Table) -> pa.Table:
    """The table with dictionaries of only the words that occur, sorted.

    Parquet keeps dictionaries as they are, and theirs depend on which blocks the rows came in.
    Each dictionary column must be one chunk.
    """
    columns = [
        _tidy(column.chunk(0)) if pa.types.is_dictionary(column.type) and table.num_rows else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _tidy(column: pa.Array) -> pa.Array:
    indices, missing = column.indices, column.null_count
    places = indices.fill_null(-1) if missing else indices
    numbers = places.to_numpy(zero_copy_only=False)
    used = np.zeros(len(column.dictionary) + 1, np.bool_)
    _mark(numbers, used)
    occur = np.flatnonzero(used[:-1])
    words = column.dictionary.take(pa.array(occur))
    order = pc.sort_indices(words)
    table = np.full(len(column.dictionary) + 1, -1, numbers.dtype)  # the last entry is for null
    table[occur[order.to_numpy()]] = np.arange(len(order))
    tidy = np.empty_like(numbers)
    _renumber(numbers, table, tidy)
    valid = pc.is_valid(indices).buffers()[1] if missing else None
    return pa.DictionaryArray.from_arrays(
        pa.Array.from_buffers(indices.type, len(tidy), [valid, pa.py_buffer(tidy)]),
        words.take(order),
    )


@kernel
def _mark(numbers: Any, used: Any) -> None:  # pragma: no cover - compiled
    for i in range(len(numbers)):
        used[numbers[i]] = True


@kernel
def _renumber(numbers: Any, table: Any, tidy: Any) -> None:  # pragma: no cover - compiled
    for i in range(len(numbers)):
        tidy[i] = table[numbers[i]]


def write_table(path: Path, table: pa.Table, *, temporary: Path) -> str:
    """The SHA-256 of ``table`` written to ``path`` as one small Parquet file, also without rows."""
    place = temporary / f"{path.parent.name}-{path.name}"
    with open_private(place) as file:
        pq.write_table(table, file, compression="zstd")
    digest = file_sha256(place)
    place.replace(path)
    return digest


def write_bytes(path: Path, content: bytes, *, temporary: Path) -> str:
    """The SHA-256 of ``content`` written to ``path`` by rename, mode 0600."""
    place = temporary / f"{path.parent.name}-{path.name}"
    with open_private(place) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    digest = file_sha256(place)
    place.replace(path)
    return digest


def flush_all(files: Iterable[Path]) -> None:
    """Nothing; all of ``files`` stand on the disk, and will after a power cut."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for path in files:
        number = os.open(path, os.O_RDWR)
        os.fsync(number)
        os.close(number)


def remove_all(paths: Iterable[Path]) -> None:
    """Nothing; the files are gone, whether they were there or not."""
    for path in paths:
        path.unlink(missing_ok=True)
