"""An automaton that was kept is the one that was made; a broken file only costs time."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from piiscan import cache_files
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.automaton import Automaton, ShapeSet, cached_automaton, determinise


def made() -> Automaton:
    shapes = ShapeSet.empty()
    shapes.add(["1[3-9][0-9]{9}", "张三+"], False)
    return determinise(shapes, Alphabet.of(shapes.chars(), []))


def never() -> Automaton:
    raise AssertionError("it was kept already")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cache_files, "cache_folder", lambda: tmp_path)
    return tmp_path


def test_what_is_kept_is_what_was_made(folder: Path) -> None:
    first, again = cached_automaton("x", made), cached_automaton("x", never)
    for field in Automaton._fields:
        one, other = getattr(first, field), getattr(again, field)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    assert [path.name for path in folder.iterdir()] == ["x.npz"]


@pytest.mark.parametrize("broken", [b"", b"no zip", None])
def test_a_broken_file_is_made_anew(folder: Path, broken: bytes | None) -> None:
    cached_automaton("x", made)
    file = folder / "x.npz"
    file.write_bytes(file.read_bytes()[:-40] if broken is None else broken)
    np.testing.assert_array_equal(cached_automaton("x", made).table, made().table)
    np.testing.assert_array_equal(cached_automaton("x", never).table, made().table)


def test_arrays_that_do_not_fit_together_are_made_anew(folder: Path) -> None:
    cached_automaton("x", made)
    changed = made()._asdict() | {"table": made().table[:-256]}
    packed = BytesIO()
    np.savez(packed, **changed)
    cache_files.write_entry("x.npz", packed.getvalue())
    np.testing.assert_array_equal(cached_automaton("x", made).table, made().table)


def test_without_a_folder_nothing_is_cached_automaton(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_files, "cache_folder", lambda: None)
    np.testing.assert_array_equal(cached_automaton("x", made).table, made().table)
