"""Snapshots of Redis (RDB): keys of all databases with their values, as entries."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from piiscan.sources.formats.redis.byte_reader import MAX_VALUE, ByteReader
from piiscan.sources.formats.redis.entries import Entry, entries_of_hash, entries_of_values
from piiscan.sources.formats.redis.packed_values import (
    read_intset,
    read_listpack,
    read_ziplist,
    read_zipmap,
    unpack_lzf,
)

_END, _DATABASE, _EXPIRES, _EXPIRES_MS, _SIZES, _NOTE = 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA
_IDLE, _FREQUENCY, _FUNCTION, _SLOT = 0xF8, 0xF9, 0xF5, 0xF4
#: Types of values: packed in one string, with its reader.
_PACKED_LISTS: Final = {10: read_ziplist, 11: read_intset, 20: read_listpack}
_PACKED_SCORES: Final = {12: read_ziplist, 17: read_listpack}
_PACKED_HASHES: Final = {9: read_zipmap, 13: read_ziplist, 16: read_listpack}
_STREAMS: Final = (15, 19, 21)


class Snapshot:
    """Reader of one RDB snapshot, after its signature and version."""

    def __init__(self, reader: ByteReader, version: int) -> None:
        self._reader, self._version = reader, version

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of all keys; raises ValueError at broken or unknown bytes."""
        reader = self._reader
        while (kind := reader.read(1)[0]) != _END:
            if kind == _NOTE:
                self._string(), self._string()
            elif kind == _SIZES:
                self._length(), self._length()
            elif kind == _SLOT:
                self._length(), self._length(), self._length()
            elif kind in (_DATABASE, _IDLE):
                self._length()
            elif kind == _FREQUENCY:
                reader.read(1)
            elif kind in (_EXPIRES, _EXPIRES_MS):
                reader.read(4 if kind == _EXPIRES else 8)
            elif kind == _FUNCTION:
                yield Entry(b"", [(b"function", self._string())])
            else:
                yield from self._entry(kind, self._string())
        if self._version >= 5:
            reader.read(8)

    def _length(self) -> int:
        """Read a length; raises ValueError for a string encoding."""
        found = self._length_or_kind()
        if found < 0:
            raise ValueError("no length")
        return found

    def _length_or_kind(self) -> int:
        """Read a length; -1, -2 … for a string encoded in another way (integer, LZF)."""
        first = self._reader.read(1)[0]
        kind = first >> 6
        if kind == 0:
            return first
        if kind == 1:
            return (first & 63) << 8 | self._reader.read(1)[0]
        if kind == 3:
            return -1 - (first & 63)
        if first not in (0x80, 0x81):
            raise ValueError("no length")
        return int.from_bytes(self._reader.read(4 if first == 0x80 else 8))

    def _string(self) -> bytes:
        """Read a string; an integer is returned as its decimal digits."""
        length = self._length_or_kind()
        if length >= 0:
            return self._reader.read(length)
        if length >= -3:
            data = self._reader.read(1 << (-1 - length))
            return str(int.from_bytes(data, "little", signed=True)).encode()
        if length != -4:
            raise ValueError("no string")
        packed, size = self._length(), self._length()
        if size > MAX_VALUE:
            raise ValueError("too long")
        return unpack_lzf(self._reader.read(packed), size)

    def _many(self) -> Iterator[bytes]:
        """Read a count, then yield that many strings."""
        for _ in range(self._length()):
            yield self._string()

    def _entry(self, kind: int, key: bytes) -> Iterator[Entry]:  # noqa: C901 - types
        """Yield the entries of ``key`` whose value has type number ``kind``."""
        if kind == 0:
            yield Entry(key, [(b"value", self._string())])
        elif kind in (1, 2):
            yield from entries_of_values(key, self._many())
        elif kind in (3, 5):
            for _ in range(self._length()):
                yield _scored(key, self._string(), self._score(kind))
        elif kind == 4:
            count = self._length()
            yield from entries_of_hash(
                key, [(self._string(), self._string()) for _ in range(count)]
            )
        elif kind in _PACKED_LISTS:
            yield from entries_of_values(key, _PACKED_LISTS[kind](self._string()))
        elif kind in _PACKED_SCORES:
            yield from (_scored(key, *each) for each in _two(_PACKED_SCORES[kind](self._string())))
        elif kind in _PACKED_HASHES:
            yield from entries_of_hash(key, list(_two(_PACKED_HASHES[kind](self._string()))))
        elif kind == 14:
            for each in self._many():
                yield from entries_of_values(key, read_ziplist(each))
        elif kind == 18:
            for _ in range(self._length()):
                plain, data = self._length() == 1, self._string()
                yield from entries_of_values(key, iter([data]) if plain else read_listpack(data))
        elif kind in (24, 25):
            yield from entries_of_hash(key, self._expiring(kind))
        elif kind in _STREAMS:
            yield from self._stream(kind, key)
        else:
            raise ValueError("a type that is not known")

    def _score(self, kind: int) -> bytes:
        """Read the score of a member of a sorted set, as text."""
        if kind == 5:
            score = struct.unpack("<d", self._reader.read(8))[0]
            is_whole = score == score // 1 and abs(score) < 1e18
            return (f"{score:.0f}" if is_whole else repr(score)).encode()
        length = self._reader.read(1)[0]
        return self._reader.read(length) if length < 253 else b""

    def _expiring(self, kind: int) -> list[tuple[bytes, bytes]]:
        """Read a hash whose fields expire, as (field, value) pairs."""
        self._reader.read(8)
        if kind == 25:
            values = list(read_listpack(self._string()))
            return list(zip(values[::3], values[1::3], strict=False))
        pairs = []
        for _ in range(self._length()):
            self._length()
            pairs.append((self._string(), self._string()))
        return pairs

    def _stream(self, kind: int, key: bytes) -> Iterator[Entry]:
        """Yield the messages of a stream; its groups of readers are skipped."""
        for _ in range(self._length()):
            first, values = self._string(), list(read_listpack(self._string()))
            yield from _messages(key, first, values)
        for _ in range(3 if kind == 15 else 8):
            self._length()
        for _ in range(self._length()):
            yield Entry(key, [(b"group", self._string())])
            for _ in range(2 if kind == 15 else 3):
                self._length()
            for _ in range(self._length()):
                self._reader.read(24)
                self._length()
            for _ in range(self._length()):
                yield Entry(key, [(b"consumer", self._string())])
                self._reader.read(8 if kind < 21 else 16)
                for _ in range(self._length()):
                    self._reader.read(16)


def _scored(key: bytes, value: bytes, score: bytes) -> Entry:
    """Build the entry of a member of a sorted set: value and score."""
    return Entry(key, [(b"value", value), (b"score", score)])


def _two(values: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the values in pairs: first and second, third and fourth."""
    return zip(values, values, strict=False)


def _messages(key: bytes, first: bytes, values: list[bytes]) -> Iterator[Entry]:
    """Yield the entries of the messages in one listpack of a stream. ``first``: first id."""
    start, number = struct.unpack(">QQ", first)
    count = int(values[2])
    names, at = values[3 : 3 + count], 4 + count
    while at < len(values):
        flags, time, sequence = (int(each) for each in values[at : at + 3])
        at += 3
        if flags & 2:
            pairs = list(zip(names, values[at : at + count], strict=False))
            at += count
        else:
            fields = int(values[at])
            pairs = list(_two(iter(values[at + 1 : at + 1 + 2 * fields])))
            at += 1 + 2 * fields
        at += 1  # number of values of the message
        if not flags & 1:  # deleted
            identifier = f"{start + time}-{number + sequence}".encode()
            yield Entry(key, [(b"id", identifier), *pairs])
