"""Isolated formats: each is opened by a worker process, which sends tables, members and troubles.

A worker outlives a content. One that ends costs what it has not sent of its content.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from piiscan.errors import OtherFormatError, SourceError
from piiscan.sources.archives.spool import MemberScan, Packed
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.isolation.isolation_frames import AnswerReader, needs_no_request, pack_opening
from piiscan.sources.limits import BudgetUsage
from piiscan.sources.lined.text_table import open_lines
from piiscan.sources.read_context import ReadContext
from piiscan.sources.workers.worker_process import WorkerPool, WorkerProcess

POOL: Final = WorkerPool(
    "from piiscan.sources.isolation.isolation_worker import serve; serve()",
    ended="the process that reads it ended",
)


def open_isolated(each: Format, sample: Sample, context: ReadContext) -> Opened:
    """Yield the items of a format that a worker process reads; raise as ``each.open`` does.

    A worker that ends is a SourceError READER_FAILED, one that hangs READER_STOPPED.
    """
    remote = _Remote(POOL.take(), sample.content, context)
    try:
        remote.open(each)
        while (item := remote.ask("next")) is not None:
            if isinstance(item, Content) and item.data is None:
                yield from remote.member(item)
            elif isinstance(item, Table) and item.whole is not None:
                lines = item.whole.split("\n")
                yield from open_lines(sample.content, context, lines, item.member)
            else:
                yield remote.table(item) if isinstance(item, Table) else item
    finally:
        remote.close()


#: Most questions of a worker before it answers a request.
_MOST_QUESTIONS: Final = 1 << 20


class _Remote:
    """Content that a worker process has opened."""

    def __init__(self, worker: WorkerProcess, content: Content, context: ReadContext) -> None:
        self._worker, self._content, self._context = worker, content, context
        self._answers = AnswerReader(content, context.seed)
        self._current = 0  # number of the table that was yielded last
        self._is_sending = False  # the next item comes without a request

    def close(self) -> None:
        """Send a request to drop the content; return the worker to the pool if it still runs."""
        self._current = -1
        if not self._worker.has_ended:
            with suppress(SourceError):
                if self._is_sending:
                    self._worker.kill()
                    return
                self._worker.send("close", {})
                POOL.put(self._worker)

    def open(self, each: Format) -> None:
        """Send the content to the worker: the path of a file, else the bytes."""
        self._worker.send(*pack_opening(each.name, each.rank, self._content, self._context))
        if self._content.path is None:
            with self._content.open() as stream:
                self._worker.send_bytes(stream, self._content.size)

    def ask(self, request: str) -> Any:
        """Send a request; return the next item or block, None at the end.

        Count column names for it.
        """
        usage = self._context.usage
        read = self._answers.item if request == "next" else self._answers.part
        if not self._is_sending:
            self._worker.send(request, {"total": usage.total})
        questions, self._is_sending = 0, False
        while True:
            kind, total, answer = self._worker.receive(read)
            if kind == "count":
                questions += 1
                if questions > _MOST_QUESTIONS:
                    raise self._worker.refuse("questions without end")
                self._worker.send("count", {"count": self._context.count_names(answer)})
                continue
            usage.total = max(usage.total, total)
            if kind == "other":
                raise OtherFormatError(*answer)
            if kind == "failed":
                raise SourceError(*answer)
            self._is_sending = request == "next" and needs_no_request(answer)
            return answer

    def member(self, content: Content) -> Iterator[Content | Trouble]:
        """Yield a member whose bytes come piece by piece, then its Trouble if there is one."""
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if content.size > self._context.budget.member_in_memory and content.size > free // 2:
            detail = f"no room for a private copy of {content.size} bytes"
            yield Trouble(content.member, "MEMBER_TOO_LARGE", detail)
            return
        usage = BudgetUsage(self._context.budget)  # its format bounds what all of them may have
        scan = MemberScan(content.member, usage, Packed(content.packed_size or 0))
        scan.read_damaged(self._pieces())
        yield from scan.opened(seed=self._context.seed)

    def _pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the last item."""
        request = "blocks"
        while (piece := self.ask(request)) is not None:
            yield piece
            request = "more"

    def table(self, table: Table) -> Table:
        """Return a table whose blocks are read from the worker until the next item is requested."""
        self._current += 1
        number = self._current

        def blocks() -> Iterator[Block | Trouble]:
            """Yield the blocks that the worker reads."""
            request = "blocks"
            while True:
                if number != self._current or self._is_sending:
                    yield Trouble(table.member, "READER_FAILED", "read too late")
                    return
                if (block := self.ask(request)) is None:
                    return
                yield block
                request = "more"

        return replace(table, blocks=blocks)
