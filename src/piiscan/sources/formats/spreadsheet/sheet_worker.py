"""Worker of the native workbook reader: a process that loads workbooks and answers requests.

The bytes of a workbook follow the request that loads it. An abort, a hang or a bomb inside the
reader costs the process alone.
"""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from piiscan.errors import SourceError
from piiscan.sources.formats.spreadsheet.sheet_rows import row_batches, sample_rows
from piiscan.sources.rows.header_row import HeaderLayout
from piiscan.sources.workers.worker_frames import Frame, checked_fields, pack_batch
from piiscan.sources.workers.worker_process import WorkerPipes, limit_process, run_worker

#: Kind of an answer, its fields, its data.
_Answer = tuple[str, dict[str, Any], bytes]


def serve() -> None:
    """Answer the requests on standard input until it ends."""
    limit_process()
    gc.disable()  # rows have no cycles, and the collector would look at each of them
    run_worker(_serve)


def _serve(pipes: WorkerPipes) -> None:
    """Answer requests in a loop; raises EOFError at the end of standard input."""
    workbook = _Workbook(pipes)
    while True:
        request = pipes.receive()
        try:
            for answer in workbook.answer(request):
                pipes.send(*answer)
        except SourceError as error:
            pipes.send("failed", {"value": [error.reason, error.detail]})


class _Workbook:
    """Loaded workbook of a worker, with the sheet that was read last."""

    def __init__(self, pipes: WorkerPipes) -> None:
        self._pipes = pipes
        self._book: Any = None
        self._sheet: tuple[int, Any] = (-1, None)

    def answer(self, request: Frame) -> Iterator[_Answer]:
        """Yield the answers to one request; the last one is ``end``."""
        from python_calamine import CalamineWorkbook

        kind, fields, _ = request
        if kind == "load":
            self._book, self._sheet = None, (-1, None)
            data = io.BytesIO(b"".join(self._pipes.receive_bytes()))
            self._book = _call(lambda: CalamineWorkbook.from_filelike(data))
            sheets = [
                (each.name, _last_word(each.visible), _last_word(each.typ))
                for each in self._book.sheets_metadata
            ]
            yield "sheets", {"value": sheets}, b""
        elif kind == "sample":
            sheet = self._open(fields["sheet"])
            rows = _call(lambda: sample_rows(sheet, fields["seed"], fields["max_cells"]))
            numbers, cells = zip(*rows, strict=True) if rows else ((), ())
            texts = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
            yield "rows", {}, pack_batch(texts, {"rows": pa.array(numbers, pa.int64())})
        elif kind == "read":
            yield from self._read(fields)
        else:  # close
            self._book, self._sheet = None, (-1, None)
        yield "end", {"value": None}, b""

    def _open(self, number: int) -> Any:
        """Return sheet ``number``; the last one is cached, as it is sampled, then read."""
        if self._sheet[0] != number:
            self._sheet = (-1, None)
            self._sheet = (number, _call(lambda: self._book.get_sheet_by_index(number)))
        return self._sheet[1]

    def _read(self, fields: dict[str, Any]) -> Iterator[_Answer]:
        """Yield the filled rows of a sheet as batches, and ``wide``, the first too wide row."""
        batches = row_batches(
            self._open(fields["sheet"]),
            checked_fields(HeaderLayout, fields["layout"]),
            fields["width"],
            fields["max_cells"],
            after=fields["after"],
            wide=fields["wide"],
        )
        while (batch := _call(lambda: next(batches, None))) is not None:
            if isinstance(batch, int):
                yield "wide", {"value": batch}, b""
            else:
                rows, kinds, *texts = batch
                yield "rows", {}, pack_batch(texts, {"rows": rows, "kinds": kinds})


def _last_word(value: Any) -> str:
    """Return the name of an enum's member: ``SheetVisibleEnum.Hidden -> Hidden``."""
    return str(value).rpartition(".")[2]


def _call(action: Any) -> Any:
    """Call ``action``; raise any error of the native reader, panics included, as SourceError."""
    from python_calamine import PasswordError

    try:
        return action()
    except PasswordError:
        raise SourceError("ENCRYPTED", "the workbook has a password") from None
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - a panic is no Exception
        raise SourceError("CORRUPT", type(error).__name__) from None
