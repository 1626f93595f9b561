"""Sections of an E01 image: damaged ones that the medium does not need are passed over.

header (damaged), volume, sectors, table, … -> skipped, volume, sectors, table, …
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Any, BinaryIO, Final

_SECTION: Final = struct.Struct("<16sQQ40xI")
_TYPES: Final = re.compile(
    rb"(?:header2?|xheader|volume|disk|data|sectors|table2?|next|done|digest|hash|error2|session)\0"
)
_FIRST: Final = 13
_PIECE: Final = 1 << 20
_MOST_SECTIONS: Final = 1 << 20
#: Offset of a checksum in the data of a section: that of all bytes before it.
_CHECKSUMS: Final = {b"table": 20, b"table2": 20, b"hash": 32, b"digest": 76}


class MendedSegment:
    """Bytes of a segment, in which the descriptors of damaged sections are others."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._changes: dict[int, bytes] = {}
        at, has_table = _FIRST, False
        for _ in range(_MOST_SECTIONS):
            kind, following, size, _ = _SECTION.unpack(self._at(at, _SECTION.size).ljust(76, b"\0"))
            name = kind.rstrip(b"\0")
            is_known = self._is_section(at)
            if not is_known:
                following = self._next_section(at + 1)
            if not is_known or not self._is_whole(name, at + _SECTION.size, size):
                if following <= at:
                    break
                self._change(at, b"skipped", following, following - at)
            elif name == b"table2" and not has_table:
                self._change(at, b"table", following, size)
            has_table = name == b"table" and at not in self._changes
            if following <= at:
                break
            at = following

    @property
    def damages(self) -> int:
        """Return the number of damaged sections."""
        return len(self._changes)

    def _at(self, at: int, size: int) -> bytes:
        """Return stored bytes from an offset on."""
        self._stream.seek(at)
        return self._stream.read(size)

    def _is_section(self, at: int) -> bool:
        """Return True if the descriptor at an offset has its checksum."""
        data = self._at(at, _SECTION.size)
        return data[72:] == struct.pack("<I", zlib.adler32(data[:72]))

    def _is_whole(self, name: bytes, at: int, size: int) -> bool:
        """Return True if the data of a section that can be passed over are not damaged."""
        if name.startswith(b"header"):
            try:
                zlib.decompress(self._at(at, min(max(size - _SECTION.size, 0), _PIECE)))
            except zlib.error:
                return False
        if (end := _CHECKSUMS.get(name, 0)) > 0:
            data = self._at(at, end + 4)
            return data[end:] == struct.pack("<I", zlib.adler32(data[:end]))
        return True

    def _next_section(self, at: int) -> int:
        """Return the offset of the next descriptor from an offset on; 0 without one."""
        while piece := self._at(at, _PIECE + 16):
            for found in _TYPES.finditer(piece):
                if self._is_section(at + found.start()):
                    return at + found.start()
            at += _PIECE
        return 0

    def _change(self, at: int, kind: bytes, following: int, size: int) -> None:
        """Give the section at an offset another descriptor."""
        head = _SECTION.pack(kind, following, size, 0)[:72]
        self._changes[at] = head + struct.pack("<I", zlib.adler32(head))

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to an offset, as a file does."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._stream.tell()

    def read(self, size: int = -1) -> Any:
        """Return the next bytes, with the changed descriptors."""
        begin = self._stream.tell()
        data = self._stream.read(size)
        for at, change in self._changes.items():
            first, last = max(at, begin), min(at + len(change), begin + len(data))
            if first < last:
                changed = change[first - at : last - at]
                data = data[: first - begin] + changed + data[last - begin :]
        return data
