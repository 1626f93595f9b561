"""``piiscan register``: the register of seized items, drafted from the folders."""

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
    from piiscan.case.register.register import draft

    words = ctx.obj
    given = options.paths(ctx, paths)
    if out.exists():  # it may hold somebody's work
        raise options.refuse(ctx, "-o", "usage.exists", path=out)
    done = draft(given, out, language=words.language)
    output.tell(words("register.done", files=done.files, folders=done.folders, path=done.path))
    if done.proposals:
        output.tell(words("register.proposals", count=done.proposals))
    if not done.listed:
        output.note(words("register.folders_only"))
    if done.unread:
        output.note(words("register.unread", count=done.unread))
        raise typer.Exit(error_messages.SOME_UNREAD)
