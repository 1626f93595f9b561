"""Whether a case, and the originals it came from, still are what its manifests say.

Everything is hashed again: manifests, shards, tables, page, sheets handed in, log chain, ledger and
sources (SHA-256, read only).  Nothing is written.  Any difference is exit code 3 of
``piiscan verify``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from piiscan.case.integrity.cross_check import (
    Difference,
    Vouched,
    hold_counts,
    hold_log,
    hold_manifests,
)
from piiscan.case.store import job_store
from piiscan.case.store.count_store import NAME
from piiscan.case.store.job_store import CHANGED
from piiscan.case.store.manifest import manifest_path
from piiscan.hashing.digest import file_sha256
from piiscan.sources.checksums import sha256_of

__all__ = ["Difference", "verify_case"]

#: The only folder whose files belong to nothing: a broken run leaves some, the next takes them out.
_PASSING: Final = "tmp"
_LEDGER: Final = "ledger.sqlite"


def verify_case(
    path: Path, *, progress: Callable[[int, int], None] | None = None
) -> list[Difference]:
    """All differences, in a fixed order; empty if there are none.

    ``progress`` is told (bytes hashed, bytes in all) after every source.
    """
    kept, log = hold_log(path)
    found = list(hold_manifests(kept))
    why = _broken_off(kept)
    if why:
        found.append(Difference("INCOMPLETE", path.name, why))
        log = [each for each in log if each.reason != "LOG_LONGER"]
    if why == "NO_SCAN":
        return found
    found += log
    found += _ledger(kept)
    found += hold_counts(kept)
    found += _files(kept)
    if kept.manifests:
        found += _sources(kept.manifests[-1].content["sources"], progress)
    return found


def _broken_off(kept: Vouched) -> str:
    """Why the case is not complete, as a code; nothing if it is."""
    if not any(manifest_path(kept.case, g).is_file() for g in kept.generations):
        return "NO_SCAN"
    if not kept.manifests:
        return ""
    later = job_store.unfinished(kept.case / _LEDGER, generation=kept.manifests[-1].generation)
    return "LATER" if later else ""


def _ledger(kept: Vouched) -> Iterator[Difference]:
    """The ledger as the last run left it; not asked while one goes on, or where one broke off."""
    path = kept.case / _LEDGER
    beside = path.with_suffix(".sha256")
    kept.settled |= {path.name, beside.name}
    if passing := job_store.beside(path):
        kept.settled |= {each.name for each in passing}
        return
    missing = [each for each in (path, beside) if not each.is_file()]
    if missing:
        yield from (Difference("FILE_MISSING", each.name) for each in missing)
    elif beside.read_bytes() != f"{file_sha256(path)}  {path.name}\n".encode():
        yield Difference("FILE_CHANGED", path.name, "BESIDE")


def _recorded(kept: Vouched) -> dict[str, str]:
    """Every file that a manifest, a count or the log answers for, and its SHA-256."""
    recorded: dict[str, str] = {}
    for manifest in kept.manifests:
        recorded.update(manifest.content["files"])
    for count in kept.counts:
        recorded[f"{count.path.name}/{NAME}"] = count.sha256
        recorded.update({f"{count.path.name}/{n}": s for n, s in count.content["files"].items()})
    return recorded | kept.told("sample", "handed", "report")


def _files(kept: Vouched) -> Iterator[Difference]:
    recorded = _recorded(kept)
    for name, expected in sorted(recorded.items()):
        path = kept.case / name
        if name in kept.settled and name not in recorded:
            continue
        if not path.is_file():
            yield Difference("FILE_MISSING", name)
        elif file_sha256(path) != expected:
            yield Difference("FILE_CHANGED", name)
    for path in sorted(kept.case.rglob("*")):
        name = path.relative_to(kept.case).as_posix()
        if _is_file(path) and not _known(name, recorded, kept):
            yield Difference("FILE_UNKNOWN", name, "NO_MANIFEST")


def _is_file(path: Path) -> bool:
    return path.is_symlink() or not path.is_dir()


def _known(name: str, recorded: Mapping[str, str], kept: Vouched) -> bool:
    folder = name.partition("/")[0] if "/" in name else ""
    loose = folder in kept.loose or None in kept.loose
    return loose or folder == _PASSING or name in recorded or name in kept.settled


def _sources(
    sources: list[Mapping[str, Any]], progress: Callable[[int, int], None] | None
) -> Iterator[Difference]:
    total = sum(source["size"] for source in sources)
    done = 0
    with ThreadPoolExecutor(2) as pool:
        for source, found in zip(sources, pool.map(_source, sources), strict=True):
            if found is not None:
                yield found
            done += source["size"]
            if progress is not None:
                progress(done, total)


def _source(source: Mapping[str, Any]) -> Difference | None:
    name = f"#{source['source']}"
    if source["state"] == CHANGED:
        return Difference("SOURCE_CHANGED_DURING_RUN", name, "LEFT_OUT")
    if not source["sha256"]:  # could not be read then; its errors say why
        return None
    try:
        same = sha256_of(Path(source["place"])) == source["sha256"]
    except FileNotFoundError:
        return Difference("SOURCE_MISSING", name)
    except OSError:
        return Difference("SOURCE_UNREADABLE", name)
    return None if same else Difference("SOURCE_CHANGED", name)
