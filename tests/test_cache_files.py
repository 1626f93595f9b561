"""Cache: no entry is used that is changed or that others can write, and none is another's."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import piiscan
from piiscan import cache_files, jit
from piiscan.cache_files import cache_facts, cache_state, read_entry, write_entry

needs_owner = pytest.mark.skipif(os.name == "nt", reason="Windows folders have no owner and mode")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty parent of cache folders for this test."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(cache_files, "_read", {})
    monkeypatch.setattr(cache_files, "_made", set())
    cache_files._folder.cache_clear()
    yield tmp_path
    cache_files._folder.cache_clear()


def entry(name: str) -> Path:
    folder = cache_files.cache_folder()
    assert folder is not None
    return folder / name


def total(values: Any) -> Any:
    result = values[0]
    for i in range(1, len(values)):
        result += values[i]
    return result


def results(kernel: Any, kinds: list[type]) -> list[Any]:
    return [kernel(np.arange(1, 200).astype(kind)) for kind in kinds]


def test_an_entry_is_read_as_it_was_written(home: Path) -> None:
    write_entry("x", b"a\nb")
    assert read_entry("x") == b"a\nb"
    assert [path.name for path in entry("x").parent.iterdir()] == ["x"]


@pytest.mark.parametrize("place", [0, 70, -1])
def test_a_changed_byte_makes_an_entry_unread(home: Path, place: int) -> None:
    write_entry("x", bytes(100))
    content = bytearray(entry("x").read_bytes())
    content[place] ^= 1
    entry("x").write_bytes(content)
    assert read_entry("x") is None


@needs_owner
def test_what_others_can_write_is_not_used(home: Path) -> None:
    write_entry("x", b"content")
    entry("x").chmod(0o666)
    assert read_entry("x") is None
    entry("x").chmod(0o644)
    assert read_entry("x") == b"content"
    entry("x").parent.chmod(0o770)
    cache_files._folder.cache_clear()
    assert (read_entry("x"), cache_state()) == (None, "unsafe")


@needs_owner
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_what_belongs_to_another_user_is_not_used(home: Path) -> None:
    write_entry("x", b"content")
    os.chown(entry("x"), 65534, 65534)
    assert read_entry("x") is None


def test_a_folder_of_our_own_is_private_whatever_the_umask(home: Path) -> None:
    before = os.umask(0)
    try:
        write_entry("x", b"content")
        assert entry("x").parent.stat().st_mode & 0o777 == 0o700
        assert entry("x").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_nothing_is_unpickled_that_did_not_pass(home: Path) -> None:
    """An entry that would run a command when unpickled is never unpickled without its digest."""
    kinds: list[type] = [np.int64]
    expected = results(jit.kernel(total), kinds)
    (file,) = entry("x").parent.glob("*.nbc")

    class Harm:
        def __reduce__(self) -> Any:
            return (Path.touch, (home / "harm",))

    file.write_bytes(file.read_bytes()[:65] + pickle.dumps(Harm()))
    assert results(jit.kernel(total), kinds) == expected
    assert not (home / "harm").exists()


def test_two_processes_that_compile_at_once_do_not_exchange_their_code(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All compile before any writes, in opposite orders: as two processes, at the worst moment."""
    kinds: list[type] = [np.int16, np.int32, np.int64, np.float64]
    expected = [199 * 100] * len(kinds)
    entries: list[tuple[str, bytes]] = []
    with monkeypatch.context() as patch:
        patch.setattr(jit, "write_entry", lambda *entry: entries.append(entry))
        assert results(jit.kernel(total), kinds) == expected
        assert results(jit.kernel(total), kinds[::-1]) == expected[::-1]
    assert len(entries) == 2 * len(kinds)
    for name, content in entries[::2] + entries[1::2]:
        write_entry(name, content)
    again: Any = jit.kernel(total)
    assert results(again, kinds) == expected
    assert sum(again.stats.cache_hits.values()) == len(kinds)


def test_without_a_cache_nothing_is_read_or_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entry("x", b"content")
    monkeypatch.setitem(cache_files._use, "cache", False)
    assert (read_entry("x"), cache_state()) == (None, "off")
    assert results(jit.kernel(total), [np.int64]) == [199 * 100]
    monkeypatch.setitem(cache_files._use, "cache", True)
    assert [path.name for path in entry("x").parent.iterdir()] == ["x"]


def test_the_facts_change_with_any_entry_that_is_read(home: Path) -> None:
    write_entry("x", b"content")
    write_entry("y", b"other")
    assert (cache_facts()["read"], cache_facts()["made"]) == (0, 2)
    assert read_entry("x")
    one = cache_facts()
    assert read_entry("y")
    assert cache_facts()["read"] == 2
    assert cache_facts()["sha256"] != one["sha256"]


def test_damaged_tables_with_a_right_digest_end_a_run(tmp_path: Path) -> None:
    """An automaton of zeros is whole by its digest; known answers tell."""
    (tmp_path / "a.csv").write_text("姓名,手机号\n张三,13800138000\n", "utf-8")
    piiscan.find("手机13800138000")  # now the automaton is cached
    warm = cache_files.cache_folder()
    if warm is not None:
        shutil.copytree(warm, tmp_path / "cache" / warm.name)
    damaged = 0
    for path in (tmp_path / "cache").glob("*/*-anywhere.npz"):
        with np.load(BytesIO(path.read_bytes()[65:])) as arrays:
            zeroed = dict(arrays) | {"table": np.zeros_like(arrays["table"])}
        content = BytesIO()
        np.savez(content, allow_pickle=False, **zeroed)
        digest = hashlib.sha256(content.getvalue()).hexdigest()
        path.write_bytes(digest.encode() + b"\n" + content.getvalue())
        damaged += 1
    options = ["--case", str(tmp_path / "case"), "--key", str(tmp_path / "key"), "--lang", "en"]
    program = "from piiscan.cli.process import run; run()"

    done = subprocess.run(
        [sys.executable, "-c", program, "scan", str(tmp_path / "a.csv"), *options],
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert damaged
    assert done.returncode == 2
    assert "self-test failed" in done.stderr
    assert "--no-cache" in done.stderr
