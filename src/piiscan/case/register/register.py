"""``piiscan register``: draft a register for folders, and check the completed one of a case."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from piiscan.case.register import (
    KIND,
    HashCheck,
    Problem,
    Register,
    SourcePart,
    check_hashes,
    read_register,
)
from piiscan.case.register.draft import MOST_FILES, build_nodes, draft_lines
from piiscan.case.register.entry import register_form
from piiscan.case.register.party_sheets import party_forms
from piiscan.case.store.attachments import latest_attachment
from piiscan.case.store.audit_log import now
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.forms.writer import FormRows, SheetRow, write_sheet
from piiscan.output_files import check_outside
from piiscan.sources.walk import Input, display_path, walk
from piiscan.tabular.display_names import masked_names
from piiscan.wording.words import Language


@dataclass(frozen=True, slots=True)
class DraftResult:
    """Draft that was written, with its numbers. ``files_listed``: True if files have own rows."""

    path: Path
    files: int
    folders: int
    proposals: int
    unread: int
    files_listed: bool


@dataclass(frozen=True, slots=True)
class RegisterCheck:
    """Newest register of a case, compared with its sources."""

    register: Register
    problems: list[Problem]
    hashes: list[HashCheck]
    display_names: Mapping[str, str] = field(repr=False)  # path -> display name, if it differs


def draft_register(
    paths: Iterable[str | Path],
    out: Path,
    *,
    language: Language = "zh",
    dealings: Sequence[SheetRow] = (),
) -> DraftResult:
    """Write a draft register of ``paths`` (files and folders) to the workbook ``out``.

    Only names are read, no content. ``dealings``: lines of the sheet of dealings. Raise CaseError
    if ``out`` is inside a source.
    """
    source_paths = [Path(path) for path in paths]
    check_outside(out, source_paths)
    walked = list(walk(source_paths))
    inputs = [each for each in walked if isinstance(each, Input)]
    nodes = build_nodes(inputs, [display_path(path) for path in source_paths])
    files = [node for node in nodes if not node.is_folder]
    files_listed = len(files) <= MOST_FILES
    lines = list(draft_lines(nodes, language, list_files=files_listed))
    further = [FormRows(form, ()) for form in party_forms()]
    further[-1] = FormRows(further[-1].form, dealings)
    write_sheet(out, register_form(), lines, language=language, further=further)
    unread = sum(each.lost for each in walked if not isinstance(each, Input))
    proposals = sum(bool(line.marked) for line in lines)
    return DraftResult(out, len(files), len(nodes) - len(files), proposals, unread, files_listed)


def check_register(case: Case) -> RegisterCheck | None:
    """Compare the newest register of a case with its sources. Return None if there is no register.

    Write the number of problems and checksum results to the audit log.
    """
    attachment = latest_attachment(case.path, KIND)
    if attachment is None:
        return None
    register = read_register(attachment.content(), attachment.name)
    sources = case.manifest.content["sources"]
    parts = parts_of(case)
    problems = register.problems([(each["source"], each["path"]) for each in sources], parts)
    hashes = check_hashes(register, sources, parts)
    with case.open_log() as log:
        log.append(
            "register",
            moment=now(),
            sha256=register.sha256,
            generation=case.manifest.generation,
            problems=dict(sorted(Counter(each.code for each in problems).items())),
            hashes=dict(sorted(Counter(each.result for each in hashes).items())),
        )
    problem_paths = {each.path for each in problems} | {each.path for each in hashes}
    return RegisterCheck(register, problems, hashes, path_names(case, problem_paths))


def path_names(case: Case, paths: set[str]) -> dict[str, str]:
    """Return display names of all paths with personal data: sources of the case and others."""
    display_names = case.shown()
    others = paths - {each["path"] for each in case.manifest.content["sources"]}
    if not others:
        return display_names
    day = datetime.date.fromisoformat(case.manifest.content["settings"]["as_of"])
    return display_names | masked_names(Engine(load(), as_of=day), sorted(others))


def parts_of(case: Case) -> list[SourcePart]:
    """Return the readable parts of all sources: number, member, SHA-256."""
    table = case.stored("parts")
    columns = (table[name].to_pylist() for name in ("source", "member", "sha256"))
    return list(zip(*columns, strict=True))
