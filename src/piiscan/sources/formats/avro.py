"""Avro files: each record is a row with dotted keys (``user.phone``)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from piiscan.errors import SourceError, is_machine_error
from piiscan.sources.block import Trouble
from piiscan.sources.content import read_whole
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import open_stored
from piiscan.sources.read_context import ReadContext
from piiscan.sources.stored_values import RowLimits, StoredRecord, flatten_stored

_SYNC_BYTES: Final = 16
_MOST_DAMAGES: Final = 1000


def _read(data: bytes, member: str, context: ReadContext) -> Iterator[StoredRecord | Trouble]:
    """Yield each record; a Trouble for each damaged block, behind which reading goes on."""
    import fastavro

    begin = io.BytesIO(data)
    try:
        fastavro.block_reader(begin)
    except Exception as error:  # of any class that the library has
        if is_machine_error(error):
            raise
        raise SourceError("CORRUPT", f"avro: {type(error).__name__}") from None
    header = data[: begin.tell()]
    limits = RowLimits(len(data), context.budget)
    at, empty = len(header), 0
    for _ in range(_MOST_DAMAGES):
        stream, base = io.BytesIO(header + data[at:]), at - len(header)
        try:
            for block in fastavro.block_reader(stream):
                for value in block:
                    record = value if isinstance(value, dict) else {"value": value}
                    cells, others = flatten_stored(record)
                    empty += not (cells or others)
                    if limits.exceeded(cells.values()):
                        detail = f"stopped after {limits.rows - 1} rows"
                        yield Trouble(member, "ZIP_RATIO", detail)
                        return
                    yield StoredRecord(0, cells, others)
                at = base + stream.tell()
            break
        except Exception as error:  # of a codec, too
            if is_machine_error(error):
                raise
            yield Trouble(member, "CORRUPT", f"a damaged block after row {limits.rows}")
        at = data.find(header[-_SYNC_BYTES:], at) + _SYNC_BYTES
        if at < _SYNC_BYTES:
            break
    if empty:
        yield Trouble(member, "CORRUPT", f"{empty} records without any value")


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the records, and their binary values as members."""
    data = read_whole(sample.content, context.budget.in_memory)
    read: Any = partial(_read, data, sample.content.member, context)
    yield from open_stored(sample.content, context, read)


FORMATS: Final = (
    Format(
        *("avro", 25, _open),
        signatures=((0, b"Obj\x01"),),
        isolated=True,
        extensions=("avro",),
        packages=("fastavro",),
        extra="data",
    ),
)
