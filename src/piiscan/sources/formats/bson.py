"""BSON dumps of MongoDB: each document is a record with dotted keys, as in JSON."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Final

from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_up_to
from piiscan.sources.format import Format, Opened, Sample, unread
from piiscan.sources.formats import open_stored
from piiscan.sources.read_context import ReadContext
from piiscan.sources.stored_values import StoredRecord, decode_stored, flatten_stored

_MAX_DOCUMENT: Final = 64 << 20
_MAX_DEPTH: Final = 200
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_TYPES: Final = frozenset((*range(1, 20), 0x7F, 0xFF))
_ERRORS: Final = (ValueError, IndexError, struct.error, RecursionError)


def _read_documents(content: Content) -> Iterator[StoredRecord | Trouble]:
    """Yield each document as a record with dotted keys, and a Trouble for each broken one."""
    member, number, at = content.member, 0, 0
    with content.open() as stream:
        while head := read_up_to(stream, 4):
            number += 1
            size = int.from_bytes(head, "little")
            data = head + read_up_to(stream, size - 4) if 5 <= size <= _MAX_DOCUMENT else b""
            if len(data) < 5 or len(data) < size:
                detail = f"no whole document from byte {at} on"
                yield Trouble(member, "CORRUPT", detail, number)
                return
            try:
                document = _parse(data, 0, 0, array=False)[0]
            except _ERRORS:
                yield Trouble(member, "CORRUPT", "a broken document", number)
                document = {}
            yield StoredRecord(0, *flatten_stored(document))
            at += size


def _parse(data: bytes, at: int, depth: int, *, array: bool) -> tuple[Any, int]:
    """Parse the BSON document or array at offset ``at``. Return it and the offset after it.

    ``depth``: documents around it.

    Raises ValueError, IndexError or struct.error if it is broken.
    """
    end = at + int.from_bytes(data[at : at + 4], "little")
    if not at + 5 <= end <= len(data) or data[end - 1] or depth > _MAX_DEPTH:
        raise ValueError("no document")
    items: dict[str, Any] = {}
    values: list[Any] = []
    at += 4
    while data[at]:
        stop = data.index(0, at + 1, end)
        key, name, number = decode_stored(data[at + 1 : stop]), "", 1
        value, at = _value(data, data[at], stop + 1, depth)
        name = key
        while name in items:
            number += 1
            name = f"{key}#{number}"
        if array:
            values.append(value)
        else:
            items[name] = value
    if at != end - 1:
        raise ValueError("a document that ends elsewhere")
    return (values if array else items), end


def _value(data: bytes, kind: int, at: int, depth: int) -> tuple[Any, int]:  # noqa: C901 - types
    """Parse the BSON value of type ``kind`` at offset ``at``. Return it and the offset after it."""
    if kind in (3, 4):
        return _parse(data, at, depth + 1, array=kind == 4)
    if kind in (2, 13, 14):  # text, code, symbol
        end = at + 4 + int.from_bytes(data[at : at + 4], "little")
        if end > len(data) or end < at + 5:
            raise ValueError("no text")
        return decode_stored(data[at + 4 : end - 1]), end
    if kind == 5:
        end = at + 5 + int.from_bytes(data[at : at + 4], "little")
        if end > len(data):
            raise ValueError("no bytes")
        return data[at + 5 : end], end
    if kind == 7:
        return data[at : at + 12].hex(), at + 12
    if kind == 8:
        return data[at] == 1, at + 1
    if kind in (6, 10, 0x7F, 0xFF):
        return None, at
    if kind == 11:  # pattern and options
        first = data.index(0, at)
        return decode_stored(data[at:first]), data.index(0, first + 1) + 1
    if kind == 12:  # name of a collection, and an id
        text, end = _value(data, 2, at, depth)
        return f"{text} {data[end : end + 12].hex()}", end + 12
    if kind == 15:  # code with its variables
        text, end = _value(data, 2, at + 4, depth)
        scope, end = _parse(data, end, depth + 1, array=False)
        return {"code": text, "scope": scope}, end
    if kind == 16:
        return struct.unpack_from("<i", data, at)[0], at + 4
    if kind == 19:
        low, high = struct.unpack_from("<QQ", data, at)
        digits = tuple(map(int, str((high & (1 << 49) - 1) << 64 | low)))
        exponent = (high >> 49 & 0x3FFF) - 6176
        return str(Decimal((high >> 63, digits, exponent))), at + 16
    if kind not in (1, 9, 17, 18):
        raise ValueError("no type of BSON")
    value = struct.unpack_from("<d" if kind == 1 else "<q", data, at)[0]
    if kind == 9:
        try:
            time = _EPOCH + datetime.timedelta(milliseconds=value)
            value = time.replace(tzinfo=None).isoformat(" ")
        except OverflowError:
            value = str(value)
    return value, at + 8


def _is_dump(sample: Sample) -> bool:
    """Return True if the content begins with a document, and its first value is whole."""
    content = sample.content
    head = content.head
    size = int.from_bytes(head[:4], "little")
    if not 5 <= size <= min(content.size, _MAX_DOCUMENT) or len(head) < 5:
        return False
    try:
        if size <= len(head):
            return bool(_parse(head, 0, 0, array=False)[0])
        stop = head.index(0, 5)
        return head[4] in _TYPES and bool(head[5:stop].decode()) and stop < 200
    except _ERRORS:
        return False


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the documents, and their binary values as members."""
    yield from open_stored(sample.content, context, partial(_read_documents, sample.content))


FORMATS: Final = (
    Format("bson", 31, _open, probe=_is_dump, extensions=("bson",)),
    Format(
        "mongodump archive",
        25,
        unread("NOT_SUPPORTED_YET", "mongodump archive; restore it and dump it without --archive"),
        signatures=((0, b"\x6d\xe2\x99\x81"),),
        has_reader=False,
    ),
)
