"""The folder that copies go to, apart from every source, readable by its owner only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from piiscan.errors import RedactError
from piiscan.output_files import entangled

#: Where copies are made before they are whole.
WORK: Final = ".work"


def make_target(out: Path, sources: Sequence[Path]) -> Path:
    """The work folder inside ``out``, which is made (0700) and must be new or empty.

    RedactError if it is not, or lies inside a source, or a source inside it.
    """
    found = entangled(out, sources)
    if found is not None and found[1]:
        raise RedactError(
            f"{out} lies inside the source {found[0]}, which is never written to; choose another"
            " folder (-o OUT)"
        )
    if found is not None:
        raise RedactError(f"the source {found[0]} lies inside {out}; choose another folder (-o)")
    try:
        if out.exists() and any(out.iterdir()):
            raise RedactError(f"{out} is not empty; give a new folder (-o OUT)")
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        out.chmod(0o700)
        (out / WORK).mkdir(mode=0o700)
    except OSError as error:
        raise RedactError(f"{out} cannot be written to: {error.strerror}") from error
    return out / WORK


def place_below(given: Path, path: Path) -> tuple[str, ...]:
    """The parts of a copy's path: the last part of what was given, and what is below it."""
    root = given.name if given.name not in ("", "..") else given.resolve().name
    below = () if path == given else path.relative_to(given).parts
    return (root or "root", *below)


def free_name(parent: Path, name: str, *, taken: Iterable[Path]) -> Path:
    """A path in ``parent`` that no other copy has, numbered if need be."""
    path, number = parent / name, 1
    stem, dot, suffix = name.rpartition(".")
    while path in taken:
        number += 1
        path = parent / (f"{stem}({number}).{suffix}" if dot and stem else f"{name}({number})")
    return path


def make_parents(path: Path, below: Path) -> None:
    """The folders of ``path`` below ``below``, each 0700."""
    missing = []
    folder = path.parent
    while folder != below and not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700)


def shown(path: Path, below: Path) -> str:
    """A copy's path as it is told."""
    return os.fsencode(path.relative_to(below)).decode("utf-8", "replace").replace(os.sep, "/")
