"""Rows of bundles are taken and joined; an output file has its name only when it is complete."""

import os
import signal
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from piiscan.arrays import Bool, Int64
from piiscan.bundles import empty_rows, join_rows, take_rows
from piiscan.detect.context.list_fields import ListFields
from piiscan.output_files import write_aside


def test_a_file_appears_complete_and_private(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old", "utf-8")
    with write_aside(tmp_path / "a") as file:
        file.write(b"new")
        assert (tmp_path / "a").read_text("utf-8") == "old"
    assert (tmp_path / "a").read_text("utf-8") == "new"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old", "utf-8")

    def fill() -> None:
        with write_aside(tmp_path / "a") as file:
            file.write(b"half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fill()
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [("a", "old")]


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    for path in (tmp_path / "link", Path(os.devnull)):
        with write_aside(path) as file:
            file.write(b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").read_bytes() == b"x"


def test_a_killed_writer_leaves_no_half_file_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, pathlib; from piiscan.output_files import write_aside\n"
        "with write_aside(pathlib.Path(sys.argv[1])) as file:\n"
        "    file.write(b'half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not (tmp_path / "a").exists()
    with write_aside(tmp_path / "a") as file:
        file.write(b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@dataclass(frozen=True, slots=True)
class Finding:
    start: Int64
    value: pa.Array
    text: pa.Array | None = None


class Span(NamedTuple):
    begin: Int64
    digest: Int64


class Marked(NamedTuple):
    span: Span
    marked: Bool


def test_rows_of_numpy_and_arrow_columns_are_taken_together() -> None:
    taken = take_rows(Finding(np.array([5, 6, 7]), pa.array(["a", "b", "c"])), np.array([2, 0]))
    assert taken.start.tolist() == [7, 5]
    assert taken.value.to_pylist() == ["c", "a"]
    assert taken.text is None


@pytest.mark.parametrize("rows", [np.array([1, 2]), np.array([False, True, True]), slice(1, None)])
def test_rows_are_indices_a_mask_or_a_slice(rows: object) -> None:
    span = Span(np.array([1, 2, 3]), np.array([[1, 1], [2, 2], [3, 3]]))
    taken = take_rows(span, rows)
    assert isinstance(taken, Span)
    assert (taken.begin.tolist(), taken.digest.tolist()) == ([2, 3], [[2, 2], [3, 3]])


def test_bundles_are_joined_in_order() -> None:
    parts = [Finding(np.array([1]), pa.array(["a"])), Finding(np.array([2]), pa.array(["b"]))]
    joined = join_rows(parts)
    assert (joined.start.tolist(), joined.value.to_pylist()) == ([1, 2], ["a", "b"])
    assert joined.text is None


def test_a_bundle_in_a_bundle_is_taken_and_joined_with_it() -> None:
    marked = Marked(Span(np.array([1, 2]), np.array([3, 4])), np.array([True, False]))
    taken = take_rows(marked, marked.marked)
    assert (taken.span.begin.tolist(), taken.span.digest.tolist()) == ([1], [3])
    assert join_rows([marked, taken]).span.begin.tolist() == [1, 2, 1]


def test_empty_rows_have_the_types_of_the_fields() -> None:
    fields = empty_rows(ListFields, 3)
    assert [len(column) for column in fields] == [3] * 6
    assert [column.dtype.name for column in fields] == ["int64"] * 3 + ["int16"] * 2 + ["bool"]
