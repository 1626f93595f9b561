"""``piiscan replay``: scan the sources of a case again and compare everything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import error_messages, options, output
from piiscan.cli.scan import Key
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.validation.replay import ReplayDifference


def replay(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="replay.case")],
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE", help="replay.sources")],
    key: Key = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Scan every SOURCE as the case DIR was made; exit code 3 if something differs."""
    from piiscan.case.store.case import Case
    from piiscan.case.validation.replay import replay as run

    words = ctx.obj
    given = options.existing_paths(ctx, sources, "SOURCE")
    done = run(
        Case.open(case, key=key),
        given,
        key=key,
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
    )
    if done.other_code:
        output.print_note(words("replay.other_code"))
    if done.difference is None:
        output.print_line(words("replay.same", sources=done.sources, tables=done.tables))
        return
    output.print_line(_difference_text(done.difference, words))
    raise typer.Exit(error_messages.NOT_VERIFIED)


def _difference_text(found: ReplayDifference, words: Words) -> str:
    """Return the sentence that names a difference: file, row and columns."""
    row = words("replay.some_rows") if found.row is None else f"{found.row:,}"
    return words(
        f"replay.{found.kind}",
        source=found.source,
        path=found.path,
        name=found.name,
        row=row,
        columns=words("report.comma").join(found.columns),
    )
