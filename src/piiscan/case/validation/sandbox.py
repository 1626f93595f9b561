"""Sandbox of a validation: a temporary folder in the case with a key and settings of its own."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.case import Case
from piiscan.detect.self_test import AS_OF
from piiscan.hashing.key import open_key
from piiscan.output_files import make_private_folder

_PREFIX: Final = "validate-"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Folder for corpora and their cases; they are scanned as the case was, with another key."""

    folder: Path
    recognizers: Path | None
    min_score: float
    names: bool

    @property
    def key(self) -> Path:
        """Return the file of the digest key; the first scan creates it."""
        return self.folder / "key"

    @property
    def as_of(self) -> datetime.date:
        """Return the day for which the corpora are written."""
        return AS_OF

    def scan_options(self) -> dict[str, Any]:
        """Return the options of every scan in the sandbox."""
        return {
            "key": self.key,
            "as_of": self.as_of,
            "recognizers": self.recognizers,
            "min_score": self.min_score,
            "names": self.names,
        }

    def secret(self, case: Case) -> bytes:
        """Return the digest key of a case that was made in the sandbox."""
        known = case.manifest.content["settings"]["key"]
        return open_key(self.key, case=case.path, known=known).secret


@contextmanager
def open_sandbox(case: Case, *, recognizers: Path | None) -> Iterator[Sandbox]:
    """Yield a sandbox below ``tmp`` of the case; delete it on exit, and those of killed runs."""
    temporary = make_private_folder(case.path / "tmp")
    for stale in temporary.glob(f"{_PREFIX}*"):
        shutil.rmtree(stale, ignore_errors=True)
    settings = case.manifest.content["settings"]
    with tempfile.TemporaryDirectory(
        prefix=_PREFIX, dir=temporary, ignore_cleanup_errors=True
    ) as folder:
        yield Sandbox(Path(folder), recognizers, settings["min_score"], settings["names"])
