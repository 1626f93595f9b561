"""Row hashes: SipHash-2-4 with 128 bits over the folded cells of a row, added up.

Rows are equal if their cells are, in any order of columns: each cell is hashed by itself, and the
digests of a row are added as two 64-bit words.  Without the key nobody can test guesses for the
cells.  SipHash (Aumasson and Bernstein, 2012, with their 128-bit output) is made for short texts.

Before hashing a cell is folded: white space and zero-width characters go, full width becomes half
width, Latin letters become small.  The marks that keep a spreadsheet from reading a number go too.
``'138 0013 8000``, ``="13800138000"``, ``１３８００１３８０００`` -> ``13800138000``
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64, UInt8, UInt64
from piiscan.jit import frozen, inlined, kernel, unaligned_words

_DROP: Final = 0
_LEAD: Final = 1  # first byte of a character that may need folding


def _fold_table() -> UInt8:
    """Return the byte that each byte folds to before row hashing: ``uint8[256]``.

    It is the byte itself, its small letter, _DROP or _LEAD.
    """
    table = np.arange(256, dtype=np.uint8)
    table[:33] = _DROP
    table[127] = _DROP
    table[ord("A") : ord("Z") + 1] += 32
    table[[0xC2, 0xE2, 0xE3, 0xEF]] = _LEAD
    table.setflags(write=False)
    return table


_FOLD: Final = _fold_table()


@inlined
def _round(v0: Any, v1: Any, v2: Any, v3: Any) -> tuple[Any, Any, Any, Any]:
    """Return the four SipHash state words after one SipRound."""
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


@inlined
def _absorb(v0: Any, v1: Any, v2: Any, v3: Any, word: Any) -> tuple[Any, Any, Any, Any]:
    """Return the four SipHash state words after eight more message bytes (``word``)."""
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= word
    return v0, v1, v2, v3


@inlined
def _finish(v0: Any, v1: Any, v2: Any, v3: Any) -> tuple[Any, Any]:
    """Return the SipHash digest of the final state as two 64-bit words."""
    v2 ^= np.uint64(0xEE)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    first = v0 ^ v1 ^ v2 ^ v3
    v1 ^= np.uint64(0xDD)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return first, v0 ^ v1 ^ v2 ^ v3


@inlined
def _fold_multibyte(b0: Any, b1: Any, b2: Any) -> tuple[Any, Any]:
    """Return the folded byte of a UTF-8 character that begins with ``b0``, and its length in bytes.

    0 drops spaces, zero-width characters and byte order marks; -1 means unchanged.  ``Ａ -> a``
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


@inlined
def _strip_guards(data: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """Return the bounds of a cell without Excel's leading ``'`` or ``="…"``."""
    if high - low > 3 and data[low] == 61 and data[low + 1] == 34 and data[high - 1] == 34:
        return low + 2, high - 1
    if high - low > 1 and data[low] == 39:
        return low + 1, high
    return low, high


@inlined
def _needs_no_folding(eight: Any) -> Any:
    """Return True if all eight bytes are digits or signs (``!`` to ``@``), which do not change."""
    high = np.uint64(0x8080808080808080)
    letters = (eight | (eight + np.uint64(0x3F3F3F3F3F3F3F3F))) & high
    blanks = (eight + np.uint64(0x5F5F5F5F5F5F5F5F)) & high
    return letters == np.uint64(0) and blanks == high


@kernel
def _add_digests(
    offsets: Int64,
    data: UInt8,
    words: UInt64,
    slots: Int64,
    tag: Any,
    key: UInt64,
    out: UInt64,
) -> None:
    """Add the SipHash digest of each filled cell ``i`` to row hash ``out[slots[i]]``.

    Skip a cell with slot -1.
    """
    for i in range(len(slots)):
        if slots[i] < 0:
            continue
        low, high = _strip_guards(data, offsets[i], offsets[i + 1])
        v0 = key[0] ^ np.uint64(0x736F6D6570736575)
        v1 = key[1] ^ np.uint64(0x646F72616E646F6D) ^ np.uint64(0xEE)
        v2 = key[0] ^ np.uint64(0x6C7967656E657261)
        v3 = key[1] ^ np.uint64(0x7465646279746573)
        length = np.uint64(0)
        if tag:
            v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, tag)
            length += np.uint64(8)
        word = np.uint64(0)
        shift = np.uint64(0)
        tag_length = length
        while low < high:
            if low + 8 <= high and _needs_no_folding(words[low]):
                eight = words[low]
                v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, word | (eight << shift))
                word = eight >> (np.uint64(64) - shift) if shift else np.uint64(0)
                length += np.uint64(8)
                low += 8
                continue
            byte = np.int64(data[low])
            code = np.int64(_FOLD[byte])
            size = 1
            if code == _LEAD:
                b1 = np.int64(data[low + 1]) if low + 1 < high else 0
                b2 = np.int64(data[low + 2]) if low + 2 < high else 0
                code, size = _fold_multibyte(byte, b1, b2)
                if code < 0:  # unchanged: its other bytes follow one by one
                    code, size = byte, 1
            low += size
            if code == _DROP:
                continue
            word |= np.uint64(code) << shift
            shift += np.uint64(8)
            length += np.uint64(1)
            if shift == np.uint64(64):
                v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, word)
                word = shift = np.uint64(0)
        if length == tag_length:
            continue
        word |= (length & np.uint64(255)) << np.uint64(56)
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, word)
        first, second = _finish(v0, v1, v2, v3)
        out[slots[i], 0] += first
        out[slots[i], 1] += second


def row_key(secret: bytes) -> UInt64:
    """Return the key for row hashes (``uint64[2]``), derived from a case's key."""
    digest = hashlib.blake2b(b"piiscan row", key=secret, digest_size=16).digest()
    return np.frombuffer(digest, np.uint64)


def add_cells(
    offsets: Int64, data: UInt8, *, slots: Int64, out: UInt64, key: UInt64, tag: int = 0
) -> None:
    """Add the digest of each cell ``i`` to row hash ``out[slots[i]]`` (``uint64[n, 2]``).

    Cell ``i`` is ``data[offsets[i]:offsets[i + 1]]``.  Empty cells and cells with slot -1 add
    nothing. Cells with a different ``tag`` (not 0) are never equal.
    """
    read = frozen(data)
    _add_digests(
        frozen(offsets), read, unaligned_words(read), frozen(slots), np.uint64(tag), key, out
    )
