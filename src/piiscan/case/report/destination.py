"""Report destination: a report is written inside the case, which logs it, or to a path outside.

Inside a case, reports use the names in REPORT_NAMES or the folder ``reports/``. All other files
belong to the case and are never overwritten.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from piiscan.case.store.audit_log import AuditLog, now
from piiscan.case.store.case import Case
from piiscan.case.store.shards import publish
from piiscan.errors import CaseError
from piiscan.output_files import check_outside, make_private_folder, write_aside

#: Reports in the root of a case, and the folder for further ones.
REPORT_NAMES: Final = ("report.html", "report.xlsx", "report.docx")
REPORT_FOLDER: Final = "reports"


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A written report; ``logged`` is True if the case's log has its SHA-256."""

    path: Path
    sha256: str
    logged: bool


def save_report(
    case: Case, content: bytes, out: Path, *, log: AuditLog | None = None
) -> SavedReport:
    """Write the report ``content`` to ``out``; if that is inside the case, log its SHA-256.

    ``log``: the log of the case if it is open already. Raise CaseError if ``out`` is in a source,
    is a file of the case, or cannot be written.
    """
    _check_outside_sources(case, out)
    inside = name_inside(case, out)
    try:
        if inside is None:
            make_private_folder(out.parent)
            with write_aside(out) as file:
                file.write(content)
            return SavedReport(out, hashlib.sha256(content).hexdigest(), False)
        path = case.path / inside
        with case.open_log() if log is None else nullcontext(log) as opened:
            make_private_folder(path.parent)
            make_private_folder(case.path / "tmp")
            publish({path: content}, temporary=case.path / "tmp")
            sha256 = hashlib.sha256(content).hexdigest()
            opened.append("report", moment=now(), file=inside, sha256=sha256)
        return SavedReport(path, sha256, True)
    except OSError as error:
        raise CaseError("report.unwritable", path=out, reason=error.strerror) from error


def _check_outside_sources(case: Case, out: Path) -> None:
    """Raise CaseError if ``out`` is a source or is in a scanned folder.

    Evidence is never written to.
    """
    sources = case.manifest.content["sources"]
    check_outside(out, [Path(each["place"]) for each in sources])
    place = out.resolve()
    if not place.is_relative_to(case.path.resolve()):
        # a scanned folder: the common part of its sources; a file scanned by its name has none
        parents: dict[str, set[Path]] = {}
        for source in sources:
            root, *below = source["path"].split("/")
            if below:
                parents.setdefault(root, set()).add(Path(source["place"]).resolve().parent)
        folders = [Path(os.path.commonpath(each)) for each in parents.values()]
        if any(place.is_relative_to(folder) for folder in folders):
            raise CaseError("report.beside_source", path=out)


def check_destination(case: Case, out: Path) -> None:
    """Raise CaseError if ``out`` is in a source of the case or inside the case itself."""
    _check_outside_sources(case, out)
    if name_inside(case, out) is not None:
        raise CaseError("report.inside_case", path=out, case=case.path)


def name_inside(case: Case, out: Path) -> str | None:
    """Return the path of ``out`` relative to the case; None if it is outside.

    Raise CaseError if taken.
    """
    case_folder, place = case.path.resolve(), out.resolve()
    if not place.is_relative_to(case_folder):
        return None
    name = place.relative_to(case_folder).as_posix()
    if name not in REPORT_NAMES and not name.startswith(f"{REPORT_FOLDER}/"):
        raise CaseError("report.inside_case_files", path=out, folder=REPORT_FOLDER)
    return name
