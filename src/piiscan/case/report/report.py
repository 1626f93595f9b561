"""Report of a case: page, workbook, document, or tables as CSV and JSON, written and logged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from piiscan.arguments import checked, existing
from piiscan.case.report.case_data import CaseData, load_case_data
from piiscan.case.report.destination import SavedReport, save_report
from piiscan.case.report.docx.row_groups import shipped_template
from piiscan.case.report.docx.statement import fill_statement
from piiscan.case.report.html.case_page import PAGE_NAME, render_page
from piiscan.case.report.pdf import print_page
from piiscan.case.report.report_contents import TABLE_OF
from piiscan.case.report.spreadsheet.case_workbook import build_workbook
from piiscan.case.report.table_files import table_csv, table_json
from piiscan.case.store.case import Case
from piiscan.errors import CaseError
from piiscan.forms.reader import read_file_bytes
from piiscan.wording.words import Language

Form = Literal["html", "pdf", "xlsx", "docx", "csv", "json", "template"]
#: Documents that ship: 数据统计说明, 检查笔录, 检验报告.
Document = Literal["statement", "police", "laboratory"]


@dataclass(frozen=True, slots=True)
class Report:
    """Written reports with their SHA-256; for a document, its empty placeholders.

    ``empty``: placeholders that only a person can fill. ``unknown``: names that the template uses
    and nobody knows. ``used``: number of placeholders in the template.
    """

    saved: tuple[SavedReport, ...]
    empty: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    used: int = 0


@checked
def report(
    case: str | Path | Case,
    out: str | Path | None = None,
    *,
    form: Form = "html",
    document: Document = "statement",
    template: str | Path | None = None,
    fields: Mapping[str, str] | None = None,
    language: Language = "zh",
    key: str | Path | None = None,
) -> Report:
    r"""Write a report of a case; the case's log has its SHA-256 if it is written inside the case.

    Args:
        case: folder of a scanned case, or the opened case.
        out: file to write, for ``csv`` a folder. Default for ``html``, ``pdf``, ``xlsx`` and
            ``docx``: the report of that kind inside the case.
        form: page, the page as PDF (by a browser or LibreOffice of the machine), workbook,
            document, tables (``csv``, ``json``), or the empty template of the document.
        document: document that ships, for ``docx`` and ``template``.
        template: Word document of the office's own.
        fields: texts for placeholders, by name.
        language: language of headings and sentences.
        key: file of the case's key.

    Raises:
        CaseError: ``out`` is needed, is in a source or a file of the case, or cannot be written.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     piiscan.report(case, form="xlsx").saved[0].path.name
    'report.xlsx'
    """
    opened = Case.of(case, key=key)
    if form == "html":
        content = render_page(opened, language=language).encode()
        return Report((save_report(opened, content, _place(opened, out, PAGE_NAME)),))
    if form == "pdf":
        content = print_page(render_page(opened, language=language).encode())
        return Report((save_report(opened, content, _place(opened, out, "reports/report.pdf")),))
    if form == "template":
        content = shipped_template(language, document)
        return Report((save_report(opened, content, _place(opened, out)),))
    data = load_case_data(opened)
    if form == "xlsx":
        content = build_workbook(data, language=language)
        return Report((save_report(opened, content, _place(opened, out, "report.xlsx")),))
    if form == "json":
        content = (json.dumps(dict(data.tables), ensure_ascii=False, indent=1) + "\n").encode()
        return Report((save_report(opened, content, _place(opened, out)),))
    if form == "csv":
        folder = _place(opened, out)
        words = data.words(language)
        saved = []
        for name, rows in data.tables.items():
            table = TABLE_OF[name]
            saved.append(
                save_report(data.case, table_csv(table, rows, words), folder / f"{name}.csv")
            )
            saved.append(save_report(data.case, table_json(table, rows), folder / f"{name}.json"))
        return Report(tuple(saved))
    return _write_document(data, out, document, template, fields or {}, language)


def _place(case: Case, out: str | Path | None, name: str | None = None) -> Path:
    """Return the path of a report: ``out``, else ``name`` inside the case.

    Raise CaseError if neither is given.
    """
    if out is not None:
        return Path(out)
    if name is None:
        raise CaseError("report.needs_out")
    return case.path / name


def _write_document(
    data: CaseData,
    out: str | Path | None,
    document: Document,
    template: str | Path | None,
    fields: Mapping[str, str],
    language: Language,
) -> Report:
    """Write the Word document, filled with the figures of the case."""
    words = data.words(language)
    if template is None:
        content = shipped_template(language, document, rows=data.tables)
    else:
        content = read_file_bytes(existing(template))
    statement = fill_statement(data, content, words, fields, document=document)
    name = "report.docx"
    if document != "statement":
        name = f"reports/{words(f'document.title.{document}')}.docx"
    saved = save_report(data.case, statement.content, _place(data.case, out, name))
    return Report((saved,), statement.empty, statement.unknown, statement.used)
