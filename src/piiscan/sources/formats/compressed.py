"""Compressed files (gzip, zlib, bzip2, xz, lzma, zstd, lz4): one member, named without the suffix.

Streams one after the other are one member.  Bytes behind the last stream are a member of their own,
``a.csv.gz!#trailing``, and so are skippable frames, ``a.csv.zst!#skipped``; the name and the
comment in a gzip header are ``a.csv.gz!#comment``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from itertools import chain
from typing import Any, BinaryIO, Final

from piiscan.sources.archives.member_names import comment_content
from piiscan.sources.archives.spool import MemberScan, Packed
from piiscan.sources.block import Trouble
from piiscan.sources.content import PIECE_BYTES, memory_member, read_pieces
from piiscan.sources.encoding.detector import decode_name
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.packed_texts import ZSTD_MODULE
from piiscan.sources.read_context import ReadContext

_INPUT_BYTES: Final = 8 << 10  # an error in a piece costs what the piece unpacks to
#: Suffix -> suffix of the member.
_SUFFIXES: Final = {
    **dict.fromkeys(("gz", "gzip", "bz2", "bz", "xz", "lzma", "zst", "zstd", "lz4"), ""),
    **dict.fromkeys(("tgz", "taz", "tbz", "tbz2", "txz", "tlz", "tzst"), ".tar"),
    "svgz": ".svg",
}


class _Gzip:
    """Decompressor of one gzip stream. It stores header texts; ``wrong``: its CRC is wrong."""

    def __init__(self, texts: list[bytes]) -> None:
        self._texts, self._waiting = texts, b""
        self._inflate: Any = None
        self._crc = self._size = 0
        self.eof, self.unused_data, self.wrong = False, b"", False

    @property
    def needs_input(self) -> bool:
        """Return True if more packed bytes are needed."""
        return not self.eof and not (self._inflate and self._waiting and not self._inflate.eof)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return up to ``max_length`` bytes of the unpacked stream."""
        self._waiting += data
        if self._inflate is None:
            if (end := _gzip_header_end(self._waiting, self._texts)) is None:
                return b""
            self._waiting, self._inflate = self._waiting[end:], zlib.decompressobj(-15)
        found: bytes = b""
        if not self._inflate.eof:
            found = self._inflate.decompress(self._waiting, max_length)
            self._waiting = self._inflate.unconsumed_tail or self._inflate.unused_data
            self._crc = zlib.crc32(found, self._crc)
            self._size += len(found)
        if self._inflate.eof and len(self._waiting) >= 8:
            check = struct.pack("<II", self._crc, self._size & 0xFFFFFFFF)
            self.wrong = self._waiting[:8] != check
            self.eof, self.unused_data, self._waiting = True, self._waiting[8:], b""
        return found


class _Zlib:
    """Decompressor of one zlib stream, which has a checksum of its own."""

    def __init__(self) -> None:
        self._inflate, self._waiting = zlib.decompressobj(), b""

    @property
    def eof(self) -> bool:
        """Return True behind the end of the stream."""
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        """Return the bytes behind the end of the stream."""
        return self._inflate.unused_data

    @property
    def needs_input(self) -> bool:
        """Return True if more packed bytes are needed."""
        return not (self._inflate.eof or self._waiting)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return up to ``max_length`` bytes of the unpacked stream."""
        found = self._inflate.decompress(self._waiting + data, max_length)
        self._waiting = self._inflate.unconsumed_tail
        return found


def _is_zlib(sample: Sample) -> bool:
    """Return True if the first bytes can be unpacked."""
    try:
        return bool(zlib.decompressobj().decompress(sample.content.head[:4096], 4096))
    except zlib.error:
        return False


def _gzip_header_end(data: bytes, texts: list[bytes]) -> int | None:
    """Return the byte offset after a gzip header; None if ``data`` ends in it.

    Add the file name and the comment in it to ``texts``. Raises ValueError for other bytes.
    """
    if len(data) < 10:
        return None
    if data[:3] != b"\x1f\x8b\x08":
        raise ValueError
    flags, at, found = data[3], 10, []
    if flags & 4:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            end = data.find(b"\0", at)
            if end < 0:
                if len(data) > 1 << 20:
                    raise ValueError
                return None
            found.append(data[at:end])
            at = end + 1
    at += flags & 2
    if at > len(data):
        return None
    texts.extend(found)
    return at


class _SkippedFrame:
    """Decompressor of a skippable frame, which adds its bytes to ``skipped``."""

    def __init__(self, skipped: bytearray) -> None:
        self._skipped, self._head, self._left = skipped, b"", 8
        self.eof, self.unused_data, self.needs_input = False, b"", True

    def decompress(self, data: bytes, _: int) -> bytes:
        """Take the bytes of the frame; return nothing."""
        if len(self._head) < 8:
            head = (self._head + data)[:8]
            data = data[len(head) - len(self._head) :]
            self._head, self._left = head, int.from_bytes(head[4:], "little")
        if len(self._head) == 8:
            self._skipped += data[: self._left]
            rest = data[self._left :]
            self._left -= len(data) - len(rest)
            self.eof, self.unused_data = not self._left, rest
        return b""


@dataclass(slots=True)
class _Unpacking:
    """State of unpacking: reason of an error, and bytes after the last stream.

    ``new`` returns the decompressor of one stream, as in the standard library (bz2, lzma).
    """

    new: Callable[[], Any]
    signatures: tuple[bytes, ...]
    name: str
    trailing: bytes = b""
    reason: tuple[str, str] | None = None
    skipped: bytearray = field(default_factory=bytearray)

    def _next(self, data: bytes) -> Any:
        """Return the decompressor of the stream that begins with ``data``."""
        return _SkippedFrame(self.skipped) if data.startswith(_SKIPPABLE) else self.new()

    def pieces(self, stream: BinaryIO) -> Iterator[bytes]:
        """Yield the unpacked bytes of all streams in a row, up to the last stream or an error."""
        data = stream.read(_INPUT_BYTES)
        decompressor = self._next(data)
        longest = max(map(len, self.signatures))
        while True:
            if decompressor.needs_input and not data:
                data = stream.read(_INPUT_BYTES)
                if not data:
                    self.reason = ("CORRUPT", f"{self.name}: cut off")
                    return
            piece = decompressor.decompress(data, PIECE_BYTES)
            data = b""
            if piece:
                yield piece
            if decompressor.eof:
                if getattr(decompressor, "wrong", False):
                    self.reason = ("CRC", "the bytes are not those that were packed")
                data = decompressor.unused_data or b""
                while len(data := data.lstrip(b"\0")) < longest and (
                    more := stream.read(_INPUT_BYTES)
                ):
                    data += more  # NULs may come before the next stream
                if not data.startswith(self.signatures):
                    self.trailing = data
                    return
                decompressor = self._next(data)


def _open(
    sample: Sample, context: ReadContext, *, name: str, signatures: tuple[bytes, ...]
) -> Opened:
    """Yield the member of a compressed file, the texts of its header, and the bytes after it."""
    content, texts = sample.content, list[bytes]()
    member = content.member_path(member_name(content.name))
    new = partial(_Gzip, texts) if name == "gzip" else partial(_NEW[name], context.budget.in_memory)
    unpacking = _Unpacking(new, signatures, name)
    scan = MemberScan(member, context.usage, Packed(content.size))
    rest = MemberScan(content.member_path("#trailing"), context.usage, Packed(content.size))
    with content.open() as stream:
        scan.read_damaged(unpacking.pieces(stream))
        if unpacking.trailing:
            rest.read_damaged(chain((unpacking.trailing,), read_pieces(stream)))
    if unpacking.reason is not None and scan.trouble is None:
        scan.trouble = Trouble(member, *unpacking.reason)
    yield from scan.opened(seed=context.seed)
    if rest.size:
        yield from rest.opened(seed=context.seed)
    if unpacking.skipped:
        yield memory_member(content, "#skipped", bytes(unpacking.skipped), seed=context.seed)
    own_name = member.rpartition("!")[2]
    comments = map(decode_name, texts)
    yield from comment_content(content, (text for text in comments if text != own_name))


def member_name(name: str) -> str:
    """Return the name of the member of a compressed file.

    >>> member_name("a.csv.gz"), member_name("b.TGZ"), member_name("c.bin")
    ('a.csv', 'b.tar', 'c.bin')
    """
    stem, _, suffix = name.rpartition(".")
    return stem + _SUFFIXES[suffix.lower()] if stem and suffix.lower() in _SUFFIXES else name


def _zstd(in_memory: int) -> Any:
    """Return a decompressor of one zstd frame, within ``in_memory`` bytes."""
    zstd = import_module(ZSTD_MODULE)
    options = {zstd.DecompressionParameter.window_log_max: in_memory.bit_length() - 1}
    return zstd.ZstdDecompressor(options=options)


#: Name of a compressor -> function that returns a decompressor of one stream, within so many bytes.
_NEW: Final[dict[str, Callable[[int], Any]]] = {
    "zlib": lambda _: _Zlib(),
    "bzip2": lambda _: import_module("bz2").BZ2Decompressor(),
    **dict.fromkeys(
        ("xz", "lzma"), lambda memory: import_module("lzma").LZMADecompressor(memlimit=memory)
    ),
    "zstd": _zstd,
    "lz4": lambda _: import_module("lz4.frame").LZ4FrameDecompressor(),
}


def _is_lzma(sample: Sample) -> bool:
    """Return True if the content begins with an lzma header as xz writes it (no signature)."""
    head = sample.content.head
    size = int.from_bytes(head[5:13], "little")
    dictionary = int.from_bytes(head[1:5], "little")
    return (
        len(head) > 13
        and dictionary in {1 << n for n in range(12, 31)} | {3 << n for n in range(11, 30)}
        and (size == (1 << 64) - 1 or size < 1 << 38)
        and head[13] == 0  # the first byte of the coder
    )


def _is_framed(sample: Sample, signature: bytes) -> bool:
    """Return True if a frame with ``signature`` comes first, or after skippable frames."""
    data = sample.content.head
    while data.startswith(_SKIPPABLE) and len(data) >= 8:
        data = data[8 + int.from_bytes(data[4:8], "little") :]
    return data.startswith(signature)


def _compressed(name: str, signatures: tuple[bytes, ...], **more: Any) -> Format:
    """Build the Format of a compressor. ``signatures``: first bytes of its streams."""
    found = tuple((0, signature) for signature in signatures)
    opened = partial(_open, name=name, signatures=signatures)
    return Format(name, 20, opened, signatures=found, container=True, **more)


_BZIP2: Final = tuple(
    b"BZh%d%s" % (level, magic) for level in range(1, 10) for magic in (b"1AY", b"\x17\x72\x45")
)
_ZLIB: Final = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
_SKIPPABLE: Final = tuple(bytes((0x50 + n, 0x2A, 0x4D, 0x18)) for n in range(16))

FORMATS: Final = (
    _compressed("gzip", (b"\x1f\x8b",), extensions=("gz", "tgz")),
    _compressed("zlib", _ZLIB, probe=_is_zlib),
    _compressed("bzip2", _BZIP2, extensions=("bz2", "tbz")),
    _compressed("xz", (b"\xfd7zXZ\x00",), extensions=("xz", "txz")),
    _compressed("lzma", (b"\x5d\x00\x00",), probe=_is_lzma, extensions=("lzma",)),
    _compressed(
        "zstd",
        (b"\x28\xb5\x2f\xfd", *_SKIPPABLE),
        probe=lambda sample: _is_framed(sample, b"\x28\xb5\x2f\xfd"),
        extensions=("zst", "tzst"),
        packages=(ZSTD_MODULE,),
        extra="archives",
    ),
    _compressed(
        "lz4",
        (b"\x04\x22\x4d\x18", *_SKIPPABLE),
        probe=lambda sample: _is_framed(sample, b"\x04\x22\x4d\x18"),
        extensions=("lz4",),
        packages=("lz4",),
        extra="archives",
    ),
)
