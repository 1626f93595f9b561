"""``piiscan register``: draft the register of seized items from the folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import error_messages, options, output


def register(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="option.paths")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="XLSX", help="register.out")] = Path(
        "register.xlsx"
    ),
) -> None:
    """Write the draft; exit code 1 if some file could not be opened."""
    from piiscan.case.register.register import draft_register

    words = ctx.obj
    given = options.existing_paths(ctx, paths)
    if out.exists():  # it may contain somebody's work
        raise options.usage_error(ctx, "-o", "usage.exists", path=out)
    done = draft_register(given, out, language=words.language)
    output.print_line(
        words("register.done", files=done.files, folders=done.folders, path=done.path)
    )
    if done.proposals:
        output.print_line(words("register.proposals", count=done.proposals))
    if not done.files_listed:
        output.print_note(words("register.folders_only"))
    if done.unread:
        output.print_note(words("register.unread", count=done.unread))
        raise typer.Exit(error_messages.SOME_UNREAD)
