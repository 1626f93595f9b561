"""``piiscan report``: write a case to terminal, CSV, JSON, page, workbook or statement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from piiscan.cli import options, output
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.report.destination import SavedReport
    from piiscan.case.store.case import Case

_FORMATS: Final = ("terminal", "csv", "json", "html", "xlsx", "docx", "template")
#: Value of --as -> name of the document.
DOCUMENTS: Final = {
    "公安": "police",
    "检察": "laboratory",
    "说明": "statement",
    "police": "police",
    "laboratory": "laboratory",
    "statement": "statement",
}
As = Annotated[str, typer.Option("--as", metavar="DOCUMENT", help="report.as")]
Fields = Annotated[
    list[str] | None, typer.Option("--field", metavar="NAME=TEXT", help="report.field")
]


def report(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="report.case")],
    form: Annotated[
        str, typer.Option("--format", metavar="|".join(_FORMATS), help="report.format")
    ] = "terminal",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="PATH", help="report.out")
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", metavar="DOCX", help="report.template")
    ] = None,
    field: Fields = None,
    full: Annotated[bool, typer.Option("--full", help="report.full")] = False,
    used_as: As = "",
    key: options.CaseKey = None,
) -> None:
    """Print or write the counted tables; on the terminal a short report unless ``full``."""
    from piiscan.case.store.case import Case

    words = ctx.obj
    options.check_choice(ctx, form, _FORMATS, "--format")
    document = document_name(ctx, used_as)
    if used_as and form == "terminal":
        form = "docx"
    if used_as and (form not in ("docx", "template") or template is not None):
        raise options.usage_error(ctx, "--as", "report.needs_own_template")
    if form != "docx" and (template is not None or field):
        raise options.usage_error(ctx, "--template" if template else "--field", "report.needs_docx")
    opened = Case.open(case, key=key)
    if form == "html":
        _write_page(opened, out, words)
    elif form == "csv":
        _write_csv(opened, out, words)
    elif form == "json":
        _write_json(opened, out, words)
    elif form == "xlsx":
        _write_workbook(opened, out, words)
    elif form == "docx":
        content = None if template is None else _read_template(ctx, template)
        fields = parse_fields(ctx, field or [])
        _write_document(opened, out, content, fields, document, words)
    elif form == "template":
        if out is None:
            raise options.usage_error(ctx, "-o", "report.template_out")
        _write_shipped_template(opened, out, document, words)
    elif out is not None:
        raise options.usage_error(ctx, "-o", "report.no_out")
    else:
        _print_report(opened, full, words)
    output.print_head(opened.path, words, to_stderr=form in ("csv", "json") and out is None)


def document_name(ctx: typer.Context, used_as: str) -> str:
    """Return the document of ``--as``: ``公安 -> police``; the statement if it is not given."""
    if not used_as:
        return "statement"
    options.check_choice(ctx, used_as, tuple(DOCUMENTS), "--as")
    return DOCUMENTS[used_as]


def _print_report(case: Case, full: bool, words: Words) -> None:
    """Print all tables of the case to the terminal if ``full``, else the main ones."""
    if full:
        _print_tables(case, words)
    else:
        output.print_short_report(case, words)


def _print_tables(case: Case, words: Words) -> None:
    """Print all tables of the case to the terminal, and the path of the page."""
    from piiscan.case.report.html.case_page import PAGE_NAME
    from piiscan.case.report.terminal.terminal_tables import case_tables

    for table in case_tables(case, language=words.language):
        output.print_renderable(table)
    output.print_line(words("report.page", path=case.path / PAGE_NAME))


def _write_page(case: Case, out: Path | None, words: Words) -> None:
    """Write the HTML page to ``out``, or into the case if None; print its path."""
    from piiscan.case.report.destination import save_report
    from piiscan.case.report.html.case_page import render_page, write_page

    if out is None:
        path = write_page(case, language=words.language)
        output.print_line(words("report.written", path=path))
    else:
        content = render_page(case, language=words.language).encode()
        _print_saved(save_report(case, content, out), words)


def _write_workbook(case: Case, out: Path | None, words: Words) -> None:
    """Write the XLSX workbook to ``out``, or into the case if None; print its path."""
    from piiscan.case.report.case_data import load_case_data
    from piiscan.case.report.destination import save_report
    from piiscan.case.report.spreadsheet.case_workbook import build_workbook

    content = build_workbook(load_case_data(case), language=words.language)
    _print_saved(save_report(case, content, out or case.path / "report.xlsx"), words)


def _read_template(ctx: typer.Context, path: Path) -> bytes:
    """Return the bytes of the template file."""
    options.existing_paths(ctx, [path], "--template")
    try:
        return path.read_bytes()
    except OSError as error:
        raise options.usage_error(ctx, "--template", "report.unread", path=path) from error


def parse_fields(ctx: typer.Context, texts: list[str]) -> dict[str, str]:
    """Return NAME -> TEXT of the options ``NAME=TEXT``; raise a usage error for other text."""
    pairs = [text.partition("=") for text in texts]
    if not all(name.strip() and sign for name, sign, _ in pairs):
        raise options.usage_error(ctx, "--field", "report.no_field")
    return {name: text for name, _, text in pairs}


def _write_document(
    case: Case,
    out: Path | None,
    template: bytes | None,
    fields: dict[str, str],
    document: str,
    words: Words,
) -> None:
    """Write the filled Word document; print its empty and unknown placeholders.

    ``template``: bytes of the office's own; None for the one that ships.
    """
    from piiscan.case.report.case_data import load_case_data
    from piiscan.case.report.destination import save_report
    from piiscan.case.report.docx.shipped_template import shipped_template
    from piiscan.case.report.docx.statement import fill_statement

    data = load_case_data(case)
    labels = data.words(words.language)
    if template is None:
        template = shipped_template(words.language, document, rows=data.tables)
    statement = fill_statement(data, template, labels, fields, document=document)
    name = "report.docx"
    if document != "statement":
        name = f"reports/{labels(f'document.title.{document}')}.docx"
    _print_saved(save_report(case, statement.content, out or case.path / name), words)
    comma = words("report.comma")
    if not statement.used:
        output.print_note(words("report.no_names"))
    if statement.empty:
        output.print_note(words("report.empty", names=comma.join(statement.empty)))
    if statement.unknown:
        output.print_note(words("report.unknown", names=comma.join(statement.unknown)))


def _write_shipped_template(case: Case, out: Path, document: str, words: Words) -> None:
    """Write the shipped Word template of ``document`` to ``out`` and print its path."""
    from piiscan.case.report.destination import save_report
    from piiscan.case.report.docx.shipped_template import shipped_template

    _print_saved(save_report(case, shipped_template(words.language, document), out), words)


def _write_json(case: Case, out: Path | None, words: Words) -> None:
    """Write all tables as JSON, to stdout if ``out`` is None."""
    from piiscan.case.report.case_data import load_case_data
    from piiscan.case.report.destination import save_report

    tables = load_case_data(case).tables
    if out is None:
        output.write_json([tables])
        return
    content = (json.dumps(tables, ensure_ascii=False, indent=1) + "\n").encode()
    _print_saved(save_report(case, content, out), words)


def _write_csv(case: Case, out: Path | None, words: Words) -> None:
    """Write every table as CSV and JSON to the folder ``out``; None prints the entities as CSV."""
    from piiscan.case.report.case_data import load_case_data
    from piiscan.case.report.destination import save_report
    from piiscan.case.report.report_contents import TABLE_OF
    from piiscan.case.report.table_files import table_csv, table_json
    from piiscan.case.scan.tables.kind_tables import KINDS

    data = load_case_data(case)
    labels = data.words(words.language)
    if out is None:
        output.write_bytes(table_csv(KINDS, data.tables[KINDS.name], labels))
        return
    for name, rows in data.tables.items():
        save_report(case, table_csv(TABLE_OF[name], rows, labels), out / f"{name}.csv")
        save_report(case, table_json(TABLE_OF[name], rows), out / f"{name}.json")
    output.print_line(words("report.written", path=out))


def _print_saved(saved: SavedReport, words: Words) -> None:
    """Print path and SHA-256 of a written report."""
    key = "report.logged" if saved.logged else "report.outside"
    output.print_line(words(key, path=saved.path, sha256=saved.sha256))
