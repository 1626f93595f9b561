"""The installed command: one call of :func:`piiscan.cli.main` with the process to itself."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import Any, Final, NoReturn

#: What others import only to ask whether something is of its kind: Arrow pandas (0.1 s), and numba
#: cffi (0.03 s).
_UNUSED: Final = frozenset({"cffi", "pandas"})


class _Unused:
    """Keeps what no command uses from being imported."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Nothing is found here, and what is unused nowhere."""
        del path, target
        if name in _UNUSED:
            raise ModuleNotFoundError(f"No module named {name!r} in this process", name=name)


def run() -> NoReturn:
    """Run one command and leave with its exit code, sparing what a short process does not need.

    What a library must not do and a process of its own may: looking for garbage cycles during
    imports, and tearing down compiled kernels one by one at the end, take 0.2 s together, and the
    former a second of a first run.  Arrow's system allocator keeps less and asks the kernel less
    often than its default one.  Blocks are examined side by side; the linear algebra inside needs
    no threads of its own, which would wait in a loop for work.  Huge pages, which numpy asks for,
    take the kernel longer to find than they save.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    sys.meta_path.insert(0, _Unused())
    gc.set_threshold(1_000_000, 50, 50)

    from piiscan.cli import main

    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
