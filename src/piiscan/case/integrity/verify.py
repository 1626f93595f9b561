"""Verification of a case: hash every file and source again and compare with the records.

Manifests, shards, tables, page, attachments, log chain, job store and sources are hashed (SHA-256).
Nothing is written.  Any difference is exit code 3 of ``piiscan verify``.
"""

from __future__ import annotations

import stat
from collections.abc import Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from piiscan.case.integrity.cross_check import (
    CrossCheck,
    Difference,
    check_counts,
    check_log,
    check_manifests,
)
from piiscan.case.store import job_store
from piiscan.case.store.job_store import CHANGED
from piiscan.case.store.manifest import manifest_path
from piiscan.case.store.plain_files import is_plain_file
from piiscan.hashing.digest import file_sha256
from piiscan.progress import ByteCounter, Progress
from piiscan.sources.checksums import sha256_of

__all__ = ["Difference", "verify_case"]

#: The only folder with unrecorded files: those of a run that works, or that was broken off.  The
#: next one removes them.
_TEMPORARY: Final = "tmp"
_JOB_STORE: Final = "ledger.sqlite"


def verify_case(path: Path, *, progress: Progress | None = None) -> list[Difference]:
    """Hash every file and source of the case again; return all differences, in fixed order.

    The list is empty if there is none. ``progress`` is called with the state of the run
    after every source.
    """
    return cross_check(path, progress=progress)[1]


def cross_check(
    path: Path, *, sources: bool = True, progress: Progress | None = None
) -> tuple[CrossCheck, list[Difference]]:
    """Return the cross-check of a case with its differences, those of :func:`verify_case`.

    ``sources``: False to leave out the sources.
    """
    check, log = check_log(path)
    found = list(check_manifests(check))
    incomplete = _incomplete_reason(check)
    if incomplete:
        found.append(Difference("INCOMPLETE", path.name, incomplete))
        log = [each for each in log if each.reason != "LOG_LONGER"]
    if incomplete == "NO_SCAN":
        return check, found
    found += log
    found += _check_job_store(check)
    found += check_counts(check)
    found += _check_files(check)
    if check.manifests and sources:
        found += _check_sources(check.manifests[-1].content["sources"], progress)
    return check, found


def _incomplete_reason(check: CrossCheck) -> str:
    """Return NO_SCAN without a manifest, LATER if the last scan is unfinished, else ""."""
    if not any(manifest_path(check.case, g).is_file() for g in check.generations):
        return "NO_SCAN"
    if not check.manifests:
        return ""
    later = job_store.is_unfinished(
        check.case / _JOB_STORE, generation=check.manifests[-1].generation
    )
    return "LATER" if later else ""


def _check_job_store(check: CrossCheck) -> Iterator[Difference]:
    """Yield a difference if the job store does not match its checksum file.

    It is not checked during a run, or after a broken one.
    """
    path = check.case / _JOB_STORE
    checksum_file = path.with_suffix(".sha256")
    check.accounted |= {path.name, checksum_file.name}
    if journals := job_store.journal_files(path):
        check.accounted |= {each.name for each in journals}
        return
    both = (path, checksum_file)
    missing = [each for each in both if not is_plain_file(check.case, each.name)]
    if missing:
        yield from (Difference("FILE_MISSING", each.name) for each in missing)
    elif checksum_file.read_bytes() != f"{file_sha256(path)}  {path.name}\n".encode():
        yield Difference("FILE_CHANGED", path.name, "BESIDE")


def _check_files(check: CrossCheck) -> Iterator[Difference]:
    """Yield a difference per missing, changed or unrecorded file of the case."""
    recorded = check.digests()
    for name in sorted(recorded.keys() - check.accounted):
        expected, _ = recorded[name]
        if not is_plain_file(check.case, name):
            yield Difference("FILE_MISSING", name)
        elif (found := file_sha256(check.case / name)) != expected:
            yield Difference("FILE_CHANGED", name, recorded=expected, found=found)
    for path in sorted(check.case.rglob("*")):
        name, mode = path.relative_to(check.case).as_posix(), path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            yield Difference("FILE_UNKNOWN", name, "NO_PLAIN_FILE")
        elif stat.S_ISREG(mode) and not _is_known(name, recorded, check):
            is_left = name.startswith(f"{_TEMPORARY}/")
            yield Difference("FILE_UNKNOWN", name, "LEFT_OVER" if is_left else "NO_MANIFEST")


def _is_known(name: str, recorded: Container[str], check: CrossCheck) -> bool:
    """Return True if file ``name`` has a recorded hash, or needs none."""
    folder = name.partition("/")[0] if "/" in name else ""
    orphaned = folder in check.orphaned or None in check.orphaned
    return orphaned or name in recorded or name in check.accounted


def _check_sources(
    sources: list[Mapping[str, Any]], progress: Progress | None
) -> Iterator[Difference]:
    """Yield a difference per source whose SHA-256 differs from the recorded SHA-256.

    Two threads hash the sources.
    """
    counter = ByteCounter(progress, "hash", (source["size"] for source in sources))
    with ThreadPoolExecutor(2) as pool:
        for source, found in zip(sources, pool.map(_check_source, sources), strict=True):
            if found is not None:
                yield found
            counter.add(source["size"])


def _check_source(source: Mapping[str, Any]) -> Difference | None:
    """Return the difference of one source from its manifest entry; None if unchanged."""
    name = f"#{source['source']}"
    if source["state"] == CHANGED:
        return Difference("SOURCE_CHANGED_DURING_RUN", name, "LEFT_OUT")
    if not source["sha256"]:  # could not be read then; its errors say why
        return None
    try:
        found = sha256_of(Path(source["place"]))
    except FileNotFoundError:
        return Difference("SOURCE_MISSING", name)
    except OSError:
        return Difference("SOURCE_UNREADABLE", name)
    recorded = source["sha256"]
    if found == recorded:
        return None
    return Difference("SOURCE_CHANGED", name, recorded=recorded, found=found)
