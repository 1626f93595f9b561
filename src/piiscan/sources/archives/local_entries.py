"""Members of a zip archive without its directory (cut off, or damaged), by their local headers."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from piiscan.sources.archives.member_names import unique_names
from piiscan.sources.archives.spool import MemberScan, Packed
from piiscan.sources.block import Trouble
from piiscan.sources.content import PIECE_BYTES, Content, read_up_to
from piiscan.sources.limits import BudgetUsage

_SIGNATURES: Final = re.compile(rb"PK(?:\x03\x04|(\x01\x02))")  # of a member; of the directory
_HEADER: Final = struct.Struct("<4xHHH4xIIIHH")  # version … flags, method; CRC, sizes, lengths
_DESCRIPTOR_BYTES: Final = 16  # signature, CRC and sizes behind a member
_INPUT_BYTES: Final = 64 << 10
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZE_BEHIND, _UTF8 = 1, 8, 0x800


class _Entry(NamedTuple):
    """Local header of a member, and its place.

    ``size``: packed bytes, 0 if that stands behind the member. ``header``, ``start``: offsets of
    the header and of the data.
    """

    flags: int
    method: int
    crc: int
    size: int
    name: str | bytes
    header: int
    start: int


def open_local_entries(
    content: Content, usage: BudgetUsage, *, seed: int = 0
) -> Iterator[Content | Trouble]:
    """Yield each member that has a local header, as far as it goes."""
    with content.open() as stream:
        *entries, end = _entries(stream)
        names = unique_names([each.name for each in entries])
        for number, (entry, name) in enumerate(zip(entries, names, strict=True)):
            if (over := usage.exceeded()) or number >= usage.budget.members:
                detail = f"{len(entries) - number} members over the budget"
                yield Trouble(content.member, over or "ZIP_MEMBERS", detail)
                return
            member = content.member_path(name)
            if entry.flags & _ENCRYPTED:
                yield Trouble(member, "ENCRYPTED", "a member without directory has a password")
                continue
            if entry.method not in (_STORED, _DEFLATED):
                yield Trouble(member, "NOT_SUPPORTED_YET", f"zip method {entry.method}")
                continue
            following = (*entries, end)[number + 1]
            behind = _DESCRIPTOR_BYTES if entry.flags & _SIZE_BEHIND and following.name else 0
            room = entry.size or max(following.header - entry.start - behind, 0)
            scan = MemberScan(member, usage, Packed(room))
            scan.read_damaged(_unpacked(stream, entry, room))
            yield from scan.opened(seed=seed)


def _entries(stream: BinaryIO) -> Iterator[_Entry]:
    """Yield the local headers of a stream; last, an entry of no bytes where the members end."""
    at, window, piece = 0, b"", b" "
    stream.seek(0)
    while piece:
        piece = read_up_to(stream, PIECE_BYTES)
        window += piece
        begin = 0
        while found := _SIGNATURES.search(window, begin):
            if found[1]:
                yield _Entry(0, 0, 0, 0, "directory", at + found.start(), at + found.start())
                return
            header = window[found.start() : found.start() + _HEADER.size]
            if len(header) < _HEADER.size:
                break
            _, flags, method, crc, size, _, name, extra = _HEADER.unpack(header)
            end = found.end() - 4 + _HEADER.size + name + extra
            if end > len(window) and piece:
                break
            text = window[found.start() + _HEADER.size :][:name]
            known = 0 if flags & _SIZE_BEHIND else size
            if name and not (text.endswith(b"/") and not size):
                decoded = text.decode("utf-8", "replace") if flags & _UTF8 else text
                yield _Entry(flags, method, crc, known, decoded, at + found.start(), at + end)
            begin = end + known
        rest = max(begin, found.start() if found else len(window) - 3, 0)
        if rest > len(window):
            stream.seek(at + rest)
        at, window = at + rest, window[rest:]
    yield _Entry(0, 0, 0, 0, "", at + len(window), at + len(window))


def _unpacked(stream: BinaryIO, entry: _Entry, room: int) -> Iterator[bytes]:
    """Yield the bytes of a member of at most ``room`` packed bytes.

    Raises zlib.error, EOFError if it is cut off, ValueError for other bytes than were packed.
    """
    inflate = zlib.decompressobj(-15)
    at, crc, done = entry.start, 0, 0
    while done < room and not inflate.eof:
        stream.seek(at + done)
        packed = read_up_to(stream, min(_INPUT_BYTES, room - done))
        if not packed:
            break
        done += len(packed)
        while packed and not inflate.eof:
            piece = packed if entry.method == _STORED else inflate.decompress(packed, PIECE_BYTES)
            packed = inflate.unconsumed_tail
            crc = zlib.crc32(piece, crc)
            yield piece
    if (entry.method == _DEFLATED and not inflate.eof) or (entry.size and done < entry.size):
        raise EOFError("cut off")
    if entry.size and crc != entry.crc:
        raise ValueError("CRC")
