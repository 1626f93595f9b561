"""Pipeline of ``piiscan run``: from a folder to case, count, page, workbook and statement.

The work folder has the forms that people edit (register, columns, exclusion list, categories) and
the outputs. An unedited form is ignored, an edited one is used. Scan and count skip finished work.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from piiscan.arguments import checked, existing
from piiscan.case.columns.columns import survey
from piiscan.case.count.count import count
from piiscan.case.count.counted_sources import SourceParts
from piiscan.case.count.shipped_rules import DEFAULT_POLICIES, shipped_rules
from piiscan.case.count.subjects.exclusion_list import exclusion_form
from piiscan.case.register import Register, read_register
from piiscan.case.register.register import draft_register
from piiscan.case.register.register_rows import drafted_dealings
from piiscan.case.report.case_data import load_case_data
from piiscan.case.report.destination import save_report
from piiscan.case.report.docx.row_groups import shipped_template
from piiscan.case.report.docx.statement import fill_statement
from piiscan.case.report.html.case_page import render_page
from piiscan.case.report.spreadsheet.case_workbook import build_workbook
from piiscan.case.scan.scan import scan
from piiscan.case.store.attachments import all_attachments
from piiscan.case.store.case import Case, check_no_overlap
from piiscan.case.store.count_store import Count
from piiscan.case.store.manifest import refuse_other_format
from piiscan.case.tiers import load_policy
from piiscan.case.tiers.category_sheet import category_form, category_lines, count_open_rows
from piiscan.errors import CaseError
from piiscan.forms.reader import read_file_bytes
from piiscan.forms.writer import write_sheet
from piiscan.output_files import make_private_folder, write_aside
from piiscan.progress import Progress, RunState, within
from piiscan.wording.words import Language

#: File names in the work folder, by language.
FILE_NAMES: Final = {
    "zh": {
        "case": "案卷",
        "register": "检材登记表.xlsx",
        "columns": "列识别表.xlsx",
        "exclusions": "排除清单.xlsx",
        "categories": "类别确认表.xlsx",
        "page": "报告.html",
        "workbook": "统计表.xlsx",
        "statement": "数据统计说明.docx",
    },
    "en": {
        "case": "case",
        "register": "register.xlsx",
        "columns": "columns.xlsx",
        "exclusions": "exclusions.xlsx",
        "categories": "categories.xlsx",
        "page": "report.html",
        "workbook": "tables.xlsx",
        "statement": "statement.docx",
    },
}
_DRAFTS_FILE: Final = "drafts.json"
#: Forms that people edit. The last one is drafted from the columns of the scanned case.
_FORMS: Final = ("register", "columns", "exclusions", "categories")
#: Shares of a run that are done before the scan, before the count and before the reports, about.
_SCAN_FROM: Final = 0.1
_COUNT_FROM: Final = 0.65
_PAGE_FROM: Final = 0.9


@dataclass(frozen=True, slots=True)
class PipelineResult:
    """Result of a run: the case, its count, and the files of the work folder by kind.

    ``returned_forms``: forms that were edited and therefore used. ``open_proposals``: register rows
    with unconfirmed proposals. ``open_categories``: rows of the category sheet that nobody decided.
    """

    folder: Path
    case: Case
    count: Count
    files: dict[str, Path]
    returned_forms: tuple[str, ...] = field(default=())
    open_proposals: int = 0
    open_categories: int = 0


@checked
def run(
    source: str | Path,
    out: str | Path | None = None,
    *,
    as_of: datetime.date | None = None,
    operator: str = "",
    case_number: str = "",
    key: str | Path | None = None,
    policies: Sequence[str] = DEFAULT_POLICIES,
    names: bool = True,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    passwords: str | Path | None = None,
    raw: bool = False,
    whole_case: bool = True,
    workers: int | None = None,
    language: Language = "zh",
    progress: Progress | None = None,
) -> PipelineResult:
    r"""Run register, columns, scan, count and report for ``source`` in the work folder ``out``.

    A second run uses the edited forms and repeats only the affected steps. Other parameters as for
    :func:`piiscan.scan`.

    Args:
        source: seized folder or file, opened for reading only.
        policies: rules for the ratios, as for :func:`piiscan.count`.
        out: work folder; default ``NAME-提取结果`` (``NAME-result``) in the current folder.
        language: language of forms and reports.
        progress: called with the state of the run.

    Raises:
        MissingPathError: ``source`` does not exist.
        CaseError: ``out`` and ``source`` contain each other, ``out`` is another folder, or a form
            cannot be read.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     seized = Path(place, "seized")
    ...     seized.mkdir()
    ...     _ = (seized / "dump.csv").write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     done = piiscan.run(seized, Path(place, "work"), key=Path(place, "my.key"))
    ...     done.count.tables()["units"][0]["U1d"], done.files["workbook"].name
    (1, '统计表.xlsx')
    """
    given = existing(source)
    work_folder = default_folder(given, language=language) if out is None else Path(out)

    def report_step(stage: str, share: float = 0.0) -> None:
        """Report the start of ``stage``, at ``share`` of the run."""
        if progress is not None:
            progress(RunState(stage, share=share))

    check_no_overlap(work_folder, [given])
    files = {kind: work_folder / name for kind, name in FILE_NAMES[language].items()}
    _create_folder(work_folder)
    refuse_other_format(files["case"])  # before drafts are made
    drafts = _DraftHashes(work_folder / _DRAFTS_FILE)
    for kind, make in _draft_functions(given, files, language).items():
        if not files[kind].exists():
            report_step(kind)
            make()
            drafts.record(kind, files[kind])
    edited = tuple(
        kind for kind in _FORMS if files[kind].exists() and drafts.is_edited(kind, files)
    )
    returned = {
        kind: files[kind] if kind in edited and not _is_replaced(files, kind) else None
        for kind in _FORMS
    }
    case = scan(
        [given],
        case=files["case"],
        as_of=as_of,
        key=key,
        operator=operator,
        case_number=case_number,
        columns=returned["columns"],
        register=returned["register"],
        names=names,
        only=only,
        skip=skip,
        passwords=passwords,
        raw=raw,
        whole_case=whole_case,
        workers=workers,
        progress=within(progress, _SCAN_FROM, _COUNT_FROM),
    )
    if not files["categories"].exists() or ("register" in edited and "categories" not in edited):
        report_step("categories", _COUNT_FROM)
        _draft_categories(case, files, policies[0], language, returned["register"])
        drafts.record("categories", files["categories"])
    report_step("count", _COUNT_FROM)
    counted = count(
        case,
        exclude=returned["exclusions"],
        policies=policies,
        profile=returned["categories"],
        key=key,
    )
    if "register" not in edited and (
        lines := drafted_dealings(case, counted.stored_tables(), language)
    ):
        draft_register([given], files["register"], language=language, dealings=lines)
        drafts.record("register", files["register"])
    report_step("page", _PAGE_FROM)
    _write_reports(case, files, language)
    return PipelineResult(
        work_folder,
        case,
        counted,
        files,
        edited,
        _count_proposals(files["register"]),
        count_open_rows(read_file_bytes(files["categories"]), files["categories"].name),
    )


def _is_replaced(files: dict[str, Path], kind: str) -> bool:
    """Return True if the case has the form ``kind`` and a later one, such as of ``serve``."""
    known = all_attachments(files["case"], kind) if files["case"].exists() else []
    return _sha256(files[kind]) in [each.sha256 for each in known[:-1]]


def newer_form(case: Case, kind: str) -> Path | None:
    """Return the edited form ``kind`` beside a case that is newer than the sheet that the case has.

    Return None if there is no such file in its folder, or if the case has its content.
    """
    drafts = _DraftHashes(case.path.parent / _DRAFTS_FILE)
    known = all_attachments(case.path, kind)
    since = datetime.datetime.fromisoformat(known[-1].time).timestamp() if known else 0.0
    for names in FILE_NAMES.values():
        file = case.path.parent / names[kind]
        if (
            file.is_file()
            and file.stat().st_mtime > since
            and drafts.is_edited(kind, {kind: file})
            and _sha256(file) not in [each.sha256 for each in known]
        ):
            return file
    return None


def _count_proposals(register: Path) -> int:
    """Return the number of rows in the register file with an unconfirmed proposal."""
    return sum(bool(entry.unconfirmed) for entry in _read_register(register).entries)


def _read_register(file: Path) -> Register:
    """Return the register in a file."""
    return read_register(read_file_bytes(file), file.name)


def _draft_categories(
    case: Case, files: dict[str, Path], policy: str, language: Language, register: Path | None
) -> None:
    """Write the draft of the category sheet: the categories that the tables' columns propose.

    ``policy``: name or file of the rule that has the categories. ``register``: it says which
    mailboxes and accounts were obtained; their messages are proposed too.
    """
    stated = None if register is None else _read_register(register)
    sources, rows = case.manifest.content["sources"], case.stored("parts").to_pylist()
    paths = {each["source"]: each["path"] for each in sources}
    matched = SourceParts.of(sources, rows, shipped_rules(), stated)
    parts = [{**part, "path": paths[part["source"]]} for part in matched.parts]
    lines = category_lines(parts, load_policy(policy), language)
    write_sheet(files["categories"], category_form(), lines, language=language)


def _write_reports(case: Case, files: dict[str, Path], language: Language) -> None:
    """Write the page and workbook (also in the case), then the Word statement."""
    page = render_page(case, language=language).encode()
    book = build_workbook(load_case_data(case), language=language)
    handed = {}
    for name, content, out in (("html", page, "page"), ("xlsx", book, "workbook")):
        save_report(case, content, case.path / f"report.{name}")
        handed[files[out].name] = save_report(case, content, files[out]).sha256
    data = load_case_data(case)
    words = data.words(language)
    statement = fill_statement(data, shipped_template(language), words, {}, annexes=handed)
    save_report(case, statement.content, files["statement"])


def _create_folder(work_folder: Path) -> None:
    """Create the work folder with mode 0700; raise CaseError if it has other content."""
    if (
        work_folder.exists()
        and any(work_folder.iterdir())
        and not (work_folder / _DRAFTS_FILE).exists()
    ):
        raise CaseError("work_folder.not_empty", folder=work_folder)
    try:
        make_private_folder(work_folder)
        if not (work_folder / _DRAFTS_FILE).exists():
            work_folder.chmod(0o700)
    except OSError as error:
        raise CaseError("file.unwritable", path=work_folder, reason=error.strerror) from error
    if not (work_folder / _DRAFTS_FILE).exists():
        _DraftHashes(work_folder / _DRAFTS_FILE).write({})


def _draft_functions(
    source: Path, files: dict[str, Path], language: Language
) -> dict[str, Callable[[], object]]:
    """Return form kind (``register`` …) -> function that writes the draft of that form."""
    return {
        "register": lambda: draft_register([source], files["register"], language=language),
        "columns": lambda: survey([source], files["columns"], language=language),
        "exclusions": lambda: write_sheet(
            files["exclusions"], exclusion_form(), [], language=language
        ),
    }


class _DraftHashes:
    """SHA-256 of each form as drafted, stored in ``drafts.json`` of the work folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, str] = {}
        if path.exists():
            try:
                self._known = json.loads(path.read_text("utf-8"))
            except (OSError, ValueError) as error:
                raise CaseError("work_folder.damaged", path=path) from error

    def record(self, kind: str, file: Path) -> None:
        """Store the SHA-256 of ``file`` as draft of ``kind`` in ``drafts.json``."""
        self.write({**self._known, kind: _sha256(file)})

    def is_edited(self, kind: str, files: dict[str, Path]) -> bool:
        """Return True if a person has changed the form ``kind`` since it was drafted."""
        return _sha256(files[kind]) != self._known.get(kind)

    def write(self, known: dict[str, str]) -> None:
        """Write ``known`` (form kind -> SHA-256) to ``drafts.json`` with mode 0600."""
        self._known = known
        text = json.dumps(known, indent=1, sort_keys=True).encode() + b"\n"
        with write_aside(self._path) as file:
            file.write(text)


def _sha256(file: Path) -> str:
    """Return the SHA-256 of the form ``file`` in hexadecimal."""
    return hashlib.sha256(read_file_bytes(file)).hexdigest()


def default_folder(source: Path, *, language: Language = "zh") -> Path:
    """Return the default work folder of ``source``, below the current folder.

    >>> default_folder(Path("/evidence/disk1")).name
    'disk1-提取结果'
    """
    ending = "提取结果" if language == "zh" else "result"
    return Path.cwd() / f"{source.resolve().name}-{ending}"
