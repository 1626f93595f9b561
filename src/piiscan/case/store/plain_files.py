"""Plain files of a case: reading one only if it is no link and has its recorded SHA-256."""

from __future__ import annotations

import glob
import stat
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from piiscan.errors import CaseError, ChangedFileError
from piiscan.hashing.digest import file_sha256

#: Inode, size, modification and change time of a file: other ones after each writing.
FileFacts: TypeAlias = tuple[int, int, int, int]


def file_facts(path: Path) -> FileFacts | None:
    """Return the facts of a file; None if it is absent."""
    try:
        facts = path.lstat()
    except OSError:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def verified_path(case: Path, name: str, sha256: str) -> Path:
    """Return the path of the file ``name`` of a case if it has the recorded ``sha256``.

    Raise ChangedFileError if it is absent, has other bytes, or is reached by a link: a case leads
    to nothing outside it.
    """
    path = case / name
    if not is_plain_file(case, name) and not _rename_again(case, path, sha256):
        raise ChangedFileError("case.file_missing", path=path)
    try:
        found = _sha256_of(path, file_facts(path))
    except OSError as error:
        raise CaseError("file.unreadable", path=path, reason=error.strerror) from error
    if found != sha256:
        raise ChangedFileError("case.file_changed", path=path)
    return path


def partial_file(temporary: Path, path: Path) -> Path:
    """Return the file in ``temporary`` that is renamed to ``path`` once it is on the disk."""
    return temporary / f"{path.parent.name}-{path.name}"


def _rename_again(case: Path, path: Path, sha256: str) -> bool:
    """Rename a record and the files beside it if a power cut lost that; return True if it did.

    The log names the record, and its bytes were on the disk before.
    """
    partial = partial_file(case / "tmp", path)
    if path.exists() or not is_plain_file(case, partial.relative_to(case).as_posix()):
        return False
    if file_sha256(partial) != sha256:
        return False
    for each in (*partial.parent.glob(f"{glob.escape(partial.stem)}.*"), partial):
        if each.exists():
            each.replace(path.with_suffix(each.suffix))
    return True


def is_verified(case: Path, name: str, sha256: str) -> bool:
    """Return True if the file ``name`` of a case has the recorded ``sha256``."""
    try:
        return bool(verified_path(case, name, sha256))
    except ChangedFileError:
        return False


def is_plain_file(case: Path, name: str) -> bool:
    """Return True if ``name`` is a file of the case, and no link leads to it."""
    path = case / name
    folders = path.parents[: len(path.relative_to(case).parts) - 1]
    try:
        is_file = stat.S_ISREG(path.lstat().st_mode)
        return is_file and all(stat.S_ISDIR(each.lstat().st_mode) for each in folders)
    except OSError:
        return False


@lru_cache(maxsize=1 << 16)
def _sha256_of(path: Path, _: FileFacts | None) -> str:
    """Return the SHA-256 of a file; the second argument differs whenever the file was written."""
    return file_sha256(path)


def refuse_links(case: Path) -> None:
    """Raise CaseError if an entry of the case folder is neither file nor folder.

    A link would lead to files outside, a pipe or device would stop the process that reads it.
    """
    for path in sorted(case.iterdir()):
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise CaseError("case.no_plain_file", path=path)
