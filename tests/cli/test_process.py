"""The installed command sets up a process for itself before anything large is imported."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import os, sys
import piiscan.cli
def main():
    print(os.environ["OPENBLAS_NUM_THREADS"], "numpy" in sys.modules)
    return 0
piiscan.cli.main = main
from piiscan.cli.process import run
run()
"""


def told(**more: str) -> list[str]:
    kept = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=kept | more, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_linear_algebra_has_no_threads_of_its_own() -> None:
    assert told() == ["1", "False"]


def test_whoever_wants_such_threads_can_have_them() -> None:
    assert told(OPENBLAS_NUM_THREADS="3") == ["3", "False"]
