"""Output files: readable by their owner only, complete or absent, and never inside evidence."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from piiscan.errors import CaseError


def open_private(path: Path) -> Any:
    """Open a new binary file for writing, with access for its owner only (0600)."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    return open(path, "wb", opener=lambda name, _: os.open(name, flags, 0o600))


@contextmanager
def write_aside(path: Path) -> Iterator[Any]:
    """Open a private binary file that gets the name ``path`` when it is complete and on the disk.

    Until then it is ``.NAME.part`` in the same folder; an error deletes it, and the next attempt
    overwrites what a killed process left.  A device (``/dev/stdout``) is written directly.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place, write_aside(Path(place, "a")) as file:
    ...     _ = file.write(b"half")
    ...     [each.name for each in Path(place).iterdir()]
    ['.a.part']
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with open_private(path) as file:
            yield file
        return
    aside = path.with_name(f".{path.name}.part")
    try:
        with open_private(aside) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


@contextmanager
def temporary_folder(place: Path, prefix: str) -> Iterator[Path]:
    """Yield a new private folder in ``place``, which is made if it is absent; delete it on exit.

    ``prefix``: beginning of its name.
    """
    with tempfile.TemporaryDirectory(
        prefix=prefix, dir=make_private_folder(place), ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


def make_private_folder(path: Path) -> Path:
    """Create the folder ``path`` and those above it that are absent, mode 0700; return it.

    The umask of the process has no effect.  Folders that exist are left as they are.
    """
    absent = [each for each in (path, *path.parents) if not each.exists()]
    for folder in reversed(absent):
        try:
            folder.mkdir(mode=0o700)
            folder.chmod(0o700)
        except FileExistsError:
            if not folder.is_dir():
                raise
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    return path


def find_overlap(folder: Path, sources: Iterable[Path]) -> tuple[Path, bool] | None:
    """Find a source that contains ``folder`` or is in it: (source, folder is inside) or None.

    False means that the source is inside the folder.  Return None if no source overlaps.

    >>> find_overlap(Path("/a/b"), [Path("/c"), Path("/a")])
    (PosixPath('/a'), True)
    >>> find_overlap(Path("/a"), [Path("/a/b")])
    (PosixPath('/a/b'), False)
    """
    resolved = folder.resolve()
    for source in sources:
        other = source.resolve()
        if resolved == other or resolved.is_relative_to(other):
            return source, True
        if other.is_relative_to(resolved):
            return source, False
    return None


def check_outside(file: Path, sources: Iterable[Path]) -> None:
    """Raise CaseError if ``file`` would be written inside one of ``sources``."""
    resolved = file.resolve()
    around = {resolved, *resolved.parents}
    known = {(s.st_dev, s.st_ino) for s in (each.stat() for each in around if each.exists())}
    for source in sources:
        try:
            found = os.stat(source)  # noqa: PTH116  (a tenth of the time of resolving it)
        except (OSError, ValueError):
            inside = source.resolve() in around
        else:
            inside = (found.st_dev, found.st_ino) in known
        if inside:
            raise CaseError("file.inside_source", path=file)
