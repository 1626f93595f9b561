"""``piiscan report``: a case's counted tables for a terminal, a spreadsheet or a page."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from piiscan.cli import options, terminal
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.evidence.case import Case

_FORMATS: Final = ("terminal", "csv", "json", "html")


def report(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="report.case")],
    form: Annotated[
        str, typer.Option("--format", metavar="terminal|csv|json|html", help="report.format")
    ] = "terminal",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="PATH", help="report.out")
    ] = None,
) -> None:
    """Print or write what was counted: kinds, combinations, sources, what was not read."""
    from piiscan.evidence.case import Case, check_outside

    words = ctx.obj
    options.choice(ctx, form, _FORMATS, "--format")
    opened = Case.open(case)
    if out is not None:
        places = [Path(source["place"]) for source in opened.manifest.content["sources"]]
        check_outside(out, places)
    if form == "html":
        _page(opened, out, words)
    elif form == "csv":
        _csv(opened, out, words)
    elif form == "json":
        _json(opened, out, words)
    elif out is not None:
        raise options.refuse(ctx, "-o", "report.no_out")
    else:
        _terminal(opened, words)


def _terminal(case: Case, words: Wording) -> None:
    from piiscan.report.page import NAME
    from piiscan.report.terminal import case_tables

    for table in case_tables(case, language=words.language):
        terminal.draw(table)
    terminal.tell(words("report.page", path=case.path / NAME))


def _page(case: Case, out: Path | None, words: Wording) -> None:
    from piiscan.report.page import write_page

    path = write_page(case, language=words.language, out=out)
    terminal.tell(words("report.written", path=path))


def _json(case: Case, out: Path | None, words: Wording) -> None:
    tables = case.tables()
    if out is None:
        terminal.write_json([tables])
        return
    _write(out, (json.dumps(tables, ensure_ascii=False, indent=1) + "\n").encode())
    terminal.tell(words("report.written", path=out))


def _csv(case: Case, out: Path | None, words: Wording) -> None:
    """All tables into the folder ``out``; without one the table of kinds to stdout."""
    from piiscan.report.files import table_csv
    from piiscan.report.wording import words_of

    named = words_of(case, words.language)
    tables = case.tables()
    if out is None:
        terminal.write(table_csv("kinds", tables["kinds"], named))
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        _write(out / f"{name}.csv", table_csv(name, rows, named))
    terminal.tell(words("report.written", path=out))


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
