"""Compiled kernels: the one numba decorator, and the cache of machine code.

numba compiles a kernel on its first call, a few seconds for all of them; the result is cached in a
private folder (``cache_files``).
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
import numpy.typing as npt

from piiscan.arrays import UInt8, UInt64
from piiscan.cache_files import cache_folder, read_entry, write_entry

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T", bound=np.generic)


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


def _compile(
    function: Callable[P, R], *, cache: bool = False, forceinline: bool = False, **flags: bool
) -> Callable[P, R]:
    """Return ``function`` compiled by numba; cache the result if there is a cache folder.

    ``forceinline`` is always given.  Otherwise a function would have that of its first caller, and
    its machine code would depend on the order of compilation.
    """
    import numba

    # no entry point from C: it would never be used
    compiled: Any = numba.njit(
        nogil=True, error_model="numpy", no_cfunc_wrapper=True, forceinline=forceinline, **flags
    )(function)
    if cache and cache_folder() is not None:
        compiled._cache = _KernelCache(function)
    return cast("Callable[P, R]", compiled)


class _KernelCache:
    """Machine code of one kernel: an entry for each choice of types, in place of numba's cache.

    numba gives the entries of a kernel numbers from an index, without a lock, so that two processes
    that compile at once can exchange theirs; and it unpickles whatever lies in the folder. Here the
    name of an entry follows from the types, and only whole, private files are unpickled.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        """Cache the machine code of ``function``."""
        self._function = function
        self.cache_path = str(cache_folder())

    def load_overload(self, types: Any, context: Any) -> Any:
        """Return the compiled function for ``types``; None if it must be compiled."""
        from numba.core.compiler import CompileResult

        context.refresh()
        key = self._key(types, context.codegen())
        content = read_entry(self._name(key))
        if content is None:
            return None
        found, payload = pickle.loads(content)
        return CompileResult._rebuild(context, *payload) if found == key else None

    def save_overload(self, types: Any, compiled: Any) -> None:
        """Write the function ``compiled`` for ``types``, unless it depends on this process."""
        from numba.core.serialize import dumps

        if compiled.library.has_dynamic_globals or compiled.lifted:
            return
        key = self._key(types, compiled.codegen)
        write_entry(self._name(key), dumps((key, compiled._reduce())))

    def _key(self, types: Any, codegen: Any) -> tuple[Any, ...]:
        """Return what the machine code depends on, but for the source of piiscan."""
        import numba

        versions = sys.version_info[:2], np.__version__, numba.__version__
        code = hashlib.sha256(self._function.__code__.co_code).hexdigest()
        return types, codegen.magic_tuple(), versions, code

    def _name(self, key: tuple[Any, ...]) -> str:
        """Return the file name of the entry ``key``."""
        digest = hashlib.sha256(repr(key).encode()).hexdigest()[:20]
        return f"{self._function.__module__}.{self._function.__qualname__}-{digest}.nbc"

    def enable(self) -> None:
        """Do nothing: this cache is always on."""

    def disable(self) -> None:
        """Do nothing: a process without a cache has no object of this class."""

    def flush(self) -> None:
        """Do nothing: an entry that is out of date is never read."""


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
