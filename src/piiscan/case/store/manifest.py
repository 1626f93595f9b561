"""The manifest: what a case consists of and how it was made; written last, never changed.

``manifest.json`` is generation 1; each later scan into the same case adds ``manifest-0002.json``
and so on, which names its predecessor's hash.  Beside each lies its ``.sha256``.  A run that was
killed has no manifest of its generation, and so nothing that verifies as complete.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import piiscan
from piiscan.case.store.shards import write_bytes
from piiscan.errors import CaseError

#: Version of the layout of a case; a reader refuses one it does not know.
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation: its content, its own SHA-256 and where it lies."""

    path: Path
    sha256: str
    content: Mapping[str, Any] = field(repr=False)  # paths in it can name people

    @property
    def generation(self) -> int:
        """1 for the first scan into the case."""
        return int(self.content["generation"])


def manifest_path(case: Path, generation: int) -> Path:
    """Where the manifest of a generation lies.

    >>> manifest_path(Path("c"), 2).name
    'manifest-0002.json'
    """
    return case / ("manifest.json" if generation == 1 else f"manifest-{generation:04d}.json")


def write_manifest(
    case: Path,
    content: Mapping[str, Any],
    *,
    temporary: Path,
    announce: Callable[[str], object],
) -> Manifest:
    """The manifest just written: its checksum file first, then itself, each by rename.

    ``announce`` is told its SHA-256 before it appears, so that the log knows every manifest that
    exists.  CaseError if this generation has one already.
    """
    path = manifest_path(case, int(content["generation"]))
    if path.exists():
        raise CaseError(f"{path} exists and never changes; use a new case")
    text = json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    sha256 = hashlib.sha256(text).hexdigest()
    announce(sha256)
    line = f"{sha256}  {path.name}\n".encode()
    write_bytes(path.with_suffix(".sha256"), line, temporary=temporary)
    write_bytes(path, text, temporary=temporary)
    return Manifest(path, sha256, content)


def read_manifest(case: Path, generation: int) -> Manifest | None:
    """The manifest of ``generation``, None if there is none; CaseError if it cannot be read."""
    path = manifest_path(case, generation)
    if not path.exists():
        return None
    content, sha256 = read_described(path, known=FORMAT)
    return Manifest(path, sha256, content)


def latest_manifest(case: Path) -> Manifest | None:
    """The newest manifest of the case, None if no scan into it was ever finished."""
    found = None
    generation = 1
    while (manifest := read_manifest(case, generation)) is not None:
        found = manifest
        generation += 1
    return found


def all_manifests(case: Path) -> list[Manifest]:
    """Every generation's manifest, oldest first."""
    latest = latest_manifest(case)
    wanted = range(1, latest.generation + 1) if latest else range(0)
    return [m for m in (read_manifest(case, g) for g in wanted) if m is not None]


def tool_facts() -> dict[str, Any]:
    """The program that runs: version, digest of its code, commit if a checkout, Python, system."""
    home = Path(piiscan.__file__).resolve().parent
    return {
        "name": "piiscan",
        "version": piiscan.__version__,
        "code_sha256": code_digest(home),
        "commit": _commit(home.parents[1]),
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


@cache
def code_digest(home: Path) -> str:
    """SHA-256 over name and content of every Python file below ``home``, in order of the names."""
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*.py"), key=lambda p: p.relative_to(home).as_posix()):
        digest.update(path.relative_to(home).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _commit(top: Path) -> str | None:
    """The commit of the checkout at ``top``, read without running git; None if it is none."""
    try:
        head = (top / ".git" / "HEAD").read_text("ascii").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        loose = top / ".git" / name
        if loose.exists():
            return loose.read_text("ascii").strip()
        packed = (top / ".git" / "packed-refs").read_text("ascii").splitlines()
        return next((line.split()[0] for line in packed if line.endswith(" " + name)), None)
    except (OSError, ValueError):
        return None


def read_described(path: Path, *, known: int) -> tuple[dict[str, Any], str]:
    """The content of the file and its SHA-256; CaseError if damaged or of another format."""
    try:
        text = path.read_bytes()
        content = json.loads(text)
        told = content["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CaseError(f"{path} is damaged: {type(error).__name__}") from error
    if told != known:
        raise CaseError(f"{path} has format {told}; this piiscan reads format {known}")
    return content, hashlib.sha256(text).hexdigest()
