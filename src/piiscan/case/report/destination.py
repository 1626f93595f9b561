"""Where a report is put: in the case, which notes it in its log, or wherever it was asked for.

Inside a case there is room for reports under the names that piiscan gives them and below
``reports/``; everything else there belongs to the case and is never written over.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from piiscan.case.store.audit_log import now, writing
from piiscan.case.store.case import Case
from piiscan.case.store.shards import write_bytes
from piiscan.errors import CaseError
from piiscan.output_files import check_outside, open_private

#: Names of reports at the top of a case, and the folder for others.
NAMES: Final = ("report.html", "report.xlsx", "report.docx")
FOLDER: Final = "reports"


@dataclass(frozen=True, slots=True)
class Kept:
    """A report that was written; ``logged`` if the case's log has its SHA-256."""

    path: Path
    sha256: str
    logged: bool


def keep_report(case: Case, content: bytes, out: Path) -> Kept:
    """The report just written to ``out``; noted in the log if that lies in the case.

    CaseError if it lies in a source, where the case has files of its own, or cannot be written.
    """
    _check_apart(case, out)
    inside = name_inside(case, out)
    try:
        if inside is None:
            out.parent.mkdir(parents=True, exist_ok=True)
            with open_private(out) as file:
                file.write(content)
            return Kept(out, hashlib.sha256(content).hexdigest(), False)
        return _keep_inside(case, content, inside)
    except OSError as error:
        raise CaseError(f"the report {out} cannot be written: {error.strerror}") from error


def _check_apart(case: Case, out: Path) -> None:
    """Nothing; CaseError if ``out`` is a source, or lies in a folder that was scanned (E1)."""
    sources = case.manifest.content["sources"]
    check_outside(out, [Path(each["place"]) for each in sources])
    folders = {Path(s["place"]).resolve().parent for s in sources if "/" in s["path"]}
    if out.resolve().parent in folders:
        raise CaseError(f"{out} lies beside a source; evidence is never written to: choose another")


def check_place(case: Case, out: Path) -> None:
    """Nothing; CaseError if ``out`` is no place for a report about ``case`` and others."""
    _check_apart(case, out)
    if name_inside(case, out) is not None:
        raise CaseError(
            f"{out} lies inside the case {case.path}; write into the first, or elsewhere"
        )


def name_inside(case: Case, out: Path) -> str | None:
    """The name below the case that ``out`` has, None if it lies elsewhere; CaseError if taken."""
    home, place = case.path.resolve(), out.resolve()
    if not place.is_relative_to(home):
        return None
    name = place.relative_to(home).as_posix()
    if name not in NAMES and not name.startswith(f"{FOLDER}/"):
        raise CaseError(
            f"{out} lies inside the case, where its own files are; write to {FOLDER}/ in it,"
            " or elsewhere"
        )
    return name


def _keep_inside(case: Case, content: bytes, name: str) -> Kept:
    path = case.path / name
    with writing(case.path) as log:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (case.path / "tmp").mkdir(mode=0o700, exist_ok=True)
        sha256 = write_bytes(path, content, temporary=case.path / "tmp")
        log.append("report", moment=now(), file=name, sha256=sha256)
    return Kept(path, sha256, True)
