"""Array cache: arrays stored between processes, in a private folder of the user."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO

import numpy as np

from piiscan.arrays import AnyArray
from piiscan.cache_files import read_entry, write_entry

Arrays = Mapping[str, AnyArray]


def cached_arrays(
    name: str, make: Callable[[], Arrays], *, fits: Callable[[Arrays], bool] = lambda _: True
) -> Arrays:
    """Return the arrays cached on disk under ``name``; make and cache them if absent or broken.

    ``fits`` rejects arrays that are out of date.

    ``name`` must identify everything that ``make`` depends on; the folder identifies the version.
    The entry contains plain arrays only (no pickle), so reading it cannot run code.
    """
    content = read_entry(f"{name}.npz")
    cached = None if content is None else _unpack(content)
    if cached is not None and fits(cached):
        return cached
    arrays = make()
    packed = BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    write_entry(f"{name}.npz", packed.getvalue())
    return arrays


def _unpack(content: bytes) -> Arrays | None:
    """Return the arrays in ``content``; None if they cannot be read."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
