"""Seal: a read-only zip of a case or another folder, with a checksum file next to it.

The same folder gives the same bytes: entries by name, with a fixed date, stored without
compression, since that depends on a library's version.  The log of a case gets its seal event
before packing, so that the sealed copy contains it.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from piiscan.case.integrity.verify import cross_check
from piiscan.case.store.audit_log import now, open_log
from piiscan.case.store.manifest import refuse_other_format
from piiscan.errors import CaseError, ChangedFileError
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import write_aside
from piiscan.progress import ByteCounter, Progress

#: Date of every entry: a zip needs one, and the moment of packing is no evidence.
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_CHUNK: Final = 1 << 20
#: Differences of a case that is not sealed; others are of runs that were broken off.
_REFUSED: Final = ("FILE_CHANGED", "FILE_MISSING", "FILE_UNKNOWN", "MANIFEST_CHANGED")
#: Suffixes of files that exist only while a process runs.
_TRANSIENT_SUFFIXES: Final = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class SealedArchive:
    """Sealed zip: its path, its SHA-256, its number of files and bytes."""

    path: Path
    sha256: str
    files: int
    size: int


def seal(
    folder: Path,
    out: Path,
    *,
    key: Path | None = None,
    operator: str = "",
    progress: Progress | None = None,
) -> SealedArchive:
    """Pack all files of ``folder`` into the zip ``out`` and write ``out.sha256``, both read-only.

    ``key``: file of the case's key, under which its log is written; None for the user's own.
    ``operator``: who seals it, for the log.

    Raise CaseError if ``out`` exists or is inside ``folder``, if an entry is neither file nor
    folder (a link could add files from elsewhere), if a case is of another format, or if the disk
    is full.  A seal that was cut off is made again.
    """
    if not folder.is_dir():
        raise CaseError("seal.no_folder", folder=folder)
    if out.resolve().is_relative_to(folder.resolve()):
        raise CaseError("seal.inside", path=out, folder=folder)
    checksum = out.with_name(f"{out.name}.sha256")
    ending = f"  {out.name}\n".encode()
    if out.exists():
        raise CaseError("seal.exists", path=out)
    if checksum.exists() and not checksum.read_bytes().endswith(ending):
        raise CaseError("seal.exists", path=checksum)  # else of a seal that was cut off
    _log_seal(folder, key, operator)
    files = _files_to_pack(folder)
    total = sum(path.stat().st_size for path in files)
    try:
        with write_aside(out) as file:
            _pack(folder, files, file, total, progress)
            file.flush()
            sha256 = file_sha256(Path(file.name))
            Path(file.name).chmod(0o400)
            with write_aside(checksum) as checksum_file:
                checksum_file.write(sha256.encode() + ending)
                Path(checksum_file.name).chmod(0o400)
    except OSError as error:
        raise CaseError("file.unwritable", path=out, reason=error.strerror) from error
    return SealedArchive(out, sha256, len(files), total)


def _log_seal(folder: Path, key: Path | None, operator: str) -> None:
    """Log the event ``seal`` if ``folder`` is a case.

    Raise ChangedFileError for the first file that is not as recorded, or not recorded at all.
    """
    if (folder / "ledger.sqlite").is_file() and (folder / "log.jsonl").is_file():
        refuse_other_format(folder)
        with open_log(folder, key, operator=operator) as log:
            for each in cross_check(folder, sources=False)[1]:
                if each.reason in _REFUSED:
                    raise ChangedFileError("case.file_changed", path=folder / each.name)
            log.append("seal", moment=now())


def _files_to_pack(folder: Path) -> list[Path]:
    """Return the files below ``folder`` by path, without SQLite journals of a running process.

    Raise CaseError if an entry is neither file nor folder.
    """
    found = []
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise CaseError("seal.no_plain_file", path=path)
        if path.is_file() and not path.name.endswith(_TRANSIENT_SUFFIXES):
            found.append(path)
    return found


def _pack(
    folder: Path, files: list[Path], out: BinaryIO, total: int, progress: Progress | None
) -> None:
    """Write ``files`` as a zip to ``out``; report ``progress`` in bytes."""
    counter = ByteCounter(progress, "seal", [total])
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in files:
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _DATE)
            info.external_attr = 0o100400 << 16
            info.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as entry:
                while piece := source.read(_CHUNK):
                    entry.write(piece)
                    counter.add(len(piece))
