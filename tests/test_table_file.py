"""A table file has the arrays that were packed, or is not opened."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from piiscan.arrays import AnyArray
from piiscan.table_file import TableFile, open_tables, pack_tables, text_array, value_of

ARRAYS: dict[str, AnyArray] = {
    "empty": np.zeros((0, 3), np.int16),
    "number": np.asarray(np.float32(0.5)),
    "flags": np.array([True, False]),
    "big-endian": np.arange(5, dtype=">u4"),
    "matrix": np.arange(12, dtype=np.uint64).reshape(3, 4),
    "text": text_array({"名": ["甲", None, 1]}),
}


def opened(path: Path, content: bytes) -> TableFile | None:
    path.write_bytes(content)
    return open_tables(path, lambda _: True)


def with_header(content: bytes, change: Any) -> bytes:
    """Return a file with a changed header, whose digest is right."""
    length = int(content[:128].split()[-2])
    header = json.loads(content[128 : 128 + length])
    change(header)
    new = json.dumps(header).encode()
    line = b"piiscan tables 2 %d %s" % (len(new), hashlib.sha256(new).hexdigest().encode())
    start = 128 + length
    body = content[start + -start % 64 :]
    return line.ljust(128, b"\n") + new + bytes(-(128 + len(new)) % 64) + body


def test_arrays_are_what_was_packed(tmp_path: Path) -> None:
    content = pack_tables(ARRAYS, {"key": "x"})
    tables = opened(tmp_path / "a", content)
    assert tables is not None
    assert (tables.facts, list(tables.arrays)) == ({"key": "x"}, list(ARRAYS))
    for name, array in ARRAYS.items():
        found = tables.arrays[name]
        assert found.dtype == array.dtype.newbyteorder("=")
        assert found.ctypes.data % min(64, array.itemsize) == 0
        assert not found.flags.writeable
        np.testing.assert_array_equal(found, array)
    assert value_of(tables.arrays["text"]) == {"名": ["甲", None, 1]}
    assert tables.sha256() == hashlib.sha256(content).hexdigest()
    assert pack_tables(ARRAYS, {"key": "x"}) == content


@pytest.mark.parametrize("part", range(64))
def test_a_file_with_a_changed_byte_is_not_opened(tmp_path: Path, part: int) -> None:
    content = bytearray(pack_tables(ARRAYS, {}))
    unused = range(128 - 30, 128)  # the end of the first line
    at = part * len(content) // 64 + 1
    content[at if at not in unused else 0] ^= 0x40
    length = int(content[:128].split()[-2]) if part > 1 else 0
    padding = range(128 + length, 128 + length + -length % 64)
    assert opened(tmp_path / "a", bytes(content)) is None or at in padding


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 5000, pickle.dumps(ARRAYS)])
def test_another_file_is_not_opened(tmp_path: Path, content: bytes) -> None:
    assert opened(tmp_path / "a", content) is None


def test_a_shortened_file_is_not_opened(tmp_path: Path) -> None:
    content = pack_tables(ARRAYS, {})
    for size in range(0, len(content), 997):
        assert opened(tmp_path / "a", content[:size]) is None


@pytest.mark.parametrize(
    ("array", "entry"),
    [
        ("matrix", {"type": "|O"}),
        ("matrix", {"type": "<U9"}),
        ("matrix", {"shape": [3, 1 << 40]}),
        ("matrix", {"shape": [-1]}),
        ("matrix", {"offset": 1 << 40}),
        ("matrix", {"offset": -8}),
    ],
)
def test_an_array_outside_the_file_is_not_opened(
    tmp_path: Path, array: str, entry: dict[str, Any]
) -> None:
    content = pack_tables(ARRAYS, {})
    assert opened(tmp_path / "a", with_header(content, lambda _: None)) is not None
    changed = with_header(content, lambda header: header["arrays"][array].update(entry))
    assert opened(tmp_path / "a", changed) is None


def test_a_refused_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pack_tables(ARRAYS, {}))
    assert open_tables(tmp_path / "a", lambda _: False) is None
    assert open_tables(tmp_path / "b", lambda _: True) is None
