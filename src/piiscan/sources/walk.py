"""File walk: all files below the given paths in a stable order; other entries are reported."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from piiscan.arguments import is_stored
from piiscan.errors import PiiscanError
from piiscan.sources.block import Trouble
from piiscan.sources.content import open_file
from piiscan.sources.encoding.detector import decode_name
from piiscan.sources.stores import address, list_objects

_SPECIAL_FILES = (
    (stat.S_ISSOCK, "SOCKET"),
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISCHR, "DEVICE"),
    (stat.S_ISBLK, "DEVICE"),
)


@dataclass(frozen=True, slots=True)
class Input:
    """Input file: path, display path, size in bytes, and time of change.

    ``display`` is the given path plus the path below it, with POSIX separators.  Names that are not
    UTF-8 are decoded (GBK names of an old disk).  ``display`` is for people, ``path`` is for
    opening.  ``number``: that of its source in a listing; 0 for the next free one.
    """

    path: Path
    display: str
    size: int
    mtime_ns: int
    number: int = 0


class GivenPaths:
    """Identity of the given folders at the start, to detect a share that vanished."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Store device and inode of each given folder, and of the folder of each given file."""
        folders = {path if path.is_dir() else path.parent for path in paths}
        self._identities = {folder: _identity(folder) for folder in sorted(folders)}

    def check(self) -> None:
        """Raise PiiscanError if a folder vanished or was replaced."""
        for folder, identity in self._identities.items():
            if identity is not None and _identity(folder) != identity:
                raise PiiscanError("source.vanished", path=display_path(folder))


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return (device, inode) of a folder; None if it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def walk(paths: Iterable[Path]) -> Iterator[Input | Trouble]:
    """Yield every file at or below ``paths``, all in bytewise order, however they were given.

    Symbolic links below a given path are never followed (a link given by name is), so there are no
    loops and nothing outside is read.  A file that is reached twice is yielded once.  The
    member of a Trouble is the display path.  Empty files are Inputs too: they are sources with
    a checksum, and their reader reports EMPTY.
    """
    seen: set[bytes] = set()
    for start in sorted(paths, key=os.fsencode):
        yield from _list(start, seen) if is_stored(start) else _visit(start, seen)


def _list(start: Path, seen: set[bytes]) -> Iterator[Input | Trouble]:
    """Yield the objects at or below one address; ``seen`` is updated."""
    try:
        for each in list_objects(start):
            if isinstance(each, str):
                yield Trouble(each, "UNREADABLE", "its name is no path")
                continue
            path, size, mtime_ns = each
            shown = address(path)
            if shown.encode() in seen:
                yield Trouble(shown, "GIVEN_TWICE", "read under its first path", lost=False)
                continue
            seen.add(shown.encode())
            yield Input(path, shown, size, mtime_ns)
    except OSError as error:
        yield Trouble(address(start), "UNREADABLE", error.strerror or type(error).__name__)


def _visit(start: Path, seen: set[bytes]) -> Iterator[Input | Trouble]:
    """Yield the files at or below one given path; ``seen`` (real paths) is updated."""
    root = os.path.realpath(start)
    # a stack instead of recursion: folders can be nested deeper than Python's recursion limit
    stack = [(start, root, display_path(start))]
    while stack:
        path, real_path, display = stack.pop()
        try:
            status = path.lstat() if path is not start else path.stat()
            if stat.S_ISDIR(status.st_mode):
                for name in sorted(
                    (os.fsencode(each.name) for each in path.iterdir()), reverse=True
                ):
                    text, decoded = os.fsdecode(name), decode_name(name)
                    shown = decoded if display == "." else f"{display.rstrip('/')}/{decoded}"
                    stack.append((path / text, f"{real_path.rstrip(os.sep)}{os.sep}{text}", shown))
                continue
        except OSError as error:
            yield Trouble(display, "UNREADABLE", _error_text(error))
            continue
        if stat.S_ISLNK(status.st_mode):
            yield _link_trouble(path, root, display)
        else:
            yield _check_file(path, os.fsencode(real_path), display, status, seen)


def _check_file(
    path: Path, real_path: bytes, display: str, status: os.stat_result, seen: set[bytes]
) -> Input | Trouble:
    """Return a file as Input; a Trouble if it is special, a duplicate or unreadable."""
    for test, reason in _SPECIAL_FILES:
        if test(status.st_mode):
            return Trouble(display, reason, "not a file", lost=False)
    # by path, not by inode: two hard links are two pieces of evidence
    if real_path in seen:
        return Trouble(display, "GIVEN_TWICE", "read under its first path", lost=False)
    seen.add(real_path)
    try:
        open_file(path).close()
    except OSError as error:
        return Trouble(display, "UNREADABLE", _error_text(error))
    return Input(path, display, status.st_size, status.st_mtime_ns)


def _link_trouble(path: Path, root: str, display: str) -> Trouble:
    """Return the Trouble for a symbolic link; it counts as lost input only if it leads outside."""
    try:
        target = os.path.realpath(path, strict=True)
    except OSError as error:
        reason = "SYMLINK_LOOP" if error.errno == errno.ELOOP else "SYMLINK"
        return Trouble(display, reason, "leads nowhere", lost=False)
    parent = os.path.realpath(path.parent)
    if os.path.commonpath([parent, target]) == target:
        return Trouble(display, "SYMLINK_LOOP", "leads to a folder above it", lost=False)
    if os.path.commonpath([root, target]) == root:
        return Trouble(display, "SYMLINK", "its target is read at its own place", lost=False)
    return Trouble(display, "SYMLINK", "leads outside; give its target by name to read it")


def display_path(path: Path) -> str:
    """Return the path as it is shown to people: decoded, with POSIX separators."""
    name = decode_name(os.fsencode(path))
    return name.replace(os.sep, "/") if os.sep != "/" else name


def _error_text(error: OSError) -> str:
    """Return the system's message for an error, else the name of its class."""
    return os.strerror(error.errno) if error.errno else type(error).__name__
