"""Compiled kernels: the one numba decorator, and the cache of machine code.

numba compiles a kernel on its first call, a few seconds for all of them, and caches the result in
a per-user folder.  If no folder can be written, every process compiles anew, and
:func:`cache_state` returns ``none``, so that a long first run can be announced.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar, cast

import numpy as np
import numpy.typing as npt

from piiscan.arrays import UInt8, UInt64

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T", bound=np.generic)


@cache
def _kernel_digest() -> str:
    """Return a digest of all modules with kernels and their imports; it names their cache folder.

    numba checks only the file of a kernel itself.  A kernel that calls one of another module, or
    uses a constant from there, would run old machine code after an upgrade.
    """
    root = Path(__file__).parent
    texts = {path: path.read_bytes() for path in sorted(root.rglob("*.py"))}
    to_visit = [path for path, text in texts.items() if b"piiscan.jit import" in text]
    used: set[Path] = set()
    while to_visit:
        path = to_visit.pop()
        if path in texts and path not in used:
            used.add(path)
            for name in re.findall(rb"^from piiscan\.([\w.]+) import", texts[path], re.MULTILINE):
                module = root.joinpath(*name.decode().split("."))
                to_visit += [module.with_suffix(".py"), module / "__init__.py"]
    digest = hashlib.sha256()
    for path in sorted(used):
        digest.update(texts[path])
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path | None:
    """Return the folder for machine code, created if absent; None if no folder can be written."""
    try:
        folder = _cache_home() / _kernel_digest()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return None


def _cache_home() -> Path:
    """Return the parent of the cache folders: ``NUMBA_CACHE_DIR``, else the per-user cache."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"])
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "piiscan" / "compiled"


def cache_state() -> Literal["warm", "cold", "none"]:
    """Return the state of the kernels: compiled (warm), not yet (cold), or never cached (none)."""
    folder = cache_folder()
    if folder is None:
        return "none"
    return "warm" if next(folder.glob("**/*.nbi"), None) else "cold"


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` on its first call: no Python objects inside, the GIL released.

    The function must not create, store or return an array; views are allowed.  So array references
    are not counted, which would cost as much as the work in small functions.
    """
    return _compile(function, cache=True, _nrt=False)


def allocating(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` like a kernel, with permission to create arrays."""
    return _compile(function, cache=True, _nrt=True)


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` as a part of kernels, without an entry point from Python."""
    return _compile(function, _nrt=False, no_cpython_wrapper=True)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` as a part of kernels whose code is inlined at each call."""
    return _compile(function, _nrt=False, no_cpython_wrapper=True, forceinline=True)


def _compile(function: Callable[P, R], *, cache: bool = False, **flags: bool) -> Callable[P, R]:
    """Return ``function`` compiled by numba; cache the result if there is a cache folder."""
    import numba

    folder = cache_folder()
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)
    # no entry point from C: it would never be used
    compiled: Any = numba.njit(
        nogil=True, cache=cache and folder is not None, error_model="numpy",
        no_cfunc_wrapper=True, **flags,
    )(function)  # fmt: skip
    return cast("Callable[P, R]", compiled)


def frozen(array: npt.NDArray[T]) -> npt.NDArray[T]:
    """Return a read-only view of ``array``, so that numba compiles one version for all callers."""
    view = array.view()
    view.flags.writeable = False
    return view


def unaligned_words(data: UInt8) -> UInt64:
    """Return eight bytes from every position of ``data`` as one number (``uint64[n - 7]``).

    A kernel reads a text in steps of eight bytes with this view.  It is unaligned, which every
    processor that numba supports can load.  Data of less than 16 bytes are copied.
    """
    if len(data) < 16:  # numba compiles anew for a view of one word or none
        padded = np.concatenate([data, np.zeros(16, np.uint8)])
        padded.flags.writeable = data.flags.writeable  # also for writable data
        data = padded
    return np.ndarray((len(data) - 7,), np.uint64, data, 0, (1,))
