r"""Packed texts: decoders of bytes that programs store in a column: lz4, zstd, protobuf, plist.

lz4 and zstd (WeChat), protobuf messages (WeChat, QQ), attributed strings of iOS (typedstream).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from piiscan.errors import SourceError

#: Module for zstd: the standard library's from Python 3.14 on, else that of a package.
ZSTD_MODULE: Final = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"

#: Most bytes that a value may unpack to.
_MAX_UNPACKED: Final = 16 << 20
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_DEPTH: Final = 16
_MAX_FIELD: Final = 1 << 20
#: Bytes before the text of an NSString in a typedstream.
_NSSTRING: Final = re.compile(rb"NS(?:Mutable)?String\x00?\x01(?:\x94|\x95)?\x84\x01\+", re.DOTALL)
#: A field of a message: number, and the bytes of a text or message, or a number.
_Field = tuple[int, bytes | int]


def text_of(data: bytes) -> str | None:
    """Decode UTF-8 bytes; None if they are no UTF-8 or have control characters."""
    try:
        text = data.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return None
    return text if text and _CONTROL.search(text) is None else None


def read_lz4(data: bytes) -> str | None:
    """Return the text in an lz4 block; None for other bytes.

    Raises SourceError without the package.
    """
    try:
        from lz4.block import LZ4BlockError, decompress
    except ImportError:
        raise SourceError("PACKAGE_MISSING", "lz4: archives") from None
    size = min(max(len(data) * 16, 1 << 16), _MAX_UNPACKED)
    while True:
        try:
            return text_of(decompress(data, uncompressed_size=size))
        except (LZ4BlockError, ValueError):
            if size >= min(len(data) * 260, _MAX_UNPACKED):
                return None
            size = min(size * 16, _MAX_UNPACKED)


def read_zstd(data: bytes) -> str | None:
    """Return the text in a zstd frame; None for other bytes.

    Raises SourceError without the package.
    """
    if not data.startswith(_ZSTD):
        return None
    try:
        zstd = import_module(ZSTD_MODULE)
    except ImportError:
        raise SourceError("PACKAGE_MISSING", "backports.zstd: archives") from None
    try:
        opened = zstd.ZstdDecompressor()
        text = text_of(opened.decompress(data, _MAX_UNPACKED))
    except zstd.ZstdError:
        return None
    return text if opened.eof else None


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number of seven bits a byte at offset ``at``, and the offset after it.

    Raises IndexError or ValueError.
    """
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("no number")


def text_at(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the bytes behind their size, and the offset after them.

    Raises IndexError or ValueError.
    """
    size, at = varint(data, at)
    if at + size > len(data):
        raise IndexError
    return data[at : at + size], at + size


def _fields(data: bytes) -> list[_Field] | None:
    """Parse a protobuf message to (field number, value); None for other bytes."""
    at, found = 0, list[_Field]()
    value: bytes | int
    try:
        while at < len(data):
            key, at = varint(data, at)
            number, kind = divmod(key, 8)
            if not 0 < number < _MAX_FIELD:
                return None
            if kind == 2:
                value, at = text_at(data, at)
            elif kind == 0:
                value, at = varint(data, at)
            else:
                size = {1: 8, 5: 4}[kind]
                value, at = int.from_bytes(data[at : at + size], "little"), at + size
            found.append((number, value))
    except (LookupError, ValueError):
        return None
    return found if at == len(data) else None


def _texts(data: bytes, depth: int = 0) -> list[str] | None:
    """Return the texts of a protobuf message and of messages in it; None for other bytes.

    A field is a message if most of its bytes are texts of fields of its own, else a text.
    """
    fields = _fields(data)
    if fields is None or depth > _MAX_DEPTH:
        return None
    found: list[str] = []
    for _, value in fields:
        if not value or isinstance(value, int):
            continue
        text = text_of(value)
        if inner := _message_texts(value, text, depth):
            found += inner
        elif text is not None:
            found.append(text)
    return found


def _message_texts(value: bytes, text: str | None, depth: int) -> list[str] | None:
    """Return the texts of a field that is a message; None for one that is a text or bytes."""
    inner = _texts(value, depth + 1)
    if inner and (text is None or 2 * sum(len(t.encode()) for t in inner) >= len(value)):
        return inner
    return None


def message_tree(data: bytes, depth: int = 0) -> dict[str, Any] | None:
    r"""Return the fields of a protobuf message by their numbers; None for other bytes.

    >>> message_tree(b"\x0a\x0b13800138000\x10\x01\x1a\x05\x0a\x03abc")
    {'1': '13800138000', '2': 1, '3': {'1': 'abc'}}
    """
    fields = _fields(data)
    if fields is None or depth > _MAX_DEPTH:
        return None
    found: dict[str, list[Any]] = {}
    for number, value in fields:
        read: Any = value
        if isinstance(value, bytes):
            read = text = text_of(value)
            if _message_texts(value, text, depth) is not None:
                read = message_tree(value, depth + 1)
            read = value if read is None else read
        found.setdefault(str(number), []).append(read)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def read_protobuf(data: bytes) -> str | None:
    r"""Return the texts of a protobuf message, one a line; None if the bytes are no message.

    >>> read_protobuf(b"\x0a\x0b13800138000\x10\x01\x1a\x05\x0a\x03abc")
    '13800138000\nabc'
    """
    found = _texts(data) if data else None
    return None if found is None else "\n".join(found)


def tagged_text(data: bytes, tag: int) -> str | None:
    r"""Return the text of the entry {1: tag, 2: text} of a protobuf message; None without it.

    >>> tagged_text(b"\x1a\x09\x08\x01\x12\x05wxid_", 1)
    'wxid_'
    """
    for _, entry in _fields(data) or ():
        number = isinstance(entry, bytes) and re.match(rb"\x08([\x00-\x7f])\x12", entry)
        if isinstance(entry, bytes) and number and number[1][0] == tag:
            text = (_fields(entry) or [(0, 0)])[-1][1]
            return None if isinstance(text, int) else text_of(text)
    return None


def read_typedstream(data: bytes) -> str | None:
    r"""Return the text of an iOS attributed string (typedstream); None for other bytes.

    >>> read_typedstream(b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString"
    ...                  b"\x01\x94\x84\x01+\x03abc\x86")
    'abc'
    """
    found = _NSSTRING.search(data)
    if found is None:
        return None
    at = found.end()
    size, at = data[at : at + 1], at + 1
    if size in (b"\x81", b"\x82"):
        width = 2 if size == b"\x81" else 4
        size, at = data[at : at + width], at + width
    return text_of(data[at : at + int.from_bytes(size, "little")])


def each_without(texts: str, left_out: str) -> str | None:
    """Return the lines of ``texts`` without the line ``left_out``; None if none remains."""
    lines = texts.split("\n")
    if left_out in lines:
        lines.remove(left_out)
    return "\n".join(lines) or None


#: Function that returns the text of packed bytes; None if they are not packed so.
Reader = Callable[[bytes], str | None]
#: Name of a reader in a profile -> the reader.
READERS: Final[Mapping[str, Reader]] = {
    "text": text_of,
    "lz4": read_lz4,
    "zstd": read_zstd,
    "protobuf": read_protobuf,
    "typedstream": read_typedstream,
}
