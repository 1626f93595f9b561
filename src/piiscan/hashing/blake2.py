"""Keyed BLAKE2b of many short strings at once, as compiled kernels.

hashlib hashes one string a call and does not release the GIL for messages this short.  Here one
pass covers an Arrow string buffer with the GIL released.  Strings that fit into one block are
hashed 64 at a time in vector registers.  The key block of a keyed hash (RFC 7693, 2.9) is the same
for every message, so it is compressed once.  Tests compare the result with hashlib; constants and
round function are those of RFC 7693, 2.6 to 3.2.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from piiscan.arrays import UInt8, UInt64
from piiscan.jit import allocating, frozen, inlined, inner, kernel

KEY_BYTES: Final = 32
DIGEST_BYTES: Final = 16
_BLOCK: Final = 128
_LANES: Final = 64

if sys.byteorder != "little":  # words are views of bytes
    raise ImportError("piiscan.hashing.blake2 needs a little-endian machine")

_IV: Final = np.array(
    [
        0x6A09E667F3BCC908,
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    ],
    np.uint64,
)
_SIGMA: Final = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    ],
    np.uint8,
)


@inlined
def _mix(a: Any, b: Any, c: Any, d: Any, x: Any, y: Any) -> tuple[Any, Any, Any, Any]:
    """Apply BLAKE2b's mixing function G (RFC 7693, 3.1) to four state words; return them."""
    a = a + b + x
    d ^= a
    d = (d >> np.uint64(32)) | (d << np.uint64(32))
    c = c + d
    b ^= c
    b = (b >> np.uint64(24)) | (b << np.uint64(40))
    a = a + b + y
    d ^= a
    d = (d >> np.uint64(16)) | (d << np.uint64(48))
    c = c + d
    b ^= c
    b = (b >> np.uint64(63)) | (b << np.uint64(1))
    return a, b, c, d


@kernel
def _compress(h: UInt64, m: UInt64, counter: int, last: bool) -> None:
    """Update the BLAKE2b state ``h`` (uint64[8]) by one block ``m`` of 16 words, in place.

    Compression function F of RFC 7693, 3.2.
    """
    v0, v1, v2, v3, v4, v5, v6, v7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
    v8, v9, v10, v11 = _IV[0], _IV[1], _IV[2], _IV[3]
    v12, v13, v14, v15 = _IV[4] ^ np.uint64(counter), _IV[5], _IV[6], _IV[7]
    if last:
        v14 = ~v14
    for turn in range(12):
        s = _SIGMA[turn]
        v0, v4, v8, v12 = _mix(v0, v4, v8, v12, m[s[0]], m[s[1]])
        v1, v5, v9, v13 = _mix(v1, v5, v9, v13, m[s[2]], m[s[3]])
        v2, v6, v10, v14 = _mix(v2, v6, v10, v14, m[s[4]], m[s[5]])
        v3, v7, v11, v15 = _mix(v3, v7, v11, v15, m[s[6]], m[s[7]])
        v0, v5, v10, v15 = _mix(v0, v5, v10, v15, m[s[8]], m[s[9]])
        v1, v6, v11, v12 = _mix(v1, v6, v11, v12, m[s[10]], m[s[11]])
        v2, v7, v8, v13 = _mix(v2, v7, v8, v13, m[s[12]], m[s[13]])
        v3, v4, v9, v14 = _mix(v3, v4, v9, v14, m[s[14]], m[s[15]])
    h[0] ^= v0 ^ v8
    h[1] ^= v1 ^ v9
    h[2] ^= v2 ^ v10
    h[3] ^= v3 ^ v11
    h[4] ^= v4 ^ v12
    h[5] ^= v5 ^ v13
    h[6] ^= v6 ^ v14
    h[7] ^= v7 ^ v15


@inlined
def _round(v: Any, m: Any) -> Any:
    """Return BLAKE2b's sixteen work words ``v`` after one round with message ``m``.

    ``m`` has the message words in order of use.
    """
    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15 = v
    v0, v4, v8, v12 = _mix(v0, v4, v8, v12, m[0], m[1])
    v1, v5, v9, v13 = _mix(v1, v5, v9, v13, m[2], m[3])
    v2, v6, v10, v14 = _mix(v2, v6, v10, v14, m[4], m[5])
    v3, v7, v11, v15 = _mix(v3, v7, v11, v15, m[6], m[7])
    v0, v5, v10, v15 = _mix(v0, v5, v10, v15, m[8], m[9])
    v1, v6, v11, v12 = _mix(v1, v6, v11, v12, m[10], m[11])
    v2, v7, v8, v13 = _mix(v2, v7, v8, v13, m[12], m[13])
    v3, v4, v9, v14 = _mix(v3, v4, v9, v14, m[14], m[15])
    return v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15


@inner
def _compress_lanes(h: UInt64, m: UInt64, counters: UInt64, out: UInt64) -> None:
    """Compress the last block of 64 messages with BLAKE2b; write their 16-byte digests to ``out``.

    Args:
        h: common state before the block (``uint64[8]``).
        m: message words (``uint64[16, 64]``).
        counters: bytes hashed so far, of each message.
        out: state words 0 and 1 of each message (``uint64[2, 64]``).

    The code has constant word numbers in a loop over lanes, so the compiler makes each operation a
    vector operation.
    """
    h0, h1, h2, h3, h4, h5, h6, h7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
    i0, i1, i2, i3 = _IV[0], _IV[1], _IV[2], _IV[3]
    i4, i5, i6, i7 = _IV[4], _IV[5], ~_IV[6], _IV[7]
    for x in range(np.uint64(_LANES)):  # unsigned: no check for negative indices
        c = i4 ^ counters[x]
        v = (h0, h1, h2, h3, h4, h5, h6, h7, i0, i1, i2, i3, c, i5, i6, i7)
        # fmt: off
        m0, m1, m2, m3, m4, m5, m6, m7 = (
            m[0, x], m[1, x], m[2, x], m[3, x], m[4, x], m[5, x], m[6, x], m[7, x],
        )
        m8, m9, ma, mb, mc, md, me, mf = (
            m[8, x], m[9, x], m[10, x], m[11, x], m[12, x], m[13, x], m[14, x], m[15, x],
        )
        v = _round(v, (m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, ma, mb, mc, md, me, mf))
        v = _round(v, (me, ma, m4, m8, m9, mf, md, m6, m1, mc, m0, m2, mb, m7, m5, m3))
        v = _round(v, (mb, m8, mc, m0, m5, m2, mf, md, ma, me, m3, m6, m7, m1, m9, m4))
        v = _round(v, (m7, m9, m3, m1, md, mc, mb, me, m2, m6, m5, ma, m4, m0, mf, m8))
        v = _round(v, (m9, m0, m5, m7, m2, m4, ma, mf, me, m1, mb, mc, m6, m8, m3, md))
        v = _round(v, (m2, mc, m6, ma, m0, mb, m8, m3, m4, md, m7, m5, mf, me, m1, m9))
        v = _round(v, (mc, m5, m1, mf, me, md, m4, ma, m0, m7, m6, m3, m9, m2, m8, mb))
        v = _round(v, (md, mb, m7, me, mc, m1, m3, m9, m5, m0, mf, m4, m8, m6, m2, ma))
        v = _round(v, (m6, mf, me, m9, mb, m3, m0, m8, mc, m2, md, m7, m1, m4, ma, m5))
        v = _round(v, (ma, m2, m8, m4, m7, m6, m1, m5, mf, mb, m9, me, m3, mc, md, m0))
        v = _round(v, (m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, ma, mb, mc, md, me, mf))
        v = _round(v, (me, ma, m4, m8, m9, mf, md, m6, m1, mc, m0, m2, mb, m7, m5, m3))
        # fmt: on
        out[0, x] = h0 ^ v[0] ^ v[8]
        out[1, x] = h1 ^ v[1] ^ v[9]


@allocating
def _hash_long(
    prefix: UInt8, data: UInt8, low: int, high: int, start: UInt64, words: UInt64
) -> tuple[Any, Any]:
    """Return the BLAKE2b digest of ``prefix + data[low:high]``, of any length, as two words.

    ``start``: state after the key block. ``words``: buffer of one block (``uint64[16]``).
    """
    block = words.view(np.uint8)
    state = start.copy()
    total = len(prefix) + high - low
    done = 0
    while True:
        size = min(128, total - done)
        for k in range(size):
            p = done + k
            block[k] = prefix[p] if p < len(prefix) else data[low + p - len(prefix)]
        for k in range(size, 128):
            block[k] = 0
        done += size
        _compress(state, words, done + 128, done >= total)
        if done >= total:
            return state[0], state[1]


@allocating
def _hash_all(
    offsets: Any,
    data: UInt8,
    kinds: Any,
    prefix_starts: Any,
    prefixes: UInt8,
    start: UInt64,
    out: UInt64,
) -> None:
    """Write to ``out[i]`` the digest (two words) of prefix ``kinds[i]`` plus string ``i``."""
    words = np.empty(16, np.uint64)
    lanes = np.empty((16, _LANES), np.uint64)
    bytes_ = lanes.view(np.uint8).reshape(16, _LANES, 8)
    counters = np.zeros(_LANES, np.uint64)
    found = np.empty((2, _LANES), np.uint64)
    for first in range(0, len(offsets) - 1, _LANES):
        count = min(_LANES, len(offsets) - 1 - first)
        lanes[:] = 0
        for x in range(count):
            i = first + x
            low, size = offsets[i], offsets[i + 1] - offsets[i]
            head, skip = (
                prefix_starts[kinds[i]],
                prefix_starts[kinds[i] + 1] - prefix_starts[kinds[i]],
            )
            counters[x] = 128 + skip + size
            if skip + size <= 128:
                for k in range(skip):
                    bytes_[k >> 3, x, k & 7] = prefixes[head + k]
                for k in range(size):
                    bytes_[(skip + k) >> 3, x, (skip + k) & 7] = data[low + k]
        _compress_lanes(start, lanes, counters, found)
        for x in range(count):
            i = first + x
            if counters[x] <= 256:
                out[i, 0], out[i, 1] = found[0, x], found[1, x]
            else:
                prefix = prefixes[prefix_starts[kinds[i]] : prefix_starts[kinds[i] + 1]]
                out[i, 0], out[i, 1] = _hash_long(
                    prefix, data, offsets[i], offsets[i + 1], start, words
                )


def keyed_state(key: bytes) -> UInt64:
    """Return the BLAKE2b state after the block of ``key``: ``uint64[8]``.

    Raise ValueError unless 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    state = _IV.copy()
    state[0] ^= np.uint64(0x0101_0000 | (KEY_BYTES << 8) | DIGEST_BYTES)
    block = np.zeros(_BLOCK, np.uint8)
    block[:KEY_BYTES] = np.frombuffer(key, np.uint8)
    _compress(state, block.view(np.uint64), _BLOCK, False)
    return state


def hash_strings(
    offsets: npt.NDArray[np.integer[Any]],
    data: UInt8,
    *,
    kinds: npt.NDArray[np.integer[Any]],
    prefixes: list[bytes],
    state: UInt64,
) -> UInt8:
    """Return keyed BLAKE2b-128 digests of ``prefixes[kinds[i]] + string i`` (``uint8[n, 16]``).

    String ``i`` is ``data[offsets[i]:offsets[i + 1]]`` (n + 1 offsets).  ``state`` comes from
    :func:`keyed_state`.
    """
    count = len(offsets) - 1
    out = np.empty((count, 2), np.uint64)
    starts, bytes_ = frozen(offsets.astype(np.int64)), frozen(data)
    kinds16 = kinds.astype(np.int16)
    prefix_starts = np.zeros(len(prefixes) + 1, np.int64)
    np.cumsum([len(prefix) for prefix in prefixes], out=prefix_starts[1:])
    joined = np.frombuffer(b"".join(prefixes) or b"\0", np.uint8)
    _hash_all(starts, bytes_, kinds16, prefix_starts, joined, state, out)
    return out.view(np.uint8).reshape(count, DIGEST_BYTES)
