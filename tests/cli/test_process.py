"""The installed command sets up a process for itself before anything large is imported."""

from __future__ import annotations

import os
import subprocess
import sys

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
