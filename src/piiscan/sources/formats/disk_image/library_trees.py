"""File trees of APFS and XFS, as their libraries list them: live files by path, no deleted ones.

``docs/a.csv`` of the first volume, Data, is the member ``partition 2 volume 1 Data!docs/a.csv``.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from piiscan.errors import SourceError
from piiscan.sources.block import Trouble
from piiscan.sources.format import Opened
from piiscan.sources.formats.disk_image.file_tree import (
    MOST_DEPTH,
    MOST_ENTRIES,
    FileStream,
    FileTree,
    safe_name,
)
from piiscan.sources.formats.disk_image.medium import Medium

#: Errors of the libraries.
_ERRORS: Final = (OSError, RuntimeError, ValueError, OverflowError)
_LOCKED: Final = (
    "unlock it with its password or recovery key (diskutil, macOS), then scan the files"
)


class VolumeFile:
    """Bytes of a volume in a medium, as the libraries read a file."""

    def __init__(self, medium: Medium, start: int, size: int) -> None:
        self._medium, self._start, self._size, self._at = medium, start, size, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to an offset from the begin, the place or the end."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        left = max(self._size - self._at, 0)
        data = self._medium.read(self._start + self._at, min(left, size) if size >= 0 else left)
        self._at += len(data)
        return data


@dataclass(frozen=True, slots=True)
class _Entry:
    """Bytes of a file that a library opened."""

    file: Any

    def read_random(self, start: int, size: int, *_: int) -> bytes:
        """Return bytes from an offset on."""
        return bytes(self.file.read_buffer_at_offset(size, start))


def open_volumes(package: str, file: VolumeFile) -> list[tuple[str, Any]]:
    """Return (name, root folder) of each volume; None as the folder of an encrypted one.

    ``package``: library. Raises SourceError for a damaged file system.
    """
    library, found = import_module(package), list[tuple[str, Any]]()
    try:
        if package == "pyfsxfs":
            volume = library.volume()
            volume.open_file_object(file)
            return [("", volume.root_directory)]
        container = library.container()
        container.open_file_object(file)
        for number in range(container.number_of_volumes):
            volume = container.get_volume(number)
            name = f"volume {number + 1} {safe_name(volume.name or '')}".rstrip()
            found.append((name, None if volume.is_locked() else volume.root_directory))
    except _ERRORS:
        found = []
    if not found:
        raise SourceError("CORRUPT", "the file system is damaged")
    return found


def open_library_tree(tree: FileTree, root: Any) -> Opened:
    """Yield the files of a volume below its ``root``; a Trouble for an encrypted one."""
    volume = tree.content.member_path(tree.name)
    if root is None:
        yield Trouble(volume, "ENCRYPTED", f"FileVault: {_LOCKED}")
        return
    others, known = 0, set[int]()
    for entry, path in _walk(tree, root):
        if isinstance(entry, Trouble):
            yield entry
            continue
        member = tree.member_of(tree.unique_path(path))
        if tree.is_over():
            yield Trouble(member, "ZIP_TOTAL", "this file and those behind it")
            return
        try:
            found = _file_of(entry)
        except _ERRORS:
            yield Trouble(member, "CORRUPT", "the places of its bytes are damaged")
            continue
        if found is None:
            others += 1
        elif found[0] in known:
            yield Trouble(member, "HARD_LINK", "read under its first path", lost=False)
        else:
            known.add(found[0])
            tree.used.add(found[1])
            if tree.context.wants(member):
                yield from tree.open_stream(found[1], member)
    if not known and not others:
        yield Trouble(volume, "EMPTY", "no files", lost=False)
    if others:
        yield Trouble(volume, "SYMLINK", f"{others} symbolic links, pipes or devices", lost=False)


def _file_of(entry: Any) -> tuple[int, FileStream] | None:
    """Return the inode and the bytes of a file; None for a link, a pipe or a device."""
    if not stat.S_ISREG(entry.file_mode):
        return None
    stream = FileStream(_Entry(entry), 0, 0, entry.size, 0)
    for start, length, flags in map(entry.get_extent, range(entry.number_of_extents)):
        if not flags & 1:  # a hole
            stream.at.append(sum(stream.ends) - sum(stream.starts))
            stream.starts.append(start)
            stream.ends.append(start + length)
    return getattr(entry, "inode_number", None) or entry.identifier, stream


def _walk(tree: FileTree, root: Any) -> Iterator[tuple[Any, str]]:
    """Yield (entry, path) of everything but folders; a Trouble for a folder that is damaged."""
    stack, entries = [(root, "", 0)], 0
    while stack:
        folder, path, depth = stack.pop()
        below = []
        try:
            for number in range(folder.number_of_sub_file_entries):
                entry = folder.get_sub_file_entry(number)
                name = f"{path}/{safe_name(entry.name or '')}".lstrip("/")
                entries += 1
                if entries > MOST_ENTRIES or depth > MOST_DEPTH:
                    yield Trouble(tree.member_of(name), "ZIP_MEMBERS", "this name and others"), name
                    return
                if stat.S_ISDIR(entry.file_mode):
                    below.append((entry, name, depth + 1))
                else:
                    yield entry, name
        except _ERRORS:
            yield Trouble(tree.member_of(path or "."), "CORRUPT", "a damaged folder"), path
        stack += reversed(below)
