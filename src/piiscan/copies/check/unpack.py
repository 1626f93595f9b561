"""Unpacking by bytes: each zip entry with a header, at any depth, tar entries and gzip streams.

The directory of a zip is not believed: entries are found by their headers, so one that the
directory leaves out is read too. Names, comments, extra fields and bytes between entries are a
part of their own.
"""

from __future__ import annotations

import base64
import bz2
import contextlib
import lzma
import mmap
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from piiscan.errors import SourceError

_ENTRY: Final = b"PK\x03\x04"
_RECORDS: Final = (_ENTRY, b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08", b"PK\x06\x06")
#: First bytes of packed files, and what unpacks them.
_STREAMS: Final[dict[bytes, Callable[[], Any]]] = {
    b"\x1f\x8b\x08": lambda: zlib.decompressobj(31),
    b"BZh91AY&SY": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}
_TAR, _TAR_BLOCK = b"ustar", 512
#: A part of a message behind the header that tells how it is encoded.
_ENCODED: Final = re.compile(
    rb"^content-transfer-encoding:[ \t]*base64[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n"
    rb"((?:[A-Za-z0-9+/=]+\r?\n)+)",
    re.IGNORECASE | re.MULTILINE,
)
_STEP: Final = 1 << 20
_IN_MEMORY: Final = 64 << 20
_MAX_DEPTH: Final = 12
_STORED, _DEFLATED, _BZIP2, _LZMA = 0, 8, 12, 14

#: Bytes, or a file in memory.
Data = bytes | mmap.mmap


class Part(NamedTuple):
    """Bytes of a copy and the path to them: ``a.zip!b.xlsx!xl/workbook.xml``."""

    name: str
    data: Data


def unpack(name: str, data: Data, folder: Path, depth: int = 0) -> Iterator[Part]:
    """Yield all parts of ``data``: the entries of containers, and the bytes between them.

    ``folder``: temporary files. Raise SourceError for an entry that cannot be unpacked.
    """
    if depth > _MAX_DEPTH:
        raise SourceError("ZIP_DEPTH", f"archives nested more than {_MAX_DEPTH} deep")
    for signature, decoder in _STREAMS.items():
        if data[: len(signature)] == signature:
            inner, _ = _inflate(data, 0, decoder(), folder)
            yield from unpack(f"{name}!", inner, folder, depth + 1)
            return
    if data[257:262] == _TAR:
        yield from _unpack_tar(name, data, folder, depth)
        return
    between, at = [], 0
    while (begin := data.find(_ENTRY, at)) >= 0:
        entry = _read_entry(data, begin, folder)
        if entry is None:
            between.append(data[at : begin + 4])
            at = begin + 4
            continue
        inner_name, inner, start, at_end = entry
        between.append(data[at:start])
        at = at_end
        yield from unpack(f"{name}!{inner_name}", inner, folder, depth + 1)
    rest = b"\n".join([*between, data[at:]]) if between else data
    for found in _ENCODED.finditer(rest):
        with contextlib.suppress(ValueError):
            decoded = base64.b64decode(found[1])
            yield from unpack(f"{name}!", decoded, folder, depth + 1)
    yield Part(name, rest)


def _unpack_tar(name: str, data: Data, folder: Path, depth: int) -> Iterator[Part]:
    """Yield the parts in a tar archive's entries; last, its headers."""
    headers, at = [], 0
    while at < len(data):
        header = data[at : at + _TAR_BLOCK]
        headers.append(header)
        at += _TAR_BLOCK
        if header[257:262] != _TAR:
            continue
        digits = header[124:136].strip(b"\0 ")
        size = int(digits, 8) if re.fullmatch(rb"[0-7]{1,12}", digits) else 0
        inner_name = header[:100].rstrip(b"\0").decode("utf-8", "replace")
        yield from unpack(f"{name}!{inner_name}", data[at : at + size], folder, depth + 1)
        at += -(-size // _TAR_BLOCK) * _TAR_BLOCK
    yield Part(name, b"\n".join(headers))


def _read_entry(data: Data, begin: int, folder: Path) -> tuple[str, Data, int, int] | None:
    """Return (name, unpacked bytes, start, end of the packed bytes) of the entry at ``begin``.

    Return None if there is no such entry. Raise SourceError if it cannot be unpacked.
    """
    header = data[begin : begin + 30]
    if len(header) < 30 or header[5] or header[4] > 63:
        return None
    method = int.from_bytes(header[8:10], "little")
    size, whole = int.from_bytes(header[18:22], "little"), int.from_bytes(header[22:26], "little")
    name_end = begin + 30 + int.from_bytes(header[26:28], "little")
    start = name_end + int.from_bytes(header[28:30], "little")
    name = data[begin + 30 : name_end].decode("utf-8", "replace")
    if header[6] & 1:
        raise SourceError("ENCRYPTED", "the member has a password")
    if method == _STORED:
        if whole == 0xFFFFFFFF:
            size = _large_size(data[name_end:start])
        end = start + size if size or not header[6] & 8 else _next_record(data, start)
        return name, data[start:end], start, end
    try:
        decoder, first = _decoder(method, data, start)
        inner, end = _inflate(data, first, decoder, folder)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
        raise SourceError("CORRUPT", f"zip: {type(error).__name__}") from None
    return name, inner, start, end


def _decoder(method: int, data: Data, start: int) -> tuple[Any, int]:
    """Return (decompressor, offset of its first byte) for a zip method.

    Raises SourceError for an unknown method.
    """
    if method == _DEFLATED:
        return zlib.decompressobj(-15), start
    if method == _BZIP2:
        return bz2.BZ2Decompressor(), start
    if method == _LZMA:
        size = int.from_bytes(data[start + 2 : start + 4], "little")
        known: Any = lzma
        options = known._decode_filter_properties(
            lzma.FILTER_LZMA1, data[start + 4 : start + 4 + size]
        )
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[options]), start + 4 + size
    raise SourceError("NOT_SUPPORTED_YET", f"zip method {method}")


def _large_size(extra: bytes) -> int:
    """Return the packed size in a zip64 extra field; 0 without one."""
    at = 0
    while at + 4 <= len(extra):
        size = int.from_bytes(extra[at + 2 : at + 4], "little")
        if extra[at : at + 2] == b"\x01\x00":
            return int.from_bytes(extra[at + 12 : at + 20], "little")
        at += 4 + size
    return 0


def _next_record(data: Data, start: int) -> int:
    """Return the byte offset of the next zip record; the end of ``data`` without one."""
    found = [at for record in _RECORDS if (at := data.find(record, start)) >= 0]
    return min(found, default=len(data))


def _inflate(data: Data, at: int, decoder: Any, folder: Path) -> tuple[Data, int]:
    """Unpack the stream at offset ``at``. Return (bytes, end offset of the stream)."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(folder)) as out:
        while not decoder.eof and at < len(data):
            piece = data[at : at + _STEP]
            at += len(piece)
            out.write(decoder.decompress(piece))
        end = at - len(decoder.unused_data)
        size = out.tell()
        if size <= _IN_MEMORY:
            out.seek(0)
            return out.read(), end
        out.flush()
        return mmap.mmap(out.fileno(), size, access=mmap.ACCESS_READ), end
