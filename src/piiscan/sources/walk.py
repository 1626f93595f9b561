"""The files below what was given, in a stable order; whatever is not a file is reported."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from piiscan.sources.block import Trouble
from piiscan.sources.content import open_file
from piiscan.sources.encoding.detector import decode_name

#: Called with (bytes done, bytes in all) of the sources to read.
Progress = Callable[[int, int], None]

_SPECIAL = (
    (stat.S_ISSOCK, "SOCKET"),
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISCHR, "DEVICE"),
    (stat.S_ISBLK, "DEVICE"),
)


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read.

    ``display`` is what was given plus the path below it, POSIX separators, names that are not
    UTF-8 decoded (GBK names of an old disk); it is for people, ``path`` is for opening.
    """

    path: Path
    display: str
    size: int
    mtime_ns: int


def walk(paths: Iterable[Path]) -> Iterator[Input | Trouble]:
    """Every file at or below ``paths``: as given, and below each in bytewise order of the names.

    Links are never followed below what was given (a link given by name is), so there are no
    loops and nothing outside is read; a file reached twice is given once. Troubles carry the
    display path as their ``member``. Empty files are Inputs too: they are sources with a digest,
    and their reader reports EMPTY.
    """
    seen: set[bytes] = set()
    for given in paths:
        yield from _visit(given, seen)


def _visit(given: Path, seen: set[bytes]) -> Iterator[Input | Trouble]:
    root = os.path.realpath(given)
    # an own stack instead of recursion: folders can be nested deeper than Python's limit
    stack = [(given, root, display_of(given))]
    while stack:
        path, real, display = stack.pop()
        try:
            status = path.lstat() if path is not given else path.stat()
            if stat.S_ISDIR(status.st_mode):
                names = sorted((os.fsencode(inner.name) for inner in path.iterdir()), reverse=True)
                stack.extend(_child(path, real, display, name) for name in names)
                continue
        except OSError as error:
            yield Trouble(display, "UNREADABLE", _why(error))
            continue
        if stat.S_ISLNK(status.st_mode):
            yield _link(path, root, display)
        else:
            yield _leaf(path, os.fsencode(real), display, status, seen)


def _child(path: Path, real: str, display: str, name: bytes) -> tuple[Path, str, str]:
    text = os.fsdecode(name)
    shown = decode_name(name)
    below = shown if display == "." else f"{display.rstrip('/')}/{shown}"
    return path / text, f"{real.rstrip(os.sep)}{os.sep}{text}", below


def _leaf(
    path: Path, real: bytes, display: str, status: os.stat_result, seen: set[bytes]
) -> Input | Trouble:
    for test, reason in _SPECIAL:
        if test(status.st_mode):
            return Trouble(display, reason, "not a file", lost=False)
    # by place, not by inode: hard links are two places of evidence
    if real in seen:
        return Trouble(display, "GIVEN_TWICE", "read under its first path", lost=False)
    seen.add(real)
    try:
        open_file(path).close()
    except OSError as error:
        return Trouble(display, "UNREADABLE", _why(error))
    return Input(path, display, status.st_size, status.st_mtime_ns)


def _link(path: Path, root: str, display: str) -> Trouble:
    """What a link leads to decides whether something was lost: only what lies outside was."""
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


def display_of(given: Path) -> str:
    """How a path that was given is shown, and how those of everything below it begin."""
    name = decode_name(os.fsencode(given))
    return name.replace(os.sep, "/") if os.sep != "/" else name


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__
