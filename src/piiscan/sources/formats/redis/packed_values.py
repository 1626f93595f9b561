"""Packed values of a Redis snapshot: lists of short values in one string, and LZF."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

#: Bytes that a packed string may unpack to per byte: what LZF can reach at most.
_MAX_RATIO: Final = 90

_INTEGERS: Final = {0xF1: 2, 0xF2: 3, 0xF3: 4, 0xF4: 8}
_ZIP_INTEGERS: Final = {0xC0: 2, 0xD0: 4, 0xE0: 8, 0xF0: 3, 0xFE: 1}


def unpack_lzf(data: bytes, size: int) -> bytes:
    """Unpack LZF bytes; raises ValueError unless the result has ``size`` bytes."""
    if size > _MAX_RATIO * len(data):
        raise ValueError("no LZF")
    out = bytearray()
    i = 0
    while i < len(data):
        control = data[i]
        i += 1
        if control < 32:
            out += data[i : i + control + 1]
            i += control + 1
            continue
        length = control >> 5
        if length == 7:
            length += data[i]
            i += 1
        start = len(out) - ((control & 31) << 8 | data[i]) - 1
        i += 1
        if start < 0:
            raise ValueError("no LZF")
        length += 2
        piece = out[start : start + length]
        while len(piece) < length:  # what is copied overlaps itself
            piece += piece[: length - len(piece)]
        out += piece
    if len(out) != size:
        raise ValueError("no LZF")
    return bytes(out)


def _signed(data: bytes, at: int, width: int) -> bytes:
    """Return the ``width``-byte integer at ``at`` as decimal digits; raises ValueError."""
    if at + width > len(data):
        raise ValueError("cut off")
    return str(int.from_bytes(data[at : at + width], "little", signed=True)).encode()


def _piece(data: bytes, at: int, length: int) -> bytes:
    """Return ``data[at:at + length]``; raises ValueError if it is shorter."""
    if at + length > len(data):
        raise ValueError("cut off")
    return data[at : at + length]


def read_listpack(data: bytes) -> Iterator[bytes]:
    """Yield the values of a listpack; raises ValueError or IndexError if it is broken."""
    at = 6
    while (first := data[at]) != 0xFF:
        start = at
        if first < 0x80:
            value, at = str(first).encode(), at + 1
        elif first < 0xC0:
            value, at = _piece(data, at + 1, first & 63), at + 1 + (first & 63)
        elif first < 0xE0:
            number = (first & 31) << 8 | data[at + 1]
            value, at = str(number - (number >> 12 << 13)).encode(), at + 2
        elif first < 0xF0:
            length = (first & 15) << 8 | data[at + 1]
            value, at = _piece(data, at + 2, length), at + 2 + length
        elif first == 0xF0:
            length = int.from_bytes(data[at + 1 : at + 5], "little")
            value, at = _piece(data, at + 5, length), at + 5 + length
        else:
            value, at = _signed(data, at + 1, _INTEGERS[first]), at + 1 + _INTEGERS[first]
        yield value
        size = at - start
        at += 1 + sum(size > most for most in (127, 16383, 2097151, 268435455))


def read_ziplist(data: bytes) -> Iterator[bytes]:
    """Yield the values of a ziplist; raises ValueError or IndexError if it is broken."""
    at = 10
    while data[at] != 0xFF:
        at += 5 if data[at] == 0xFE else 1
        first = data[at]
        kind = first >> 6
        if kind < 3:
            if kind == 0:
                length, at = first & 63, at + 1
            elif kind == 1:
                length, at = (first & 63) << 8 | data[at + 1], at + 2
            else:
                length, at = int.from_bytes(data[at + 1 : at + 5]), at + 5
            yield _piece(data, at, length)
            at += length
        elif first in _ZIP_INTEGERS:
            width = _ZIP_INTEGERS[first]
            yield _signed(data, at + 1, width)
            at += 1 + width
        else:
            yield str((first & 15) - 1).encode()
            at += 1


def read_intset(data: bytes) -> Iterator[bytes]:
    """Yield the integers of an intset as decimal digits."""
    width, count = struct.unpack_from("<II", data)
    if width not in (2, 4, 8) or len(data) != 8 + width * count:
        raise ValueError("no intset")
    for at in range(8, len(data), width):
        yield _signed(data, at, width)


def read_zipmap(data: bytes) -> Iterator[bytes]:
    """Yield keys and values of a zipmap in turn; only old snapshots have it."""
    at = 1
    is_key = True
    while data[at] != 0xFF:
        length, at = data[at], at + 1
        if length == 254:
            length, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        free = 0
        if not is_key:
            free, at = data[at], at + 1
        yield _piece(data, at, length)
        at += length + free
        is_key = not is_key
