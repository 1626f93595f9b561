"""On a first run a second process compiles, from the last kernel on, what the first will need.

Compiling the kernels of a scan takes one processor twenty seconds.  Both processes keep what they
compile in one cache and look there first, so they meet in the middle.  ``kernels.txt`` tells the
second one what a scan calls, in order and with which types; ``.ci/kernels.py`` renews it.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

LIST: Final = Path(__file__).with_name("kernels.txt")


def start() -> None:
    """Start the second process, where there is a second processor for it; it ends by itself."""
    if (os.cpu_count() or 1) < 2 or not sys.executable:
        return
    with contextlib.suppress(OSError):  # then the first compiles everything itself
        subprocess.Popen(
            [sys.executable, "-m", "piiscan.cli.compile_ahead"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def listed() -> Iterator[tuple[str, str, str]]:
    """Module, name and types of each kernel that a scan calls, in the order of first calls."""
    for line in LIST.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            module, name, types = line.split(" ", 2)
            yield module, name, types


def compile_listed() -> None:
    """Compile what is listed, from the end on, until done or left alone by the first process."""
    first = os.getppid()
    for module, name, types in reversed(list(listed())):
        if os.getppid() != first:
            return
        kernel = getattr(importlib.import_module(module), name)
        kernel.compile(read_types(types))


def read_types(text: str) -> tuple[Any, ...]:
    """The types that numba prints so.

    >>> read_types("(Array(uint8, 1, 'C', True, aligned=True), int64)")
    (Array(uint8, 1, 'C', True, aligned=True), int64)
    """
    found: tuple[Any, ...] = _type(ast.parse(text, mode="eval").body)
    return found


def _type(node: ast.expr) -> Any:
    from numba import types

    match node:
        case ast.Constant():
            return node.value
        case ast.Tuple():
            return tuple(map(_type, node.elts))
        case ast.Name():
            return types.boolean if node.id == "bool" else getattr(types, node.id)
        case ast.Call(func=ast.Name(id=name)):
            named = {word.arg: _type(word.value) for word in node.keywords if word.arg}
            return getattr(types, name)(*map(_type, node.args), **named)
    raise ValueError(f"no type of numba: {ast.unparse(node)}")


if __name__ == "__main__":
    compile_listed()
