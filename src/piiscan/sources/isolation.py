"""Isolated formats: each is opened by a worker process, which sends tables, members and troubles.

A worker outlives a content. One that ends costs what it has not sent of its content.
"""

from __future__ import annotations

import atexit
import io
import os
import pickle
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from piiscan.errors import OtherFormatError, SourceError
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content, memory_content
from piiscan.sources.format import Format, Opened, ReadContext, Sample
from piiscan.sources.isolation_worker import SIZE_BYTES
from piiscan.sources.spool import read_pieces
from piiscan.sources.worker_process import WorkerProcess

_COMMAND: Final = "from piiscan.sources.isolation_worker import serve; serve()"


class _Pool:
    """Idle workers of this process; a forked child has none of them."""

    def __init__(self) -> None:
        self._lock, self._owner = threading.Lock(), os.getpid()
        self._idle: list[WorkerProcess] = []

    def take(self) -> WorkerProcess:
        """Return an idle worker, else a new one."""
        if self._owner != os.getpid():
            self._idle, self._owner, self._lock = [], os.getpid(), threading.Lock()
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return WorkerProcess(_COMMAND, ended="the process that reads it ended")

    def put(self, worker: WorkerProcess) -> None:
        """Take back a worker that has nothing open."""
        with self._lock:
            self._idle.append(worker)

    def close(self) -> None:
        """End all idle workers."""
        if self._owner == os.getpid():
            while self._idle:
                self._idle.pop().kill()


_POOL: Final = _Pool()
atexit.register(_POOL.close)


def open_isolated(each: Format, sample: Sample, context: ReadContext) -> Opened:
    """Yield the items of a worker for a content; raise as ``each.open`` does.

    A worker that ends is a SourceError READER_FAILED, one that hangs READER_STOPPED.
    """
    remote = _Remote(_POOL.take(), context)
    try:
        remote.open(each, sample.content)
        while (item := remote.ask("next")) is not None:
            yield remote.table(item) if isinstance(item, Table) else item
    finally:
        remote.close()


class _Remote:
    """A content that a worker has open."""

    def __init__(self, worker: WorkerProcess, context: ReadContext) -> None:
        self._worker, self._context = worker, context
        self._current = 0  # number of the table that was yielded last

    def close(self) -> None:
        """Let the worker drop the content, and return it to the pool if it still runs."""
        self._current = -1
        if not self._worker.has_ended:
            with suppress(SourceError):
                self._send(("close", 0))
                _POOL.put(self._worker)

    def open(self, each: Format, content: Content) -> None:
        """Send a content: a file by its path, the bytes of any other."""
        described = replace(content, open=io.BytesIO, data=None)
        context = self._context
        options = (
            *(context.budget, context.usage, context.seed, context.label_names),
            *(context.peek, context.section, context.wanted),
        )
        self._send(("open", (each.name, each.rank), described, options, self._context.passwords))
        if content.path is None:
            with content.open() as stream:
                for piece in read_pieces(stream):
                    self._send(piece)
            self._send(b"")

    def ask(self, request: str) -> Any:
        """Return the next item or block, None at the end; answer the worker's questions."""
        usage = self._context.usage
        self._send((request, usage.total))
        while True:
            kind, answer, total = pickle.loads(self._worker.read_frame(SIZE_BYTES)[1])
            if kind == "count":
                self._send(self._context.count_names(answer))
                continue
            usage.total = max(usage.total, total)
            if kind == "other":
                raise OtherFormatError(*answer)
            if kind == "failed":
                raise SourceError(*answer)
            if kind == "member":
                content, data = answer
                return memory_content(
                    data,
                    content.name,
                    member=content.member,
                    seed=self._context.seed,
                    sha256=content.sha256,
                    packed_size=content.packed_size,
                )
            return answer

    def table(self, table: Table) -> Table:
        """Return a table whose blocks the worker reads, until the next item is asked for."""
        self._current += 1
        number = self._current

        def blocks() -> Iterator[Block | Trouble]:
            """Yield the blocks."""
            request = "blocks"
            while True:
                if number != self._current:
                    yield Trouble(table.member, "READER_FAILED", "read too late")
                    return
                if (block := self.ask(request)) is None:
                    return
                yield block
                request = "more"

        return replace(table, blocks=blocks)

    def _send(self, message: Any) -> None:
        """Send a message."""
        data = pickle.dumps(message, 5)
        self._worker.write(len(data).to_bytes(SIZE_BYTES, "little"))
        self._worker.write(data)
        self._worker.flush()
