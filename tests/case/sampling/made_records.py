"""A count's records, made up, as the view that samples are drawn from."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from piiscan.case.store.connection import connect

#: Column -> its type, and the value of a record that passes.
COLUMNS: dict[str, tuple[pa.DataType, Any]] = {
    "record": (pa.int64(), None),
    "main": (pa.bool_(), True),
    "source": (pa.int32(), 1),
    "member": (pa.string(), "#表"),
    "row": (pa.int64(), 2),
    "group": (pa.int16(), 0),
    "combination": (pa.string(), "CN_MOBILE+PERSON"),
    "key_kind": (pa.string(), "mobile"),
    "key": (pa.binary(16), None),
    "content_digest": (pa.binary(16), None),
    "step": (pa.int8(), 3),
    "bare": (pa.bool_(), False),
    "data": (pa.bool_(), True),
    "counts": (pa.bool_(), True),
    "headline": (pa.bool_(), True),
    "excluded": (pa.int32(), None),
    "period": (pa.string(), None),
    "reason": (pa.string(), None),
    "suspect": (pa.string(), None),
    "item": (pa.string(), None),
}
SCHEMA = pa.schema([(name, kind) for name, (kind, _) in COLUMNS.items()])


def row(record: int, **other: Any) -> dict[str, Any]:
    """A record that passes, with a key of its own, but for what is said."""
    key = record.to_bytes(16, "big")
    facts = {name: value for name, (_, value) in COLUMNS.items()}
    place = {"record": record, "source": 1 + record % 3, "row": 2 + record}
    return {**facts, **place, "key": key, "content_digest": key, **other}


@contextmanager
def framed(folder: Path, rows: list[dict[str, Any]]) -> Iterator[Any]:
    """A connection to DuckDB with the records as the view ``framed``."""
    with connect(folder) as base:
        base.register("framed", pa.Table.from_pylist(rows, SCHEMA))
        yield base
