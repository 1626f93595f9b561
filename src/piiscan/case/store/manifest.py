"""Manifest: content and origin of a case, hashed; written last, never changed.

``manifest.json`` is generation 1.  Each later scan into the same case adds ``manifest-0002.json``
and so on, with the hash of the one before.  Each has a ``.sha256`` and a ``.mac`` file.  A killed
run has no manifest of its generation, so ``verify`` reports the case as incomplete.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import piiscan
from piiscan.cache import cache_facts
from piiscan.case.store.case_format import is_other_format, read_case_json
from piiscan.case.store.keyed_checksum import mac_path, manifest_line
from piiscan.case.store.shards import publish
from piiscan.errors import CaseError
from piiscan.kernel_files import kernels_digest

#: Packages with machine code of their own that findings and counts pass through.
_LIBRARIES: Final = (
    "numpy", "pyarrow", "python-calamine", "duckdb", "google-re2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manifest:
    """Manifest of one generation: its content, its own SHA-256 and its path."""

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
    return case / ("manifest.json" if generation == 1 else f"manifest-{generation:04d}.json")


def write_manifest(
    case: Path,
    content: Mapping[str, Any],
    *,
    temporary: Path,
    mac_key: bytes,
    announce: Callable[[str], object],
) -> Manifest:
    """Write the manifest, its checksum files first, plain and keyed; return it.

    ``announce`` is called with its SHA-256 before it appears, so that the log has every manifest
    that exists.  All files that it names are flushed before.  Raise CaseError if this generation
    has one already.
    """
    path = manifest_path(case, int(content["generation"]))
    if path.exists():
        raise CaseError("case.manifest_exists", path=path)
    text = json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    sha256 = hashlib.sha256(text).hexdigest()
    announce(sha256)
    line = f"{sha256}  {path.name}\n".encode()
    keyed = manifest_line(mac_key, path.name, sha256)
    publish(
        {path.with_suffix(".sha256"): line, mac_path(path): keyed, path: text},
        temporary=temporary,
        also=[case / name for name in content["files"]],
    )
    return Manifest(path, sha256, content)


def read_manifest(case: Path, generation: int) -> Manifest | None:
    """Return the manifest of ``generation``, None if absent.

    Raise CaseError if it is damaged or of another case format.
    """
    path = manifest_path(case, generation)
    if not path.exists():
        return None
    content, sha256 = read_case_json(path)
    return Manifest(path, sha256, content)


def latest_manifest(case: Path) -> Manifest | None:
    """Return the newest manifest of the case, None if no scan into it was ever finished."""
    found = None
    generation = 1
    while (manifest := read_manifest(case, generation)) is not None:
        found = manifest
        generation += 1
    return found


def refuse_other_format(case: Path) -> None:
    """Raise CaseError if the case is of another format; accept a damaged manifest."""
    try:
        latest_manifest(case)
    except CaseError as error:
        if is_other_format(error):
            raise


def all_manifests(case: Path) -> list[Manifest]:
    """Return every generation's manifest, oldest first."""
    latest = latest_manifest(case)
    generations = range(1, latest.generation + 1) if latest else range(0)
    return [m for m in (read_manifest(case, g) for g in generations) if m is not None]


def tool_facts() -> dict[str, Any]:
    """Return version, digests and commit of the program, libraries, tables and system."""
    home = Path(piiscan.__file__).resolve().parent
    return {
        "name": "piiscan",
        "version": piiscan.__version__,
        "code_sha256": code_digest(home),
        "kernels_sha256": kernels_digest(),
        "commit": _commit(home.parents[1]),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "cache": cache_facts(),
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


@cache
def code_digest(home: Path) -> str:
    """Return the SHA-256 over name and content of every Python file below ``home``, by name."""
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*.py"), key=lambda p: p.relative_to(home).as_posix()):
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
