"""MessagePack and CBOR files: objects one after the other, read as JSON lines."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple, cast

from piiscan.errors import PartialObjectError
from piiscan.sources.content import read_whole
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import open_objects
from piiscan.sources.object_lines import PARSE_ERRORS, map_of, stored_text, time_text
from piiscan.sources.read_context import ReadContext

_MAX_DEPTH: Final = 200
_PROBED_BYTES: Final = 256 << 10
_MSGPACK_NUMBERS: Final = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
    0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
}  # fmt: skip
_CBOR_BREAK: Final = 0xFF
_CBOR_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
#: Key of a map that is a name: two characters or more, no number.
_NAME: Final = re.compile(r"[^\W\d][\w.$ -]+")
_MSGPACK_TIME: Final = 0xFF  # type -1 of an extension


class _Item(NamedTuple):
    """Parsed value, and the offset after it."""

    value: Any
    end: int


Parse = Callable[[bytes, int, int], _Item]


def _bytes(data: bytes, at: int, size: int) -> bytes:
    """Return ``size`` bytes at an offset. Raises IndexError if the file ends before."""
    if at + size > len(data):
        raise IndexError
    return data[at : at + size]


def _number(data: bytes, at: int, size: int) -> int:
    """Return the whole number of ``size`` bytes at an offset. Raises IndexError."""
    return int.from_bytes(_bytes(data, at, size), "big")


def _list(parse: Parse, data: bytes, at: int, count: int | None, depth: int) -> _Item:
    """Parse ``count`` values from offset ``at`` on, or those before a break.

    Raises PartialObjectError with those before.
    """
    values: list[Any] = []
    try:
        if depth > _MAX_DEPTH:
            raise ValueError("too deep")
        while len(values) != count:
            if count is None and data[at] == _CBOR_BREAK:
                return _Item(values, at + 1)
            value, at = parse(data, at, depth + 1)
            values.append(value)
    except PartialObjectError as error:
        raise PartialObjectError([*values, error.value], cut=error.cut) from None
    except PARSE_ERRORS as error:
        cut = isinstance(error, IndexError)
        raise PartialObjectError(values, cut=cut) from None
    return _Item(values, at)


def _map(parse: Parse, data: bytes, at: int, count: int | None, depth: int) -> _Item:
    """Parse a map of ``count`` keys, or up to a break. Raises PartialObjectError likewise."""
    try:
        values, at = _list(parse, data, at, count and 2 * count, depth)
    except PartialObjectError as error:
        parts = cast("list[Any]", error.value)
        pairs = [*parts, None][: len(parts) + 1 & -2]
        raise PartialObjectError(map_of(pairs), cut=error.cut) from None
    return _Item(map_of(values), at)


def _parse_msgpack(data: bytes, at: int, depth: int) -> _Item:
    """Parse the MessagePack value at offset ``at``. Raises PARSE_ERRORS."""
    code, at = data[at], at + 1
    if code < 0x80 or code >= 0xE0:
        return _Item(code if code < 0x80 else code - 256, at)
    if code in _MSGPACK_NUMBERS:
        form = _MSGPACK_NUMBERS[code]
        size = struct.calcsize(form)
        return _Item(struct.unpack(form, _bytes(data, at, size))[0], at + size)
    if code in (0xC0, 0xC2, 0xC3):
        return _Item({0xC0: None, 0xC2: False, 0xC3: True}[code], at)
    if code < 0xC0:
        count, kind = (code & 31, "text") if code >= 0xA0 else (code & 15, "")
        kind = kind or ("map" if code < 0x90 else "list")
    elif code == 0xC1:
        raise ValueError("no MessagePack")
    elif 0xD4 <= code <= 0xD8:
        count, kind = 1 << code - 0xD4, "extension"
    else:
        first, kind, least = next(each for each in _MSGPACK_SIZED if each[0] <= code)
        size = least << code - first
        count, at = _number(data, at, size), at + size
    if kind == "map":
        return _map(_parse_msgpack, data, at, count, depth)
    if kind == "list":
        return _list(_parse_msgpack, data, at, count, depth)
    if kind == "extension":
        value = _bytes(data, at + 1, count)
        is_time = data[at] == _MSGPACK_TIME and count in (4, 8, 12)
        return _Item(_msgpack_time(value) if is_time else value, at + 1 + count)
    found = _bytes(data, at, count)
    return _Item(stored_text(found) if kind == "text" else found, at + count)


#: First code, kind and bytes of the smallest size of values with a size; greatest code first.
_MSGPACK_SIZED: Final = (
    (0xDE, "map", 2), (0xDC, "list", 2), (0xD9, "text", 1), (0xC7, "extension", 1),
    (0xC4, "bytes", 1),
)  # fmt: skip


def _msgpack_time(value: bytes) -> str:
    """Return the time of an extension -1 of 4, 8 or 12 bytes."""
    whole = int.from_bytes(value, "big")
    if len(value) == 12:
        return time_text(int.from_bytes(value[4:], "big", signed=True))
    return time_text(whole if len(value) == 4 else whole & (1 << 34) - 1)


def _parse_cbor(data: bytes, at: int, depth: int) -> _Item:
    """Parse the CBOR value at offset ``at``. Raises PARSE_ERRORS."""
    major, info, at = data[at] >> 5, data[at] & 31, at + 1
    if 27 < info < 31:
        raise ValueError("no CBOR")
    size = 1 << info - 24 if 24 <= info < 28 else 0
    count, start, at = _number(data, at, size) if size else info, at, at + size
    if major == 7:
        simple = {20: False, 21: True, 22: None, 23: None}
        if info in _CBOR_FLOATS:
            return _Item(struct.unpack(_CBOR_FLOATS[info], _bytes(data, start, size))[0], at)
        return _Item(simple[info], at)
    if info == 31 and major not in (2, 3, 4, 5):
        raise ValueError("no CBOR")
    if info == 31 and major < 4:
        values, at = _list(_parse_cbor, data, at, None, depth)
        return _Item(("" if major == 3 else b"").join(values), at)
    if major < 2:
        return _Item(count if major == 0 else -1 - count, at)
    if major < 4:
        found = _bytes(data, at, count)
        return _Item(stored_text(found) if major == 3 else found, at + count)
    if major == 6:
        (value,), at = _list(_parse_cbor, data, at, 1, depth)
        if count == 1 and isinstance(value, int | float):
            value = time_text(int(value))
        elif count in (2, 3) and isinstance(value, bytes):
            value = int.from_bytes(value, "big") * (1 if count == 2 else -1) - (count - 2)
        return _Item(value, at)
    length = None if info == 31 else count
    return (_list if major == 4 else _map)(_parse_cbor, data, at, length, depth)


def _read(parse: Parse, data: bytes) -> Iterator[Any]:
    """Yield the objects one after the other; the items of a list one by one."""
    at = 0
    while at < len(data):
        broken = None
        try:
            value, at = parse(data, at, 0)
        except PartialObjectError as error:
            value, broken = cast("Any", error.value), error
        if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
            yield from value
        else:
            yield value
        if broken is not None:
            raise broken


def _open(sample: Sample, context: ReadContext, parse: Parse) -> Opened:
    """Yield the objects of a file as a member of JSON lines, and their binary values."""
    content = sample.content
    values = _read(parse, read_whole(content, context.budget.json))
    yield from open_objects(content, values, context)


def _read_end(parse: Parse, head: bytes) -> tuple[str, list[Any]]:
    """Return "" for whole objects, "cut" if the last is longer, else "damaged"; and the objects."""
    objects: list[Any] = []
    try:
        for each in _read(parse, head):
            objects.append(each)  # noqa: PERF402 - those before an error are kept
    except PartialObjectError as error:
        return "cut" if error.cut else "damaged", objects
    except PARSE_ERRORS as error:
        return "cut" if isinstance(error, IndexError) else "damaged", objects
    return "", objects


def _starts_with_objects(sample: Sample, parse: Parse) -> bool:
    """Return True if the content begins with a map of named values, or a list of such or of texts.

    Where the bytes begin as both formats do, the one that they are up to their end is right. In
    objects that are cut off or damaged, all keys must be names, unless all objects before have a
    key in common.
    """
    head = sample.content.head[:_PROBED_BYTES]
    if parse is _parse_cbor and head.startswith(b"\xd9\xd9\xf7"):
        return True
    if not head or head[0] < 0x80:  # a number or, of CBOR, a text: any file
        return False
    try:
        found = next(_read(parse, head))
    except PARSE_ERRORS:
        return False
    texts = list(found) if isinstance(found, list | dict) else []
    if not any(isinstance(each, str) and each and each.isprintable() for each in texts):
        return False
    end, objects = _read_end(parse, head)
    if not end or (end == "cut" and isinstance(found, list) and len(head) == _PROBED_BYTES):
        return True
    maps = [set(each) for each in objects[:-1] if isinstance(each, dict)]
    is_many = 1 < len(maps) == len(objects) - 1 and set.intersection(*maps)
    if is_many or not (isinstance(found, dict) and all(map(_NAME.fullmatch, found))):
        return bool(is_many)
    return bool(_read_end(_parse_msgpack if parse is _parse_cbor else _parse_cbor, head)[0])


FORMATS: Final = tuple(
    Format(
        *(name, 46, partial(_open, parse=parse)),
        probe=partial(_starts_with_objects, parse=parse),
        extensions=extensions,
    )
    for name, parse, extensions in (
        ("msgpack", _parse_msgpack, ("msgpack", "mpk")),
        ("cbor", _parse_cbor, ("cbor",)),
    )
)
