"""Ahead-of-time compiler: on a first run a second process compiles the kernels of a scan.

Both processes share one cache and read it before they compile. The second starts with the last
kernel, so that they meet in the middle. ``kernels.txt`` lists the kernels of a scan in call order
with their types; ``.ci/kernels.py`` renews it.
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

KERNEL_LIST: Final = Path(__file__).with_name("kernels.txt")


def start_compiler() -> None:
    """Start a second process that compiles the kernels, if there is a second processor.

    It ends by itself.
    """
    if (os.cpu_count() or 1) < 2 or not sys.executable:
        return
    with contextlib.suppress(OSError):  # then the first compiles everything itself
        subprocess.Popen(
            [sys.executable, "-m", "piiscan.cli.compile_ahead"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def listed_kernels() -> Iterator[tuple[str, str, str]]:
    """Yield (module, function, numba types) of each line in kernels.txt, by first call."""
    for line in KERNEL_LIST.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            module, name, types = line.split(" ", 2)
            yield module, name, types


def compile_listed() -> None:
    """Compile the kernels of kernels.txt, last one first; stop if the parent process ends."""
    first = os.getppid()
    for module, name, types in reversed(list(listed_kernels())):
        if os.getppid() != first:
            return
        kernel = getattr(importlib.import_module(module), name)
        kernel.compile(read_types(types))


def read_types(text: str) -> tuple[Any, ...]:
    """Parse the printed numba types of a kernel: ``(Array(uint8, 1, 'C'), int64)``.

    >>> read_types("(Array(uint8, 1, 'C', True, aligned=True), int64)")
    (Array(uint8, 1, 'C', True, aligned=True), int64)
    """
    found: tuple[Any, ...] = _parse_type(ast.parse(text, mode="eval").body)
    return found


def print_types(found: tuple[Any, ...]) -> str:
    """Return the printed form of numba types, with the class of a named tuple as its last part.

    >>> print_types(read_types("(int64, bool)"))
    '(int64, bool)'
    """
    return f"({', '.join(map(_print_type, found))}{',' if len(found) == 1 else ''})"


def _print_type(each: Any) -> str:
    """Return the printed form of one numba type."""
    from numba import types

    if isinstance(each, types.BaseNamedTuple):
        named = each.instance_class
        return f"NamedTuple({print_types(each.types)}, {named.__module__}.{named.__qualname__})"
    if isinstance(each, types.Tuple):
        return f"Tuple({print_types(each.types)})"
    if isinstance(each, types.UniTuple):
        return f"UniTuple({_print_type(each.dtype)}, {each.count})"
    return repr(each)


def _parse_type(node: ast.expr) -> Any:
    """Return the numba type in a Python syntax tree; raise ValueError for any other tree."""
    from numba import types

    match node:
        case ast.Constant():
            return node.value
        case ast.Tuple():
            return tuple(map(_parse_type, node.elts))
        case ast.Name():
            return types.boolean if node.id == "bool" else getattr(types, node.id)
        case ast.Call(func=ast.Name(id="NamedTuple"), args=[members, named]):
            return _named_tuple(_parse_type(members), ast.unparse(named))
        case ast.Call(func=ast.Name(id=name)):
            keywords = {word.arg: _parse_type(word.value) for word in node.keywords if word.arg}
            return getattr(types, name)(*map(_parse_type, node.args), **keywords)
    raise ValueError(f"no type of numba: {ast.unparse(node)}")


def _named_tuple(members: tuple[Any, ...], dotted_name: str) -> Any:
    """Return the type of the class ``dotted_name``, a named tuple with these ``members``."""
    from numba import types

    module, _, name = dotted_name.rpartition(".")
    named = getattr(importlib.import_module(module), name)
    return types.BaseTuple.from_types(members, named)


if __name__ == "__main__":
    compile_listed()
