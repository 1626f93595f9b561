"""Stored tables: those of the build, then those of the cache, are used if they are current."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from piiscan import cache
from piiscan.cache import cache_facts, stored_tables
from piiscan.table_file import Arrays

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
