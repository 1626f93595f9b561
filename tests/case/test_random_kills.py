"""A verb that is killed at random moments, and done again, leaves what a whole run leaves."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.parametrize("verb", ["scan", "part", "merge", "count", "report", "seal", "run"])
def test_thirty_kills_change_no_byte(verb: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.case.random_kills", verb, "30"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
