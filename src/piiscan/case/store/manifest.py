"""Manifest: content and origin of a case, hashed; written last, never changed.

``manifest.json`` is generation 1.  Each later scan into the same case adds ``manifest-0002.json``
and so on, with the hash of the one before, and of its sources those that differ from there.  Each
has a ``.sha256`` and a ``.mac`` file.  A killed run has no manifest of its generation, so
``verify`` reports the case as incomplete.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import count, takewhile
from pathlib import Path
from typing import Any, Final

import piiscan
from piiscan.cache import cache_facts
from piiscan.case.store.audit_log import is_continuation
from piiscan.case.store.case_format import is_other_format, read_case_json
from piiscan.case.store.keyed_checksum import mac_path, manifest_line
from piiscan.case.store.plain_files import FileFacts, file_facts, verified_path
from piiscan.case.store.recorded_files import (
    RecordedFile,
    RecordedFiles,
    finish_renames,
    manifest_name,
    recorded_files,
)
from piiscan.case.store.shards import publish
from piiscan.errors import CaseError, ChangedFileError
from piiscan.kernel_files import kernels_digest
from piiscan.plugins import plugin_facts

#: Packages with machine code of their own that findings and counts pass through.
_LIBRARIES: Final = (
    "numpy", "pyarrow", "python-calamine", "duckdb", "google-re2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manifest:
    """Manifest of one generation: its content, its own SHA-256 and its path.

    ``content["sources"]`` has all sources of the case, as of this generation.
    """

    path: Path
    sha256: str
    content: Mapping[str, Any] = field(repr=False)  # paths in it can name people

    @property
    def generation(self) -> int:
        """Return the number of the scan, 1 for the first into the case."""
        return int(self.content["generation"])


def manifest_path(case: Path, generation: int) -> Path:
    """Return the path of the manifest of a generation.

    >>> manifest_path(Path("c"), 2).name
    'manifest-0002.json'
    """
    return case / manifest_name(generation)


def write_manifest(
    case: Path,
    content: Mapping[str, Any],
    *,
    temporary: Path,
    mac_key: bytes,
    announce: Callable[[str], object],
) -> Manifest:
    """Write the manifest, its checksum files first, plain and keyed; return it.

    All files that it names are flushed before.  ``announce`` is called with its SHA-256 once it is
    written; a manifest that was not announced is written over.  Raise CaseError if the log has one
    of this generation.
    """
    generation = int(content["generation"])
    path = manifest_path(case, generation)
    if path.name in recorded_files(case).files:
        raise CaseError("case.manifest_exists", path=path)
    previous = latest_manifest(case)
    known = {} if previous is None else _by_number(previous.content["sources"])
    changed = [each for each in content["sources"] if known.get(each["source"]) != each]
    stored = {**content, "sources": changed}
    text = json.dumps(stored, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    sha256 = hashlib.sha256(text).hexdigest()
    line = f"{sha256}  {path.name}\n".encode()
    keyed = manifest_line(mac_key, path.name, sha256)
    publish(
        {path.with_suffix(".sha256"): line, mac_path(path): keyed, path: text},
        temporary=temporary,
        also=[case / name for name in content["files"]],
    )
    announce(sha256)
    return Manifest(path, sha256, content)


def latest_manifest(case: Path) -> Manifest | None:
    """Return the newest manifest of the case, None if no scan into it was ever finished.

    What a power cut left in ``tmp`` of records is renamed.  Raise CaseError as
    :func:`read_manifest` does.
    """
    recorded = recorded_files(case)
    finish_renames(case, recorded)
    logged = _logged(recorded)
    log = case / "log.jsonl"
    if not logged and manifest_path(case, 1).exists() and not is_continuation(log):
        raise ChangedFileError("case.file_changed", path=log)
    return read_manifest(case, logged[-1]) if logged else None


def all_manifests(case: Path) -> list[Manifest]:
    """Return every generation's manifest, oldest first. Raise as :func:`read_manifest` does."""
    return list(_read_manifests(case, _logged(recorded_files(case))))


def read_manifest(case: Path, recorded: RecordedFile) -> Manifest:
    """Return the manifest ``recorded``, which the log names.

    Raise ChangedFileError if it, or one before it, is not the one that the log names, CaseError if
    it is damaged or of another case format.
    """
    logged = _logged(recorded_files(case))
    *_, found = _read_manifests(case, [*takewhile(recorded.__ne__, logged), recorded])
    return found


def _read_manifests(case: Path, logged: Sequence[RecordedFile]) -> Iterator[Manifest]:
    """Yield the manifests ``logged``, of generations from 1 on, each with all its sources."""
    known: dict[int, Mapping[str, Any]] = {}
    for each in logged:
        path = verified_path(case, each.name, each.sha256)
        content = _read_content(path, file_facts(path))
        try:
            known = known | _by_number(content["sources"])
        except (KeyError, TypeError) as error:
            raise CaseError("case.damaged_file", path=path, reason=type(error).__name__) from error
        sources = [source for _, source in sorted(known.items())]
        yield Manifest(path, each.sha256, {**content, "sources": sources})


@lru_cache(maxsize=16)
def _read_content(path: Path, _: FileFacts | None) -> Mapping[str, Any]:
    """Return the content of a manifest; the second argument differs after each writing."""
    return read_case_json(path)[0]


def _by_number(sources: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """Return source number -> entry of a manifest."""
    return {each["source"]: each for each in sources}


def _logged(recorded: RecordedFiles) -> list[RecordedFile]:
    """Return the manifests in the log, of generations without a gap, oldest first."""
    names = takewhile(recorded.files.__contains__, map(manifest_name, count(1)))
    return [recorded.files[name] for name in names]


def refuse_other_format(case: Path) -> None:
    """Raise CaseError if the case is of another format; accept a damaged manifest."""
    try:
        latest_manifest(case)
    except CaseError as error:
        if is_other_format(error):
            raise


def tool_facts() -> dict[str, Any]:
    """Return version, digests and commit of the program, plug-ins, libraries, tables, system."""
    home = Path(piiscan.__file__).resolve().parent
    return {
        "name": "piiscan",
        "version": piiscan.__version__,
        "code_sha256": code_digest(home),
        "kernels_sha256": kernels_digest(),
        "commit": _commit(home.parents[1]),
        "formats": plugin_facts(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "cache": cache_facts(),
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def code_facts() -> str:
    """Return the digest of the program, and those of the plug-ins if there are any."""
    tool = tool_facts()
    return " ".join([tool["code_sha256"], *(each["sha256"] for each in tool["formats"])])


@cache
def code_digest(home: Path) -> str:
    """Return the SHA-256 over name and content of all ``.py`` and ``.toml`` below ``home``."""
    digest = hashlib.sha256()
    paths = (*home.rglob("*.py"), *home.rglob("*.toml"))
    for path in sorted(paths, key=lambda p: p.relative_to(home).as_posix()):
        digest.update(path.relative_to(home).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _commit(top: Path) -> str | None:
    """Return the git commit of the checkout at ``top``; None if it is no checkout.

    It is read from the files in ``.git``.
    """
    try:
        head = (top / ".git" / "HEAD").read_text("ascii").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        unpacked = top / ".git" / name
        if unpacked.exists():
            return unpacked.read_text("ascii").strip()
        packed = (top / ".git" / "packed-refs").read_text("ascii").splitlines()
        return next((line.split()[0] for line in packed if line.endswith(" " + name)), None)
    except (OSError, ValueError):
        return None
