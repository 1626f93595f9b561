"""Frames: the message format between a reader and its worker process.

A frame is two sizes, fields in JSON, and data: bytes, or Arrow streams of one batch each.

    4 bytes: size of the fields | 8 bytes: size of the data | {"kind": "trouble", ...} | data

The worker may be in the hands of the file that it reads. So sizes are bounded, fields have their
declared types, a batch has declared columns and is validated in full, and nothing is unpickled.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Final, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray

#: Sizes of fields and data, little-endian.
HEAD: Final = struct.Struct("<IQ")
#: Most bytes of the fields of a frame, and of its data.
MAX_FIELDS: Final = 64 << 20
MAX_DATA: Final = 2 << 30
_TEXTS: Final = (pa.string(), pa.large_string())
_BATCH_HEADER, _COMPRESSION = 2, 3  # numbers of fields in Arrow's Message.fbs
_REASON: Final = re.compile("[A-Z][A-Z0-9_]*")
_Value = TypeVar("_Value")


class Frame(NamedTuple):
    """Message: kind, JSON fields, and data bytes, empty if the kind has none."""

    kind: str
    fields: dict[str, Any]
    data: bytes = b""


class TextBatch(NamedTuple):
    """Columns of text, and columns of integers by name, all of equal length."""

    texts: list[pa.Array]
    numbers: dict[str, AnyArray]


def pack_frame(kind: str, content: Mapping[str, Any], size: int) -> bytes:
    """Pack the head of a frame, which ``size`` bytes of data follow.

    Raise ValueError if the frame would be too long.
    """
    text = json.dumps({"kind": kind, **content}, default=_as_json).encode()
    if len(text) > MAX_FIELDS or size > MAX_DATA:
        raise ValueError("a frame is too long")
    return HEAD.pack(len(text), size) + text


def read_frame(read: Callable[[int], bytes]) -> Frame:
    """Read a frame. ``read(n)`` returns exactly ``n`` bytes.

    Raise ValueError if the bytes are no frame.
    """
    size, data_size = HEAD.unpack(read(HEAD.size))
    if size > MAX_FIELDS or data_size > MAX_DATA:
        raise ValueError("a frame is too long")
    try:
        content = json.loads(read(size).decode("utf-8"))
    except (ValueError, RecursionError):
        raise ValueError("fields are no JSON") from None
    if type(content) is not dict or type(kind := content.pop("kind", None)) is not str:
        raise ValueError("fields have no kind")
    return Frame(kind, content, read(data_size))


def fields_of(item: Any, *, without: Sequence[str] = ()) -> dict[str, Any]:
    """Return name -> value of a dataclass, without the fields ``without``."""
    return {
        each.name: getattr(item, each.name) for each in fields(item) if each.name not in without
    }


def _as_json(value: Any) -> Any:
    """Convert a value to JSON types that :func:`checked_value` converts back."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, frozenset):
        return sorted(value)
    return fields_of(value)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """Return name -> type of the fields of a class."""
    return get_type_hints(kind)


def checked_fields(kind: type[_Value], value: Any, **given: Any) -> _Value:
    """Build a dataclass from JSON fields and ``given`` ones; raise ValueError for a wrong type.

    >>> from piiscan.sources.block import Trouble
    >>> given = {"member": "a.db", "reason": "CORRUPT", "detail": "", "row": None, "lost": True}
    >>> checked_fields(Trouble, given).reason
    'CORRUPT'
    """
    types = _hints(kind)  # type: ignore[arg-type]
    hints = {name: hint for name, hint in types.items() if name not in given}
    if type(value) is not dict or value.keys() != hints.keys():
        raise ValueError(f"other fields than those of {kind.__name__}")
    return kind(**{name: checked_value(hint, value[name]) for name, hint in hints.items()}, **given)


def checked_value(kind: Any, value: Any) -> Any:
    """Convert a JSON value to the type ``kind``; raise ValueError if it does not fit.

    Whole numbers have 64 bits; a lone surrogate in a text becomes ``?``.

    >>> checked_value(tuple[str | None, ...], ["姓名", None])
    ('姓名', None)
    """
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        for part in parts:
            try:
                return checked_value(part, value)
            except ValueError:
                continue
    elif is_dataclass(kind):
        return checked_fields(kind, value)  # type: ignore[arg-type]
    elif origin in (list, frozenset) or (origin is tuple and parts[1:] == (...,)):
        if type(value) is list:
            return origin(checked_value(parts[0], each) for each in value)
    elif origin is tuple or hasattr(kind, "_fields"):
        parts = parts or tuple(_hints(kind).values())
        if type(value) is list and len(value) == len(parts):
            cells = map(checked_value, parts, value)
            return kind(*cells) if origin is None else tuple(cells)
    elif kind is bytes:
        if type(value) is str:
            return bytes.fromhex(value)
    elif type(value) is kind and (kind is not int or -(1 << 63) <= value < 1 << 63):
        return value.encode("utf-8", "replace").decode() if kind is str else value
    raise ValueError(f"a field is no {getattr(kind, '__name__', kind)}")


def reason_code(reason: str) -> str:
    """Return ``reason`` if it is a reason code; raise ValueError for other texts."""
    if not _REASON.fullmatch(reason):
        raise ValueError("a reason that is no code")
    return reason


def pack_batch(texts: Sequence[pa.Array], numbers: Mapping[str, Any]) -> bytes:
    """Pack columns as an Arrow stream of one batch: texts 0, 1, and on, then numbers by name."""
    columns = [*texts, *(each for each in numbers.values() if each is not None)]
    names = [*map(str, range(len(texts))), *(n for n, each in numbers.items() if each is not None)]
    batch = pa.RecordBatch.from_arrays([pa.array(each) for each in columns], names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue()  # type: ignore[no-any-return]  # a buffer, which is as good as bytes


def read_batch(data: bytes, numbers: Mapping[str, pa.DataType]) -> TextBatch:
    """Parse the bytes of :func:`pack_batch`. ``numbers``: permitted number columns and types.

    ``start`` allows ``start 0``, ``start 1``, … too. Raise ValueError if there is anything else, a
    null among numbers, or a text that is no UTF-8.
    """
    try:
        schema_message, *messages = pa.ipc.MessageReader.open_stream(pa.py_buffer(data))
        if [each.type for each in messages] != ["record batch"]:
            raise ValueError("no stream of one batch")
        (message,) = messages
        if _is_compressed(message.metadata.to_pybytes()):
            raise ValueError("a packed batch")
        schema = pa.ipc.read_schema(schema_message)
        texts = [each.name for each in schema if each.type in _TEXTS]
        named = {each.name: each.type for each in schema if each.name not in texts}
        if schema.names != [*map(str, range(len(texts))), *named]:
            raise ValueError("columns out of order")
        if any(numbers.get(name.split(" ")[0]) != kind for name, kind in named.items()):
            raise ValueError("other columns than declared")
        batch = pa.ipc.read_record_batch(message, schema)
        batch.validate(full=True)
        if any(batch.column(name).null_count for name in named):
            raise ValueError("a number is null")
        found = {name: np.array(batch.column(name)) for name in named}
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, struct.error) as error:
        own = type(error) is ValueError
        raise ValueError(str(error) if own else f"batch: {type(error).__name__}") from None
    return TextBatch(batch.columns[: len(texts)], found)


def _is_compressed(metadata: bytes) -> bool:
    """Return True if the buffers of an Arrow batch are compressed, a risk of a bomb.

    ``metadata``: a FlatBuffer of Arrow's ``Message``; a compression is a field of its header.
    """
    (root,) = struct.unpack_from("<I", metadata)
    header = _field(metadata, root, _BATCH_HEADER)
    (offset,) = struct.unpack_from("<I", metadata, header)
    return _field(metadata, header + offset, _COMPRESSION) != 0


def _field(metadata: bytes, table: int, number: int) -> int:
    """Return the byte offset of field ``number`` of a FlatBuffer table; 0 if it is missing."""
    (back,) = struct.unpack_from("<i", metadata, table)
    vtable = table - back
    (size,) = struct.unpack_from("<H", metadata, vtable)
    if size < 6 + 2 * number:
        return 0
    (offset,) = struct.unpack_from("<H", metadata, vtable + 4 + 2 * number)
    return table + offset if offset else 0
