"""Sorted edits of a file: byte edits by offset, in sorted runs on disk beyond 200,000."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import pyarrow as pa

from piiscan.copies.text_map import Edit

_RUN_EDITS: Final = 200_000
_BATCH_EDITS: Final = 10_000
_READ_BYTES: Final = 1 << 20


class SortedEdits:
    """Collection of byte edits: added in nearly sorted order, read in sorted order.

    The temporary files contain offsets and replacements only, never the replaced text.
    """

    def __init__(
        self,
        folder: Path,
        *,
        run: int = _RUN_EDITS,
        batch: int = _BATCH_EDITS,
        new: type[str] | type[bytes],
    ) -> None:
        """Create an empty collection; temporary files go to ``folder``.

        ``run``: most edits in memory; ``batch``: edits that are written together; ``new``: type of
        the replacements, str or bytes.
        """
        self._folder = folder
        self._run = run
        self._batch = batch
        kind = pa.string() if new is str else pa.binary()
        self._schema = pa.schema([("begin", pa.int64()), ("end", pa.int64()), ("new", kind)])
        self._waiting: list[tuple[int, int, Any]] = []
        self._runs: list[Any] = []

    def add(self, edits: Iterable[tuple[int, int, Any]]) -> None:
        """Add byte edits; write them to disk as a sorted run if too many are in memory."""
        self._waiting += edits
        if len(self._waiting) > self._run:
            self._spill()

    def _spill(self) -> None:
        """Write the edits in memory to a temporary file, sorted."""
        run = sorted(self._waiting)
        self._waiting = []
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - lives as long as the run
        with pa.ipc.new_stream(file, self._schema) as writer:
            for at in range(0, len(run), self._batch):
                columns = zip(*run[at : at + self._batch], strict=True)
                arrays = [pa.array(c, f.type) for c, f in zip(columns, self._schema, strict=True)]
                writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._runs.append(file)

    def ordered(self) -> Iterator[tuple[int, int, Any]]:
        """Yield all byte edits by start; one that overlaps an earlier edit is dropped."""
        covered = 0
        for begin, end, new in heapq.merge(sorted(self._waiting), *map(_read_run, self._runs)):
            if begin < covered or (begin == end == covered and not new):
                continue
            yield begin, end, new
            covered = end

    def close(self) -> None:
        """Delete all edits and their temporary files."""
        for run in self._runs:
            run.close()
        self._runs, self._waiting = [], []


def _read_run(file: Any) -> Iterator[tuple[int, int, Any]]:
    """Yield the edits in the temporary file of one sorted run."""
    file.seek(0)
    with pa.ipc.open_stream(file) as reader:
        for batch in reader:
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class ByteReader(Protocol):
    """Protocol: binary stream from which bytes are copied."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        ...


def copy_with_edits(source: ByteReader, edits: Iterable[Edit], out: BinaryIO) -> int:
    """Copy ``source`` to ``out`` with ``edits`` applied. Return the size the copy must have.

    The size is computed from the edits, so that the caller can compare it with the bytes written.
    """
    buffer, base, at, growth = b"", 0, 0, 0  # bytes at hand, their offset, written up to, growth
    for begin, end, new in edits:
        while base + len(buffer) < begin:
            out.write(buffer[at - base :])
            at = base = base + len(buffer)
            buffer = _read_next(source)
        out.write(buffer[at - base : begin - base])
        out.write(new)
        growth += len(new) - (end - begin)
        while base + len(buffer) < end:
            base += len(buffer)
            buffer = _read_next(source)
        at = end
    out.write(buffer[at - base :])
    size = base + len(buffer)
    while buffer := source.read(_READ_BYTES):
        out.write(buffer)
        size += len(buffer)
    return size + growth


def _read_next(source: ByteReader) -> bytes:
    """Return the next bytes of ``source``. Raise OSError at its end."""
    data = source.read(_READ_BYTES)
    if not data:
        raise OSError("the source ends before what was found in it")
    return data
