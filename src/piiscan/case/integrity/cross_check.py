"""Cross-check: compare manifests, checksum files, log, log head and counts with each other.

Each file is compared with all others that record it, so that a change of one of them is found, and
the file that contradicts the rest is reported.  A changed file is not used for further checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.store import audit_log
from piiscan.case.store.case_format import is_other_format
from piiscan.case.store.count_store import NAME, Count, read_count
from piiscan.case.store.keyed_checksum import is_manifest_line, mac_path, read_log_mac
from piiscan.case.store.manifest import Manifest, manifest_path, read_manifest
from piiscan.case.store.plain_files import is_plain_file
from piiscan.case.store.recorded_files import RecordedFiles, manifest_name, recorded_files
from piiscan.case.store.shards import read_by_source
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference between a case and its records: reason code, file, and detail.

    ``reason`` is a code: INCOMPLETE, MANIFEST_CHANGED, CHAIN_BROKEN, LOG_BROKEN, LOG_SHORTENED,
    LOG_LONGER, FILE_MISSING, FILE_CHANGED, FILE_UNKNOWN, SOURCE_MISSING, SOURCE_CHANGED,
    SOURCE_CHANGED_DURING_RUN, SOURCE_UNREADABLE; by key MAC_MISSING, MAC_WRONG, KEY_OTHER; by an
    anchor HEAD_OTHER, SIGNATURE_WRONG, TIMESTAMP_WRONG, ZIP_CHANGED.  ``name`` is a file of the
    case, or a source as ``#number``: its path may name people, and is in the sources table.
    ``detail`` is a code with more information (``difference_detail`` in the command line's
    wording), ``line`` the line concerned. ``recorded``, ``found``: the SHA-256 on record and that
    of now, if there are both.
    """

    reason: str
    name: str
    detail: str = ""
    line: int = 0
    recorded: str = field(default="", compare=False)
    found: str = field(default="", compare=False)


FieldTypes = Mapping[str, type | tuple[type, ...]]

#: Fields of a manifest that verification uses.
_PARTS: Final[FieldTypes] = {
    "generation": int, "previous": (str, type(None)), "files": dict, "sources": list, "log": dict,
}  # fmt: skip
_LOG: Final[FieldTypes] = {"lines": int, "sha256": str}
_SOURCE: Final[FieldTypes] = {
    "source": int, "place": str, "size": int, "sha256": (str, type(None)), "state": str,
}  # fmt: skip
_MANIFEST: Final = re.compile(r"manifest(?:-([0-9]{4,}))?\.json")


@dataclass(slots=True)
class CrossCheck:
    """State of a cross-check: files that the log names, valid manifests and counts.

    ``generations``: those recorded in the log or in a manifest.  ``accounted``: file names that
    were reported, or need no record.  ``orphaned``: folders whose record was changed, so that their
    files cannot be checked; None means the whole case.
    """

    case: Path
    recorded: RecordedFiles
    log_intact: bool
    generations: list[int] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    accounted: set[str] = field(default_factory=set)
    orphaned: set[str | None] = field(default_factory=set)

    def digests(self) -> dict[str, tuple[str, int]]:
        """Return file name -> SHA-256 by its one authority, and the log line that this rests on.

        The authority is the newest manifest, the count or the log line that names the file (see
        ``recorded_files``).
        """
        lines = {name: each.line for name, each in self.recorded.files.items()}
        found: dict[str, tuple[str, int]] = {}
        for manifest in self.manifests:
            line = lines[manifest.path.name]
            found |= {name: (sha256, line) for name, sha256 in manifest.content["files"].items()}
        for count in self.counts:
            folder, files = count.path.name, count.content["files"].items()
            line = lines[f"{folder}/{NAME}"]
            found |= {f"{folder}/{name}": (sha256, line) for name, sha256 in files}
        logged = self.recorded.files.values()
        return found | {each.name: (each.sha256, each.line) for each in logged}


def check_log(case: Path) -> tuple[CrossCheck, list[Difference]]:
    """Compare the log with its hash chain and ``log.head``; return check and differences.

    Return the cross-check with its events, and the differences.
    """
    path = case / "log.jsonl"
    found = list(_check_chain(path))
    recorded = recorded_files(case)
    found += [Difference("LOG_BROKEN", path.name, "REPEATED", line) for line in recorded.repeated]
    found += [Difference("LOG_BROKEN", path.name, "FOREIGN", line) for line in recorded.foreign]
    check = CrossCheck(case, recorded, not found)
    check.accounted |= {path.name, audit_log.head_path(path).name, mac_path(path).name}
    return check, found


def _check_chain(path: Path) -> Iterator[Difference]:
    """Yield a difference per broken chain link, ``differs`` event or wrong head in the log."""
    if not _is_plain(path):
        yield Difference("FILE_MISSING", path.name)
        return
    broken = audit_log.broken_link(path)
    if broken is not None:
        yield Difference("LOG_BROKEN", path.name, "LINE", broken)
    for event in audit_log.read_events(path):
        if event.get("event") == audit_log.DIFFERS:
            line = event.get("seq")
            yield Difference(
                "LOG_BROKEN", path.name, "DIFFERED", line if isinstance(line, int) else 0
            )
    keyed = mac_path(path)
    if read_log_mac(path) is None:
        yield Difference(_damage(keyed), keyed.name)
    checksum_file, recorded = audit_log.head_path(path), audit_log.recorded_head(path)
    if recorded is None:
        yield Difference(_damage(checksum_file), checksum_file.name)
        return
    head = audit_log.head_at(path, recorded.lines)
    if head.lines < recorded.lines:
        yield Difference("LOG_SHORTENED", path.name, "NOTED", recorded.lines)
    elif head != recorded:
        yield Difference("LOG_BROKEN", path.name, "NOTED", recorded.lines)
    elif audit_log.head_at(path, recorded.lines + 1).lines > recorded.lines:
        yield Difference("LOG_LONGER", path.name, "NOTED", recorded.lines)


def check_manifests(check: CrossCheck) -> Iterator[Difference]:
    """Yield each manifest's differences from log and checksum file; add valid ones to ``check``."""
    logged = {
        int(each.event["generation"]): each.sha256 for each in check.recorded.of_kind("manifest")
    }
    names = [path.name for path in check.case.iterdir() if _is_plain(path)]
    present = {int(m[1] or 1) for m in map(_MANIFEST.fullmatch, names) if m}
    previous: str | None = None
    check.generations = sorted(logged.keys() | present)
    for generation in check.generations:
        path = manifest_path(check.case, generation)
        found = list(_check_manifest(check, path, logged.get(generation)))
        yield from found
        yield from _check_keyed_form(check, path)
        changed = any(each.name == path.name for each in found)
        manifest = None if changed else _read_if_complete(check, generation)
        if manifest is None:
            check.orphaned.add(None)
            previous = logged.get(generation, previous)
            continue
        if manifest.content["previous"] != previous:
            yield Difference("CHAIN_BROKEN", path.name, "PREVIOUS")
        if check.manifests and not _same_sources(check.case, manifest, check.manifests[-1]):
            yield Difference("CHAIN_BROKEN", path.name, "EARLIER_SOURCES")
        yield from _check_recorded_log(check.case / "log.jsonl", manifest)
        check.manifests.append(manifest)
        previous = manifest.sha256


def _check_keyed_form(check: CrossCheck, path: Path) -> Iterator[Difference]:
    """Yield a difference if a manifest's keyed checksum is missing or malformed."""
    keyed = mac_path(path)
    check.accounted.add(keyed.name)
    if not _is_plain(keyed):
        if _is_plain(path):
            yield Difference("FILE_MISSING", keyed.name)
    elif not is_manifest_line(keyed.read_bytes(), path.name):
        yield Difference("FILE_CHANGED", keyed.name)


def _same_sources(case: Path, manifest: Manifest, earlier: Manifest) -> bool:
    """Return True if sources not read again are equal in ``manifest`` and ``earlier``.

    Rows that were copied from one shard to another are compared.
    """
    known = {each["source"]: each for each in earlier.content["sources"]}
    copied: dict[tuple[str, str], set[int]] = {}
    for each in manifest.content["sources"]:
        if each.get("generation", 0) > earlier.generation or known.get(each["source"]) == each:
            continue
        before, after = (
            {name.partition("/")[0]: name for name in found["files"] if name.endswith(".parquet")}
            for found in (known.get(each["source"], {"files": {}}), each)
        )
        if {**known.get(each["source"], {}), "files": each["files"]} != each:
            return False
        for kind in before.keys() | after.keys():
            pair = before.get(kind, ""), after.get(kind, "")
            copied.setdefault(pair, set()).add(each["source"])
    return all(_same_rows(case, *pair, sources) for pair, sources in copied.items())


def _same_rows(case: Path, one: str, other: str, sources: set[int]) -> bool:
    """Return True if two shards have the same rows of ``sources``; False for a name that is empty.

    A shard that cannot be read is reported by its checksum.
    """
    if not one or not other:
        return False
    try:
        first, second = (
            [
                row
                for number, rows in read_by_source(case / name)
                if number in sources
                for row in rows.to_pylist()
            ]
            for name in (one, other)
        )
    except (OSError, pa.ArrowException):
        return True
    return first == second


def _check_manifest(check: CrossCheck, path: Path, logged: str | None) -> Iterator[Difference]:
    """Yield the differences of a manifest file from its checksum file and ``logged``.

    ``logged`` is its SHA-256 in the log.  Of the three the one that contradicts the rest is
    reported.
    """
    checksum_file = path.with_suffix(".sha256")
    check.accounted |= {path.name, checksum_file.name}
    if not _is_plain(path):
        yield Difference("FILE_MISSING", path.name)
        return
    sha256 = file_sha256(path)
    line = f"{sha256}  {path.name}\n".encode()
    matches = _is_plain(checksum_file) and checksum_file.read_bytes() == line
    if sha256 == logged:
        if not matches:
            yield Difference(_damage(checksum_file), checksum_file.name)
    elif check.log_intact or not matches:
        yield Difference("MANIFEST_CHANGED", path.name, "NOT_LOGGED" if matches else "BESIDE")


def _read_if_complete(check: CrossCheck, generation: int) -> Manifest | None:
    """Return the manifest that the log names; None if it differs or lacks a needed field.

    Raise CaseError if it is of another case format.
    """
    recorded = check.recorded.files.get(manifest_name(generation))
    if recorded is None:
        return None
    try:
        manifest = read_manifest(check.case, recorded)
    except CaseError as error:
        if is_other_format(error):
            raise
        return None
    if not _has_fields(manifest.content, _PARTS):
        return None
    entries = [manifest.content["log"], *manifest.content["sources"]]
    fields = [_LOG, *(_SOURCE for _ in entries[1:])]
    complete = all(_has_fields(each, kinds) for each, kinds in zip(entries, fields, strict=True))
    return manifest if complete else None


def _has_fields(content: Any, kinds: FieldTypes) -> bool:
    """Return True if ``content`` is a dict with every field of ``kinds``, each of its type."""
    return isinstance(content, Mapping) and all(
        name in content and isinstance(content[name], kind) for name, kind in kinds.items()
    )


def _check_recorded_log(path: Path, manifest: Manifest) -> Iterator[Difference]:
    """Yield a difference if the log's first lines do not have the head in the manifest."""
    recorded = manifest.content["log"]
    head = audit_log.head_at(path, recorded["lines"]) if _is_plain(path) else None
    if head is not None and (head.lines, head.sha256) != (recorded["lines"], recorded["sha256"]):
        yield Difference("LOG_SHORTENED", path.name, "SEEN", recorded["lines"])


def check_counts(check: CrossCheck) -> Iterator[Difference]:
    """Yield a difference per count that the log does not name; add valid counts to ``check``."""
    logged = check.recorded.of_kind("count")
    for recorded in logged:
        try:
            check.counts.append(read_count(check.case, recorded))
        except CaseError as error:  # its digest is compared with those of all other files
            if is_other_format(error):
                raise
            check.orphaned.add(recorded.name.partition("/")[0])
    names = {each.name for each in logged}
    for path in sorted(check.case.glob(f"counts-*/{NAME}")):
        name = f"{path.parent.name}/{NAME}"
        if name not in names:
            check.accounted.add(name)
            check.orphaned.add(path.parent.name)
            yield Difference("FILE_UNKNOWN", name, "NOT_LOGGED")


def _is_plain(path: Path) -> bool:
    """Return True if a path directly in the case folder is a file and no link."""
    return is_plain_file(path.parent, path.name)


def _damage(path: Path) -> str:
    """Return the code of a checksum file that does not fit: changed, or missing."""
    return "FILE_CHANGED" if _is_plain(path) else "FILE_MISSING"
