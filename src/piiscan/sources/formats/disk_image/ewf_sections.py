"""Sections of an E01 image: damaged ones that the medium does not need are passed over.

header (damaged), volume, sectors, table, … -> skipped, volume, sectors, table, …
"""

from __future__ import annotations

import re
import struct
import zlib
from contextlib import suppress
from typing import BinaryIO, Final

_SECTION: Final = struct.Struct("<16sQQ40xI")
_TYPES: Final = re.compile(
    rb"(?:header2?|xheader|volume|disk|data|sectors|table2?|next|done|digest|hash|error2|session)\0"
)
_FIRST: Final = 13
_PIECE: Final = 1 << 20
_MOST_SECTIONS: Final = 1 << 20
#: Bytes of a section's data before their checksum.
_CHECKED: Final = {b"table": 20, b"table2": 20, b"hash": 32, b"digest": 76}


def _is_checked(data: bytes, size: int) -> bool:
    """Return True if bytes have their checksum behind the first ``size``."""
    return data[size : size + 4] == struct.pack("<I", zlib.adler32(data[:size]))


class MendedSegment:
    """Bytes of a segment, in which the descriptors of damaged sections are others."""

    def __init__(self, stream: BinaryIO) -> None:
        self.seek, self.tell, self._stream = stream.seek, stream.tell, stream
        self._changes: dict[int, bytes] = {}
        at, has_table = _FIRST, False
        for _ in range(_MOST_SECTIONS):
            head = self._at(at, _SECTION.size).ljust(_SECTION.size, b"\0")
            kind, following, size, _ = _SECTION.unpack(head)
            name, is_known = kind.rstrip(b"\0"), _is_checked(head, 72)
            following = following if is_known else self._next_section(at + 1)
            if following > at and not (is_known and self._is_whole(name, at, size)):
                self._change(at, b"skipped", following, following - at)
            elif name == b"table2" and not has_table:
                self._change(at, b"table", following, size)
            has_table = name == b"table" and at not in self._changes
            if following <= at:
                break
            at = following

    @property
    def damages(self) -> int:
        """Return the number of changed sections."""
        return len(self._changes)

    def _at(self, at: int, size: int) -> bytes:
        """Return stored bytes from an offset on."""
        self.seek(at)
        return self._stream.read(size)

    def _is_whole(self, name: bytes, at: int, size: int) -> bool:
        """Return True if the data of a section that can be passed over are not damaged."""
        data = self._at(at + _SECTION.size, min(max(size - _SECTION.size, 0), _PIECE))
        if name.startswith(b"header"):
            with suppress(zlib.error):
                zlib.decompress(data)
                return True
            return False
        return name not in _CHECKED or _is_checked(data, _CHECKED[name])

    def _next_section(self, at: int) -> int:
        """Return the offset of the next descriptor from an offset on; 0 without one."""
        while piece := self._at(at, _PIECE + _SECTION.size):
            for found in _TYPES.finditer(piece):
                if _is_checked(piece[found.start() :][: _SECTION.size], 72):
                    return at + found.start()
            at += _PIECE
        return 0

    def _change(self, at: int, kind: bytes, following: int, size: int) -> None:
        """Give the section at an offset another descriptor."""
        head = _SECTION.pack(kind, following, size, 0)[:72]
        self._changes[at] = head + struct.pack("<I", zlib.adler32(head))

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, with the changed descriptors."""
        begin = self.tell()
        data = self._stream.read(size)
        for at, change in self._changes.items():
            first, last = max(at, begin), min(at + len(change), begin + len(data))
            if first < last:
                changed = change[first - at : last - at]
                data = data[: first - begin] + changed + data[last - begin :]
        return data
