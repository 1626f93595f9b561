"""A file has its name only when it is complete; a killed process leaves no half file there."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

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
