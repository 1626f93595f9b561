"""``piiscan register``: the register drafted; and checked once it is in a case."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piiscan.case.register import (
    KIND,
    HashCheck,
    Part,
    Problem,
    Register,
    check_hashes,
    read_register,
)
from piiscan.case.register.draft import MOST_FILES, grow, lines_of
from piiscan.case.register.entry import register_form
from piiscan.case.store.attachments import newest
from piiscan.case.store.audit_log import now, writing
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.forms.writer import write_sheet
from piiscan.output_files import check_outside
from piiscan.pages.wording import Language
from piiscan.sources.walk import Input, display_of, walk
from piiscan.tabular.display_names import masked_names


@dataclass(frozen=True, slots=True)
class Drafted:
    """What the draft holds; ``listed`` is whether files have rows of their own."""

    path: Path
    files: int
    folders: int
    proposals: int
    unread: int
    listed: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The newest register of a case against its sources."""

    register: Register
    problems: list[Problem]
    hashes: list[HashCheck]
    shown: Mapping[str, str] = field(repr=False)  # path -> as it may be shown, if otherwise


def draft(paths: Iterable[str | Path], out: Path, *, language: Language = "zh") -> Drafted:
    """The register of ``paths`` (files and folders) as a workbook ``out`` to be filled in.

    CaseError if ``out`` lies inside a source.  No source is read, only their names are.
    """
    given = [Path(path) for path in paths]
    check_outside(out, given)
    found = list(walk(given))
    inputs = [each for each in found if isinstance(each, Input)]
    nodes = grow(inputs, [display_of(path) for path in given])
    files = [node for node in nodes if not node.folder]
    listed = len(files) <= MOST_FILES
    lines = list(lines_of(nodes, language, files=listed))
    write_sheet(out, register_form(), lines, language=language)
    unread = sum(each.lost for each in found if not isinstance(each, Input))
    proposals = sum(bool(line.marked) for line in lines)
    return Drafted(out, len(files), len(nodes) - len(files), proposals, unread, listed)


def check(case: Case) -> Checked | None:
    """How the register handed in last fits the case; None if there is none.  Logged, in numbers."""
    kept = newest(case.path, KIND)
    if kept is None:
        return None
    register = read_register((case.path / kept.name).read_bytes(), kept.name)
    sources = case.manifest.content["sources"]
    parts = parts_of(case)
    problems = register.problems([(each["source"], each["path"]) for each in sources], parts)
    hashes = check_hashes(register, sources, parts)
    with writing(case.path) as log:
        log.append(
            "register",
            moment=now(),
            sha256=register.sha256,
            generation=case.manifest.generation,
            problems=dict(sorted(Counter(each.code for each in problems).items())),
            hashes=dict(sorted(Counter(each.result for each in hashes).items())),
        )
    told = {each.path for each in problems} | {each.path for each in hashes}
    return Checked(register, problems, hashes, _shown(case, told))


def _shown(case: Case, paths: set[str]) -> dict[str, str]:
    """How paths are shown that hold personal data; those of sources the case knows."""
    known = case.shown()
    others = paths - {each["path"] for each in case.manifest.content["sources"]}
    if not others:
        return known
    day = datetime.date.fromisoformat(case.manifest.content["settings"]["as_of"])
    return known | masked_names(Engine(load(), as_of=day), sorted(others))


def parts_of(case: Case) -> list[Part]:
    """The readable parts of all sources: number, member, SHA-256."""
    table = case.stored("parts")
    columns = (table[name].to_pylist() for name in ("source", "member", "sha256"))
    return list(zip(*columns, strict=True))
