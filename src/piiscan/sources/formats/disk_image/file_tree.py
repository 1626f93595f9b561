"""File trees: the live and the deleted files of a file system, as The Sleuth Kit finds them.

``docs/a.csv`` is the member ``partition 1!docs/a.csv``, the deleted file of inode 45 ``partition 1
deleted!45/docs/b.csv``; its bytes that belong to another file by now are zeros.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO, Final, cast

import numpy as np

from piiscan.arrays import Int64
from piiscan.sources.archives.spool import MemberScan, Packed
from piiscan.sources.block import Trouble
from piiscan.sources.content import PIECE_BYTES, Content
from piiscan.sources.encoding.detector import decode_name
from piiscan.sources.format import Opened
from piiscan.sources.formats.disk_image.fat_chains import BITS, lost_bytes
from piiscan.sources.formats.disk_image.medium import Medium
from piiscan.sources.limits import BudgetUsage
from piiscan.sources.read_context import ReadContext

#: Errors of The Sleuth Kit.
_ERRORS: Final = (OSError, RuntimeError)
MOST_ENTRIES: Final = 4_000_000
MOST_DEPTH: Final = 100
#: Bytes of all files, for each byte of the image: an E01 of a disk that is nearly empty is small.
_MOST_BYTES: Final = 8
#: Flags and types of The Sleuth Kit.
_ALLOCATED, _FILE, _FOLDERS = 1, 1, (2, 11)
_IN_RUNS, _ENCRYPTED, _COMPRESSED, _HOLE = 0x2, 0x10, 0x20, 0x3
#: Types of attributes with the bytes of a file: of most file systems, NTFS and HFS+.
_DATA: Final = (1, 128, 4352)
_EXT: Final = (128, 256, 8192)
#: Offsets of the numbers of inodes of its own in the superblock of ext: journal, quotas, orphans.
_EXT_OWN: Final = (0xE0, 0x240, 0x244, 0x26C, 0x280)
#: Type of a file system -> its first inode that is no file of its own.
_FIRST_INODES: Final = {1: 24, 4096: 16, **dict.fromkeys(_EXT, 11)}
_LOG: Final = 2  # of NTFS, which has remains of other files
_OWN_FILES: Final = ("$ALLOC_BITMAP", "$UPCASE_TABLE")  # of exFAT
_VIRTUAL: Final = 10
_ORPHANS: Final = "$OrphanFiles"
#: Bytes of unallocated space in one member.
_GAP_BYTES: Final = 256 << 20


@dataclass(slots=True)
class FileStream:
    """Bytes of a file: the file, the attribute, its size, and its runs [start, end) in the volume.

    ``at``: offset of each run in the file.
    """

    file: Any
    kind: int
    number: int
    size: int
    flags: int
    at: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def shorten(self) -> int:
        """Leave out the end of a file whose places are not known; return its bytes."""
        known = [at + e - s for at, s, e in zip(self.at, self.starts, self.ends, strict=True)]
        left = self.size - min(self.size, max(known, default=self.size))
        self.size -= left
        return left

    def pieces(self, zeros: list[tuple[int, int]] | None = None) -> Iterator[bytes]:
        """Yield the bytes in pieces, zeros in the ranges [start, end) of the file."""
        for start in range(0, self.size, PIECE_BYTES):
            size = min(PIECE_BYTES, self.size - start)
            piece = self.file.read_random(start, size, self.kind, self.number)
            for begin, end in zeros or ():
                first, last = max(begin - start, 0), min(end - start, len(piece))
                if first < last:
                    piece = piece[:first] + bytes(last - first) + piece[last:]
            yield piece
            if len(piece) < size:
                raise OSError("fewer bytes than the file has")


class _PieceStream:
    """Read stream over pieces of bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        """Return the next piece, whatever its size; b"" at the end."""
        del size
        return next(self._pieces, b"")

    def __enter__(self) -> BinaryIO:
        return cast("BinaryIO", self)

    def __exit__(self, *_: object) -> None:
        return None


class Ranges:
    """Byte ranges of a volume that files use."""

    def __init__(self) -> None:
        self._starts, self._ends = array("q"), array("q")
        self._merged: tuple[Int64, Int64] | None = None

    def add(self, stream: FileStream) -> None:
        """Add the runs of a file, without the rest of its last cluster."""
        for at, start, end in zip(stream.at, stream.starts, stream.ends, strict=True):
            self._starts.append(start)
            self._ends.append(max(min(end, start + stream.size - at), start))
        self._merged = None

    def extend(self, other: Ranges) -> None:
        """Add the ranges of ``other``."""
        self._starts.extend(other._starts)
        self._ends.extend(other._ends)
        self._merged = None

    def merged(self) -> tuple[Int64, Int64]:
        """Return the ranges (starts, ends) in order, without overlaps."""
        if self._merged is None:
            starts = np.frombuffer(self._starts, np.int64)
            order = np.argsort(starts, kind="stable")
            starts, ends = starts[order], np.frombuffer(self._ends, np.int64)[order]
            ends = np.maximum.accumulate(ends) if len(ends) else ends
            first = np.ones(len(starts), bool)
            first[1:] = starts[1:] > ends[:-1]
            last = np.append(first[1:], True)[: len(ends)]
            self._merged = starts[first], ends[last]
        return self._merged

    def overlaps(self, stream: FileStream) -> list[tuple[int, int]]:
        """Return the ranges [start, end) of a file whose bytes are in the ranges."""
        starts, ends = self.merged()
        found = []
        for at, start, end in zip(stream.at, stream.starts, stream.ends, strict=True):
            for n in range(
                int(np.searchsorted(ends, start, "right")), int(np.searchsorted(starts, end))
            ):
                first, last = max(int(starts[n]), start), min(int(ends[n]), end)
                found.append((at + first - start, min(at + last - start, stream.size)))
        return [(first, last) for first, last in found if first < last]

    def gaps(self, size: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges [start, end) between the ranges, up to ``size``."""
        at = 0
        for start, end in zip(*self.merged(), strict=True):
            if start > at:
                yield at, min(int(start), size)
            at = max(at, int(end))
        if at < size:
            yield at, size


@dataclass(slots=True)
class FileTree:
    """Files of one opened file system. ``name``: of its volume; ``start``: its first byte."""

    system: Any
    name: str
    start: int
    medium: Medium
    content: Content
    context: ReadContext
    used: Ranges = field(default_factory=Ranges)
    _paths: dict[str, int] = field(default_factory=dict)
    _known: dict[int, str] = field(default_factory=dict)  # inode -> member with several paths
    _named: set[int] = field(default_factory=set)  # inodes of live files
    _folders: Ranges = field(default_factory=Ranges)
    _deleted: dict[int, str] = field(default_factory=dict)  # inode -> path
    _others: int = 0  # links, pipes and devices
    _gone: int = 0  # deleted names without bytes of their own
    _entries: int = 0
    _bytes: int = 0  # of files so far

    def open(self) -> Opened:
        """Yield the live files, then the deleted ones, and a Trouble for the unread parts."""
        yield from self._open_live()
        yield from self._open_unnamed()
        member = self.content.member_path(self.name)
        if self._others:
            detail = f"{self._others} symbolic links, pipes or devices"
            yield Trouble(member, "SYMLINK", detail, lost=False)
        if bits := BITS.get(int(self.system.info.ftype)):
            self._folders.extend(self.used)
            lost = lost_bytes(self.medium, self.start, bits, self._folders.merged())
            if lost:
                yield Trouble(member, "CORRUPT", f"{lost} bytes in use without a name: see --raw")
        yield from self._open_deleted()
        if self.context.selection.raw:
            yield from self.open_gaps(self.system.info.block_size * self.system.info.block_count)

    def open_gaps(self, size: int) -> Opened:
        """Yield the bytes of the volume, of ``size`` bytes, that no file uses."""
        gaps = self.used.gaps(min(size, self.medium.size - self.start))
        places = ((self.start + start, self.start + end) for start, end in gaps)
        member = self.content.member_path(self.name)
        yield from open_gaps(self.medium, places, member, self.context)

    def _open_live(self) -> Opened:
        """Yield the files with a name that is in use; note the deleted ones."""
        for found, path, is_deleted in self._walk():
            if isinstance(found, Trouble):
                yield found
                continue
            entry, meta = found
            if is_deleted:
                if int(meta.flags) & _ALLOCATED:
                    self._gone += 1
                else:
                    self._deleted.setdefault(meta.addr, path)
                continue
            if int(meta.type) != _FILE:
                self._others += 1
                continue
            self._named.add(meta.addr)
            member = self.member_of(self.unique_path(path))
            if self.is_over():
                yield Trouble(member, "ZIP_TOTAL", "this file and those behind it")
                return
            if meta.nlink > 1 and self._known.setdefault(meta.addr, member) != member:
                yield Trouble(member, "HARD_LINK", "read under its first path", lost=False)
                continue
            yield from self._open_file(entry, member)

    def _open_unnamed(self) -> Opened:
        """Yield the files of ext in use to which no name leads: ``$unnamed/13``."""
        info = self.system.info
        if int(info.ftype) not in _EXT or info.last_inum > MOST_ENTRIES:
            return
        superblock = self.medium.read(self.start + 1024, 1024)
        self._named.update(struct.unpack_from("<I", superblock, at)[0] for at in _EXT_OWN)
        for inode in range(_FIRST_INODES[int(info.ftype)], info.last_inum):
            if inode not in self._named:
                try:
                    file = self.system.open_meta(inode=inode)
                except _ERRORS:
                    continue
                meta = file.info.meta
                if meta and int(meta.type) == _FILE and int(meta.flags) & _ALLOCATED:
                    yield from self._open_file(file, self.member_of(f"$unnamed/{inode}"))

    def _walk(self) -> Iterator[tuple[Any, str, bool]]:
        """Yield ((entry, inode), path, True if deleted) of everything but folders.

        A Trouble in place of the first is about a folder that cannot be read.
        """
        root = self.system.info.root_inum
        with suppress(*_ERRORS):
            self._use(self.system.open_meta(inode=root), self._folders)
        stack: list[tuple[int, str, bool, int]] = [(root, "", False, 0)]
        seen: set[tuple[int, bool]] = set()
        while stack:
            inode, folder, in_deleted, depth = stack.pop()
            if (inode, False) in seen or (inode, in_deleted) in seen:
                continue
            seen.add((inode, in_deleted))
            below = []
            for found in self._list(inode, depth, in_deleted):
                if isinstance(found, Trouble):
                    yield found, folder, in_deleted
                    continue
                entry, meta, name = found
                path = f"{folder}/{name}" if folder else name
                is_orphan = name == _ORPHANS and depth == 0
                flags = int(entry.info.name.flags) & (_ALLOCATED if meta is None else meta.flags)
                is_deleted = in_deleted or is_orphan or not int(flags) & _ALLOCATED
                if meta is None and is_deleted:
                    self._gone += folder != _ORPHANS
                elif meta is None:
                    detail = "the name has no record of its file"
                    yield Trouble(self.member_of(path), "CORRUPT", detail), path, is_deleted
                elif int(meta.type) in _FOLDERS:
                    if is_deleted and int(meta.flags) & _ALLOCATED and not is_orphan:
                        continue  # its folder has another name now
                    if not is_deleted:
                        self._use(entry, self._folders)
                    if depth < MOST_DEPTH:
                        below.append((meta.addr, path, is_deleted, depth + 1))
                    else:
                        detail = f"folders nested more than {MOST_DEPTH} deep"
                        yield Trouble(self.member_of(path), "ZIP_DEPTH", detail), path, is_deleted
                else:
                    yield (entry, meta), path, is_deleted
            stack += reversed(below)

    def _freed(self, name: Any) -> Any:
        """Return the freed inode of a name that The Sleuth Kit left without one; None if in use.

        A record of NTFS has the number of the name, or the next one.
        """
        try:
            meta = self.system.open_meta(inode=name.meta_addr).info.meta
        except _ERRORS:
            return None
        is_its_own = int(self.system.info.ftype) != 1 or meta.seq - name.meta_seq in (0, 1)
        return meta if is_its_own and not int(meta.flags) & _ALLOCATED else None

    def _list(
        self, inode: int, depth: int, in_deleted: bool
    ) -> Iterator[tuple[Any, Any, str] | Trouble]:
        """Yield (entry, inode or None, name) of a folder without the file system's own files.

        A Trouble comes last if the folder breaks off or there are too many entries.
        """
        member = self.content.member_path(self.name)
        kind = int(self.system.info.ftype)
        first = _FIRST_INODES.get(kind, 0)
        is_whole = depth == 0 or kind not in (*BITS, *_EXT)  # others begin with "."
        try:
            for entry in self.system.open_dir(inode=inode):
                self._entries += 1
                if self._entries > MOST_ENTRIES:
                    yield Trouble(member, "ZIP_MEMBERS", "names over the budget")
                    return
                name = safe_name(entry.info.name.name)
                meta = entry.info.meta or self._freed(entry.info.name)
                is_whole = is_whole or name == "."
                if name in (".", "..", ""):
                    continue
                is_own = depth == 0 and name in _OWN_FILES
                if meta and (meta.addr < first or int(meta.type) == _VIRTUAL or is_own):
                    if meta.addr != _LOG and int(meta.type) not in _FOLDERS:
                        self._use(entry, self.used)
                    continue
                yield entry, meta, name
        except _ERRORS:
            is_whole = False
        if not is_whole and not in_deleted:
            yield Trouble(member, "CORRUPT", f"the folder with inode {inode} is damaged")

    def member_of(self, path: str, part: str = "") -> str:
        """Return the member path of a file. ``part``: `` deleted`` for a deleted one."""
        return self.content.member_path(f"{self.name}{part}!{path}")

    def is_over(self) -> bool:
        """Return True if the files so far have more bytes than their image can."""
        return self._bytes > max(_MOST_BYTES * self.medium.packed, self.context.budget.total)

    def unique_path(self, path: str) -> str:
        """Return a path with ``;2`` if another file has it."""
        number = self._paths[path] = self._paths.get(path, 0) + 1
        return path if number == 1 else f"{path};{number}"

    def _streams(self, file: Any, member: str) -> Iterator[tuple[str, FileStream] | Trouble]:
        """Yield (member path, stream) for each stream of a file: ``a.txt``, ``a.txt:name``."""
        block = self.system.info.block_size
        try:
            for each in file:
                info = each.info
                if int(info.type) not in _DATA:
                    continue
                stream = FileStream(file, info.type, info.id, info.size, int(info.flags))
                for run in each:
                    if not int(run.flags) & _HOLE:
                        stream.at.append(run.offset * block)
                        stream.starts.append(run.addr * block)
                        stream.ends.append((run.addr + run.len) * block)
                name = safe_name(info.name or b"")
                yield f"{member}:{name}" if name else member, stream
        except _ERRORS:
            yield Trouble(member, "CORRUPT", "the places of its bytes are damaged")

    def _use(self, file: Any, ranges: Ranges) -> None:
        """Add the bytes of a folder, or of a file of the file system's own, to ``ranges``."""
        for each in self._streams(file, ""):
            if not isinstance(each, Trouble):
                ranges.add(each[1])

    def _open_file(self, file: Any, member: str) -> Opened:
        """Yield the streams of a live file."""
        is_whole = file.info.meta is None or not file.info.meta.size
        for each in self._streams(file, member):
            is_whole = True
            if isinstance(each, Trouble):
                yield each
                continue
            path, stream = each
            self.used.add(stream)
            if self.context.wants(path):
                yield from self.open_stream(stream, path)
        if not is_whole:
            yield Trouble(member, "CORRUPT", "the places of its bytes are damaged")

    def open_stream(
        self, stream: FileStream, member: str, zeros: list[tuple[int, int]] | None = None
    ) -> Opened:
        """Yield the bytes of a file: a short one at once, a longer one piece by piece."""
        if stream.flags & _ENCRYPTED:
            yield Trouble(member, "ENCRYPTED", "EFS: export it with the user's certificate")
            return
        in_runs = sum(stream.ends) - sum(stream.starts)
        packed = in_runs if stream.flags & _IN_RUNS else stream.size
        self._bytes += packed
        if stream.size > PIECE_BYTES:
            yield _stream_content(partial(stream.pieces, zeros), member, stream.size, packed)
            return
        scan = MemberScan(member, BudgetUsage(self.context.budget), Packed(packed))
        scan.read_damaged(stream.pieces(zeros))
        yield from scan.opened(seed=self.context.seed)

    def _open_deleted(self) -> Opened:
        """Yield the deleted files as far as their bytes are no other file's."""
        read = Ranges()
        known: set[tuple[int, ...]] = set()  # runs: a file that was renamed has two names
        for inode, path in self._deleted.items():
            member = self.member_of(f"{inode}/{path.removeprefix(f'{_ORPHANS}/')}", " deleted")
            if self.is_over():
                yield Trouble(member, "ZIP_TOTAL", "this file and those behind it")
                break
            try:
                file = self.system.open_meta(inode=inode)
            except _ERRORS:
                self._gone += 1
                continue
            found = False
            for each in self._streams(file, member):
                if isinstance(each, Trouble):
                    yield each
                    continue
                where, stream = each
                cut = stream.shorten()
                others = self.used.overlaps(stream)
                taken = sum(last - first for first, last in others)
                is_known = bool(stream.starts) and (*stream.starts,) in known
                known.add((*stream.starts,))
                is_gone = taken >= stream.size or (taken and stream.flags & _COMPRESSED)
                if is_known or is_gone:
                    continue
                found = True
                read.add(stream)
                if cut + taken:
                    detail = f"{cut + taken} bytes belong to another file by now"
                    yield Trouble(where, "DELETED_FILES", detail, lost=False)
                if self.context.wants(where):
                    yield from self.open_stream(stream, where, others)
            self._gone += not found
        self.used.extend(read)
        if self._gone:
            detail = f"{self._gone} deleted names without bytes of their own"
            member = self.content.member_path(f"{self.name} deleted")
            yield Trouble(member, "DELETED_FILES", detail, lost=False)


def open_gaps(
    medium: Medium, gaps: Iterable[tuple[int, int]], member: str, context: ReadContext
) -> Opened:
    """Yield the bytes of a medium that belong to no file, without parts that are all zero.

    ``gaps``: their ranges [start, end); ``member``: path of their volume, or of the image.
    """
    for begin, end in gaps:
        for start in range(begin, end, _GAP_BYTES):
            size = min(_GAP_BYTES, end - start)
            where = f"{member} unallocated!{start}-{start + size}"
            if not context.wants(where):
                continue

            def pieces(start: int = start, size: int = size) -> Iterator[bytes]:
                """Yield the bytes of this part."""
                for at in range(start, start + size, PIECE_BYTES):
                    yield medium.read(at, min(PIECE_BYTES, start + size - at))

            if any(map(any, pieces())):
                yield _stream_content(pieces, where, size, size)


def _stream_content(
    pieces: Callable[[], Iterator[bytes]], member: str, size: int, packed: int
) -> Content:
    """Return the content of a member that is read once, from its start to its end."""
    name = member.rpartition("!")[2].rpartition("/")[2]
    return Content(
        name, member, size, (), lambda: cast("BinaryIO", _PieceStream(pieces())), packed_size=packed
    )


def safe_name(name: bytes | str) -> str:
    """Return the name of a file without slashes and control characters."""
    text = decode_name(name) if isinstance(name, bytes) else name
    return "".join(each if each.isprintable() and each != "/" else "_" for each in text)
