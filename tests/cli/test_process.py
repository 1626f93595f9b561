"""The installed command sets up a process for itself before anything large is imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import piiscan
from tests.often import often

PROGRAM = """
import os, sys
import piiscan.cli
def main():
    names = "OPENBLAS_NUM_THREADS", "NUMPY_MADVISE_HUGEPAGE"
    print(*map(os.environ.get, names), "numpy" in sys.modules)
    return 0
piiscan.cli.main = main
from piiscan.cli.process import run
run()
"""


def told(**more: str) -> list[str]:
    set_here = "OPENBLAS_NUM_THREADS", "NUMPY_MADVISE_HUGEPAGE"
    kept = {name: value for name, value in os.environ.items() if name not in set_here}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=kept | more, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_linear_algebra_has_no_threads_of_its_own_and_arrays_no_huge_pages() -> None:
    assert told() == ["1", "0", "False"]


def test_whoever_wants_them_can_have_them() -> None:
    assert told(OPENBLAS_NUM_THREADS="3", NUMPY_MADVISE_HUGEPAGE="1") == ["3", "1", "False"]


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize("closed", often([">&-", "2>&-", "<&-", "<&- >&- 2>&-"], ["<&- >&- 2>&-"]))
def test_a_closed_stream_ends_nothing_and_gets_into_no_file(closed: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名,手机号\n张三,13800138000\n", "utf-8")
    command = f"exec {sys.executable} -m piiscan scan a.csv --case case --key key {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert piiscan.verify(tmp_path / "case", key=tmp_path / "key").differences == ()
