"""Output folder of the copies: new, outside every source, readable by its owner only.

Copies are complete before any of them gets its final name; a run that was killed is run again.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from piiscan.errors import RedactError
from piiscan.output_files import find_overlap, make_private_folder, write_aside

#: Name of the folder for unfinished copies.
WORK_FOLDER: Final = ".work"


_LOCK: Final = "lock"
_MOVED: Final = "moved.json"


@contextmanager
def open_output(out: Path, sources: Sequence[Path]) -> Iterator[Path]:
    """Create ``out`` with mode 0700; yield the work folder in it, locked against other runs.

    What a killed run left in ``out`` is deleted: its work folder has a lock file, and a list of the
    copies that it had moved out. After an error the work folder is deleted.

    Raises:
        RedactError: ``out`` has other files, is written by another run, cannot be written, is
            inside a source or contains one.
    """
    overlap = find_overlap(out, sources)
    if overlap is not None and overlap[1]:
        raise RedactError("redact.inside_source", folder=out, source=overlap[0])
    if overlap is not None:
        raise RedactError("redact.holds_source", source=overlap[0], folder=out)
    try:
        lock = _enter(out)
    except OSError as error:
        raise RedactError("redact.unwritable", folder=out, reason=error.strerror) from error
    work = out / WORK_FOLDER
    try:
        yield work
    finally:
        lock.close()
        if not (work / _MOVED).exists():
            shutil.rmtree(work, ignore_errors=True)


def _enter(out: Path) -> sqlite3.Connection:
    """Create output and work folder, or clear those of a killed run; lock them.

    Return the connection that keeps the lock.
    """
    work = out / WORK_FOLDER
    is_left = work.is_dir() and ((work / _LOCK).is_file() or not any(work.iterdir()))
    if not is_left and out.exists() and any(out.iterdir()):
        raise RedactError("redact.not_empty", folder=out)
    make_private_folder(out)
    out.chmod(0o700)
    make_private_folder(work)
    lock = _lock(work / _LOCK)
    try:
        _delete_left(out, work)
    except BaseException:
        lock.close()
        raise
    return lock


def _lock(path: Path) -> sqlite3.Connection:
    """Lock the file ``path`` until the returned connection is closed or the process ends.

    Raise RedactError if another run has the lock.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=0.2, isolation_level=None)
    try:
        connection.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        connection.close()
        raise RedactError("case.in_use", path=path.parent.parent) from error
    return connection


def _delete_left(out: Path, work: Path) -> None:
    """Delete the files of a killed run. Raise RedactError if ``out`` has other files."""
    moved = work / _MOVED
    names = json.loads(moved.read_bytes()) if moved.exists() else []
    if any(name in ("", "..") or Path(name).name != name for name in names):
        raise RedactError("redact.not_empty", folder=out)  # not written by a run of ours
    for path in (*(out / name for name in names), *work.iterdir()):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path not in (work / _LOCK, moved):
            path.unlink(missing_ok=True)
    if any(path != work for path in out.iterdir()):
        raise RedactError("redact.not_empty", folder=out)
    moved.unlink(missing_ok=True)


def publish(tree: Path, out: Path, *, last: str) -> None:
    """Move all files from ``tree`` in the work folder to ``out``; the file ``last`` last.

    Each copy gets its final name when all are complete.
    """
    names = sorted((path.name for path in tree.iterdir()), key=lambda name: (name == last, name))
    with write_aside(tree.parent / _MOVED) as file:
        file.write(json.dumps(names).encode())
    for name in names:
        (tree / name).rename(out / name)
    (tree.parent / _MOVED).unlink()


def output_parts(input_path: Path, path: Path) -> tuple[str, ...]:
    """Return the path of a copy below the output folder, as path parts.

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
        make_private_folder(each)


def display_path(path: Path, root: Path) -> str:
    """Return the path of a copy relative to ``root``, printable, with ``/`` as separator."""
    return os.fsencode(path.relative_to(root)).decode("utf-8", "replace").replace(os.sep, "/")
