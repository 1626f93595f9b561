"""Gaps of a zip archive: its bytes before, between and after the members."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, Final

from piiscan.sources.archives.spool import open_range
from piiscan.sources.content import read_pieces, read_up_to

#: First bytes of the record at the end of a zip archive, whose size is ``END_BYTES``.
END_RECORD: Final = b"PK\x05\x06"
END_BYTES: Final = 22
_ENTRY: Final = b"PK\x03\x04"
_ENTRY_BYTES: Final = 30
_DESCRIPTOR_BYTES: Final = 24  # at most: CRC and sizes behind a member
_TAIL: Final = (64 << 10) + END_BYTES


def find_end(stream: BinaryIO) -> tuple[int, bytes]:
    """Find the end record of a zip archive.

    Return (offset, its bytes), or (-1, b"") if it is missing.
    """
    start = max(stream.seek(0, io.SEEK_END) - _TAIL, 0)
    stream.seek(start)
    tail = read_up_to(stream, _TAIL)
    at = tail.rfind(END_RECORD)
    return (-1, b"") if at < 0 else (start + at, tail[at : at + END_BYTES])


def find_gaps(archive: zipfile.ZipFile, stream: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield the byte ranges [start, end) outside of members and directory that are not all zero.

    The checksum and sizes after a member are no gap. Raises OSError.
    """
    at = 0
    for start, end in _ranges(archive, stream):
        if start > at and any(map(any, read_pieces(open_range(stream, at, start - at)))):
            yield at, start
        at = max(at, end)


def _ranges(archive: zipfile.ZipFile, stream: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield the byte range [start, end) of each member and of the directory; last, the file end."""
    for info in sorted(archive.infolist(), key=lambda each: each.header_offset):
        stream.seek(info.header_offset)
        head = read_up_to(stream, _ENTRY_BYTES)
        sizes = head[26:30] if head.startswith(_ENTRY) else b""
        names = int.from_bytes(sizes[:2], "little") + int.from_bytes(sizes[2:], "little")
        end = info.header_offset + _ENTRY_BYTES + names + info.compress_size
        yield info.header_offset, end + (_DESCRIPTOR_BYTES if info.flag_bits & 8 else 0)
    size = stream.seek(0, io.SEEK_END)
    at, record = find_end(stream)
    if at >= 0:
        yield archive.start_dir, at + END_BYTES + int.from_bytes(record[20:22], "little")
    yield size, size
