"""Cache of arrays between processes, in the folder of the compiled kernels."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from piiscan.arrays import AnyArray
from piiscan.jit import cache_folder

Arrays = Mapping[str, AnyArray]


def cached_arrays(
    name: str, make: Callable[[], Arrays], *, fits: Callable[[Arrays], bool] = lambda _: True
) -> Arrays:
    """Return the arrays cached under ``name``; make and cache them if absent, broken or misfit.

    ``name`` must tell apart everything that ``make`` depends on; the folder tells versions apart.
    A file holds arrays only, so reading one can run nothing.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    file = folder / f"{name}.npz"
    cached = _read(file)
    if cached is not None and fits(cached):
        return cached
    made = make()
    with contextlib.suppress(OSError):  # a full or read-only disk costs time only
        _write(file, made)
    return made


def _read(file: Path) -> Arrays | None:
    try:
        with file.open("rb") as source, np.load(source, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _write(file: Path, arrays: Arrays) -> None:
    """Write by rename, so that no other process ever reads half a file."""
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            np.savez(out, allow_pickle=False, **arrays)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink()
        raise
