"""Digests: keyed hashes that a case stores in place of values, and checksums of files.

Equal digests mean equal values of the same kind, and nothing more while the key stays outside the
case.  Without a key anybody could compute the digest of every phone number.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int, UInt8, UInt64
from piiscan.arrow_strings import string_buffers
from piiscan.hashing.blake2 import DIGEST_BYTES, hash_strings, keyed_state

#: Up to this number values are hashed one by one with hashlib.
HASHLIB_MAX: Final = 3_000


def digest_values(values: pa.Array, kinds: Int, *, entities: list[str], key: bytes) -> pa.Array:
    """Return keyed BLAKE2b digests of ``values`` (``binary(16)``).

    The message is ``entities[kinds[i]]``, NUL, value ``i`` in UTF-8.  Every occurrence is hashed,
    because finding the distinct values first takes longer.  Up to HASHLIB_MAX values go to hashlib,
    so that a first run compiles no kernel for them.

    >>> import numpy as np
    >>> digest_values(pa.array(["13800138000"]), np.zeros(1, int), entities=["CN_MOBILE"],
    ...               key=bytes(32))[0].as_py().hex()
    '92da7eefd3ee800f4d28a331ade55203'
    """
    offsets, data = string_buffers(values)
    prefixes = [entity.encode() + b"\0" for entity in entities]
    if len(values) <= HASHLIB_MAX:
        return _digest_with_hashlib(offsets, data, kinds, prefixes, key)
    out = hash_strings(offsets, data, kinds=kinds, prefixes=prefixes, state=keyed_state(key))
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(DIGEST_BYTES), len(values), [None, pa.py_buffer(out)]
    )


def _digest_with_hashlib(
    offsets: Int, data: UInt8, kinds: Int, prefixes: list[bytes], key: bytes
) -> pa.Array:
    """Return BLAKE2b digests of prefixed strings with hashlib, equal to the kernel's."""
    started = [hashlib.blake2b(each, digest_size=DIGEST_BYTES, key=key) for each in prefixes]
    text, ends = data.tobytes(), offsets.tolist()
    digests = []
    for kind, low, high in zip(kinds.tolist(), ends, ends[1:], strict=False):
        digest = started[kind].copy()
        digest.update(text[low:high])
        digests.append(digest.digest())
    return pa.array(digests, pa.binary(DIGEST_BYTES))


def cover_numbers(numbers: UInt64, digests: pa.Array, *, key: bytes) -> UInt64:
    """Return ``numbers`` (``uint64[n]``) covered under ``key``, or uncovered if they were covered.

    Each is combined by exclusive or with a keyed digest of its own entry of ``digests``
    (``binary(16)``), so that nothing is known of it without the key.

    >>> digests = pa.array([bytes(16)], pa.binary(16))
    >>> covered = cover_numbers(np.array([7], np.uint64), digests, key=bytes(32))
    >>> covered.tolist() == [7], cover_numbers(covered, digests, key=bytes(32)).tolist()
    (False, [7])
    """
    texts = digests.cast(pa.binary())
    pads = digest_values(
        texts, np.zeros(len(texts), np.int64), entities=["COVERED"], key=key
    ).buffers()[1]
    words = np.frombuffer(pads or b"", np.uint64).reshape(-1, DIGEST_BYTES // 8)
    return numbers ^ words[:, 0]


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; the file is opened for reading only."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
