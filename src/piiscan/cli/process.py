"""Entry point of the installed command: one call of :func:`piiscan.cli.main` per process."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import Any, Final, NoReturn

#: Modules that Arrow imports only for type checks, which cost start-up time.
_BLOCKED_MODULES: Final = frozenset({"cffi", "pandas"})
#: Parameters of glibc's mallopt: M_ARENA_MAX, M_TRIM_THRESHOLD and M_MMAP_THRESHOLD.
_MALLOPT: Final = {-8: 1, -1: 256 << 20, -3: 32 << 20}


class _ImportBlocker:
    """Import hook that blocks modules no command uses."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Raise ModuleNotFoundError for a blocked module; return None for any other module."""
        del path, target
        if name in _BLOCKED_MODULES:
            raise ModuleNotFoundError(f"No module named {name!r} in this process", name=name)


def run() -> NoReturn:
    """Run one command and exit with its exit code, with settings for a short process.

    A process of its own can skip work that a library must do. Garbage collection during imports and
    the teardown of modules are skipped. Arrow's system allocator reserves less memory. glibc's one
    serves all threads from one heap and retains what is freed, as each block needs as much again.
    Linear algebra, which nothing here uses, starts no threads. Huge pages are off, because the
    kernel takes longer to find them than they save.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    sys.meta_path.insert(0, _ImportBlocker())
    gc.set_threshold(1_000_000, 50, 50)
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(AttributeError):
            mallopt = ctypes.CDLL(None).mallopt
            for parameter, value in _MALLOPT.items():
                mallopt(parameter, value)

    from piiscan.cli import main

    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
