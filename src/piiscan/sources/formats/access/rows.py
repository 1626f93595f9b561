"""Rows of an Access table: the values of a row by its mask and offsets."""

from __future__ import annotations

import datetime
import struct
import uuid
import zlib
from decimal import Decimal
from typing import Any, Final

from piiscan.sources.formats.access.pages import Column, Definition, Pages
from piiscan.sources.stored_values import decode_stored

_BOOLEAN, _DATE, _TEXT, _OLE, _MEMO, _GUID, _NUMERIC = 1, 8, 10, 11, 12, 15, 16
_LONG_DATE: Final = 20
#: Types of columns whose values may be bytes.
BYTES: Final = frozenset((9, _OLE, 17, 18, 21))
#: Type of a column of numbers -> how they are stored.
_NUMBERS: Final = dict(zip((2, 3, 4, 5, 6, 7, 8, 18, 19), "Bhiqfddiq", strict=True))
_SIZES: Final = {kind: struct.calcsize(each) for kind, each in _NUMBERS.items()}
_MONEY: Final = 5
_INLINE, _ONE_ROW, _LENGTH = 0x80, 0x40, 0x3FFFFFFF
_MOST_LONG: Final = 64 << 20
_DAY_ZERO: Final = datetime.datetime(1899, 12, 30)  # noqa: DTZ001


def read_row(pages: Pages, definition: Definition, data: bytes) -> list[Any]:
    """Return the values of a row; raise ValueError for other bytes."""
    begin = 2 if pages.is_new else 1
    count = int.from_bytes(data[:begin], "little")
    mask_at = len(data) - (count + 7) // 8
    if not 0 < count <= 1024 or mask_at < begin:
        raise ValueError("no row")
    mask = int.from_bytes(data[mask_at:], "little")
    offsets = _offsets(data, mask_at, pages.is_new) if definition.has_offsets else [mask_at]
    if sorted(offsets) != offsets or offsets[0] < begin or offsets[-1] > mask_at:
        raise ValueError("offsets out of order")
    values: list[Any] = []
    for column in definition.columns:
        has_value = column.number < count and bool(mask >> column.number & 1)
        if column.kind == _BOOLEAN:
            values.append(has_value)
        elif not has_value or (not column.fixed and column.at + 1 >= len(offsets)):
            values.append(None)
        else:
            start, end = begin + column.at, begin + column.at + column.size
            if not column.fixed:
                start, end = offsets[column.at], offsets[column.at + 1]
            elif end > offsets[0]:
                raise ValueError("a row that is too short")
            value = data[start:end]
            if column.calculated:  # a checksum, and its length
                value = value[20 : 20 + int.from_bytes(value[16:20], "little")]
                size = _SIZES.get(column.kind, len(value))
                value = value if len(value) == size else b""
            values.append(read_value(pages, column, value) if value else None)
    return values


def _offsets(data: bytes, end: int, is_new: bool) -> list[int]:
    """Return the offsets of the values of any length, and of their end; ``end``: of the row."""
    if is_new:
        count = int.from_bytes(data[end - 2 : end], "little")
        begin = end - 2 * count - 4
        if begin < 0:
            raise ValueError("too many offsets")
        return list(struct.unpack(f"<{count + 1}H", data[begin : end - 2]))[::-1]
    count = data[end - 1]
    jumps = (len(data) - 1) // 256
    at = end - jumps - 2
    if (at - count) // 256 < jumps:
        jumps -= 1
    found, used = list[int](), 0
    if at < count:
        raise ValueError("too many offsets")
    for number in range(count + 1):
        while used < jumps and data[end - used - 2] == number:
            used += 1
        found.append(data[at - number] + 256 * used)
    return found


def read_value(pages: Pages, column: Column, data: bytes) -> Any:
    """Return a value as text, number or bytes; raise ValueError or struct.error for other bytes."""
    if column.kind in (_OLE, _MEMO):
        return _long_value(pages, column, data)
    if column.kind == _TEXT:
        return _text(pages, data)
    if column.kind in _NUMBERS:
        (number,) = struct.unpack(f"<{_NUMBERS[column.kind]}", data)
        if column.kind == _MONEY:
            return Decimal(number) / 10000
        return _date(number) if column.kind == _DATE else number
    if column.kind == _LONG_DATE:
        return data.decode("ascii", "replace").strip("\0")
    if column.kind == _GUID and len(data) == 16:
        return str(uuid.UUID(bytes_le=data)).upper()
    if column.kind == _NUMERIC and len(data) == 17:
        words = struct.unpack("<4I", data[1:])
        whole = sum(word << 32 * (3 - n) for n, word in enumerate(words))
        return Decimal(-whole if data[0] else whole).scaleb(-column.scale)
    return data


def attached_file(data: bytes) -> bytes:
    """Return the file in a value of an attachment; other objects as they are."""
    packed, size = struct.unpack("<II", data[:8].ljust(8, b"\0"))
    if packed not in (0, 1) or not 0 < size <= _MOST_LONG:
        return data
    found = data[8:]
    try:
        found = zlib.decompressobj().decompress(found, size) if packed else found
    except zlib.error:
        return data
    begin = int.from_bytes(found[:4], "little")
    return found[begin:] if 12 < begin < 600 else data


def _long_value(pages: Pages, column: Column, data: bytes) -> Any:
    """Return a memo as text or an object as bytes, wherever it is stored."""
    if len(data) < 12:
        raise ValueError("no long value")
    size, place = struct.unpack("<II", data[:8])
    flags, size = size >> 24, size & _LENGTH
    if size > _MOST_LONG:
        raise ValueError("a long value of that size")
    if flags & _INLINE:
        found = data[12 : 12 + size]
    elif flags & _ONE_ROW:
        found = pages.row_at(place)[:size]
    else:
        found = pages.long_value(place, size)
    return _text(pages, found) if column.kind == _MEMO else found


def _text(pages: Pages, data: bytes) -> str:
    r"""Return a text: in UTF-16, packed if it begins with a mark, or in a code page.

    >>> _unpack(b"\xff\xfe138\x00\x20\x5f\x00x")
    '138张x'
    """
    if not pages.is_new:
        try:
            return data.decode(pages.codec) if pages.codec else decode_stored(data)
        except UnicodeDecodeError:
            return decode_stored(data)
    if data.startswith(b"\xff\xfe"):
        return _unpack(data)
    return data.decode("utf-16-le", "replace")


def _unpack(data: bytes) -> str:
    """Return a packed text: one byte a character, two from a NUL up to the next."""
    parts, at, packed = list[str](), 2, True
    while at < len(data):
        end = data.find(b"\0", at)
        while not packed and end >= 0 and (end - at) % 2:  # a part of a character
            end = data.find(b"\0", end + 1)
        end = len(data) if end < 0 else end
        parts.append(data[at:end].decode("latin-1" if packed else "utf-16-le", "replace"))
        at, packed = end + 1, not packed
    return "".join(parts)


def _date(days: float) -> str:
    """Return days since 30 December 1899 as text; the number if it is no day of the calendar.

    >>> _date(44927.5)
    '2023-01-01 12:00:00'
    """
    try:
        whole = int(days)
        seconds = round(abs(days - whole) * 86400)
        return str(_DAY_ZERO + datetime.timedelta(days=whole, seconds=seconds))
    except (OverflowError, ValueError):
        return str(days)
