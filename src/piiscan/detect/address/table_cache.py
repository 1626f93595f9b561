"""Arrays kept from one process to the next, beside the machine code of the kernels."""

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


def kept_arrays(name: str, make: Callable[[], Arrays]) -> Arrays:
    """The arrays kept under ``name``, or else what ``make`` makes, kept from now on.

    ``name`` must tell apart whatever ``make`` depends on; the folder tells versions apart.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    file = folder / f"{name}.npz"
    try:
        with file.open("rb") as source, np.load(source, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        made = make()
    with contextlib.suppress(OSError):  # a full or read-only disk costs time only
        _write(file, made)
    return made


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
