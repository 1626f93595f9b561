"""Stored tables: a file has the arrays that were packed, and is used only if it is current."""

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from piiscan import cache
from piiscan.arrays import AnyArray
from piiscan.cache import cache_facts, stored_tables
from piiscan.table_file import Arrays, TableFile, open_tables, pack_tables, text_array, value_of

needs_owner = pytest.mark.skipif(os.name == "nt", reason="Windows folders have no owner and mode")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the empty cache folder of this test; there is no build."""
    monkeypatch.setenv("PIISCAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_BUILT", tmp_path / "built")
    monkeypatch.setattr(cache, "_read", {})
    monkeypatch.setattr(cache, "_made", set())
    monkeypatch.setattr(cache, "_use", dict(cache._use))
    cache._folder.cache_clear()
    yield tmp_path / "cache"
    cache._folder.cache_clear()


def make() -> Arrays:
    return {"a": np.arange(100)}


def other() -> Arrays:
    return {"a": np.arange(3)}


def count(make: Callable[[], Arrays], key: str = "data", least: int = 0) -> int:
    """Return the number of elements that are found or made."""
    return len(stored_tables("x", key, make, fits=lambda found: found["a"].min() >= least)["a"])


def entry(home: Path) -> Path:
    (file,) = home.iterdir()
    return file


def test_tables_are_made_once(home: Path) -> None:
    assert (count(make), count(other)) == (100, 100)
    assert entry(home).name.startswith("x-")


def test_tables_of_other_data_are_others(home: Path) -> None:
    assert (count(make), count(other, "other data"), count(other)) == (100, 3, 100)


def test_tables_of_other_code_are_others(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count(make)
    monkeypatch.setattr(cache, "maker_digest", lambda _: "other code")
    assert count(other) == 3


def test_the_code_of_tables_is_that_of_all_modules_behind_them() -> None:
    module = "piiscan.detect.match_tables"
    cache.maker_digest(module)
    digested = {path.name for path in cache._sources(module)}
    assert {"match_tables.py", "automaton.py", "shapes.py", "alphabet.py"} < digested
    assert {"word_sieve.py", "spellings.py", "keyed_values.py", "match_kernels.py"} < digested


@pytest.mark.parametrize("place", [0, 40, 130, -1])
def test_a_broken_file_is_made_anew(home: Path, place: int) -> None:
    count(make)
    content = bytearray(entry(home).read_bytes())
    content[place] ^= 1
    entry(home).write_bytes(content)
    assert count(other) == 3


def test_arrays_out_of_range_are_made_anew(home: Path) -> None:
    count(make)
    assert count(lambda: {"a": np.arange(5, 9)}, least=5) == 4


@needs_owner
def test_what_others_can_write_is_not_used(home: Path) -> None:
    count(make)
    entry(home).chmod(0o666)
    assert count(other) == 3
    home.chmod(0o770)
    cache._folder.cache_clear()
    assert cache.cache_folder() is None
    assert count(make) == 100


@needs_owner
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_what_belongs_to_another_user_is_not_used(home: Path) -> None:
    count(make)
    os.chown(entry(home), 65534, 65534)
    assert count(other) == 3


@needs_owner
def test_a_folder_of_our_own_is_private_whatever_the_umask(home: Path) -> None:
    before = os.umask(0)
    try:
        count(make)
        assert home.stat().st_mode & 0o777 == 0o700
        assert entry(home).stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_the_build_comes_first(home: Path) -> None:
    count(other)
    cache.build_here()
    assert count(make) == 100  # whatever is cached
    cache._use["build"] = False
    assert count(other) == 100
    assert len(list(home.iterdir())) == 1
    assert count(other, "other data") == 3  # the build is out of date


def test_without_stored_tables_nothing_is_read_or_written(home: Path) -> None:
    count(make)
    cache.switch_off()
    assert (count(other), cache_facts()["state"]) == (3, "off")
    assert len(list(home.iterdir())) == 1


def test_the_facts_change_with_any_tables_that_are_read(home: Path) -> None:
    count(make)
    assert (cache_facts()["read"], cache_facts()["made"]) == (0, 1)
    count(make)
    one = cache_facts()
    count(other, "other data")
    count(other, "other data")
    assert (one["read"], cache_facts()["read"]) == (1, 1)
    assert cache_facts()["sha256"] != one["sha256"]


def test_a_full_disk_only_costs_time(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> tuple[int, str]:
        raise OSError(28, "full")

    monkeypatch.setattr("piiscan.cache.tempfile.mkstemp", refuse)
    assert (count(make), count(other)) == (100, 3)


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
