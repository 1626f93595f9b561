"""A count's records, made up, as the view that samples are drawn from."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("record", pa.int64()),
        ("main", pa.bool_()),
        ("source", pa.int32()),
        ("member", pa.string()),
        ("row", pa.int64()),
        ("group", pa.int16()),
        ("combination", pa.string()),
        ("key_kind", pa.string()),
        ("key", pa.binary(16)),
        ("content_digest", pa.binary(16)),
        ("step", pa.int8()),
        ("bare", pa.bool_()),
        ("data", pa.bool_()),
        ("counts", pa.bool_()),
        ("headline", pa.bool_()),
        ("excluded", pa.int32()),
        ("period", pa.string()),
        ("reason", pa.string()),
        ("suspect", pa.string()),
        ("item", pa.string()),
    ]
)


def row(record: int, **other: Any) -> dict[str, Any]:
    """A record that passes, with a key of its own, but for what is said."""
    key = record.to_bytes(16, "big")
    return {
        "record": record,
        "main": True,
        "source": 1 + record % 3,
        "member": "#表",
        "row": 2 + record,
        "group": 0,
        "combination": "CN_MOBILE+PERSON",
        "key_kind": "mobile",
        "key": key,
        "content_digest": key,
        "step": 3,
        "bare": False,
        "data": True,
        "counts": True,
        "headline": True,
        "excluded": None,
        "period": None,
        "reason": None,
        "suspect": None,
        "item": None,
    } | other


def put(base: Any, rows: list[dict[str, Any]]) -> None:
    """The view ``framed`` in DuckDB."""
    base.register("framed", pa.Table.from_pylist(rows, SCHEMA))
