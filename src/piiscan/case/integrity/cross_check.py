"""What vouches for what in a case: manifests, their checksum files, the log, its head, counts.

Each is held against all the others that know of it, so that a change of any one of them shows, and
the one that stands alone is named.  What was changed is not asked about anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.store import audit_log
from piiscan.case.store.count_store import NAME, Count, count_folder, readable_counts
from piiscan.case.store.manifest import Manifest, manifest_path, read_manifest
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as recorded.

    ``reason`` is a code: INCOMPLETE, MANIFEST_CHANGED, CHAIN_BROKEN, LOG_BROKEN, LOG_SHORTENED,
    LOG_LONGER, FILE_MISSING, FILE_CHANGED, FILE_UNKNOWN, SOURCE_MISSING, SOURCE_CHANGED,
    SOURCE_CHANGED_DURING_RUN, SOURCE_UNREADABLE.  ``name`` is a file of the case, or a source as
    ``#number``: its path may name people, and is in the sources table.  ``detail`` is a code that
    says more (``difference_detail`` of the command line's wording), ``line`` the line it is about.
    """

    reason: str
    name: str
    detail: str = ""
    line: int = 0


Kinds = Mapping[str, type | tuple[type, ...]]

#: The parts of a manifest that verifying rests on.
_PARTS: Final[Kinds] = {
    "generation": int, "previous": (str, type(None)), "files": dict, "sources": list, "log": dict,
}  # fmt: skip
_LOG: Final[Kinds] = {"lines": int, "sha256": str}
_SOURCE: Final[Kinds] = {
    "source": int, "place": str, "size": int, "sha256": (str, type(None)), "state": str,
}  # fmt: skip
_MANIFEST: Final = re.compile(r"manifest(?:-([0-9]{4,}))?\.json")


@dataclass(slots=True)
class Vouched:
    """What can be relied on: manifests and counts that nothing contradicts, events of the log.

    ``generations``: those that the log or a manifest tells of.  ``settled``: names that were told
    of, or are known by themselves.  ``loose``: folders whose files nobody answers for any more, as
    what did was changed; None stands for the whole case.
    """

    case: Path
    events: list[dict[str, Any]]
    sound: bool
    generations: list[int] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    loose: set[str | None] = field(default_factory=set)

    def told(self, *names: str) -> dict[str, str]:
        """File -> SHA-256 as the log tells last, of the events ``names``."""
        lines = (each for each in self.events if each.get("event") in names)
        pairs = ((each.get("file"), each.get("sha256")) for each in lines)
        return {f: s for f, s in pairs if isinstance(f, str) and isinstance(s, str)}


def hold_log(case: Path) -> tuple[Vouched, list[Difference]]:
    """The events of the log, and how it differs from its own chain and from ``log.head``."""
    path = case / "log.jsonl"
    found = list(_log(path))
    kept = Vouched(case, audit_log.read(path), not found)
    kept.settled |= {path.name, audit_log.head_path(path).name}
    return kept, found


def _log(path: Path) -> Iterator[Difference]:
    if not path.is_file():
        yield Difference("FILE_MISSING", path.name)
        return
    broken = audit_log.broken_link(path)
    if broken is not None:
        yield Difference("LOG_BROKEN", path.name, "LINE", broken)
    for event in audit_log.read(path):
        if event.get("event") == audit_log.DIFFERS:
            line = event.get("seq")
            yield Difference(
                "LOG_BROKEN", path.name, "DIFFERED", line if isinstance(line, int) else 0
            )
    beside, noted = audit_log.head_path(path), audit_log.noted_head(path)
    if noted is None:
        reason = "FILE_CHANGED" if beside.is_file() else "FILE_MISSING"
        yield Difference(reason, beside.name)
        return
    head = audit_log.head_at(path, noted.lines)
    if head.lines < noted.lines:
        yield Difference("LOG_SHORTENED", path.name, "NOTED", noted.lines)
    elif head != noted:
        yield Difference("LOG_BROKEN", path.name, "NOTED", noted.lines)
    elif audit_log.head_at(path, noted.lines + 1).lines > noted.lines:
        yield Difference("LOG_LONGER", path.name, "NOTED", noted.lines)


def hold_manifests(kept: Vouched) -> Iterator[Difference]:
    """What is wrong with manifests; ``kept`` gets those to rely on."""
    logged = {
        int(each["generation"]): str(each.get("sha256"))
        for each in kept.events
        if each.get("event") == "manifest" and isinstance(each.get("generation"), int)
    }
    there = {int(m[1] or 1) for m in map(_MANIFEST.fullmatch, _names(kept.case)) if m}
    previous: str | None = None
    kept.generations = sorted(logged.keys() | there)
    for generation in kept.generations:
        path = manifest_path(kept.case, generation)
        found = list(_manifest(kept, path, logged.get(generation)))
        yield from found
        manifest = _readable(kept.case, generation)
        if manifest is None or any(each.name == path.name for each in found):
            kept.loose.add(None)
            previous = logged.get(generation, previous)
            continue
        if manifest.content["previous"] != previous:
            yield Difference("CHAIN_BROKEN", path.name, "PREVIOUS")
        yield from _seen(kept.case / "log.jsonl", manifest)
        kept.manifests.append(manifest)
        previous = manifest.sha256


def _names(case: Path) -> list[str]:
    return [path.name for path in case.iterdir() if path.is_file()]


def _manifest(kept: Vouched, path: Path, logged: str | None) -> Iterator[Difference]:
    """A manifest against its checksum file and the log: who stands alone is wrong."""
    beside = path.with_suffix(".sha256")
    kept.settled |= {path.name, beside.name}
    if not path.is_file():
        yield Difference("FILE_MISSING", path.name)
        return
    sha256 = file_sha256(path)
    line = f"{sha256}  {path.name}\n".encode()
    fits = beside.is_file() and beside.read_bytes() == line
    if sha256 == logged:
        if not fits:
            yield Difference("FILE_CHANGED" if beside.is_file() else "FILE_MISSING", beside.name)
    elif kept.sound or not fits:
        yield Difference("MANIFEST_CHANGED", path.name, "NOT_LOGGED" if fits else "BESIDE")


def _readable(case: Path, generation: int) -> Manifest | None:
    """The manifest if it can be read and has the parts that verifying rests on."""
    try:
        manifest = read_manifest(case, generation)
    except CaseError:
        return None
    if manifest is None or not _has(manifest.content, _PARTS):
        return None
    listed = [manifest.content["log"], *manifest.content["sources"]]
    wanted = [_LOG, *(_SOURCE for _ in listed[1:])]
    sound = all(_has(each, kinds) for each, kinds in zip(listed, wanted, strict=True))
    return manifest if sound else None


def _has(content: Any, kinds: Kinds) -> bool:
    """Whether ``content`` has all of these, each of its kind."""
    return isinstance(content, Mapping) and all(
        name in content and isinstance(content[name], kind) for name, kind in kinds.items()
    )


def _seen(path: Path, manifest: Manifest) -> Iterator[Difference]:
    """The log as the manifest saw it."""
    recorded = manifest.content["log"]
    head = audit_log.head_at(path, recorded["lines"]) if path.is_file() else None
    if head is not None and (head.lines, head.sha256) != (recorded["lines"], recorded["sha256"]):
        yield Difference("LOG_SHORTENED", path.name, "SEEN", recorded["lines"])


def hold_counts(kept: Vouched) -> Iterator[Difference]:
    """Counts that are not the ones that were logged; ``kept`` gets those that are."""
    # a count that broke off after its line in the log was begun again with its number
    logged = {
        each["number"]: each.get("sha256")
        for each in kept.events
        if each.get("event") == "count" and isinstance(each.get("number"), int)
    }
    readable, damaged = readable_counts(kept.case)
    found = {count.path.name: count for count in readable}
    folders = {count_folder(kept.case, number).name: s for number, s in logged.items()}
    for folder in sorted({*found, *folders, *(each.name for each in damaged)}):
        name = f"{folder}/{NAME}"
        kept.settled.add(name)
        count = found.get(folder)
        if count is not None and count.sha256 == folders.get(folder):
            kept.counts.append(count)
            continue
        kept.loose.add(folder)
        if folder not in folders:
            yield Difference("FILE_UNKNOWN", name, "NOT_LOGGED")
        else:
            there = (kept.case / name).is_file()
            yield Difference("FILE_CHANGED" if there else "FILE_MISSING", name)
