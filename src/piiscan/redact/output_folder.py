"""Output folder of the copies: new, outside every source, readable by its owner only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from piiscan.errors import RedactError
from piiscan.output_files import find_overlap

#: Name of the folder for unfinished copies.
WORK_FOLDER: Final = ".work"


def make_work_folder(out: Path, sources: Sequence[Path]) -> Path:
    """Create ``out`` with mode 0700 and return the new work folder inside it.

    Raises:
        RedactError: ``out`` is not empty, cannot be written, is inside a source or contains one.
    """
    overlap = find_overlap(out, sources)
    if overlap is not None and overlap[1]:
        raise RedactError("redact.inside_source", folder=out, source=overlap[0])
    if overlap is not None:
        raise RedactError("redact.holds_source", source=overlap[0], folder=out)
    try:
        if out.exists() and any(out.iterdir()):
            raise RedactError("redact.not_empty", folder=out)
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        out.chmod(0o700)
        (out / WORK_FOLDER).mkdir(mode=0o700)
    except OSError as error:
        raise RedactError("redact.unwritable", folder=out, reason=error.strerror) from error
    return out / WORK_FOLDER


def output_parts(input_path: Path, path: Path) -> tuple[str, ...]:
    """Return the path of a copy below the output folder, as parts.

    The first part is the last name of ``input_path``, the path given by the user.
    ``dumps/a``, ``dumps/a/b/c.csv`` -> ``("a", "b", "c.csv")``.
    """
    root = input_path.name if input_path.name not in ("", "..") else input_path.resolve().name
    inner_parts = () if path == input_path else path.relative_to(input_path).parts
    return (root or "root", *inner_parts)


def free_name(parent: Path, name: str, *, used_paths: Iterable[Path]) -> Path:
    """Return the path ``parent / name``, numbered if another copy has it: ``a.csv -> a(2).csv``."""
    path, number = parent / name, 1
    stem, dot, suffix = name.rpartition(".")
    while path in used_paths:
        number += 1
        path = parent / (f"{stem}({number}).{suffix}" if dot and stem else f"{name}({number})")
    return path


def make_parents(path: Path, root: Path) -> None:
    """Create the missing parent folders of ``path`` below ``root``, each with mode 0700."""
    missing = []
    folder = path.parent
    while folder != root and not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700)


def display_path(path: Path, root: Path) -> str:
    """Return the path of a copy relative to ``root``, printable, with ``/`` as separator."""
    return os.fsencode(path.relative_to(root)).decode("utf-8", "replace").replace(os.sep, "/")
