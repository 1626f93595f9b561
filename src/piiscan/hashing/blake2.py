"""Keyed BLAKE2b of many short strings at once.

hashlib hashes one string a call and does not release the GIL for messages this short.  Here one
pass covers an Arrow string buffer with the GIL released.  Strings that fit into one block are
hashed several at a time in vector registers.  The key block of a keyed hash (RFC 7693, 2.9) is the
same for every message, so it is compressed once.  Tests compare the result with hashlib.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from piiscan.arrays import UInt8, UInt64
from piiscan.hashing import hash_kernels

KEY_BYTES: Final = 32
DIGEST_BYTES: Final = 16
_BLOCK: Final = 128

if sys.byteorder != "little":  # words are views of bytes
    raise ImportError("piiscan.hashing.blake2 needs a little-endian machine")


def keyed_state(key: bytes) -> UInt64:
    """Return the BLAKE2b state after the block of ``key``: ``uint64[8]``.

    Raise ValueError unless 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    state = np.empty(8, np.uint64)
    block = np.zeros(_BLOCK, np.uint8)
    block[:KEY_BYTES] = np.frombuffer(key, np.uint8)
    parameters = 0x0101_0000 | (KEY_BYTES << 8) | DIGEST_BYTES
    hash_kernels.write_keyed_state(block, parameters, state)
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
    prefix_starts = np.zeros(len(prefixes) + 1, np.int64)
    np.cumsum([len(prefix) for prefix in prefixes], out=prefix_starts[1:])
    joined = np.frombuffer(b"".join(prefixes) or b"\0", np.uint8)
    hash_kernels.hash_strings(
        offsets.astype(np.int64), data, kinds.astype(np.int16), prefix_starts, joined, state, out
    )
    return out.view(np.uint8).reshape(count, DIGEST_BYTES)
