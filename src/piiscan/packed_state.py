"""Packed state: values of a program as JSON and plain buffers, from which it can go on later.

    {"row": 5, "text": array([1, 2], uint8)}  ->  sizes | JSON with numbers of buffers | buffers

Only classes marked with :func:`packable` are made again, and nothing is unpickled.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields, is_dataclass
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa

_Class = TypeVar("_Class", bound=type)
_CLASSES: Final[dict[str, type]] = {}
#: Classes of values that are lists of values, by name.
_LISTS: Final[dict[str, Any]] = {
    "tuple": tuple, "dict": dict, "counter": lambda items: Counter(dict(items)),
    "slice": lambda items: slice(*items),
}  # fmt: skip


def packable(kind: _Class) -> _Class:
    """Mark a dataclass whose fields can be packed."""
    _CLASSES[kind.__name__] = kind
    return kind


def pack_state(value: Any) -> bytes:
    """Pack a value of JSON types, containers, bytes, arrays, Arrow tables and marked dataclasses.

    >>> unpack_state(pack_state({("a", None): [b"b", slice(1, 2)]}))
    {('a', None): [b'b', slice(1, 2, None)]}
    """
    buffers: list[Any] = []
    tree = json.dumps(_tree(value, buffers)).encode()
    head = json.dumps([len(tree), *map(len, buffers)]).encode()
    return b"".join([head, b"\n", tree, *buffers])


def unpack_state(data: bytes) -> Any:
    """Return the packed value; ``data`` must be known to be from :func:`pack_state`."""
    head, _, rest = data.partition(b"\n")
    parts, at = [], 0
    for size in json.loads(head):
        parts.append(rest[at : at + size])
        at += size
    return _value(json.loads(parts[0]), parts[1:])


def _tree(value: Any, buffers: list[Any]) -> Any:
    """Return ``value`` in JSON types; add bytes and arrays to ``buffers``."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list):
        return [_tree(each, buffers) for each in value]
    if isinstance(value, dict):
        name = "counter" if isinstance(value, Counter) else "dict"
        return {name: [_tree(item, buffers) for item in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_tree(each, buffers) for each in value]}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop]}
    if is_dataclass(value):
        values = [getattr(value, each.name) for each in fields(value)]
        return {"class": type(value).__name__, "fields": _tree(values, buffers)}
    if isinstance(value, np.ndarray):
        kind, data = value.dtype.str, value.tobytes()
    elif isinstance(value, bytes):
        kind, data = "bytes", value
    else:
        kind = "table" if isinstance(value, pa.Table) else "column"
        table = value if kind == "table" else pa.table([value], [""])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        data = sink.getvalue()
    buffers.append(data)
    return {"buffer": len(buffers) - 1, "kind": kind}


def _value(tree: Any, buffers: list[bytes]) -> Any:
    """Return the value of :func:`_tree`."""
    if isinstance(tree, list):
        return [_value(each, buffers) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if "class" in tree:
        return _CLASSES[tree["class"]](*_value(tree["fields"], buffers))
    if "buffer" not in tree:
        ((name, items),) = tree.items()
        return _LISTS[name](_value(items, buffers))
    data, kind = buffers[tree["buffer"]], tree["kind"]
    if kind == "bytes":
        return data
    if kind not in ("table", "column"):
        return np.frombuffer(data, kind).copy()
    table = pa.ipc.open_stream(data).read_all()
    return table if kind == "table" else table[0].combine_chunks()
