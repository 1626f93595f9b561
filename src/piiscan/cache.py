"""Array cache: arrays stored between processes, in the folder of the compiled kernels."""

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
    """Return the arrays cached on disk under ``name``; make and cache them if absent or broken.

    ``fits`` rejects arrays that are out of date.

    ``name`` must identify everything that ``make`` depends on; the folder identifies the version.
    The file contains plain arrays only (no pickle), so reading it cannot run code.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    file = folder / f"{name}.npz"
    cached = _read(file)
    if cached is not None and fits(cached):
        return cached
    arrays = make()
    with contextlib.suppress(OSError):  # without a cache the program is only slower
        _write(file, arrays)
    return arrays


def _read(file: Path) -> Arrays | None:
    """Read the arrays in ``file``; return None if it is absent or broken."""
    try:
        with file.open("rb") as source, np.load(source, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _write(file: Path, arrays: Arrays) -> None:
    """Write ``arrays`` to ``file`` by rename, so that no other process reads half a file."""
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            np.savez(out, allow_pickle=False, **arrays)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink()
        raise
