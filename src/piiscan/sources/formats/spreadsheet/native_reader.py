"""Native workbook reader: workbooks loaded by worker processes, which outlive a workbook.

A worker that ends costs its workbook alone: it is read once more by a new worker, then given up.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from piiscan.errors import SourceError
from piiscan.sources.content import Content
from piiscan.sources.formats.spreadsheet.sheet_rows import Row
from piiscan.sources.rows.header_row import HeaderLayout
from piiscan.sources.worker_process import PATIENCE, WorkerProcess

_PIECE_BYTES: Final = 1 << 20
_COMMAND: Final = "from piiscan.sources.formats.spreadsheet.sheet_worker import serve; serve()"


class _Worker:
    """One worker process, and the workbook it has loaded."""

    def __init__(self) -> None:
        self.book: NativeWorkbook | None = None
        self.process = WorkerProcess(_COMMAND, PATIENCE, ended="the native reader ended twice")

    def send(self, request: dict[str, Any]) -> None:
        """Send a request; raise SourceError if nobody reads it."""
        self.process.write(json.dumps(request).encode() + b"\n")
        self.process.flush()

    def receive(self) -> tuple[bytes, bytes]:
        """Return kind and content of the next frame; raise SourceError if none comes."""
        head, content = self.process.read_frame(9)
        return head[:1], content


class _Pool:
    """Idle workers of this process; a forked child has none of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._owner = os.getpid()

    def take(self, book: NativeWorkbook | None) -> _Worker:
        """Return an idle worker, one with ``book`` if there is any, else a new worker."""
        if self._owner != os.getpid():
            self._idle, self._owner, self._lock = [], os.getpid(), threading.Lock()
        if book is not None and (holder := self.take_holder(book)) is not None:
            return holder
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Worker()

    def take_holder(self, book: NativeWorkbook) -> _Worker | None:
        """Return the idle worker that has ``book``, None without one."""
        with self._lock:
            found = next((each for each in self._idle if each.book is book), None)
            if found is not None:
                self._idle.remove(found)
            return found

    def put(self, worker: _Worker) -> None:
        """Take back a worker that has answered its request."""
        with self._lock:
            self._idle.append(worker)

    def close(self) -> None:
        """End all idle workers."""
        if self._owner == os.getpid():
            while self._idle:
                self._idle.pop().process.kill()


_POOL: Final = _Pool()
atexit.register(_POOL.close)


def start_worker() -> None:
    """Make sure that a worker is starting, so that it is ready when a workbook is measured."""
    _POOL.put(_POOL.take(None))


class NativeWorkbook:
    """A workbook in a worker process; it is loaded again if its worker ended."""

    def __init__(self, content: Content, max_cells: int) -> None:
        """Load a workbook; raises SourceError if that is not possible.

        ``sheets``: name, visibility and kind of each sheet.
        """
        self._content = content
        self._max_cells = max_cells
        self.sheets: list[tuple[str, str, str]] = []
        deque(self._ask({"do": "sheets"}), 0)

    def sample(self, sheet: int, seed: int) -> list[Row]:
        """Return numbered rows of head (blank rows included), middle and tail of a sheet."""
        request = {"do": "sample", "sheet": sheet, "seed": seed}
        (rows,) = self._ask(request)
        return [(number, cells) for number, cells in rows]

    def read(self, sheet: int, layout: HeaderLayout, width: int) -> Iterator[pa.RecordBatch | int]:
        """Yield the filled rows of a sheet as batches, and the number of the first too wide row.

        The columns of a batch are number, kind, and the cells.
        """
        form = {name: getattr(layout, name) for name in HeaderLayout.__slots__}
        request = {"do": "read", "sheet": sheet, "width": width, "layout": form}
        yield from self._ask(request)

    def close(self) -> None:
        """Let the worker drop the workbook."""
        worker = _POOL.take_holder(self)
        if worker is not None:
            worker.book = None
            with contextlib.suppress(SourceError):
                worker.send({"do": "close"})
                worker.receive()
                _POOL.put(worker)

    def _ask(self, request: dict[str, Any]) -> Iterator[Any]:
        """Yield the answers to a request, from a second worker on if the first one ends.

        Raises SourceError if the workbook is corrupt, or also the second worker ends.
        """
        done = {"after": 0, "wide": False}  # of the rows, by a worker that ended
        for last in (False, True):
            worker = _POOL.take(self)
            try:
                if worker.book is not self:
                    self._load(worker)
                if request["do"] != "sheets":
                    worker.send({**request, **done, "max_cells": self._max_cells})
                    for answer in _answers(worker):
                        yield answer
                        if isinstance(answer, pa.RecordBatch):
                            done["after"] = answer.column(0)[-1].as_py()
                        done["wide"] |= isinstance(answer, int)
                _POOL.put(worker)
                return
            except SourceError as error:
                if error.reason not in ("READER_FAILED", "READER_STOPPED"):
                    _POOL.put(worker)  # the workbook is corrupt, and the worker is not
                    raise
                if last or error.reason == "READER_STOPPED":
                    raise
            except BaseException:
                worker.process.kill()
                raise

    def _load(self, worker: _Worker) -> None:
        """Send the workbook to a worker, in pieces."""
        worker.book = None
        size = self._content.size
        worker.send({"do": "load", "size": size})
        with self._content.open() as stream:
            left = size
            while left and (piece := stream.read(min(left, _PIECE_BYTES))):
                worker.process.write(piece)
                left -= len(piece)
        worker.process.write(bytes(left))  # the file shrank; its hash says so
        worker.process.flush()
        for sheets in _answers(worker):
            self.sheets = [tuple(each) for each in sheets]
        worker.book = self


def _answers(worker: _Worker) -> Iterator[Any]:
    """Yield the answers of a worker to its request: batches, row numbers, or the only one."""
    while True:
        kind, data = worker.receive()
        if kind == b"A":
            yield pa.ipc.open_stream(pa.py_buffer(data)).read_next_batch()
            continue
        answer = json.loads(data)
        if "failed" in answer:
            raise SourceError(*answer["failed"])
        if "wide" in answer:
            yield answer["wide"]
            continue
        if answer["done"] is not None:
            yield answer["done"]
        return
