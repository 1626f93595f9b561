"""Renews src/piiscan/cli/kernels.txt: which kernels a scan calls, in which order, with which types.

To be run after a kernel was added, renamed or given other arguments: python .ci/kernels.py
With --check it only says whether the list is as it should be.
"""

from __future__ import annotations

import os
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


def called() -> list[str]:
    """A line for each kernel that a scan of the corpus sale-7967 calls; not for those in them."""
    lines: dict[str, None] = {}
    under_way: list[str] = []
    compiling = Dispatcher.compile

    def noted(self: Any, types: Any) -> Any:
        function = self.py_func
        if not under_way:
            lines[f"{function.__module__} {function.__name__} {types}"] = None
        under_way.append(function.__name__)
        try:
            return compiling(self, types)
        finally:
            under_way.pop()

    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        make("sale-7967", seed=1, out=home)
        Dispatcher.compile = noted
        scan(home / "sale-7967", case=home / "case", key=home / "key", workers=1)
    return list(lines)


def main() -> None:
    """Writes the list, or says that it is not the same."""
    text = HEAD + "".join(f"{line}\n" for line in called())
    if sys.argv[1:] != ["--check"]:
        compile_ahead.LIST.write_text(text, encoding="utf-8")
    elif sorted(compile_ahead.LIST.read_text("utf-8").splitlines()) != sorted(text.splitlines()):
        print(
            f"{os.fspath(compile_ahead.LIST)} is out of date: run python .ci/kernels.py",
            file=sys.stderr,
        )
        sys.exit(1)


main()
