"""Table file: plain arrays in one file, mapped into memory and checked before use.

A file is equal on every platform: little-endian arrays at multiples of 64 bytes, behind a line with
the length and SHA-256 of a JSON header. Nothing in a file can run code.

    file := line header padding (array padding)*    line := "piiscan tables 2" length sha256

What is checked when: :func:`open_tables` checks the header by its digest, the size, the bounds of
each array, and all bytes by their sums (0.4 ms for 17 MB, every process). Whoever uses the arrays
checks their ranges. :meth:`TableFile.sha256` hashes all bytes (9 ms): for the facts of a case.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from piiscan.arrays import AnyArray

Arrays = Mapping[str, AnyArray]

_MAGIC: Final = b"piiscan tables 2"
_LINE_BYTES: Final = 128
_ALIGNMENT: Final = 64
#: Words of eight bytes for which one sum is made.
_SUMMED: Final = 512
#: Most elements of an array, so that a wrong shape cannot take all memory.
_MAX_ELEMENTS: Final = 1 << 27
_TYPES: Final = frozenset(
    ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8")
)


@dataclass(frozen=True, eq=False, slots=True)
class TableFile:
    """Arrays of a table file by name, read-only, and the ``facts`` with which it was written."""

    arrays: Arrays
    facts: Mapping[str, str]
    content: mmap.mmap

    def sha256(self) -> str:
        """Return the SHA-256 (hex) of the whole file as it is mapped."""
        return hashlib.sha256(self.content).hexdigest()


def pack_tables(arrays: Arrays, facts: Mapping[str, str]) -> bytes:
    """Return the content of a table file of ``arrays``; ``facts`` name their inputs."""
    pieces: list[bytes] = []
    size = 0

    def append(array: AnyArray) -> int:
        nonlocal size
        piece = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        piece += bytes(-len(piece) % _ALIGNMENT)
        pieces.append(piece)
        size += len(piece)
        return size - len(piece)

    entries = {}
    for name, array in arrays.items():
        entries[name] = {
            "type": array.dtype.newbyteorder("<").str,
            "shape": array.shape,
            "offset": append(array),
        }
    pieces.append(bytes(-size % (8 * _SUMMED)))
    body = b"".join(pieces)
    header = json.dumps(
        {"facts": dict(facts), "arrays": entries, "bytes": len(body), "sums": _sums(body)}
    ).encode()
    line = b"%s %d %s" % (_MAGIC, len(header), hashlib.sha256(header).hexdigest().encode())
    start = _LINE_BYTES + len(header)
    return line.ljust(_LINE_BYTES, b"\n") + header + bytes(-start % _ALIGNMENT) + body


def open_tables(path: Path, accept: Callable[[os.stat_result], bool]) -> TableFile | None:
    """Map the table file ``path`` and check all of it; None if it is absent, broken or refused.

    ``accept`` refuses the file by its owner and mode.
    """
    try:
        with path.open("rb") as file:
            if not accept(os.fstat(file.fileno())):
                return None
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _read(content)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read(content: mmap.mmap) -> TableFile:
    """Return the arrays in ``content``. Raise ValueError, KeyError or TypeError if it is broken."""
    *magic, length, digest = content[:_LINE_BYTES].split()
    start = _LINE_BYTES + int(length)
    header = content[_LINE_BYTES:start]
    if b" ".join(magic) != _MAGIC or hashlib.sha256(header).hexdigest().encode() != digest:
        raise ValueError("not a table file")
    read = json.loads(header)
    body = memoryview(content)[start + -start % _ALIGNMENT :]
    if len(body) != read["bytes"] or _sums(body) != read["sums"]:
        raise ValueError("a damaged table file")
    arrays = {name: _array(body, entry) for name, entry in read["arrays"].items()}
    return TableFile(arrays, read["facts"], content)


def _array(body: memoryview, entry: Mapping[str, Any]) -> AnyArray:
    """Return one array of ``body``. Raise ValueError if it is not within it, or of another type."""
    if entry["type"] not in _TYPES:
        raise ValueError("an array of another type")
    element, shape = np.dtype(entry["type"]), tuple(entry["shape"])
    size = math.prod(shape)
    if min((entry["offset"], *shape)) < 0 or size > _MAX_ELEMENTS:
        raise ValueError("an array outside its file")
    array = np.frombuffer(body, element, size, entry["offset"]) if size else np.empty(0, element)
    array = array.astype(element.newbyteorder("="), copy=False)
    array.flags.writeable = False
    return array.reshape(shape)


def _sums(body: bytes | memoryview) -> str:
    """Return a digest of the sums of every 4096 bytes; any changed byte changes it."""
    words = np.frombuffer(body, "<u8").reshape(-1, _SUMMED)
    return hashlib.sha256(words.sum(axis=1, dtype="<u8").tobytes()).hexdigest()


def text_array(value: Any) -> AnyArray:
    """Return plain data (texts, numbers, lists, mappings of texts) as an array: its JSON."""
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), np.uint8)


def value_of(array: AnyArray) -> Any:
    """Return the plain data of :func:`text_array`."""
    return json.loads(array.tobytes())
