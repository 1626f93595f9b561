"""Edits of a file in their order, however many: sorted runs, on the disk when they grow."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import pyarrow as pa

from piiscan.redact.text.utf8_view import ViewEdit
from piiscan.redact.text_map import Edit

_RUN: Final = 200_000
_BATCH: Final = 10_000
_PIECE: Final = 1 << 20
_SCHEMA: Final = pa.schema([("begin", pa.int64()), ("end", pa.int64()), ("new", pa.string())])


class Edits:
    """Edits that are added in about their order and read back in order.

    What is kept on the disk are places and replacements, nothing of what stood there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[ViewEdit] = []
        self._runs: list[Any] = []

    def add(self, edits: Iterable[ViewEdit]) -> None:
        """Keep some more."""
        self._waiting += edits
        if len(self._waiting) > _RUN:
            self._spill()

    def _spill(self) -> None:
        run = sorted(self._waiting)
        self._waiting = []
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - lives as long as the run
        with pa.ipc.new_stream(file, _SCHEMA) as writer:
            for at in range(0, len(run), _BATCH):
                columns = zip(*run[at : at + _BATCH], strict=True)
                arrays = [pa.array(c, f.type) for c, f in zip(columns, _SCHEMA, strict=True)]
                writer.write_batch(pa.record_batch(arrays, schema=_SCHEMA))
        self._runs.append(file)

    def ordered(self) -> Iterator[ViewEdit]:
        """All of them, each once, by where they begin; what overlaps the one before is left out."""
        reached = 0
        for begin, end, new in heapq.merge(sorted(self._waiting), *map(_stored, self._runs)):
            if begin < reached or (begin == end == reached and not new):
                continue
            yield begin, end, new
            reached = end

    def close(self) -> None:
        """Nothing is left on the disk."""
        for run in self._runs:
            run.close()
        self._runs, self._waiting = [], []


def _stored(file: Any) -> Iterator[ViewEdit]:
    file.seek(0)
    with pa.ipc.open_stream(file) as reader:
        for batch in reader:
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class Source(Protocol):
    """What is copied from."""

    def read(self, size: int = ..., /) -> bytes:
        """At most ``size`` bytes, none at the end."""
        ...


def splice(source: Source, edits: Iterable[Edit], out: BinaryIO) -> int:
    """Copy ``source`` to ``out``, each edit's bytes in place of those it names.

    How many bytes the copy must have, counted apart from the copying.
    """
    held, base, more = b"", 0, 0  # bytes read and not yet written, and where they stand
    for begin, end, new in edits:
        while base + len(held) < begin:
            out.write(held)
            base += len(held)
            held = _following(source)
        out.write(held[: begin - base])
        out.write(new)
        held, base, more = held[begin - base :], begin, more + len(new) - (end - begin)
        while base + len(held) < end:
            base += len(held)
            held = _following(source)
        held, base = held[end - base :], end
    while held or (held := source.read(_PIECE)):
        out.write(held)
        base, held = base + len(held), b""
    return base + more


def _following(source: Source) -> bytes:
    data = source.read(_PIECE)
    if not data:
        raise OSError("the source ends before what was found in it")
    return data
