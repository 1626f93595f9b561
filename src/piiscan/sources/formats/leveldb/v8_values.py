"""Values of V8, as IndexedDB stores them: objects, lists, texts and numbers."""

from __future__ import annotations

import re
import struct
from typing import Any, Final

from piiscan.sources.formats.leveldb.entries import unpack_snappy
from piiscan.sources.object_lines import map_of, time_text
from piiscan.sources.packed_texts import text_at, varint

#: Version of the browser's wrapper, then that of V8, before the first tag.
_HEADER: Final = re.compile(rb"\xff[\x09-\x14](?=[\x00]*[oAa\"cSIUNDnsy;'])")
_PACKED: Final = re.compile(rb"\xff\x11\x02")
_MAX_DEPTH: Final = 100
_CONSTANTS: Final = {
    **dict.fromkeys(b"_0-", None), **dict.fromkeys(b"Ty", True), **dict.fromkeys(b"Fx", False)
}  # fmt: skip
#: Tags of the end of an object, a list, a map and a set, and how many numbers follow.
_ENDS: Final = {0x6F: (0x7B, 1), 0x41: (0x24, 2), 0x61: (0x40, 2), 0x3B: (0x3A, 1), 0x27: (0x2C, 1)}


def read_v8(data: bytes, most_bytes: int) -> Any:
    """Return the value of an entry of IndexedDB. Raises PARSE_ERRORS or OSError for other bytes."""
    head = data[:64]
    if packed := _PACKED.search(head):
        data = unpack_snappy(data[packed.end() :], most_bytes)
        head = data[:64]
    found = _HEADER.search(head)
    if found is None:
        raise ValueError("no value of V8")
    return _value(data, found.end(), 0)[0]


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:  # noqa: C901 - tags
    """Parse the value at an offset. Return it and the offset after it."""
    while data[at] == 0:
        at += 1
    tag, at = data[at], at + 1
    if depth > _MAX_DEPTH:
        raise ValueError("too deep")
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    if tag == 0x22:  # "
        text, at = text_at(data, at)
        return text.decode("latin-1"), at
    if tag in b"cS":
        text, at = text_at(data, at)
        return text.decode("utf-16-le" if tag == 0x63 else "utf-8", "replace"), at
    if tag in b"IU^":
        number, at = varint(data, at)
        if tag == 0x5E:  # an object that came before
            return None, at
        return (number >> 1) ^ -(number & 1) if tag == 0x49 else number, at
    if tag in b"NnD":
        (number,) = struct.unpack("<d", data[at : at + 8].ljust(8, b"\0"))
        return time_text(int(number / 1000)) if tag == 0x44 else number, at + 8
    if tag == 0x5A:  # Z
        bits, at = varint(data, at)
        size = bits >> 1
        number = int.from_bytes(data[at : at + size], "little")
        return (-number if bits & 1 else number), at + size
    if tag in b"BV":
        if tag == 0x42:
            return text_at(data, at)
        _, at = varint(data, at + 1)
        return None, varint(data, at)[1]
    if tag in b"sR":
        text, at = _value(data, at, depth + 1)
        return text, varint(data, at)[1] if tag == 0x52 else at
    return _container(data, tag, at, depth)


def _container(data: bytes, tag: int, at: int, depth: int) -> tuple[Any, int]:
    """Parse an object, list, map or set. Return it and the offset after it."""
    end, numbers = _ENDS[tag]
    values: list[Any] = []
    count = 0
    if tag in b"Aa":
        count, at = varint(data, at)
    for _ in range(count if tag == 0x41 else 0):
        value, at = _value(data, at, depth + 1)
        values.append(value)
    pairs: list[Any] = []
    while data[at] != end:
        value, at = _value(data, at, depth + 1)
        pairs.append(value)
    at += 1
    for _ in range(numbers):
        _, at = varint(data, at)
    if tag == 0x27:
        return pairs, at
    named = map_of(pairs)
    return ([*values, *([named] if named else [])] if tag == 0x41 else named), at
