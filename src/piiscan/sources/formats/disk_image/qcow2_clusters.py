"""Clusters of a qcow2 image: data, zeros, or compressed (which libqcow 20260703 reads as zeros)."""

from __future__ import annotations

import struct
import zlib
from importlib import import_module
from typing import BinaryIO, Final

from piiscan.errors import SourceError
from piiscan.sources.content import read_up_to
from piiscan.sources.packed_texts import ZSTD_MODULE

_HEADER: Final = struct.Struct(">4sIQIIQIIQQIIQ")
_MOST_TABLE: Final = 32 << 20
_PLACE: Final = 0x00FFFFFFFFFFFE00
_COMPRESSED: Final = 1 << 62
#: Features that change places: an external data file, entries of subclusters.
_UNKNOWN: Final = 0b10100
_ZSTD: Final = 1


def needs_parent(kind: str) -> SourceError:
    """Return the SourceError about an image that has only the differences from another."""
    detail = f"{kind} of changes to another image: join them (qemu-img convert -O raw)"
    return SourceError("IMAGE_INCOMPLETE", detail)


class Qcow2Stream:
    """Stream over the medium of a qcow2 image of version 2 or 3.

    Raise SourceError if it needs another image or a password, ValueError if its header is damaged.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._at = stream, 0
        head = read_up_to(stream, 112).ljust(112, b"\0")
        _, version, backing, _, bits, self.size, crypt, entries, table, *others = (
            _HEADER.unpack_from(head)
        )
        self.snapshots = others[2]
        features = struct.unpack_from(">Q", head, 72)[0] if version > 2 else 0
        self._method = head[104] if version > 2 and head[103] > 104 else 0
        if crypt:
            raise SourceError("ENCRYPTED", "qcow2: unlock it with its password (qemu-img convert)")
        if backing:
            raise needs_parent("qcow2")
        if version not in (2, 3) or features & _UNKNOWN:
            raise SourceError("NOT_SUPPORTED_YET", "qcow2: convert it with qemu-img convert -O raw")
        if not 9 <= bits <= 21 or entries * 8 > _MOST_TABLE:
            raise ValueError("sizes of tables")
        self._bits = bits
        self._table = self._entries(table, entries)
        self._loaded: tuple[int, tuple[int, ...]] = (-1, ())
        self._unpacked: tuple[int, bytes] = (-1, b"")

    def _entries(self, place: int, count: int) -> tuple[int, ...]:
        """Return the ``count`` entries of a table at byte ``place``."""
        self._stream.seek(place)
        return struct.unpack(
            f">{count}Q", read_up_to(self._stream, 8 * count).ljust(8 * count, b"\0")
        )

    def seek(self, start: int) -> None:
        """Go to byte ``start`` of the medium."""
        self._at = start

    def read(self, size: int) -> bytes:
        """Return the next ``size`` bytes, fewer at the end; raise OSError if they are damaged."""
        pieces, cluster = [], 1 << self._bits
        size = max(min(size, self.size - self._at), 0)
        while size:
            inside = self._at & (cluster - 1)
            pieces.append(
                self._cluster(self._at >> self._bits, inside, min(size, cluster - inside))
            )
            self._at += len(pieces[-1])
            size -= len(pieces[-1])
        return b"".join(pieces)

    def _cluster(self, number: int, inside: int, size: int) -> bytes:
        """Return ``size`` bytes from byte ``inside`` of a cluster."""
        per_table = 1 << self._bits - 3
        first, second = divmod(number, per_table)
        place = self._table[first] & _PLACE if first < len(self._table) else 0
        if place and self._loaded[0] != place:
            self._loaded = place, self._entries(place, per_table)
        entry = self._loaded[1][second] if place else 0
        if entry & _COMPRESSED:
            return self._unpack(entry)[inside : inside + size]
        if not entry & _PLACE or entry & 1:
            return bytes(size)
        self._stream.seek((entry & _PLACE) + inside)
        return read_up_to(self._stream, size).ljust(size, b"\0")

    def _unpack(self, entry: int) -> bytes:
        """Return the bytes of a compressed cluster; raise OSError if they are damaged."""
        if self._unpacked[0] != entry:
            width = 62 - (self._bits - 8)
            place = entry & (1 << width) - 1
            sectors = (entry & _COMPRESSED - 1) >> width
            self._stream.seek(place)
            packed = read_up_to(self._stream, (sectors + 1) * 512 - (place & 511))
            try:
                data = _unzip(packed, 1 << self._bits, self._method)
            except (zlib.error, ValueError):
                raise OSError("a damaged cluster") from None
            self._unpacked = entry, data.ljust(1 << self._bits, b"\0")
        return self._unpacked[1]


def _unzip(packed: bytes, size: int, method: int) -> bytes:
    """Unpack up to ``size`` bytes of a cluster; raise zlib.error or ValueError if it is damaged."""
    if method != _ZSTD:
        return zlib.decompressobj(-15).decompress(packed, size)
    zstd = import_module(ZSTD_MODULE)
    try:
        return bytes(zstd.ZstdDecompressor().decompress(packed, size))
    except zstd.ZstdError:
        raise ValueError("zstd") from None
