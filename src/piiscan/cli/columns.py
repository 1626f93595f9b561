"""``piiscan columns``: write the inferred type of every column to a workbook for correction."""

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
    passwords: options.Passwords = None,
) -> None:
    """Write the workbook; exit code 1 if some input was not read."""
    from piiscan.case.columns.columns import survey

    words = ctx.obj
    given = options.existing_paths(ctx, paths)
    if out.exists():  # it may contain somebody's corrections
        raise options.usage_error(ctx, "-o", "usage.exists", path=out)
    with progress_bar.show_progress(words, "columns") as progress:
        done = survey(
            given,
            out,
            recognizers=options.rule_folder(ctx, recognizers),
            as_of=options.as_of_day(as_of),
            passwords=options.passwords_file(ctx, passwords),
            language=words.language,
            progress=progress,
        )
    output.print_line(words("columns.done", groups=done.groups, tables=done.tables, path=done.path))
    if done.unread:
        output.print_note(words("columns.unread", count=done.unread))
        raise typer.Exit(error_messages.SOME_UNREAD)
