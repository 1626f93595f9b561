"""Zip archives: names, bytes and checksums of members, in memory only and within the budget."""

from __future__ import annotations

import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, Final, cast

from piiscan.errors import failure_place, is_machine_error
from piiscan.sources.block import Trouble
from piiscan.sources.content import (
    HEAD_BYTES,
    WINDOW_BYTES,
    Content,
    Window,
    memory_content,
    middle_start,
)
from piiscan.sources.encoding.detector import CODECS, best_encoding, decode_name
from piiscan.sources.limits import STANDARD_BUDGET, Budget

_PIECE_BYTES: Final = 1 << 20
#: Members up to this size are unpacked once, into memory; larger ones are unpacked twice.
_MAX_BYTES_IN_MEMORY: Final = 8 << 20
_DIRECTORY_ENTRY: Final = b"PK\x01\x02"  # signature of an entry of the central directory
_READ_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
)


@dataclass(slots=True)
class BudgetUsage:
    """Used part of a source's budget, shared by all archives inside the source.

    ``packed``: bytes of the source itself, 0 if unknown.
    """

    budget: Budget
    total: int = 0
    depth: int = 0
    packed: int = 0

    def exceeded(self) -> str | None:
        """Return the reason if the members of the source are too many bytes, else None."""
        if self.total > self.budget.total:
            return "ZIP_TOTAL"
        too_dense = self.packed and self.total > self.budget.ratio * self.packed
        return "ZIP_RATIO" if too_dense and self.total > self.budget.total_ratio_from else None


@dataclass(slots=True)
class _MemberScan:
    """Results of the first pass over a member: size, CRC, digest, sample windows, bytes if few."""

    size: int = 0
    crc: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    pieces: list[bytes] | None = field(default_factory=list)
    windows: list[tuple[int, bytearray]] = field(default_factory=list)
    trouble: Trouble | None = None


def open_members(
    content: Content, usage: BudgetUsage, *, seed: int = 0
) -> Iterator[Content | Trouble]:
    """Yield every file in a zip archive, in the archive's order, as a Content with its SHA-256.

    A member that cannot be read to its end is yielded as far as it goes, followed by its Trouble.
    Nothing is written to disk, so a member name such as ``../x`` is harmless.
    """
    for _, member in open_entries(content, usage, seed=seed):
        yield member


def open_entries(
    content: Content,
    usage: BudgetUsage,
    *,
    seed: int = 0,
    wanted: Callable[[zipfile.ZipInfo], bool] = lambda _: True,
) -> Iterator[tuple[zipfile.ZipInfo | None, Content | Trouble]]:
    """Yield each ``wanted`` directory entry (None: problem of the archive) and what it is."""
    member_path = f"{content.member}!" if content.member else ""
    stream = content.open()
    try:
        archive = _open_archive(stream)
    except (*_READ_ERRORS, NotImplementedError, RecursionError) as error:
        stream.close()
        yield None, Trouble(content.member, "CORRUPT", f"zip: {type(error).__name__}")
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
                return
            if not wanted(info):
                continue
            reopen = _reopener(content, archive, info)
            member = member_path + name
            try:
                for opened in _open_member(member, info, reopen, usage, seed):
                    yield info, opened
            except Exception as error:  # one bad member must not cost the others
                if is_machine_error(error):
                    raise
                yield info, Trouble(member, "READER_FAILED", failure_place(error))


def _open_archive(stream: BinaryIO) -> zipfile.ZipFile:
    """Open a zip archive; ignore the UTF-8 flag of names that are not UTF-8 (old packers)."""
    try:
        return zipfile.ZipFile(stream)
    except UnicodeDecodeError:
        if stream.seek(0, io.SEEK_END) > STANDARD_BUDGET.in_memory:
            raise
        stream.seek(0)
        data = bytearray(stream.read())
        end = data.rfind(b"PK\x05\x06")  # the end record has the offset of the directory
        at = data.find(_DIRECTORY_ENTRY, int.from_bytes(data[end + 16 : end + 20], "little"))
        while at >= 0:
            local = int.from_bytes(data[at + 42 : at + 46], "little")
            for flags in (at + 9, local + 7):
                if flags < len(data):
                    data[flags] &= ~0x08
            at = data.find(_DIRECTORY_ENTRY, at + 46)
        return zipfile.ZipFile(io.BytesIO(data))


def member_names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Return the decoded names of zip members, in order, with ``/`` as separator.

    Names with the UTF-8 flag are UTF-8.  The encoding of the others (UTF-8, GBK or Big5) is decided
    over all of them.  A repeated name gets ``;2``, so that every path is unique.
    """
    raw = [_name_bytes(info) for info in infos]
    others = b"\n".join(name for name in raw if name is not None)[: 64 << 10]
    seen: dict[str, int] = {}
    names = []
    for info, data in zip(infos, raw, strict=True):
        name = info.filename if data is None else _decode_member_name(data, others)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name};{seen[name]}")
    return names


def _name_bytes(info: zipfile.ZipInfo) -> bytes | None:
    """Return the bytes of a member's name; None if its UTF-8 flag is set."""
    if info.flag_bits & 0x800:
        return None
    return info.orig_filename.encode("cp437", "replace")


def _decode_member_name(data: bytes, others: bytes) -> str:
    """Decode the name of a zip member; ``others``: all names, to guess the encoding by."""
    # a packer uses one encoding: first try the best one for all names, then for this name
    try:
        name = data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            name = data.decode(CODECS[best_encoding(others)])
        except UnicodeDecodeError:
            name = decode_name(data, others=others)
    return name.replace("\\", "/")


def _reopener(
    content: Content, archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> Callable[[], BinaryIO]:
    """Return a function that opens the member; it opens the archive again if that was closed."""

    def open_again() -> BinaryIO:
        if archive.fp is not None:
            return _without_crc(archive.open(info))
        underlying = content.open()
        with _open_archive(underlying) as new_archive:
            member = _without_crc(new_archive.open(info))
        return cast("BinaryIO", _MemberStream(member, underlying))

    return open_again


def _without_crc(stream: IO[bytes]) -> BinaryIO:
    """Switch off the CRC check of a zip member's stream and return the stream.

    The zipfile module would drop the last bytes of a damaged member.  The first pass over the
    member checks the CRC and reports it.
    """
    if getattr(stream, "_expected_crc", None) is not None:
        stream._expected_crc = None  # type: ignore[attr-defined]
    return cast("BinaryIO", stream)


def _open_member(
    member_path: str,
    info: zipfile.ZipInfo,
    reopen: Callable[[], BinaryIO],
    usage: BudgetUsage,
    seed: int,
) -> Iterator[Content | Trouble]:
    """Yield the Content of one member after a first pass over it, then its Trouble if any."""
    if info.flag_bits & 0x1:
        yield Trouble(member_path, "ENCRYPTED", "the member has a password")
        return
    if info.file_size > usage.budget.member:
        yield Trouble(member_path, "MEMBER_TOO_LARGE", f"{info.file_size} bytes; over the budget")
        return
    scan = _first_pass(member_path, info, reopen, usage, seed)
    if scan.size or scan.trouble is None:
        yield _member_content(member_path, info, reopen, scan, seed)
    if scan.trouble is not None:
        yield scan.trouble


def _first_pass(
    member_path: str,
    info: zipfile.ZipInfo,
    reopen: Callable[[], BinaryIO],
    usage: BudgetUsage,
    seed: int,
) -> _MemberScan:
    """Read a member once for its digest, CRC and sample windows, and its bytes if they are few."""
    scan = _MemberScan()
    starts = (
        0,
        max(middle_start(info.file_size, seed), HEAD_BYTES),
        max(info.file_size - WINDOW_BYTES, HEAD_BYTES),
    )
    scan.windows = [(start, bytearray()) for start in starts]
    try:
        with reopen() as stream:
            while piece := stream.read(_PIECE_BYTES):
                _add_piece(scan, piece)
                if (reason := _exceeded_limit(scan, info, usage, len(piece))) is not None:
                    scan.trouble = Trouble(member_path, reason, f"stopped after {scan.size} bytes")
                    return scan
    except NotImplementedError:
        scan.trouble = Trouble(member_path, "NOT_SUPPORTED_YET", f"zip method {info.compress_type}")
    except (*_READ_ERRORS, RuntimeError) as error:
        detail = f"{type(error).__name__} after {scan.size} of {info.file_size} bytes"
        scan.trouble = Trouble(member_path, "CORRUPT", detail)
    else:
        if scan.crc != info.CRC:
            scan.trouble = Trouble(member_path, "CRC", "the bytes are not those that were packed")
    return scan


def _add_piece(scan: _MemberScan, piece: bytes) -> None:
    """Add the next bytes of a zip member to its digest, CRC and sample windows in ``scan``."""
    scan.digest.update(piece)
    scan.crc = zlib.crc32(piece, scan.crc)
    for number, (start, collected) in enumerate(scan.windows):
        room = (HEAD_BYTES if number == 0 else WINDOW_BYTES) - len(collected)
        begin = start + len(collected) - scan.size
        if room > 0 and 0 <= begin < len(piece):
            collected.extend(piece[begin : begin + room])
    scan.size += len(piece)
    if scan.pieces is not None:
        scan.pieces.append(piece)
        if scan.size > _MAX_BYTES_IN_MEMORY:
            scan.pieces = None


def _exceeded_limit(
    scan: _MemberScan, info: zipfile.ZipInfo, usage: BudgetUsage, added: int
) -> str | None:
    """Count ``added`` bytes in ``usage``; return the reason of an exceeded limit, else None."""
    budget = usage.budget
    usage.total += added
    if (reason := usage.exceeded()) is not None:
        return reason
    if scan.size > budget.member:
        return "MEMBER_TOO_LARGE"
    if scan.size > budget.ratio_from and scan.size > budget.ratio * max(info.compress_size, 1):
        return "ZIP_RATIO"
    return None


def _member_content(
    member_path: str,
    info: zipfile.ZipInfo,
    reopen: Callable[[], BinaryIO],
    scan: _MemberScan,
    seed: int,
) -> Content:
    """Build the Content of a scanned zip member; of a damaged one only its readable bytes."""
    name = member_path.rpartition("!")[2].rpartition("/")[2]
    sha256 = scan.digest.hexdigest()
    if scan.pieces is not None:
        data = b"".join(scan.pieces)
        return memory_content(
            data, name, member=member_path, seed=seed, sha256=sha256, packed_size=info.compress_size
        )
    windows = [Window(start, bytes(collected)) for start, collected in scan.windows if collected]
    windows = [
        w for n, w in enumerate(windows) if n == 0 or w.start >= windows[n - 1].start + WINDOW_BYTES
    ]
    size = scan.size
    open_member = (
        reopen
        if scan.trouble is None
        else lambda: cast("BinaryIO", _MemberStream(reopen(), left=size))
    )
    return Content(name, member_path, size, tuple(windows), open_member, sha256, info.compress_size)


class _MemberStream:
    """Stream over a member (at most ``left`` bytes) that also closes the streams below it."""

    def __init__(self, stream: BinaryIO, *underlying: BinaryIO, left: int | None = None) -> None:
        self._streams = (stream, *underlying)
        self._left = left

    def read(self, size: int = -1) -> bytes:
        if self._left is not None:
            size = self._left if size < 0 else min(size, self._left)
        data = self._streams[0].read(size) if size else b""
        if self._left is not None:
            self._left -= len(data)
        return data

    def close(self) -> None:
        for stream in self._streams:
            stream.close()

    def __enter__(self) -> BinaryIO:
        return cast("BinaryIO", self)

    def __exit__(self, *_: object) -> None:
        self.close()
