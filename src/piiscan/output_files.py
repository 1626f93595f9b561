"""Output files: readable by their owner only, and never inside evidence."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from piiscan.errors import CaseError


def open_private(path: Path) -> Any:
    """A new binary file for writing that only its owner may read (0600)."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    number = os.open(path, flags, 0o600)
    return os.fdopen(number, "wb")


def entangled(folder: Path, sources: Iterable[Path]) -> tuple[Path, bool] | None:
    """The first source that ``folder`` lies in or is (True), or that lies in it (False), if any.

    >>> entangled(Path("/a/b"), [Path("/c"), Path("/a")]), entangled(Path("/a"), [Path("/a/b")])
    ((PosixPath('/a'), True), (PosixPath('/a/b'), False))
    """
    own = folder.resolve()
    for source in sources:
        other = source.resolve()
        if own == other or own.is_relative_to(other):
            return source, True
        if other.is_relative_to(own):
            return source, False
    return None


def check_outside(file: Path, sources: Iterable[Path]) -> None:
    """Nothing; CaseError if ``file`` would be written inside a source (E1)."""
    own = file.resolve()
    if any(own.is_relative_to(source.resolve()) for source in sources):
        raise CaseError(f"{file} lies inside a source, which is never written to; choose another")
