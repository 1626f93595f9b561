"""Entries of LevelDB files: keys and values of a journal (``.log``) or of a table (``.ldb``)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

import pyarrow as pa

from piiscan.sources.limits import Budget
from piiscan.sources.packed_texts import text_at, varint

MAGIC: Final = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
_PAGE_BYTES: Final = 32 << 10
_RECORD: Final = struct.Struct("<IHB")  # checksum, size, type
_BATCH: Final = struct.Struct("<QI")  # number of its first change, changes
_FOOTER_BYTES: Final = 48
_CODECS: Final = {1: "snappy", 2: "zstd"}
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


class Entry(NamedTuple):
    """Key and value of an entry; None for a key that is deleted."""

    key: bytes
    value: bytes | None


#: Entries, and the offset of each part that cannot be read.
Entries = Iterator[Entry | int]


def unpack_snappy(data: bytes, most_bytes: int, codec: str = "snappy") -> bytes:
    """Unpack a block of at most ``most_bytes``. Raises ValueError, OSError or IndexError."""
    if codec != "snappy":
        return bytes(pa.decompress(data, most_bytes, codec=codec, asbytes=True))
    size = varint(data, 0)[0]
    if size > min(most_bytes, 64 * len(data) + 64):
        raise ValueError("too large")
    return bytes(pa.decompress(data, size, codec=codec, asbytes=True))


def read_journal(data: bytes) -> Entries:
    """Yield the changes of a journal in order."""
    batch, at = b"", 0
    while at + _RECORD.size <= len(data):
        rest = _PAGE_BYTES - at % _PAGE_BYTES
        if rest < _RECORD.size:
            at += rest
            continue
        _, size, kind = _RECORD.unpack_from(data, at)
        begin = at + _RECORD.size
        if kind == 0 and size == 0:  # room that was allocated ahead
            at += rest
            continue
        if not _WHOLE <= kind <= _LAST or begin + size > min(at + rest, len(data)):
            yield at
            batch, at = b"", at + rest
            continue
        batch = (
            data[begin : begin + size]
            if kind in (_WHOLE, _FIRST)
            else batch + data[begin : begin + size]
        )
        if kind in (_WHOLE, _LAST):
            yield from _changes(batch, at)
            batch = b""
        at = begin + size
    if batch or any(data[at:]):
        yield at


def _changes(batch: bytes, place: int) -> Entries:
    """Yield the changes of a batch; ``place`` if it is damaged."""
    try:
        at, count = _BATCH.size, _BATCH.unpack_from(batch)[1]
        for _ in range(count):
            kind = batch[at]
            key, at = text_at(batch, at + 1)
            value = None
            if kind:
                value, at = text_at(batch, at)
            yield Entry(key, value)
    except (IndexError, ValueError, struct.error):
        yield place


def read_table(data: bytes, budget: Budget) -> Entries:
    """Yield the entries of a table, block by block."""
    footer = data[-_FOOTER_BYTES:]
    try:
        _, at = varint(footer, 0)
        _, at = varint(footer, at)
        index = list(_block(data, *_handle(footer, at), budget))
    except (IndexError, ValueError, OSError):
        yield len(data)
        return
    for _, handle in index:
        place = 0
        try:
            place, size = _handle(handle, 0)
            for key, value in _block(data, place, size, budget):
                yield Entry(key[:-8], value if len(key) >= 8 and key[-8] else None)
        except (IndexError, ValueError, OSError):
            yield place


def _handle(data: bytes, at: int) -> tuple[int, int]:
    """Return offset and size of a block."""
    begin, at = varint(data, at)
    return begin, varint(data, at)[0]


def _block(data: bytes, begin: int, size: int, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of a block. Raises ValueError, OSError or IndexError."""
    packed, codec = data[begin : begin + size], data[begin + size]
    if codec:
        packed = unpack_snappy(packed, budget.member_in_memory, _CODECS.get(codec, "unknown"))
    end = len(packed) - 4 - 4 * int.from_bytes(packed[-4:], "little")
    if end < 0:
        raise ValueError("no block")
    at, key = 0, b""
    while at < end:
        shared, at = varint(packed, at)
        own, at = varint(packed, at)
        length, at = varint(packed, at)
        if shared > len(key) or at + own + length > end:
            raise ValueError("no entry")
        key = key[:shared] + packed[at : at + own]
        at += own + length
        yield key, packed[at - length : at]
