"""``piiscan columns``: what each column was taken for, in a workbook to be corrected by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import failure, options, progress, terminal


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
    from piiscan.run.columns import survey

    words = ctx.obj
    given = options.paths(ctx, paths)
    if out.exists():  # it may hold somebody's corrections
        raise options.refuse(ctx, "-o", "usage.exists", path=out)
    terminal.announce_compiling(words)
    with progress.shown(words("columns.progress")) as told:
        done = survey(
            given,
            out,
            recognizers=options.folder(ctx, recognizers),
            as_of=options.day(as_of),
            language=words.language,
            progress=told,
        )
    terminal.tell(words("columns.done", groups=done.groups, tables=done.tables, path=done.path))
    if done.unread:
        terminal.note(words("columns.unread", count=done.unread))
        raise typer.Exit(failure.SOME_UNREAD)
