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

from numba.core.caching import Cache

from piiscan.cli import ahead
from piiscan.run.scan import scan
from piiscan.synth import make

HEAD = (
    "# What a scan compiles, in the order of first calls: module, name, types of the arguments.\n"
)


def called() -> list[str]:
    """A line for each kernel that a scan of the corpus sale-7967 looks for in the cache."""
    lines: dict[str, None] = {}
    look = Cache.load_overload

    def noted(self: Any, types: Any, context: Any) -> Any:
        function = self._py_func
        lines[f"{function.__module__} {function.__name__} {types}"] = None
        return look(self, types, context)

    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        make("sale-7967", seed=1, out=home)
        Cache.load_overload = noted
        scan(home / "sale-7967", case=home / "case", key=home / "key")
    return list(lines)


def main() -> None:
    """Writes the list, or says that it is not the same."""
    text = HEAD + "".join(f"{line}\n" for line in called())
    if sys.argv[1:] != ["--check"]:
        ahead.LIST.write_text(text, encoding="utf-8")
    elif sorted(ahead.LIST.read_text("utf-8").splitlines()) != sorted(text.splitlines()):
        print(f"{os.fspath(ahead.LIST)} is out of date: run python .ci/kernels.py", file=sys.stderr)
        sys.exit(1)


main()
