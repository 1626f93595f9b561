"""Whether a case, and the originals it came from, still are what its manifests say.

Everything is hashed again: manifests, shards, tables, page, sheets handed in, log chain and sources
(SHA-256, read only).  Nothing is written.  Any difference is exit code 3 of ``piiscan verify``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CaseError
from piiscan.evidence import log
from piiscan.evidence.counts import NAME, Count, count_folder, readable_counts
from piiscan.evidence.digest import file_sha256
from piiscan.evidence.handed import FOLDER, all_handed
from piiscan.evidence.ledger import CHANGED, unfinished
from piiscan.evidence.manifest import Manifest, all_manifests
from piiscan.sources.hashing import sha256_of

#: Folders in which every file belongs to a manifest or a count, or was handed in.
_FOLDERS: Final = (
    "findings", "records", "ledger", "alarms", "clear", "tables*", "counts-*", "samples-*", FOLDER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as recorded.

    ``reason`` is a code: INCOMPLETE, MANIFEST_CHANGED, CHAIN_BROKEN, LOG_BROKEN, LOG_SHORTENED,
    FILE_MISSING, FILE_CHANGED, FILE_UNKNOWN, SOURCE_MISSING, SOURCE_CHANGED,
    SOURCE_CHANGED_DURING_RUN, SOURCE_UNREADABLE.  ``name`` is a file of the case, or a source as
    ``#number``: its path may name people, and is in the sources table.
    """

    reason: str
    name: str
    detail: str = ""


def verify_case(
    path: Path, *, progress: Callable[[int, int], None] | None = None
) -> list[Difference]:
    """All differences, in a fixed order; empty if there are none.

    ``progress`` is told (bytes hashed, bytes in all) after every source.
    """
    try:
        manifests = all_manifests(path)
    except CaseError as error:
        return [Difference("MANIFEST_CHANGED", path.name, str(error))]
    if not manifests:
        return [Difference("INCOMPLETE", path.name, "no manifest: no scan was finished")]
    found = list(_manifests(manifests))
    latest = manifests[-1]
    if unfinished(path / "ledger.sqlite", generation=latest.generation):
        found.append(
            Difference("INCOMPLETE", path.name, "a later scan has not finished; run it again")
        )
    found += _log(path, manifests)
    counts, damaged = readable_counts(path)
    found += [Difference("FILE_CHANGED", f"{folder.name}/{NAME}") for folder in damaged]
    found += _counts(path, counts)
    found += _files(path, _recorded(path, manifests, counts))
    found += _sources(latest.content["sources"], progress)
    return found


def _manifests(manifests: list[Manifest]) -> Iterator[Difference]:
    previous: str | None = None
    for manifest in manifests:
        beside = manifest.path.with_suffix(".sha256")
        expected = beside.read_text("ascii").split()[:1] if beside.exists() else []
        if expected != [manifest.sha256]:
            yield Difference("MANIFEST_CHANGED", manifest.path.name, f"{beside.name} disagrees")
        if manifest.content["previous"] != previous:
            yield Difference(
                "CHAIN_BROKEN", manifest.path.name, "not made after the manifest before it"
            )
        previous = manifest.sha256


def _log(case: Path, manifests: list[Manifest]) -> Iterator[Difference]:
    path = case / "log.jsonl"
    broken = log.broken_link(path)
    if broken is not None:
        yield Difference("LOG_BROKEN", path.name, f"line {broken} does not follow from the last")
    for manifest in manifests:
        recorded = manifest.content["log"]
        head = log.head_at(path, recorded["lines"])
        if (head.lines, head.sha256) != (recorded["lines"], recorded["sha256"]):
            detail = f"not what {manifest.path.name} saw at line {recorded['lines']}"
            yield Difference("LOG_SHORTENED", path.name, detail)
    announced = [e for e in log.read(path) if e.get("event") == "manifest"]
    seen = {(e.get("generation"), e.get("sha256")) for e in announced}
    for manifest in manifests:
        if (manifest.generation, manifest.sha256) not in seen:
            yield Difference("MANIFEST_CHANGED", manifest.path.name, "not the one that was logged")


def _counts(case: Path, counts: list[Count]) -> Iterator[Difference]:
    """Counts that are not the ones that were logged; their other files are among all files."""
    announced = [e for e in log.read(case / "log.jsonl") if e.get("event") == "count"]
    # a count that broke off after its line in the log was begun again with its number
    logged = {e["number"]: e.get("sha256") for e in announced if isinstance(e.get("number"), int)}
    found = {count.number: count for count in counts}
    for number, sha256 in sorted(logged.items()):
        if number in found and found[number].sha256 != sha256:
            yield Difference("FILE_CHANGED", f"{count_folder(case, number).name}/{NAME}")
        elif number not in found:
            yield Difference("FILE_MISSING", f"{count_folder(case, number).name}/{NAME}")
    for number in sorted(found.keys() - logged.keys()):
        yield Difference("FILE_UNKNOWN", f"{found[number].path.name}/{NAME}", "in no log line")


def _recorded(case: Path, manifests: list[Manifest], counts: list[Count]) -> dict[str, str]:
    """Every file that a manifest, a count or the log of sheets answers for, and its SHA-256."""
    recorded: dict[str, str] = {}
    for manifest in manifests:
        recorded.update(manifest.content["files"])
    for count in counts:
        recorded[f"{count.path.name}/{NAME}"] = count.sha256
        recorded.update({f"{count.path.name}/{n}": s for n, s in count.content["files"].items()})
    told = [e for e in log.read(case / "log.jsonl") if e.get("event") == "sample"]
    recorded |= {str(e.get("file")): str(e.get("sha256")) for e in told}  # a line may be damaged
    return recorded | {each.name: each.sha256 for each in all_handed(case)}


def _files(case: Path, recorded: Mapping[str, str]) -> Iterator[Difference]:
    told = [e for e in log.read(case / "log.jsonl") if e.get("event") == "report"]
    pages = {str(e.get("file")): str(e.get("sha256")) for e in told}  # a line may be damaged
    for name, expected in sorted({**recorded, **pages}.items()):
        path = case / name
        if not path.is_file():
            yield Difference("FILE_MISSING", name)
        elif file_sha256(path) != expected:
            yield Difference("FILE_CHANGED", name)
    for folder in _FOLDERS:
        for path in sorted(case.glob(f"{folder}/**/*")):
            name = path.relative_to(case).as_posix()
            if path.is_file() and name not in recorded:
                yield Difference("FILE_UNKNOWN", name, "in no manifest")


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
        return Difference("SOURCE_CHANGED_DURING_RUN", name, "left out of the tables")
    if not source["sha256"]:  # could not be read then; its errors say why
        return None
    try:
        same = sha256_of(Path(source["place"])) == source["sha256"]
    except FileNotFoundError:
        return Difference("SOURCE_MISSING", name)
    except OSError as error:
        return Difference("SOURCE_UNREADABLE", name, error.strerror or type(error).__name__)
    return None if same else Difference("SOURCE_CHANGED", name)
