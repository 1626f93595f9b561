"""Worker of the isolated formats: a process that opens contents and sends their items.

A request opens a content, asks for its next item, or for the blocks of the last table; the worker
asks back for the number of known column names (:mod:`piiscan.sources.isolation.isolation_frames`).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from piiscan.errors import OtherFormatError, SourceError, failure_place
from piiscan.sources.archives.spool import open_spooled
from piiscan.sources.block import Table
from piiscan.sources.content import Content, open_file, read_pieces, read_up_to
from piiscan.sources.format import Sample
from piiscan.sources.formats import all_formats
from piiscan.sources.isolation.isolation_frames import (
    Opening,
    needs_no_request,
    pack_item,
    read_opening,
)
from piiscan.sources.read_context import ReadContext
from piiscan.sources.selection import Selection
from piiscan.sources.workers.worker_frames import Frame
from piiscan.sources.workers.worker_process import WorkerPipes, limit_process, run_worker


def serve() -> None:
    """Answer the requests on standard input until it ends."""
    run_worker(lambda pipes: _Door(pipes).serve())


class _Door:
    """Request handler of the worker: its pipes, and the content that it has open."""

    def __init__(self, pipes: WorkerPipes) -> None:
        self._pipes = pipes
        self._context: ReadContext | None = None
        self._items: Iterator[Any] = iter(())
        self._item: Any = None  # the last one
        self._blocks: Iterator[Any] = iter(())

    def serve(self) -> None:
        """Answer requests in a loop; raises EOFError at the end of standard input."""
        while True:
            request = self._pipes.receive()
            if request.kind == "open":
                self._open(request)
                continue
            if request.kind == "close" or self._context is None:
                self._items, self._blocks, self._item = iter(()), iter(()), None
                continue
            usage = self._context.usage
            usage.total = max(usage.total, request.fields["total"])
            try:
                self._send(*pack_item(self._next(request.kind)))
                while request.kind == "next" and needs_no_request(self._item):
                    self._send(*pack_item(self._next("next")))
            except OtherFormatError as error:
                self._fail(error, "other")
            except SourceError as error:
                self._fail(error)
            except (MemoryError, BrokenPipeError):
                raise
            except OSError as error:
                self._fail(SourceError("READ_ERROR", type(error).__name__))
            except Exception as error:  # noqa: BLE001 - the parent lists it
                self._fail(SourceError("READER_FAILED", failure_place(error)))

    def _next(self, kind: str) -> Any:
        """Return the next item, or its next block or bytes ("blocks", "more"); None at the end."""
        if kind == "next":
            self._item = next(self._items, None)
            return self._item
        if kind == "blocks":
            item = self._item
            if isinstance(item, Content):
                self._blocks = read_pieces(item.open())
            else:
                self._blocks = item.blocks() if isinstance(item, Table) else iter(())
        return next(self._blocks, None)

    def _open(self, request: Frame) -> None:
        """Open the content that a request describes; its bytes follow if it has no path."""
        opening, windows, label_names = read_opening(request)
        limit_process(opening.size)
        names = ("name", "member", "size", "sha256", "packed_size")
        described = {name: getattr(opening, name) for name in names}
        content = Content(windows=windows, **self._bytes_of(opening), **described)
        self._context = ReadContext(
            self._count,
            opening.usage.budget,
            opening.seed,
            opening.usage,
            label_names,
            passwords=opening.passwords,
            peek=opening.peek,
            section=opening.section,
            wanted=opening.wanted,
            in_worker=True,
            selection=Selection(raw=opening.raw),
        )
        wanted = (opening.format, opening.rank)
        found = next(each for each in all_formats() if (each.name, each.rank) == wanted)
        self._items = found.open_or_draw(Sample(content), self._context)

    def _bytes_of(self, opening: Opening) -> dict[str, Any]:
        """Return ``path``, ``open`` and ``data`` of a content; receive its bytes without a path."""
        if opening.path is not None:
            path = Path(os.fsdecode(opening.path))
            return {"path": path, "open": lambda: open_file(path)}
        opened = open_spooled(self._pipes.receive_bytes())
        if opening.size > opening.usage.budget.in_memory:
            return {"open": opened}
        with opened() as stream:
            data = read_up_to(stream, opening.size)
        return {"data": data, "open": lambda: io.BytesIO(data)}

    def _count(self, cells: list[str]) -> int:
        """Ask the parent for the number of known column names among ``cells``."""
        self._send("count", cells)
        return int(self._pipes.receive().fields["count"])

    def _send(self, kind: str, answer: Any, data: bytes = b"") -> None:
        """Send an answer, with the number of bytes unpacked so far."""
        total = 0 if self._context is None else self._context.usage.total
        self._pipes.send(kind, {"total": total, "answer": answer}, data)

    def _fail(self, error: SourceError, kind: str = "failed") -> None:
        """Send the reason and the detail of an error as the answer."""
        self._send(kind, [error.reason, error.detail])
