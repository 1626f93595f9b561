"""``piiscan report``: a case's tables for a terminal, a spreadsheet, a page or a statement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from piiscan.cli import options, output
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.case.report.destination import Kept
    from piiscan.case.store.case import Case

_FORMATS: Final = ("terminal", "csv", "json", "html", "xlsx", "docx", "template")


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
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="NAME=TEXT", help="report.field")
    ] = None,
) -> None:
    """Print or write what was counted: kinds, combinations, sources, what was not read."""
    from piiscan.case.store.case import Case

    words = ctx.obj
    options.choice(ctx, form, _FORMATS, "--format")
    if form != "docx" and (template is not None or field):
        raise options.refuse(ctx, "--template" if template else "--field", "report.needs_docx")
    opened = Case.open(case)
    if form == "html":
        _page(opened, out, words)
    elif form == "csv":
        _csv(opened, out, words)
    elif form == "json":
        _json(opened, out, words)
    elif form == "xlsx":
        _workbook(opened, out, words)
    elif form == "docx":
        _statement(opened, out, _template(ctx, template), _fields(ctx, field or []), words)
    elif form == "template":
        if out is None:
            raise options.refuse(ctx, "-o", "report.template_out")
        _shipped(opened, out, words)
    elif out is not None:
        raise options.refuse(ctx, "-o", "report.no_out")
    else:
        _terminal(opened, words)


def _terminal(case: Case, words: Wording) -> None:
    from piiscan.case.report.html.case_page import NAME
    from piiscan.case.report.terminal.terminal_tables import case_tables

    for table in case_tables(case, language=words.language):
        output.draw(table)
    output.tell(words("report.page", path=case.path / NAME))


def _page(case: Case, out: Path | None, words: Wording) -> None:
    from piiscan.case.report.destination import keep_report
    from piiscan.case.report.html.case_page import render_page, write_page

    if out is None:
        path = write_page(case, language=words.language)
        output.tell(words("report.written", path=path))
    else:
        content = render_page(case, language=words.language).encode()
        _tell(keep_report(case, content, out), words)


def _workbook(case: Case, out: Path | None, words: Wording) -> None:
    from piiscan.case.report.case_data import gather
    from piiscan.case.report.destination import keep_report
    from piiscan.case.report.spreadsheet.case_workbook import workbook_of

    content = workbook_of(gather(case), language=words.language)
    _tell(keep_report(case, content, out or case.path / "report.xlsx"), words)


def _template(ctx: typer.Context, given: Path | None) -> bytes:
    """The office's own template, else the one that ships."""
    from piiscan.data.statement import shipped

    if given is None:
        return shipped(ctx.obj.language)
    options.paths(ctx, [given], "--template")
    try:
        return given.read_bytes()
    except OSError as error:
        raise options.refuse(ctx, "--template", "report.unread", path=given) from error


def _fields(ctx: typer.Context, given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if not all(name.strip() and sign for name, sign, _ in pairs):
        raise options.refuse(ctx, "--field", "report.no_field")
    return {name: text for name, _, text in pairs}


def _statement(
    case: Case, out: Path | None, template: bytes, fields: dict[str, str], words: Wording
) -> None:
    from piiscan.case.report.case_data import gather
    from piiscan.case.report.destination import keep_report
    from piiscan.case.report.docx.statement import fill_statement

    gathered = gather(case)
    named = gathered.words(words.language)
    made = fill_statement(gathered, template, named, fields)
    _tell(keep_report(case, made.content, out or case.path / "report.docx"), words)
    comma = words("report.comma")
    if not made.used:
        output.note(words("report.no_names"))
    if made.empty:
        output.note(words("report.empty", names=comma.join(made.empty)))
    if made.unknown:
        output.note(words("report.unknown", names=comma.join(made.unknown)))


def _shipped(case: Case, out: Path, words: Wording) -> None:
    from piiscan.case.report.destination import keep_report
    from piiscan.data.statement import shipped

    _tell(keep_report(case, shipped(words.language), out), words)


def _json(case: Case, out: Path | None, words: Wording) -> None:
    from piiscan.case.report.case_data import gather
    from piiscan.case.report.destination import keep_report

    tables = gather(case).tables
    if out is None:
        output.write_json([tables])
        return
    content = (json.dumps(tables, ensure_ascii=False, indent=1) + "\n").encode()
    _tell(keep_report(case, content, out), words)


def _csv(case: Case, out: Path | None, words: Wording) -> None:
    """All tables into the folder ``out``, as CSV and as JSON; the kinds to stdout without one."""
    from piiscan.case.report.case_data import gather
    from piiscan.case.report.destination import keep_report
    from piiscan.case.report.table_files import table_csv, table_json

    gathered = gather(case)
    named = gathered.words(words.language)
    if out is None:
        output.write(table_csv("kinds", gathered.tables["kinds"], named))
        return
    for name, rows in gathered.tables.items():
        keep_report(case, table_csv(name, rows, named), out / f"{name}.csv")
        keep_report(case, table_json(name, rows), out / f"{name}.json")
    output.tell(words("report.written", path=out))


def _tell(kept: Kept, words: Wording) -> None:
    key = "report.logged" if kept.logged else "report.outside"
    output.tell(words(key, path=kept.path, sha256=kept.sha256))
