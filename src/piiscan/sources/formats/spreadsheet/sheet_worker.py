"""Worker of the native workbook reader: a process that loads workbooks and answers requests.

A request is a line of JSON, a workbook its bytes after that line.  An answer is a frame: its kind
(``J`` JSON, ``A`` an Arrow stream of one batch), its size as eight bytes, its content.  The process
ends with its standard input.  An abort, a hang or a bomb inside the reader costs it alone.
"""

from __future__ import annotations

import gc
import io
import json
import os
import sys
from typing import Any, BinaryIO

import pyarrow as pa

from piiscan.errors import SourceError
from piiscan.sources.formats.spreadsheet.sheet_rows import row_batches, sample_rows
from piiscan.sources.rows.header_row import HeaderLayout
from piiscan.sources.worker_process import OUT_OF_MEMORY, limit_process

_Answers = Any  # iterator of dict (JSON) or bytes (Arrow)


def serve() -> None:
    """Answer the requests on standard input until it ends; exit if memory does not suffice."""
    limit_process()
    gc.disable()  # rows have no cycles, and the collector would look at each of them
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # no library may write between answers
    workbook = _Workbook()
    try:
        while line := requests.readline():
            for answer in workbook.answer(json.loads(line), requests):
                kind = b"A" if isinstance(answer, pa.Buffer) else b"J"
                data = answer if kind == b"A" else json.dumps(answer).encode()
                answers.write(kind + len(data).to_bytes(8, "little"))
                answers.write(data)
                answers.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:
        os._exit(0)


class _Workbook:
    """The loaded workbook of a worker, and its sheet last read."""

    def __init__(self) -> None:
        self._book: Any = None
        self._sheet: tuple[int, Any] = (-1, None)

    def answer(self, request: dict[str, Any], stream: BinaryIO) -> _Answers:
        """Yield the answers to one request; the last one has the key ``done`` or ``failed``."""
        try:
            if request["do"] == "load":
                self._load(stream.read(request["size"]))
                yield {"done": self._describe()}
            elif request["do"] == "sample":
                sheet = self._open(request["sheet"])
                rows = _call(lambda: sample_rows(sheet, request["seed"], request["max_cells"]))
                yield {"done": rows}
            elif request["do"] == "read":
                yield from self._read(request)
                yield {"done": None}
            else:  # close
                self._book, self._sheet = None, (-1, None)
                yield {"done": None}
        except SourceError as error:
            yield {"failed": [error.reason, error.detail]}

    def _load(self, data: bytes) -> None:
        """Load a workbook of which all bytes are given."""
        from python_calamine import CalamineWorkbook

        self._book, self._sheet = None, (-1, None)
        self._book = _call(lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)))

    def _describe(self) -> list[tuple[str, str, str]]:
        """Return name, visibility and kind of each sheet."""
        return [
            (each.name, _last_word(each.visible), _last_word(each.typ))
            for each in self._book.sheets_metadata
        ]

    def _open(self, number: int) -> Any:
        """Return a sheet; the one last read is kept, since it is first sampled, then read."""
        if self._sheet[0] != number:
            self._sheet = (-1, None)
            self._sheet = (number, _call(lambda: self._book.get_sheet_by_index(number)))
        return self._sheet[1]

    def _read(self, request: dict[str, Any]) -> _Answers:
        """Yield the filled rows of a sheet as batches, and ``wide``, the first too wide row."""
        batches = row_batches(
            self._open(request["sheet"]),
            HeaderLayout(**request["layout"]),
            request["width"],
            request["max_cells"],
            after=request["after"],
            wide=request["wide"],
        )
        while (batch := _call(lambda: next(batches, None))) is not None:
            yield {"wide": batch} if isinstance(batch, int) else _arrow_stream(batch)


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


def _arrow_stream(columns: list[pa.Array]) -> pa.Buffer:
    """Return rows as an Arrow stream of one batch: number, kind, and a column per cell."""
    batch = pa.RecordBatch.from_arrays(columns, [str(number) for number in range(len(columns))])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue()
