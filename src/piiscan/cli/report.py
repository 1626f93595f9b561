"""``piiscan report``: write a case to terminal, CSV, JSON, page, workbook or statement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

import piiscan
from piiscan.cli import options, output
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.report.report import Report
    from piiscan.case.store.case import Case

_FORMATS: Final = ("terminal", "csv", "json", "html", "pdf", "xlsx", "docx", "template")
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
    if form == "template" and out is None:
        raise options.usage_error(ctx, "-o", "report.template_out")
    if form == "terminal" and out is not None:
        raise options.usage_error(ctx, "-o", "report.no_out")
    if form == "terminal":
        if full:
            from piiscan.case.report.html.case_page import PAGE_NAME
            from piiscan.case.report.terminal.terminal_tables import case_tables

            for table in case_tables(opened, language=words.language):
                output.print_renderable(table)
            output.print_line(words("report.page", path=opened.path / PAGE_NAME))
        else:
            output.print_short_report(opened, words)
    elif out is None and form in ("csv", "json"):
        from piiscan.case.report.case_data import load_case_data
        from piiscan.case.report.table_files import table_csv
        from piiscan.case.scan.tables.kind_tables import KINDS

        data = load_case_data(opened)
        if form == "json":
            output.write_json([dict(data.tables)])
        else:
            labels = data.words(words.language)
            output.write_bytes(table_csv(KINDS, data.tables[KINDS.name], labels))
    else:
        if template is not None:
            options.existing_paths(ctx, [template], "--template")
        written = piiscan.report(
            opened,
            out,
            form=form,  # type: ignore[arg-type]  # choices, as just made sure
            document=document,  # type: ignore[arg-type]
            template=template,
            fields=parse_fields(ctx, field or []),
            language=words.language,
        )
        _print_written(written, form, out, words)
    _note_newer_inputs(opened, words)
    output.print_head(opened.path, words, to_stderr=form in ("csv", "json") and out is None)


def _note_newer_inputs(case: Case, words: Words) -> None:
    """Print a note if a register or judgements were stored after the newest count."""
    from piiscan.case.count.count_inputs import has_newer_inputs

    if has_newer_inputs(case):
        output.print_note(words("report.newer", case=case.path))


def document_name(ctx: typer.Context, used_as: str) -> str:
    """Return the document of ``--as``: ``公安 -> police``; the statement if it is not given."""
    if not used_as:
        return "statement"
    options.check_choice(ctx, used_as, tuple(DOCUMENTS), "--as")
    return DOCUMENTS[used_as]


def parse_fields(ctx: typer.Context, texts: list[str]) -> dict[str, str]:
    """Return NAME -> TEXT of the options ``NAME=TEXT``; raise a usage error for other text."""
    pairs = [text.partition("=") for text in texts]
    if not all(name.strip() and sign for name, sign, _ in pairs):
        raise options.usage_error(ctx, "--field", "report.no_field")
    return {name: text for name, _, text in pairs}


def _print_written(written: Report, form: str, out: Path | None, words: Words) -> None:
    """Print the written files, and the placeholders of a document that nobody filled."""
    if form == "csv" or (form == "html" and out is None):
        path = out or written.saved[0].path
        output.print_line(words("report.written", path=path))
        return
    for saved in written.saved:
        key = "report.logged" if saved.logged else "report.outside"
        output.print_line(words(key, path=saved.path, sha256=saved.sha256))
    comma = words("report.comma")
    if form == "docx" and not written.used:
        output.print_note(words("report.no_names"))
    if written.empty:
        output.print_note(words("report.empty", names=comma.join(written.empty)))
    if written.unknown:
        output.print_note(words("report.unknown", names=comma.join(written.unknown)))
