"""Tar archives: every entry is a member, or is listed; damaged parts are skipped and listed."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, BinaryIO, Final, cast

from piiscan.errors import failure_place, is_machine_error
from piiscan.sources.archives.member_names import comment_content, unique_names
from piiscan.sources.archives.spool import (
    MemberScan,
    Packed,
    limit_stream,
    open_range,
    seekable_content,
    window_starts,
)
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_pieces
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext

_BLOCK: Final = tarfile.BLOCKSIZE
_MAX_HEADER: Final = 16 << 20
#: Types of entries without bytes -> reason code.
_NO_BYTES: Final = {
    tarfile.SYMTYPE: "SYMLINK",
    tarfile.LNKTYPE: "HARD_LINK",
    tarfile.CHRTYPE: "DEVICE",
    tarfile.BLKTYPE: "DEVICE",
    tarfile.FIFOTYPE: "FIFO",
}


@dataclass(slots=True)
class _Directory:
    """Entries of a tar archive within the budget, and the byte ranges outside of entries."""

    entries: list[tarfile.TarInfo] = field(default_factory=list)
    surplus: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)  # [start, end) in bytes
    comments: list[str] = field(default_factory=list)
    has_end: bool = False


class _HeaderStream:
    """Stream from which tarfile reads headers; a read of a huge header is an error."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.tell = stream.tell

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _MAX_HEADER:
            raise tarfile.ReadError
        return self._stream.read(size)


def _read_directory(stream: BinaryIO, size: int, limit: int) -> _Directory:
    """Read all headers of a tar archive of ``size`` bytes, also after NULs and damaged bytes."""
    found = _Directory()
    archive: Any = SimpleNamespace(  # what TarInfo asks of a TarFile
        fileobj=_HeaderStream(stream), tarinfo=tarfile.TarInfo, offset=0, pax_headers={}
    )
    archive.encoding, archive.errors = "utf-8", "surrogateescape"
    at = 0
    while at < size:
        stream.seek(at)
        if not stream.read(_BLOCK).strip(b"\0"):
            found.has_end = True
            at = _skip_zeros(stream, at, size)
            continue
        stream.seek(at)
        archive.offset = at
        try:
            info = tarfile.TarInfo.fromtarfile(archive)
        except (tarfile.TarError, ValueError, ArithmeticError, LookupError, RecursionError):
            is_next = bool(found.gaps) and found.gaps[-1][1] == at
            start = found.gaps.pop()[0] if is_next else at
            found.gaps.append((start, min(at + _BLOCK, size)))
            at += _BLOCK
            continue
        found.has_end = False
        at = max(archive.offset, at + _BLOCK)
        found.comments.append({**archive.pax_headers, **info.pax_headers}.get("comment", ""))
        if len(found.entries) >= limit:
            found.surplus += 1
        elif not info.isdir():
            found.entries.append(info)
    return found


def _skip_zeros(stream: BinaryIO, at: int, size: int) -> int:
    """Return the byte offset of the first block, from ``at`` on, that is not all NULs."""
    while at < size:
        stream.seek(at)
        data = stream.read(1 << 20)
        used = len(data) - len(data.lstrip(b"\0"))
        if used < len(data) or not data:
            return at + used // _BLOCK * _BLOCK if data else size
        at += len(data)
    return size


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the members of a tar archive in order, and a Trouble per problem."""
    content = seekable_content(sample.content)
    with content.open() as stream:
        size = stream.seek(0, io.SEEK_END)
        directory = _read_directory(stream, size, context.budget.members)
    names = unique_names(
        [info.name.encode("utf-8", "surrogateescape") for info in directory.entries]
    )
    targets = {info.name for info in directory.entries if info.type not in _NO_BYTES}
    for number, (info, name) in enumerate(zip(directory.entries, names, strict=True)):
        if (over := context.usage.exceeded()) is not None:
            detail = f"{len(names) - number} members over the budget"
            yield Trouble(content.member, over, detail)
            break
        member = content.member_path(name)
        try:
            yield from _open_entry(content, info, member, context, targets)
        except Exception as error:  # one bad member must not cost the others
            if is_machine_error(error):
                raise
            yield Trouble(member, "READER_FAILED", failure_place(error))
    if directory.surplus:
        detail = f"{directory.surplus} members over the budget"
        yield Trouble(content.member, "ZIP_MEMBERS", detail)
    for start, end in directory.gaps:
        detail = f"tar: bytes {start} to {end} belong to no entry"
        yield Trouble(content.member, "CORRUPT", detail)
    if not directory.has_end:
        yield Trouble(content.member, "CORRUPT", "tar: no end mark; entries may be cut off")
    yield from comment_content(content, directory.comments)


def _open_entry(
    content: Content, info: tarfile.TarInfo, member: str, context: ReadContext, targets: set[str]
) -> Iterator[Content | Trouble]:
    """Yield the Content of an entry and its Trouble; only a Trouble for a link or device."""
    if reason := _NO_BYTES.get(info.type):
        lost = info.type == tarfile.LNKTYPE and info.linkname not in targets
        detail = "its target is read at its own place" if not lost else "its target is not here"
        yield Trouble(member, reason, detail if info.islnk() else "not followed", lost=lost)
        return
    if info.size > context.budget.member:
        yield Trouble(member, "MEMBER_TOO_LARGE", f"{info.size} bytes; over the budget")
        return

    def reopen() -> BinaryIO:
        """Open the bytes of the entry."""
        stream = content.open()
        if not info.issparse():
            return open_range(stream, info.offset_data, info.size)
        holes: Any = SimpleNamespace(fileobj=stream)
        return limit_stream(cast("BinaryIO", tarfile.ExFileObject(holes, info)), stream)

    segments: Any = info.sparse if info.issparse() else [(0, info.size)]
    stored = sum(size for _, size in segments)
    starts = window_starts(info.size, context.seed)
    scan = MemberScan(member, context.usage, Packed(stored), starts)
    with reopen() as stream:
        scan.read_damaged(read_pieces(stream))
    if scan.size < info.size and scan.trouble is None:
        detail = f"tar: {scan.size} of {info.size} bytes"
        scan.trouble = Trouble(member, "CORRUPT", detail)
    yield from scan.opened(seed=context.seed, reopen=reopen, seekable=not info.issparse())


def _is_tar(sample: Sample) -> bool:
    """Return True for the signature of a tar archive, or an old header with a valid checksum."""
    head = sample.content.head
    if head.startswith(b"ustar", 257):
        return True
    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return bool(head[0])


FORMATS: Final = (Format("tar", 20, _open, probe=_is_tar, extensions=("tar",), container=True),)
