"""Digests: what a case stores in place of a value, and checksums of files.

A digest says whether two findings are the same value of the same kind, and nothing more, as long
as the key stays outside the case: without a key every phone number could be tried in a minute.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.arrays import UInt8
from piiscan.hashing.blake2 import DIGEST_BYTES, hash_strings, keyed_state

Int = npt.NDArray[np.integer[Any]]

#: So many values are hashed one by one.
FEW: Final = 30_000


def string_buffers(strings: pa.Array) -> tuple[Int, UInt8]:
    """The offsets (n + 1) and bytes of a ``pa.string()`` or ``pa.large_string()`` array.

    A view, also of a slice; nulls look like empty strings only if Arrow made them so.
    """
    wide = pa.types.is_large_string(strings.type)
    if len(strings) == 0:
        return np.zeros(1, np.int64 if wide else np.int32), np.zeros(0, np.uint8)
    _, places, data = strings.buffers()
    offsets: Int = np.frombuffer(places, np.int64 if wide else np.int32)
    offsets = offsets[strings.offset : strings.offset + len(strings) + 1]
    return offsets, np.frombuffer(data or b"", np.uint8)


def digest_values(values: pa.Array, kinds: Int, *, entities: list[str], key: bytes) -> pa.Array:
    """``binary(16)``: keyed BLAKE2b over ``entities[kinds[i]]``, NUL, value ``i`` in UTF-8.

    Every occurrence is hashed: with :mod:`piiscan.hashing.blake2` that costs 0.05 s a million,
    less than finding the distinct values first (0.3 s).  FEW are left to hashlib (0.8 s a million),
    which spares a first run 2 s of compiling.

    >>> digest_values(pa.array(["13800138000"]), np.zeros(1, int), entities=["CN_MOBILE"],
    ...               key=bytes(32))[0].as_py().hex()
    '92da7eefd3ee800f4d28a331ade55203'
    """
    offsets, data = string_buffers(values)
    prefixes = [entity.encode() + b"\0" for entity in entities]
    if len(values) <= FEW:
        return _digest_few(offsets, data, kinds, prefixes, key)
    out = hash_strings(offsets, data, kinds=kinds, prefixes=prefixes, state=keyed_state(key))
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(DIGEST_BYTES), len(values), [None, pa.py_buffer(out)]
    )


def _digest_few(
    offsets: Int, data: UInt8, kinds: Int, prefixes: list[bytes], key: bytes
) -> pa.Array:
    begun = [hashlib.blake2b(each, digest_size=DIGEST_BYTES, key=key) for each in prefixes]
    text, ends = data.tobytes(), offsets.tolist()
    made = []
    for kind, low, high in zip(kinds.tolist(), ends, ends[1:], strict=False):
        digest = begun[kind].copy()
        digest.update(text[low:high])
        made.append(digest.digest())
    return pa.array(made, pa.binary(DIGEST_BYTES))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal; the file is opened for reading only."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
