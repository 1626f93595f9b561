"""Worker of the isolated formats: a process that opens contents and sends their items.

Messages both ways are pickles behind their size. A request opens a content, asks for its next item,
or for the blocks of the last table; the worker asks back for the number of known column names.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO, Final, cast

from piiscan.errors import OtherFormatError, SourceError, failure_place
from piiscan.sources.block import Table
from piiscan.sources.content import Content, open_file, read_up_to
from piiscan.sources.format import ReadContext, Sample
from piiscan.sources.formats import all_formats
from piiscan.sources.spool import open_spooled
from piiscan.sources.worker_process import OUT_OF_MEMORY, limit_process

#: Bytes of the size of a message.
SIZE_BYTES: Final = 8


def serve() -> None:
    """Answer the requests on standard input until it ends; exit if memory does not suffice."""
    answers = os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # no library may write between answers
    try:
        _Door(sys.stdin.buffer, answers).serve()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except (BrokenPipeError, EOFError):
        os._exit(0)


class _Door:
    """Both pipes of the worker, and the content that is open."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests, self._answers = requests, answers
        self._context: ReadContext | None = None
        self._items: Iterator[Any] = iter(())
        self._table: Table | None = None
        self._blocks: Iterator[Any] = iter(())

    def serve(self) -> None:
        """Answer requests without end; raises EOFError when they end."""
        while True:
            kind, *rest = self._receive()
            if kind == "open":
                self._open(*rest)
                continue
            if kind == "close" or self._context is None:
                self._items, self._blocks, self._table = iter(()), iter(()), None
                continue
            self._context.usage.total = max(self._context.usage.total, rest[0])
            try:
                self._answer(kind)
            except OtherFormatError as error:
                self._send("other", (error.reason, error.detail))
            except SourceError as error:
                self._send("failed", (error.reason, error.detail))
            except (MemoryError, BrokenPipeError):
                raise
            except OSError as error:
                self._send("failed", ("READ_ERROR", type(error).__name__))
            except Exception as error:  # noqa: BLE001 - the parent lists it
                self._send("failed", ("READER_FAILED", failure_place(error)))

    def _answer(self, kind: str) -> None:
        """Send the next item, or the next block of the last table."""
        if kind == "next":
            item = next(self._items, None)
            self._table = item if isinstance(item, Table) else None
            if isinstance(item, Content):
                with item.open() as stream:
                    data = read_up_to(stream, item.size)
                self._send("member", (_without_streams(item), data))
            elif self._table is not None:
                self._send("item", replace(self._table, blocks=_none))
            else:
                self._send("item", item)
            return
        if kind == "blocks":
            self._blocks = iter(()) if self._table is None else self._table.blocks()
        self._send("item", next(self._blocks, None))

    def _open(self, name: tuple[str, int], content: Content, options: Any, passwords: Any) -> None:
        """Receive a content and begin to read it."""
        budget, usage, seed, label_names, peek, section, wanted = options
        limit_process(content.size)
        path = content.path
        if path is not None:
            content = replace(content, open=lambda: open_file(path))
        else:
            opened = open_spooled(iter(self._receive, b""))
            content = replace(content, open=opened, seekable=True)
            if content.size <= budget.in_memory:
                with opened() as stream:
                    data = read_up_to(stream, content.size)
                content = replace(content, data=data, open=lambda: io.BytesIO(data))
        self._context = ReadContext(
            self._count,
            budget,
            seed,
            usage,
            label_names,
            passwords=passwords,
            peek=peek,
            section=section,
            wanted=wanted,
        )
        found = next(each for each in all_formats() if (each.name, each.rank) == name)
        self._items = found.open_or_draw(Sample(content), self._context)

    def _count(self, cells: list[str]) -> int:
        """Return the number of known column names, which the parent knows."""
        self._send("count", cells)
        return cast("int", self._receive())

    def _receive(self) -> Any:
        """Return the next message; raise EOFError at the end."""
        head = self._requests.read(SIZE_BYTES)
        if len(head) < SIZE_BYTES:
            raise EOFError
        return pickle.loads(self._requests.read(int.from_bytes(head, "little")))

    def _send(self, kind: str, answer: Any) -> None:
        """Send an answer and the bytes unpacked so far."""
        total = 0 if self._context is None else self._context.usage.total
        data = pickle.dumps((kind, answer, total), 5)
        self._answers.write(len(data).to_bytes(SIZE_BYTES, "little"))
        self._answers.write(data)
        self._answers.flush()


def _none() -> Iterator[Any]:
    """Yield nothing: the blocks of a table are asked for."""
    return iter(())


def _without_streams(content: Content) -> Content:
    """Return the description of a content."""
    return replace(content, open=io.BytesIO, windows=(), data=None)
