"""What the second process of a first run compiles is what a scan then finds in the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from piiscan.cli import compile_ahead

ROOT = Path(__file__).parents[2]
SMALL = "piiscan.detect.arithmetic.digits _luhn "


def test_the_list_is_what_a_scan_calls() -> None:
    for _ in range(2):  # the first run may also make the cached tables, with kernels of their own
        done = subprocess.run(
            [sys.executable, str(ROOT / ".ci" / "kernels.py"), "--check"],
            capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return
    raise AssertionError(done.stderr)


def test_the_types_of_every_kernel_are_read() -> None:
    kernels = list(compile_ahead.listed_kernels())
    assert len(kernels) > 40
    assert all(
        compile_ahead.print_types(compile_ahead.read_types(types)) == types
        for _, _, types in kernels
    )


def test_what_is_listed_is_kept_for_the_first_process(tmp_path: Path) -> None:
    line = next(
        each for each in compile_ahead.KERNEL_LIST.read_text("utf-8").splitlines() if SMALL in each
    )
    (tmp_path / "kernels.txt").write_text(f"# one of them\n{line}\n", "utf-8")
    program = (
        "import sys, pathlib\n"
        "from piiscan.cli import compile_ahead\n"
        "compile_ahead.KERNEL_LIST = pathlib.Path(sys.argv[1])\n"
        "compile_ahead.compile_listed()\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "kernels.txt")],
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}, check=True,
    )  # fmt: skip
    kept = {path.name.split("-")[0] for path in (tmp_path / "cache").rglob("*.nbc")}
    assert kept == {"piiscan.detect.arithmetic.digits._luhn"}


@pytest.mark.parametrize(("state", "started"), [("warm", 0), ("cold", 1), ("none", 0)])
def test_a_first_run_is_announced_and_shared_with_a_second_process(
    state: str, started: int, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[None] = []
    monkeypatch.setattr("piiscan.cache_files.cache_state", lambda: state)
    monkeypatch.setattr(compile_ahead, "start_compiler", lambda: starts.append(None))
    told = call("find", "13800138000")
    assert (told.code, len(starts), bool(told.err)) == (0, started, state != "warm")
