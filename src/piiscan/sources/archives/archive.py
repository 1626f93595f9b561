"""Zip archives: names, bytes and checksums of members, within the budget."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import repeat
from typing import IO, Any, BinaryIO, Final, cast

from piiscan.errors import failure_place, is_machine_error
from piiscan.sources.archives.local_entries import open_local_entries
from piiscan.sources.archives.member_names import comment_content, is_split_name, unique_names
from piiscan.sources.archives.spool import (
    MemberScan,
    Packed,
    limit_stream,
    open_range,
    window_starts,
)
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_pieces, read_up_to
from piiscan.sources.encoding.detector import decode_name
from piiscan.sources.limits import STANDARD_BUDGET, BudgetUsage

#: Method number of AES-encrypted members.
AES: Final = 99
_DIRECTORY_ENTRY: Final = b"PK\x01\x02"  # signature of an entry of the central directory
#: First bytes of the record at the end of a zip archive, whose size is ``_END_BYTES``.
_END_RECORD: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_MEMBER_ENTRY: Final = b"PK\x03\x04"
_MEMBER_BYTES: Final = 30
_DESCRIPTOR_BYTES: Final = 24  # at most: CRC and sizes behind a member
_TAIL: Final = (64 << 10) + _END_BYTES
_READ_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
)


def open_members(
    content: Content,
    usage: BudgetUsage,
    *,
    seed: int = 0,
    passwords: Sequence[bytes] = (),
    comments: bool = False,
) -> Iterator[Content | Trouble]:
    """Yield every file in a zip archive, in the archive's order, as a Content with its SHA-256.

    A member that cannot be read to its end is yielded as far as it goes, followed by its Trouble.
    Nothing is written to disk, so a member name such as ``../x`` is harmless.  With ``comments``,
    those of the archive and its members follow as ``#comment``, and bytes of no member as
    ``#outside``.
    """
    for _, member in open_entries(
        content, usage, seed=seed, passwords=passwords, comments=comments
    ):
        yield member


def open_entries(
    content: Content,
    usage: BudgetUsage,
    *,
    seed: int = 0,
    wanted: Callable[[zipfile.ZipInfo], bool] = lambda _: True,
    passwords: Sequence[bytes] = (),
    comments: bool = False,
) -> Iterator[tuple[zipfile.ZipInfo | None, Content | Trouble]]:
    """Yield each ``wanted`` directory entry (None: of the archive) with its Content or Trouble."""
    stream = content.open()
    is_last = False
    try:
        # of a split archive, the end record names its disk
        is_last = _find_end(stream)[1][4:6] not in (b"", b"\0\0", b"\xff\xff")
        archive = _open_archive(stream)
    except (*_READ_ERRORS, NotImplementedError, RecursionError) as error:
        stream.close()
        is_part = content.head.startswith(b"PK\x07\x08") or is_split_name(content.name) or is_last
        detail = f"zip: {type(error).__name__}"
        yield None, Trouble(content.member, "SPLIT_SET" if is_part else "CORRUPT", detail)
        yield from (
            () if is_part else zip(repeat(None), open_local_entries(content, usage, seed=seed))
        )
        return
    if is_last:
        stream.close()
        yield None, Trouble(content.member, "SPLIT_SET", "zip: the last part")
        return
    with stream, archive:
        # not is_dir(), which cannot look at an empty name
        infos = [
            info for info in archive.infolist() if info.file_size or not info.filename.endswith("/")
        ]
        names = member_names(infos)
        for number, (info, name) in enumerate(zip(infos, names, strict=True)):
            over = "ZIP_MEMBERS" if number >= usage.budget.members else usage.exceeded()
            if over is not None:
                detail = f"{len(infos) - number} members over the budget"
                yield None, Trouble(content.member, over, detail)
                break
            if not wanted(info):
                continue
            member = content.member_path(name)
            place = _Place(content, archive, info)
            try:
                for opened in _open_member(member, place, usage, seed, passwords):
                    yield info, opened
            except Exception as error:  # one bad member must not cost the others
                if is_machine_error(error):
                    raise
                yield info, Trouble(member, "READER_FAILED", failure_place(error))
        if comments:
            texts = (archive.comment, *(info.comment for info in archive.infolist()))
            for text in comment_content(content, map(decode_name, texts)):
                yield None, text
            for found in _open_outside(content, archive, stream, usage, seed):
                yield None, found


def _open_outside(
    content: Content, archive: zipfile.ZipFile, stream: BinaryIO, usage: BudgetUsage, seed: int
) -> Iterator[Content | Trouble]:
    """Yield the bytes of a zip file outside of members and directory as members ``#outside``."""
    for number, (start, end) in enumerate(list(_find_gaps(archive, stream)), 1):
        name = "#outside" if number == 1 else f"#outside {number}"
        scan = MemberScan(content.member_path(name), usage, Packed(end - start))
        with open_range(content.open(), start, end - start) as gap:
            scan.read_damaged(read_pieces(gap))
        yield from scan.opened(seed=seed)


def _find_end(stream: BinaryIO) -> tuple[int, bytes]:
    """Find the end record of a zip archive.

    Return (offset, its bytes), or (-1, b"") if it is missing.
    """
    start = max(stream.seek(0, io.SEEK_END) - _TAIL, 0)
    stream.seek(start)
    tail = read_up_to(stream, _TAIL)
    at = tail.rfind(_END_RECORD)
    return (-1, b"") if at < 0 else (start + at, tail[at : at + _END_BYTES])


def _find_gaps(archive: zipfile.ZipFile, stream: BinaryIO) -> Iterator[tuple[int, int]]:
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
    members = (each for each in archive.infolist() if each.header_offset >= 0)  # not if damaged
    for info in sorted(members, key=lambda each: each.header_offset):
        stream.seek(info.header_offset)
        head = read_up_to(stream, _MEMBER_BYTES)
        sizes = head[26:30] if head.startswith(_MEMBER_ENTRY) else b""
        names = int.from_bytes(sizes[:2], "little") + int.from_bytes(sizes[2:], "little")
        end = info.header_offset + _MEMBER_BYTES + names + info.compress_size
        yield info.header_offset, end + (_DESCRIPTOR_BYTES if info.flag_bits & 8 else 0)
    size = stream.seek(0, io.SEEK_END)
    at, record = _find_end(stream)
    if at >= 0:
        yield archive.start_dir, at + _END_BYTES + int.from_bytes(record[20:22], "little")
    yield size, size


def _open_archive(stream: BinaryIO, archive_class: Any = zipfile.ZipFile) -> zipfile.ZipFile:
    """Open a zip archive; ignore the UTF-8 flag of names that are not UTF-8 (old packers)."""
    try:
        return cast("zipfile.ZipFile", archive_class(stream))
    except UnicodeDecodeError:
        if stream.seek(0, io.SEEK_END) > STANDARD_BUDGET.in_memory:
            raise
        stream.seek(0)
        data = bytearray(stream.read())
        end = data.rfind(_END_RECORD)  # it has the offset of the directory
        at = data.find(_DIRECTORY_ENTRY, int.from_bytes(data[end + 16 : end + 20], "little"))
        while at >= 0:
            local = int.from_bytes(data[at + 42 : at + 46], "little")
            for flags in (at + 9, local + 7):
                if flags < len(data):
                    data[flags] &= ~0x08
            at = data.find(_DIRECTORY_ENTRY, at + 46)
        return cast("zipfile.ZipFile", archive_class(io.BytesIO(data)))


def member_names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Decode the names of zip members and make them unique; the UTF-8 flag decides first."""
    return unique_names(
        [
            each.filename
            if each.flag_bits & 0x800
            else each.orig_filename.encode("cp437", "replace")
            for each in infos
        ]
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Place of a zip member: its archive, which may be closed by now, and its directory entry."""

    content: Content
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def open(self, password: bytes | None = None) -> BinaryIO:
        """Open the member; open the archive again if that was closed, or is AES-encrypted."""
        archive_class: Any = zipfile.ZipFile
        if self.info.compress_type == AES:
            import pyzipper

            archive_class = pyzipper.AESZipFile
        elif self.archive.fp is not None:
            return _without_crc(self.archive.open(self.info, pwd=password))
        underlying = self.content.open()
        try:
            with _open_archive(underlying, archive_class) as again:
                at = self.archive.infolist().index(self.info)
                member = _without_crc(again.open(again.infolist()[at], pwd=password))
        except BaseException:
            underlying.close()
            raise
        return limit_stream(member, underlying)


def _without_crc(stream: IO[bytes]) -> BinaryIO:
    """Switch off the CRC check of a zip member's stream and return the stream.

    The zipfile module would drop the last bytes of a damaged member.  The first pass over the
    member checks the CRC and reports it.
    """
    if getattr(stream, "_expected_crc", None) is not None:
        stream._expected_crc = None  # type: ignore[attr-defined]
    return cast("BinaryIO", stream)


def _open_member(
    member: str, place: _Place, usage: BudgetUsage, seed: int, passwords: Sequence[bytes]
) -> Iterator[Content | Trouble]:
    """Yield the Content of one member after a first pass over it, then its Trouble if any."""
    info = place.info
    if info.file_size > usage.budget.member:
        yield Trouble(member, "MEMBER_TOO_LARGE", f"{info.file_size} bytes; over the budget")
        return
    is_encrypted = bool(info.flag_bits & 0x1)
    if is_encrypted and info.compress_type == AES and find_spec("pyzipper") is None:
        yield Trouble(member, "PACKAGE_MISSING", "zip AES: archives")
        return
    for password in passwords if is_encrypted else (None,):
        reopen = partial(place.open, password)
        starts = window_starts(info.file_size, seed)
        scan = MemberScan(member, usage, Packed(info.compress_size), starts)
        damage = _first_pass(scan, info, reopen)
        # a wrong password of the old encryption shows in one byte, or only in the bytes
        if is_encrypted and damage is not None and (info.compress_type != AES or not scan.size):
            usage.total -= scan.size
            continue
        scan.trouble = damage or scan.trouble
        yield from scan.opened(seed=seed, reopen=reopen, seekable=False)
        return
    tried = f"; none of {len(passwords)} passwords opens it" if passwords else ""
    yield Trouble(member, "ENCRYPTED", f"the member has a password{tried}")


def _first_pass(
    scan: MemberScan, info: zipfile.ZipInfo, reopen: Callable[[], BinaryIO]
) -> Trouble | None:
    """Read a zip member once into ``scan``. Return its Trouble if it is damaged, else None."""
    crc = 0

    def pieces(stream: BinaryIO) -> Iterator[bytes]:
        """Yield the bytes of the member's stream in pieces, and add them to the CRC."""
        nonlocal crc
        for piece in read_pieces(stream):
            crc = zlib.crc32(piece, crc)
            yield piece

    try:
        with reopen() as stream:
            is_checked = info.compress_type != AES  # which has a checksum of its own
            if scan.read(pieces(stream)) and is_checked and crc != info.CRC:
                return Trouble(scan.member, "CRC", "the bytes are not those that were packed")
    except NotImplementedError:
        return Trouble(scan.member, "NOT_SUPPORTED_YET", f"zip method {info.compress_type}")
    except (*_READ_ERRORS, RuntimeError) as error:
        detail = f"{type(error).__name__} after {scan.size} of {info.file_size} bytes"
        return Trouble(scan.member, "CORRUPT", detail)
    return None
