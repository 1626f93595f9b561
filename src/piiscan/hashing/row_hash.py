"""Keyed digests of rows: SipHash-2-4 with 128 bits over cells as they are compared, added up.

A row is equal to another if its cells are, whatever order their columns have: so each cell is
hashed by itself and the digests of a row are added, as two words.  Without the key the cells of a
row cannot be tried out.  SipHash (Aumasson and Bernstein, 2012; their 128-bit variant) is made for
texts this short: a cell of 18 characters takes 25 ns.

A cell is compared without white space and zero-width characters, in half width, with small Latin
letters, and without what keeps a spreadsheet from making it a number (``'138…``, ``="138…"``).
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64, UInt8, UInt64
from piiscan.jit import eights, frozen, kernel, woven

_DROP: Final = 0
_LEAD: Final = 1  # a character that may have to be written otherwise begins here


def _bytes() -> UInt8:
    """What each byte becomes: itself or its small letter, _DROP or _LEAD."""
    table = np.arange(256, dtype=np.uint8)
    table[:33] = _DROP
    table[127] = _DROP
    table[ord("A") : ord("Z") + 1] += 32
    table[[0xC2, 0xE2, 0xE3, 0xEF]] = _LEAD
    table.setflags(write=False)
    return table


_TABLE: Final = _bytes()


@woven
def _round(v0: Any, v1: Any, v2: Any, v3: Any) -> tuple[Any, Any, Any, Any]:
    v0 = v0 + v1
    v1 = (v1 << np.uint64(13)) | (v1 >> np.uint64(51))
    v1 ^= v0
    v0 = (v0 << np.uint64(32)) | (v0 >> np.uint64(32))
    v2 = v2 + v3
    v3 = (v3 << np.uint64(16)) | (v3 >> np.uint64(48))
    v3 ^= v2
    v0 = v0 + v3
    v3 = (v3 << np.uint64(21)) | (v3 >> np.uint64(43))
    v3 ^= v0
    v2 = v2 + v1
    v1 = (v1 << np.uint64(17)) | (v1 >> np.uint64(47))
    v1 ^= v2
    v2 = (v2 << np.uint64(32)) | (v2 >> np.uint64(32))
    return v0, v1, v2, v3


@woven
def _take(v0: Any, v1: Any, v2: Any, v3: Any, word: Any) -> tuple[Any, Any, Any, Any]:
    """The state after eight more bytes."""
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= word
    return v0, v1, v2, v3


@woven
def _finish(v0: Any, v1: Any, v2: Any, v3: Any) -> tuple[Any, Any]:
    """The two words of the digest."""
    v2 ^= np.uint64(0xEE)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    first = v0 ^ v1 ^ v2 ^ v3
    v1 ^= np.uint64(0xDD)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return first, v0 ^ v1 ^ v2 ^ v3


@woven
def _wide(b0: Any, b1: Any, b2: Any) -> tuple[Any, Any]:
    """What a character that begins with ``b0`` is written as, and its bytes; -1: as it stands.

    Spaces, zero-width characters and byte order marks are nothing (0).
    """
    if b0 == 0xC2:
        return (0, 2) if b1 == 0xA0 or b1 == 0xAD else (-1, 2)
    if b0 == 0xE3:
        return (0, 3) if b1 == 0x80 and b2 == 0x80 else (-1, 3)
    if b0 == 0xE2:
        if b1 == 0x80 and (b2 <= 0x8F or 0xA8 <= b2 <= 0xAF):
            return 0, 3
        return (0, 3) if b1 == 0x81 and 0x9F <= b2 <= 0xAF else (-1, 3)
    if b1 == 0xBB and b2 == 0xBF:
        return 0, 3
    code = -1
    if b1 == 0xBC and b2 >= 0x81:
        code = b2 - 0x81 + 0x21
    elif b1 == 0xBD and b2 <= 0x9E:
        code = b2 - 0x80 + 0x60
    if 65 <= code <= 90:
        code += 32
    return code, 3


@woven
def _bounds(data: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """The cell without ``'`` in front, or ``="`` and ``"`` around it."""
    if high - low > 3 and data[low] == 61 and data[low + 1] == 34 and data[high - 1] == 34:
        return low + 2, high - 1
    if high - low > 1 and data[low] == 39:
        return low + 1, high
    return low, high


@woven
def _is_plain(eight: Any) -> Any:
    """Whether eight bytes are digits or signs, ``!`` to ``@``, which stay as they are."""
    high = np.uint64(0x8080808080808080)
    letters = (eight | (eight + np.uint64(0x3F3F3F3F3F3F3F3F))) & high
    blanks = (eight + np.uint64(0x5F5F5F5F5F5F5F5F)) & high
    return letters == np.uint64(0) and blanks == high


@kernel
def _add(
    offsets: Int64,
    data: UInt8,
    words: UInt64,
    slots: Int64,
    tag: Any,
    key: UInt64,
    out: UInt64,
) -> None:
    """Add the digest of each cell that is not empty to ``out[slots[i]]``; -1: leave it out."""
    for i in range(len(slots)):
        if slots[i] < 0:
            continue
        low, high = _bounds(data, offsets[i], offsets[i + 1])
        v0 = key[0] ^ np.uint64(0x736F6D6570736575)
        v1 = key[1] ^ np.uint64(0x646F72616E646F6D) ^ np.uint64(0xEE)
        v2 = key[0] ^ np.uint64(0x6C7967656E657261)
        v3 = key[1] ^ np.uint64(0x7465646279746573)
        length = np.uint64(0)
        if tag:
            v0, v1, v2, v3 = _take(v0, v1, v2, v3, tag)
            length += np.uint64(8)
        word = np.uint64(0)
        shift = np.uint64(0)
        begun = length
        while low < high:
            if low + 8 <= high and _is_plain(words[low]):
                eight = words[low]
                v0, v1, v2, v3 = _take(v0, v1, v2, v3, word | (eight << shift))
                word = eight >> (np.uint64(64) - shift) if shift else np.uint64(0)
                length += np.uint64(8)
                low += 8
                continue
            byte = np.int64(data[low])
            code = np.int64(_TABLE[byte])
            size = 1
            if code == _LEAD:
                b1 = np.int64(data[low + 1]) if low + 1 < high else 0
                b2 = np.int64(data[low + 2]) if low + 2 < high else 0
                code, size = _wide(byte, b1, b2)
                if code < 0:  # its other bytes come as they are
                    code, size = byte, 1
            low += size
            if code == _DROP:
                continue
            word |= np.uint64(code) << shift
            shift += np.uint64(8)
            length += np.uint64(1)
            if shift == np.uint64(64):
                v0, v1, v2, v3 = _take(v0, v1, v2, v3, word)
                word = shift = np.uint64(0)
        if length == begun:
            continue
        word |= (length & np.uint64(255)) << np.uint64(56)
        v0, v1, v2, v3 = _take(v0, v1, v2, v3, word)
        first, second = _finish(v0, v1, v2, v3)
        out[slots[i], 0] += first
        out[slots[i], 1] += second


def row_key(secret: bytes) -> UInt64:
    """``uint64[2]``: the key for rows that follows from a case's key, used for nothing else."""
    made = hashlib.blake2b(b"piiscan row", key=secret, digest_size=16).digest()
    return np.frombuffer(made, np.uint64)


def add_cells(
    offsets: Int64, data: UInt8, *, slots: Int64, out: UInt64, key: UInt64, tag: int = 0
) -> None:
    """Nothing; the digest of cell ``i`` is added to ``out[slots[i]]`` (uint64[n, 2]).

    Cell ``i`` is ``data[offsets[i]:offsets[i + 1]]``; empty cells and those with slot -1 add
    nothing.  Cells with different ``tag`` (not 0) are never equal.
    """
    read = frozen(data)
    _add(frozen(offsets), read, eights(read), frozen(slots), np.uint64(tag), key, out)
