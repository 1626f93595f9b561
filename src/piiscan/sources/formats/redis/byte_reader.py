"""Byte reader: exact numbers of bytes of a stream, in pieces of a megabyte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

_PIECE: Final = 1 << 20
#: Most bytes of one value: the limit of Redis itself.
MAX_VALUE: Final = 512 << 20


@dataclass(slots=True)
class ByteReader:
    """Reader of exact numbers of bytes from a stream of at most ``size`` bytes."""

    stream: BinaryIO
    size: int
    at: int = 0
    _data: bytes = b""
    _place: int = 0

    def read(self, count: int) -> bytes:
        """Return the next ``count`` bytes; raises ValueError if there are fewer."""
        if count > MAX_VALUE or self.at + count > self.size:
            raise ValueError("cut off")
        while len(self._data) - self._place < count:
            self._fill(count)
        found = self._data[self._place : self._place + count]
        self._place += count
        self.at += count
        return found

    def line(self) -> bytes:
        """Return the bytes before the next CR LF; raise ValueError if none is within a megabyte."""
        end = self._data.find(b"\r\n", self._place)
        if end < 0:
            self._fill(0)
            end = self._data.find(b"\r\n", self._place, self._place + _PIECE)
        if end < 0:
            raise ValueError("no line")
        return self.read(end + 2 - self._place)[:-2]

    def is_at_end(self) -> bool:
        """Return True if no byte is left."""
        if len(self._data) == self._place:
            try:
                self._fill(1)
            except ValueError:
                return True
        return False

    def peek(self) -> int:
        """Return the next byte without moving; raises ValueError at the end."""
        if self.is_at_end():
            raise ValueError("cut off")
        return self._data[self._place]

    def _fill(self, count: int) -> None:
        """Read a megabyte more; raises ValueError at the end if ``count`` bytes are missing."""
        left = self._data[self._place :]
        pieces, size = [left], len(left)
        wanted = max(count, len(left) + _PIECE)
        while size < wanted and (piece := self.stream.read(wanted - size)):
            pieces.append(piece)
            size += len(piece)
        if size < count:
            raise ValueError("cut off")
        self._data, self._place = b"".join(pieces), 0
