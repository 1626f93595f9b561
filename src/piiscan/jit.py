"""The one decorator for compiled kernels, and where their machine code is kept.

numba compiles a kernel on its first call (a few seconds for all of them) and caches the result.
The cache is a per-user folder; where none can be written the kernels are compiled anew in every
process, and :func:`cache_state` says so, so that a long first run can be announced.
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
def _edition() -> str:
    """A digest of the modules with kernels and all they import, which names their cache folder.

    numba looks only at the file of a kernel itself: a kernel that calls one in another module, or
    has a number from there, would keep the old machine code after an upgrade and give old answers.
    """
    root = Path(__file__).parent
    texts = {path: path.read_bytes() for path in sorted(root.rglob("*.py"))}
    waiting = [path for path, text in texts.items() if b"piiscan.jit import" in text]
    used: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in texts and path not in used:
            used.add(path)
            for name in re.findall(rb"^from piiscan\.([\w.]+) import", texts[path], re.MULTILINE):
                module = root.joinpath(*name.decode().split("."))
                waiting += [module.with_suffix(".py"), module / "__init__.py"]
    digest = hashlib.sha256()
    for path in sorted(used):
        digest.update(texts[path])
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path | None:
    """The folder for machine code, made if absent; None where no place can be written."""
    try:
        folder = _cache_home() / _edition()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return None


def _cache_home() -> Path:
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"])
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "piiscan" / "compiled"


def cache_state() -> Literal["warm", "cold", "none"]:
    """Whether kernels are compiled already: warm, not yet (cold), or never kept (none)."""
    folder = cache_folder()
    if folder is None:
        return "none"
    return "warm" if next(folder.glob("**/*.nbi"), None) else "cold"


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """``function`` compiled on first call: no Python objects inside, the GIL released.

    Such a function must not make, keep or give back an array; views are allowed.  So references to
    arrays are not counted, which would cost as much as the work where small functions hand arrays
    on to each other.
    """
    return _compiled(function, cache=True, _nrt=False)


def allocating(function: Callable[P, R]) -> Callable[P, R]:
    """``function`` compiled like a kernel, but it may make arrays."""
    return _compiled(function, cache=True, _nrt=True)


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """A part of kernels, compiled with them: no way in from Python is made, which takes a while."""
    return _compiled(function, _nrt=False, no_cpython_wrapper=True)


def woven(function: Callable[P, R]) -> Callable[P, R]:
    """A part of kernels whose code goes where it is called: for what is done for each candidate."""
    return _compiled(function, _nrt=False, no_cpython_wrapper=True, forceinline=True)


def _compiled(function: Callable[P, R], *, cache: bool = False, **flags: bool) -> Callable[P, R]:
    """``function`` as numba compiles it; where it can be kept, for later processes too."""
    import numba

    folder = cache_folder()
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)
    # no way in from C is made: nobody would take it
    compiled: Any = numba.njit(
        nogil=True, cache=cache and folder is not None, error_model="numpy",
        no_cfunc_wrapper=True, **flags,
    )(function)  # fmt: skip
    return cast("Callable[P, R]", compiled)


def frozen(array: npt.NDArray[T]) -> npt.NDArray[T]:
    """A read-only view: numba compiles once for it, whatever the caller had."""
    view = array.view()
    view.flags.writeable = False
    return view


def eights(data: UInt8) -> UInt64:
    """Eight bytes from every place on, as one number: a view of ``data`` for going on in steps.

    The last seven places have none (of less than 16 bytes it is a copy, to read only).  Texts are
    short, so a loop over single bytes costs three times as much; the view is unaligned, which
    every processor that numba knows can load.
    """
    if len(data) < 16:  # numba compiles a kernel again for a view of one word or none
        padded = np.concatenate([data, np.zeros(16, np.uint8)])
        padded.flags.writeable = data.flags.writeable  # and for one that may be written
        data = padded
    return np.ndarray((len(data) - 7,), np.uint64, data, 0, (1,))
