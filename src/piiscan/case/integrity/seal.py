"""A case, or any folder, sealed: one read-only zip that holds all of it, with its checksum beside.

The same folder gives the same bytes: names in order, no times of the moment, no compression that
depends on a library's version (entries are stored).  A case's log gets a line that it was sealed
before it is packed, so that the sealed copy says so itself.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from piiscan.case.store.audit_log import now, writing
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import open_private

#: The date of every entry: a zip needs one, and the moment of packing is no evidence.
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_PIECE: Final = 1 << 20
#: What only a running process has there.
_PASSING: Final = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was made: the zip, its SHA-256, how many files and bytes are in it."""

    path: Path
    sha256: str
    files: int
    size: int


def seal(folder: Path, out: Path, *, progress: Callable[[int, int], None] | None = None) -> Sealed:
    """The zip ``out`` of everything in ``folder``, both only to be read; ``out.sha256`` beside it.

    CaseError if ``out`` is there already or lies in ``folder``, if something in it is no file or
    folder (a link would let in what is not there), or the disk is full.
    """
    if not folder.is_dir():
        raise CaseError(f"{folder}: no such folder")
    if out.resolve().is_relative_to(folder.resolve()):
        raise CaseError(f"{out} lies inside {folder}; a folder cannot hold its own seal")
    for path in (out, out.with_name(f"{out.name}.sha256")):
        if path.exists():
            raise CaseError(f"{path} is there already; a seal is never written over")
    _announce(folder)
    files = _files(folder)
    total = sum(path.stat().st_size for path in files)
    try:
        _pack(folder, files, out, total, progress)
        sha256 = file_sha256(out)
        with open_private(out.with_name(f"{out.name}.sha256")) as beside:
            beside.write(f"{sha256}  {out.name}\n".encode())
    except OSError as error:
        out.unlink(missing_ok=True)
        raise CaseError(f"{out} cannot be written: {error.strerror}") from error
    for path in (out, out.with_name(f"{out.name}.sha256")):
        path.chmod(0o400)
    return Sealed(out, sha256, len(files), total)


def _announce(folder: Path) -> None:
    """The line in the log of a case; nothing for other folders."""
    if (folder / "ledger.sqlite").is_file() and (folder / "log.jsonl").is_file():
        with writing(folder) as log:
            log.append("seal", moment=now())


def _files(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise CaseError(f"{path} is no plain file; take it out, then seal again")
        if path.is_file() and not path.name.endswith(_PASSING):
            found.append(path)
    return found


def _pack(
    folder: Path,
    files: list[Path],
    out: Path,
    total: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    done = 0
    with open_private(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in files:
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _DATE)
            info.external_attr = 0o100400 << 16
            info.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as entry:
                while piece := source.read(_PIECE):
                    entry.write(piece)
                    done += len(piece)
                    if progress is not None:
                        progress(done, total)
        archive.close()
        file.flush()
        os.fsync(file.fileno())
