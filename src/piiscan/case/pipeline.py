"""From a folder to everything that leaves the office, and again after a sheet was edited.

The work folder holds what people touch: the register of items, the columns, the exclusion list, and
what comes out: case, page, workbook, statement.  A sheet that is still the draft says nothing; one
that was edited is given back.  What nothing changed for is not done again: scan and count know
that themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from piiscan.case.columns.columns import survey
from piiscan.case.count.count import count
from piiscan.case.count.subjects.exclusion_list import exclusion_form
from piiscan.case.register import read_register
from piiscan.case.register.register import draft
from piiscan.case.report.case_data import gather
from piiscan.case.report.destination import keep_report
from piiscan.case.report.docx.statement import fill_statement
from piiscan.case.report.html.case_page import render_page
from piiscan.case.report.spreadsheet.case_workbook import workbook_of
from piiscan.case.scan.scan import scan
from piiscan.case.store.case import Case, check_apart
from piiscan.case.store.count_store import Count
from piiscan.data.statement import shipped
from piiscan.errors import CaseError
from piiscan.forms.reader import content_of
from piiscan.forms.writer import write_sheet
from piiscan.pages.wording import Language
from piiscan.sources.walk import Progress

#: Names in the work folder, by language; what was drafted is noted in ``drafts.json`` of the case.
NAMES: Final = {
    "zh": {
        "case": "案卷",
        "register": "检材登记表.xlsx",
        "columns": "列识别表.xlsx",
        "exclusions": "排除清单.xlsx",
        "page": "报告.html",
        "workbook": "统计表.xlsx",
        "statement": "提取说明.docx",
    },
    "en": {
        "case": "case",
        "register": "register.xlsx",
        "columns": "columns.xlsx",
        "exclusions": "exclusions.xlsx",
        "page": "report.html",
        "workbook": "tables.xlsx",
        "statement": "statement.docx",
    },
}
_DRAFTS: Final = "drafts.json"
#: What people fill in and give back.
_SHEETS: Final = ("register", "columns", "exclusions")

#: Told the name of each step when it begins: register, columns, scan, count, page.
Told = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Whole:
    """What a run left: the case, its count, the files in the work folder by what they are.

    ``given_back``: sheets that were edited, and so counted.  ``waiting``: rows of the register that
    hold proposals which nobody confirmed.
    """

    folder: Path
    case: Case
    count: Count
    files: dict[str, Path]
    given_back: tuple[str, ...] = field(default=())
    waiting: int = 0


def run_whole(
    source: str | Path,
    out: str | Path,
    *,
    operator: str = "",
    case_number: str = "",
    key: str | Path | None = None,
    names: bool = True,
    workers: int | None = None,
    language: Language = "zh",
    told: Told | None = None,
    progress: Progress | None = None,
) -> Whole:
    """Everything of ``source`` in the work folder ``out``: register, scan, count, page.

    Run again it takes in what was edited and does again what that changes.  CaseError if ``out``
    lies in ``source`` (or the other way round), is a folder of something else, or a sheet cannot
    be read.
    """
    given, home = Path(source), Path(out)
    say = told or (lambda _: None)
    check_apart(home, [given])
    files = {kind: home / name for kind, name in NAMES[language].items()}
    _make(home)
    drafts = _Drafts(home / _DRAFTS)
    for kind, make in _drafting(given, files, language).items():
        if not files[kind].exists():
            say(kind)
            make()
            drafts.note(kind, files[kind])
    edited = tuple(kind for kind in _SHEETS if drafts.edited(kind, files))
    back = {kind: files[kind] if kind in edited else None for kind in _SHEETS}
    say("scan")
    case = scan(
        [given],
        case=files["case"],
        key=key,
        operator=operator,
        case_number=case_number,
        columns=back["columns"],
        register=back["register"],
        names=names,
        workers=workers,
        progress=progress,
    )
    say("count")
    made = count(case, exclude=back["exclusions"], key=key)
    say("page")
    _report(case, files, language)
    return Whole(home, case, made, files, edited, _waiting(files["register"]))


def _waiting(register: Path) -> int:
    """How many rows of the register hold proposals that wait for somebody."""
    read = read_register(content_of(register), register.name)
    return sum(bool(entry.waiting) for entry in read.entries)


def _report(case: Case, files: dict[str, Path], language: Language) -> None:
    """Page and workbook, in the case too; the statement in its template, which names both."""
    page = render_page(case, language=language).encode()
    book = workbook_of(gather(case), language=language)
    for name, content, out in (("html", page, "page"), ("xlsx", book, "workbook")):
        keep_report(case, content, case.path / f"report.{name}")
        keep_report(case, content, files[out])
    gathered = gather(case)
    words = gathered.words(language)
    statement = fill_statement(gathered, shipped(language), words, {})
    keep_report(case, statement.content, files["statement"])


def _make(home: Path) -> None:
    """The work folder, 0700; CaseError if it holds anything but such a run."""
    if home.exists() and any(home.iterdir()) and not (home / _DRAFTS).exists():
        raise CaseError(f"{home} is not empty and no work folder; give a new one (-o DIR)")
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{home} cannot be written: {error.strerror}") from error
    if not (home / _DRAFTS).exists():
        _Drafts(home / _DRAFTS).write({})


def _drafting(
    source: Path, files: dict[str, Path], language: Language
) -> dict[str, Callable[[], object]]:
    """How each sheet is drafted."""
    return {
        "register": lambda: draft([source], files["register"], language=language),
        "columns": lambda: survey([source], files["columns"], language=language),
        "exclusions": lambda: write_sheet(
            files["exclusions"], exclusion_form(), [], language=language
        ),
    }


class _Drafts:
    """What the sheets were when they were drafted, by SHA-256."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = {}
        if path.exists():
            try:
                self._known = json.loads(path.read_text("utf-8"))
            except (OSError, ValueError) as error:
                raise CaseError(f"{path} is damaged; give a new work folder (-o DIR)") from error

    def note(self, kind: str, file: Path) -> None:
        """Keep what ``file`` is now as the draft of its kind."""
        self.write({**self._known, kind: _sha256(file)})

    def edited(self, kind: str, files: dict[str, Path]) -> bool:
        """Whether a sheet is no longer its draft."""
        return _sha256(files[kind]) != self._known.get(kind)

    def write(self, known: dict[str, str]) -> None:
        """Write the list anew."""
        self._known = known
        text = json.dumps(known, indent=1, sort_keys=True).encode() + b"\n"
        number = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(text)


def _sha256(file: Path) -> str:
    return hashlib.sha256(content_of(file)).hexdigest()


def default_folder(source: Path, *, language: Language = "zh") -> Path:
    """Where the work on ``source`` goes unless it is said: beside where the command was given.

    >>> default_folder(Path("/evidence/disk1")).name
    'disk1-提取结果'
    """
    ending = "提取结果" if language == "zh" else "result"
    return Path.cwd() / f"{source.resolve().name}-{ending}"
