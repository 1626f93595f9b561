"""Kernel files: compiled modules, compared with the sources that they were compiled from.

The build compiles each module ``*_kernels.py`` and records the digests of its sources in
``kernels.json``. In a checkout a source can be edited afterwards; the old machine code would run.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from piiscan.errors import KernelError

_HOME: Final = Path(__file__).parent
_RECORD: Final = "kernels.json"
#: A declaration that only a checkout has.
_DECLARATION: Final = "kernel_arrays.pxd"
_SOURCE: Final = "_kernels.py"
_COMPILED: Final = "_kernels.pyd" if sys.platform == "win32" else "_kernels.abi3.so"
#: Modules that an error names.
_NAMED: Final = 5


@cache
def check_kernels(home: Path = _HOME) -> None:
    """Compare the compiled modules with their sources, once a process.

    Raise KernelError with the names of modules that are not compiled, or, in a checkout, older than
    their sources.
    """
    recorded = _recorded_sources(home)
    is_checkout = (home / _DECLARATION).exists()
    paths = sorted({*recorded, *(_source_paths(home) if is_checkout else ())})
    digests: dict[str, str] = {}

    def is_current(path: str) -> bool:
        """Return True if a module is compiled and, in a checkout, its sources are unchanged."""
        sources = recorded.get(path)
        if not sources or not _compiled(home, path).exists():
            return False
        for source in sources.keys() - digests.keys() if is_checkout else ():
            digests[source] = _digest(home / source)
        return not is_checkout or all(digests[each] == sources[each] for each in sources)

    stale = tuple(path for path in paths if not is_current(path))
    if is_checkout and stale:
        raise KernelError(
            "kernels.stale", count=len(stale), modules=stale[:_NAMED], folder=home.parents[1]
        )
    if stale or not recorded:
        raise KernelError("kernels.missing", folder=home)


@cache
def kernels_digest(home: Path = _HOME) -> str:
    """Return the SHA-256 over the names and digests of all compiled modules, by name."""
    digest = hashlib.sha256()
    for path in sorted(_recorded_sources(home)):
        digest.update(f"{_digest(_compiled(home, path))}  {path}\n".encode())
    return digest.hexdigest()


def _recorded_sources(home: Path) -> dict[str, dict[str, str]]:
    """Return the path of each recorded kernel module -> digests of its sources by path.

    Nothing is recorded if the record is missing or damaged.
    """
    try:
        record = json.loads((home / _RECORD).read_bytes())
        return {path: facts["sources"] for path, facts in record.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _source_paths(home: Path) -> Iterator[str]:
    """Yield the paths of all kernel modules below ``home``; faster than ``rglob``."""
    to_visit = [""]
    while to_visit:
        folder = to_visit.pop()
        with os.scandir(home / folder) as entries:
            for entry in entries:
                if entry.name.endswith(_SOURCE):
                    yield folder + entry.name
                elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                    to_visit.append(f"{folder}{entry.name}/")


def _compiled(home: Path, path: str) -> Path:
    """Return the compiled form of the module ``path``."""
    return home / (path.removesuffix(_SOURCE) + _COMPILED)


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, of nothing if it is missing."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return hashlib.sha256().hexdigest()
