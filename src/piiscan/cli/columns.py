"""``piiscan columns``: what each column was taken for, in a workbook to be corrected by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import error_messages, options, output, progress_bar


def columns(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="option.paths")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="XLSX", help="columns.out")] = Path(
        "columns.xlsx"
    ),
    recognizers: options.Folder = None,
    as_of: options.AsOf = None,
) -> None:
    """Write the workbook; exit code 1 if some input was not read."""
    from piiscan.case.columns.columns import survey

    words = ctx.obj
    given = options.paths(ctx, paths)
    if out.exists():  # it may hold somebody's corrections
        raise options.refuse(ctx, "-o", "usage.exists", path=out)
    output.announce_compiling(words)
    with progress_bar.shown(words("columns.progress")) as told:
        done = survey(
            given,
            out,
            recognizers=options.folder(ctx, recognizers),
            as_of=options.day(as_of),
            language=words.language,
            progress=told,
        )
    output.tell(words("columns.done", groups=done.groups, tables=done.tables, path=done.path))
    if done.unread:
        output.note(words("columns.unread", count=done.unread))
        raise typer.Exit(error_messages.SOME_UNREAD)
