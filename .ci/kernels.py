"""List of compiled kernels: write src/piiscan/cli/kernels.txt anew.

The list has the kernels that a scan calls, in the order of first calls, with argument types.
Run it after a kernel was added, renamed or changed in its arguments: python .ci/kernels.py
With --check it only verifies that the list is current.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from numba.core.dispatcher import Dispatcher

from piiscan.case.scan.scan import scan
from piiscan.cli import compile_ahead
from piiscan.synth import make

HEAD = (
    "# What a scan compiles, in the order of first calls: module, name, types of the arguments.\n"
)


def called_kernels() -> list[str]:
    """Return a line of kernels.txt for each kernel that a scan of sale-7967 calls.

    Kernels that are called only by other kernels are left out.
    """
    lines: dict[str, None] = {}
    running: list[str] = []
    original_compile = Dispatcher.compile

    def recording_compile(self: Any, types: Any) -> Any:
        """Record the kernel and its types, then compile it as numba does."""
        function = self.py_func
        if not running:
            lines[
                f"{function.__module__} {function.__name__} {compile_ahead.print_types(types)}"
            ] = None
        running.append(function.__name__)
        try:
            return original_compile(self, types)
        finally:
            running.pop()

    Dispatcher.compile = recording_compile
    scan_corpus()
    return list(lines)


def scan_corpus() -> None:
    """Scan the corpus sale-7967."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make("sale-7967", seed=1, out=home)
        scan(home / "sale-7967", case=home / "case", key=home / "key", workers=1)


def main() -> None:
    """Write kernels.txt; with --check, compare instead and exit with 1 if it is out of date.

    Another process scans first (--warm): while an outer kernel is compiled, the kernels inside it
    are too, so that their own first call from Python would go unseen. Out of the cache it does not.
    """
    if sys.argv[1:] == ["--warm"]:
        scan_corpus()
        return
    subprocess.run([sys.executable, __file__, "--warm"], check=True)
    text = HEAD + "".join(f"{line}\n" for line in called_kernels())
    if sys.argv[1:] != ["--check"]:
        compile_ahead.KERNEL_LIST.write_text(text, encoding="utf-8")
    elif sorted(compile_ahead.KERNEL_LIST.read_text("utf-8").splitlines()) != sorted(
        text.splitlines()
    ):
        print(
            f"{os.fspath(compile_ahead.KERNEL_LIST)} is out of date: run python .ci/kernels.py",
            file=sys.stderr,
        )
        sys.exit(1)


main()
