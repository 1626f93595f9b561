"""Members of zip archives: names, bytes, digests; never on disk, never beyond the budget."""

from __future__ import annotations

import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, Final, cast

from piiscan.sources.block import Trouble
from piiscan.sources.content import HEAD, WINDOW, Content, Window, held_content, middle_start
from piiscan.sources.encoding.detector import CODECS, best_encoding, decode_name
from piiscan.sources.limits import STANDARD, Budget

_PIECE: Final = 1 << 20
#: Members up to this size are held while they are read; larger ones are unpacked twice.
_HELD: Final = 8 << 20
_CENTRAL: Final = b"PK\x01\x02"  # a member's entry in the archive's directory
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


@dataclass(slots=True)
class Spending:
    """What of a source's budget is used up, shared by all archives inside it."""

    budget: Budget
    total: int = 0
    depth: int = 0


@dataclass(slots=True)
class _Look:
    """What one pass over a member gathers."""

    size: int = 0
    crc: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    held: list[bytes] | None = field(default_factory=list)
    windows: list[tuple[int, bytearray]] = field(default_factory=list)
    trouble: Trouble | None = None


def open_members(
    content: Content, spending: Spending, *, seed: int = 0
) -> Iterator[Content | Trouble]:
    """Every file in a zip archive, in the archive's order, as a Content with its SHA-256.

    What cannot be read whole is given as far as it goes, followed by its Trouble. A member's name
    is only a name: nothing is written, so ``../`` in it leads nowhere.
    """
    for _, member in open_entries(content, spending, seed=seed):
        yield member


def open_entries(
    content: Content, spending: Spending, *, seed: int = 0
) -> Iterator[tuple[zipfile.ZipInfo | None, Content | Trouble]]:
    """The same with the archive's entry of each; None for what concerns the archive."""
    chain = f"{content.member}!" if content.member else ""
    stream = content.open()
    try:
        archive = _open_archive(stream)
    except (*_BROKEN, NotImplementedError, RecursionError) as error:
        stream.close()
        yield None, Trouble(content.member, "CORRUPT", f"zip: {type(error).__name__}")
        return
    with stream, archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        names = member_names(infos)
        for number, (info, name) in enumerate(zip(infos, names, strict=True)):
            if number >= spending.budget.members:
                detail = f"{len(infos) - number} members over the budget"
                yield None, Trouble(content.member, "ZIP_MEMBERS", detail)
                return
            reopen = _reopener(content, archive, info)
            for member in _open_member(chain + name, info, reopen, spending, seed):
                yield info, member


def _open_archive(stream: BinaryIO) -> zipfile.ZipFile:
    """The archive; one that calls GBK names UTF-8 (some old packers do) with that flag ignored."""
    try:
        return zipfile.ZipFile(stream)
    except UnicodeDecodeError:
        if stream.seek(0, io.SEEK_END) > STANDARD.held:
            raise
        stream.seek(0)
        data = bytearray(stream.read())
        end = data.rfind(b"PK\x05\x06")  # it says where the directory begins
        at = data.find(_CENTRAL, int.from_bytes(data[end + 16 : end + 20], "little"))
        while at >= 0:
            local = int.from_bytes(data[at + 42 : at + 46], "little")
            for flags in (at + 9, local + 7):
                if flags < len(data):
                    data[flags] &= ~0x08
            at = data.find(_CENTRAL, at + 46)
        return zipfile.ZipFile(io.BytesIO(data))


def member_names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Names as people wrote them: by the UTF-8 flag, else GBK or Big5, decided over all of them.

    A name that comes again gets ``;2``, so that every chain is one place.
    """
    raw = [_raw_name(info) for info in infos]
    others = b"\n".join(name for name in raw if name is not None)[: 64 << 10]
    seen: dict[str, int] = {}
    names = []
    for info, data in zip(infos, raw, strict=True):
        name = info.filename if data is None else _decode(data, others)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name};{seen[name]}")
    return names


def _raw_name(info: zipfile.ZipInfo) -> bytes | None:
    """The name's bytes, None where the archive says it is UTF-8."""
    if info.flag_bits & 0x800:
        return None
    return info.orig_filename.encode("cp437", "replace")


def _decode(data: bytes, others: bytes) -> str:
    # one archive, one system: all its names in one encoding, unless this one does not fit
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
    """Opens the member; from a new archive if the shared one was closed in the meantime."""

    def open_again() -> BinaryIO:
        if archive.fp is not None:
            return _without_crc(archive.open(info))
        beneath = content.open()
        with _open_archive(beneath) as again:
            member = _without_crc(again.open(info))
        return cast("BinaryIO", _Member(member, beneath))

    return open_again


def _without_crc(stream: IO[bytes]) -> BinaryIO:
    """The stream not checking its CRC: zipfile would keep back the last bytes of a damaged member.

    The check is made in the first pass, which reports it.
    """
    if getattr(stream, "_expected_crc", None) is not None:
        stream._expected_crc = None  # type: ignore[attr-defined]
    return cast("BinaryIO", stream)


def _open_member(
    chain: str,
    info: zipfile.ZipInfo,
    reopen: Callable[[], BinaryIO],
    spending: Spending,
    seed: int,
) -> Iterator[Content | Trouble]:
    if info.flag_bits & 0x1:
        yield Trouble(chain, "ENCRYPTED", "the member has a password")
        return
    if info.file_size > spending.budget.member:
        yield Trouble(chain, "MEMBER_TOO_LARGE", f"{info.file_size} bytes; over the budget")
        return
    look = _first_pass(chain, info, reopen, spending, seed)
    if look.size or look.trouble is None:
        yield _content(chain, info, reopen, look, seed)
    if look.trouble is not None:
        yield look.trouble


def _first_pass(
    chain: str,
    info: zipfile.ZipInfo,
    reopen: Callable[[], BinaryIO],
    spending: Spending,
    seed: int,
) -> _Look:
    """Read the member once: digest, CRC, three looks, and its bytes if they are few."""
    look = _Look()
    starts = (0, max(middle_start(info.file_size, seed), HEAD), max(info.file_size - WINDOW, HEAD))
    look.windows = [(start, bytearray()) for start in starts]
    try:
        with reopen() as stream:
            while piece := stream.read(_PIECE):
                _take(look, piece)
                if (why := _over(look, info, spending, len(piece))) is not None:
                    look.trouble = Trouble(chain, why, f"stopped after {look.size} bytes")
                    return look
    except NotImplementedError:
        look.trouble = Trouble(chain, "NOT_SUPPORTED_YET", f"zip method {info.compress_type}")
    except (*_BROKEN, RuntimeError) as error:
        detail = f"{type(error).__name__} after {look.size} of {info.file_size} bytes"
        look.trouble = Trouble(chain, "CORRUPT", detail)
    else:
        if look.crc != info.CRC:
            look.trouble = Trouble(chain, "CRC", "the bytes are not those that were packed")
    return look


def _take(look: _Look, piece: bytes) -> None:
    look.digest.update(piece)
    look.crc = zlib.crc32(piece, look.crc)
    for number, (start, kept) in enumerate(look.windows):
        room = (HEAD if number == 0 else WINDOW) - len(kept)
        begin = start + len(kept) - look.size
        if room > 0 and 0 <= begin < len(piece):
            kept.extend(piece[begin : begin + room])
    look.size += len(piece)
    if look.held is not None:
        look.held.append(piece)
        if look.size > _HELD:
            look.held = None


def _over(look: _Look, info: zipfile.ZipInfo, spending: Spending, more: int) -> str | None:
    """Which limit the member has passed, if any."""
    budget = spending.budget
    spending.total += more
    if spending.total > budget.total:
        return "ZIP_TOTAL"
    if look.size > budget.member:
        return "MEMBER_TOO_LARGE"
    if look.size > budget.ratio_from and look.size > budget.ratio * max(info.compress_size, 1):
        return "ZIP_RATIO"
    return None


def _content(
    chain: str, info: zipfile.ZipInfo, reopen: Callable[[], BinaryIO], look: _Look, seed: int
) -> Content:
    name = chain.rpartition("!")[2].rpartition("/")[2]
    sha256 = look.digest.hexdigest()
    if look.held is not None:
        data = b"".join(look.held)
        return held_content(
            data, name, member=chain, seed=seed, sha256=sha256, packed=info.compress_size
        )
    windows = [Window(start, bytes(kept)) for start, kept in look.windows if kept]
    windows = [
        w for n, w in enumerate(windows) if n == 0 or w.start >= windows[n - 1].start + WINDOW
    ]
    size = look.size
    opened = (
        reopen if look.trouble is None else lambda: cast("BinaryIO", _Member(reopen(), left=size))
    )
    return Content(name, chain, size, tuple(windows), opened, sha256, info.compress_size)


class _Member:
    """A member's bytes (at most ``left`` of them); closes what had to be opened beneath it."""

    def __init__(self, stream: BinaryIO, *beneath: BinaryIO, left: int | None = None) -> None:
        self._streams = (stream, *beneath)
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
