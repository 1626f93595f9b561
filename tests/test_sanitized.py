"""The run with sanitizers says what is missing; what it finds is shown by the run itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "sanitized.py"


@pytest.mark.skipif(sys.platform != "linux", reason="the sanitizers run on Linux only")
@pytest.mark.parametrize(
    ("gcc", "reason"),
    [
        (None, "gcc is not installed"),
        ('#!/bin/sh\necho "${1#*=}"\n', "gcc has no libasan.so"),  # as gcc answers without one
    ],
)
def test_without_a_sanitizer_the_package_is_named(
    gcc: str | None, reason: str, tmp_path: Path
) -> None:
    if gcc:
        (tmp_path / "gcc").write_text(gcc)
        (tmp_path / "gcc").chmod(0o755)
    done = subprocess.run(
        [sys.executable, SCRIPT, "--short"],
        check=True, capture_output=True, text=True, env={"PATH": str(tmp_path)},
    )  # fmt: skip
    install = "(Debian, Ubuntu: apt-get install gcc; libasan comes with it)"
    assert done.stdout == f"Sanitizers: skipped: {reason} {install}\n"
