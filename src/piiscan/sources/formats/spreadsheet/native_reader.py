"""Native workbook reader: workbooks loaded by worker processes, which outlive a workbook.

A worker that ends costs its workbook alone: it is read once more by a new worker, then given up.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.errors import SourceError
from piiscan.sources.block import KINDS
from piiscan.sources.content import Content
from piiscan.sources.formats.spreadsheet.sheet_rows import Row
from piiscan.sources.rows.header_row import HeaderLayout
from piiscan.sources.workers.worker_frames import (
    Frame,
    TextBatch,
    checked_value,
    fields_of,
    read_batch,
    reason_code,
)
from piiscan.sources.workers.worker_process import WorkerPool, WorkerProcess

POOL: Final = WorkerPool(
    "from piiscan.sources.formats.spreadsheet.sheet_worker import serve; serve()",
    ended="the native reader ended twice",
)
#: Columns of a batch of rows besides its texts.
_NUMBERS: Final = {"rows": pa.int64(), "kinds": pa.int8()}
#: Types of the other answers.
_ANSWERS: Final[dict[str, Any]] = {
    "sheets": list[tuple[str, str, str]],
    "wide": int,
    "failed": tuple[str, str],
    "end": type(None),
}


class NativeWorkbook:
    """Workbook loaded in a worker process; it is loaded again if the worker ended."""

    def __init__(self, content: Content, max_cells: int) -> None:
        """Load a workbook; raises SourceError if that is not possible.

        ``sheets``: name, visibility and kind of each sheet.
        """
        self._content = content
        self._max_cells = max_cells
        self.sheets: list[tuple[str, str, str]] = []
        deque(self._ask("sheets", {}), 0)

    def sample(self, sheet: int, seed: int) -> list[Row]:
        """Return the numbered rows of a sheet's sample: head (with blank rows), middle and tail."""
        found: list[Row] = []
        for batch in self._ask("sample", {"sheet": sheet, "seed": seed}):
            if isinstance(batch, TextBatch):
                columns = [column.to_pylist() for column in batch.texts]
                numbers = batch.numbers["rows"].tolist()
                found += [(n, [cells[at] for cells in columns]) for at, n in enumerate(numbers)]
        return found

    def read(self, sheet: int, layout: HeaderLayout, width: int) -> Iterator[TextBatch | int]:
        """Yield the filled rows of a sheet in batches, and the number of the first row too wide."""
        form = {"sheet": sheet, "width": width, "layout": fields_of(layout)}
        done = {"after": 0, "wide": False}  # of the rows, by a worker that ended
        for answer in self._ask("read", form, done):
            yield answer
            if isinstance(answer, TextBatch):
                done["after"] = int(answer.numbers["rows"][-1])
            done["wide"] |= isinstance(answer, int)

    def close(self) -> None:
        """Let the worker drop the workbook."""
        worker = POOL.take_loaded(self)
        if worker is not None:
            worker.loaded = None
            with contextlib.suppress(SourceError):
                worker.send("close", {})
                deque(_answers(worker), 0)
                POOL.put(worker)

    def _ask(
        self, kind: str, fields: dict[str, Any], done: dict[str, Any] | None = None
    ) -> Iterator[TextBatch | int]:
        """Yield the answers to a request; send it to a second worker if the first one ends.

        ``done``: fields that change with the answers. Raises SourceError if the workbook is
        corrupt, or also the second worker ends.
        """
        for last in (False, True):
            worker = POOL.take(self)
            try:
                if worker.loaded is not self:
                    self._load(worker)
                if kind != "sheets":
                    worker.send(kind, {**fields, **(done or {}), "max_cells": self._max_cells})
                    for answer in _answers(worker):
                        assert not isinstance(answer, list)
                        yield answer
                POOL.put(worker)
                return
            except SourceError as error:
                if error.reason not in ("READER_FAILED", "READER_STOPPED"):
                    POOL.put(worker)  # the workbook is corrupt, and the worker is not
                    raise
                worker.kill()
                if last or error.reason == "READER_STOPPED":
                    raise
            except BaseException:
                worker.kill()
                raise

    def _load(self, worker: WorkerProcess) -> None:
        """Send the workbook to a worker and store the descriptions of its sheets."""
        worker.loaded = None
        worker.send("load", {})
        with self._content.open() as stream:
            worker.send_bytes(stream, self._content.size)
        for answer in _answers(worker):
            if isinstance(answer, list):
                self.sheets = answer
        worker.loaded = self


def _answers(worker: WorkerProcess) -> Iterator[Any]:
    """Yield the worker's answers to a request: batches, row numbers, sheets."""
    while (answer := worker.receive(_read_answer)) is not None:
        yield answer


def _read_answer(frame: Frame) -> Any:
    """Parse an answer: a batch, a row number, or the sheets; None at the end.

    Raise ValueError if it is none of them, SourceError if it is an error.
    """
    if frame.kind == "rows" and not frame.fields:
        batch = read_batch(frame.data, _NUMBERS)
        rows, kinds = batch.numbers.get("rows"), batch.numbers.get("kinds")
        if rows is None or not (np.diff(rows, prepend=0) > 0).all():
            raise ValueError("rows without rising numbers")
        if kinds is not None and not np.isin(kinds, np.arange(len(KINDS))).all():
            raise ValueError("an unknown kind of record")
        return batch
    if frame.kind not in _ANSWERS or frame.data or frame.fields.keys() != {"value"}:
        raise ValueError("an unknown kind of answer")
    value = checked_value(_ANSWERS[frame.kind], frame.fields["value"])
    if frame.kind == "failed":
        raise SourceError(reason_code(value[0]), value[1])
    return value
