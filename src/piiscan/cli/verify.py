"""``piiscan verify``: check a case and its sources against the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import error_messages, options, output, progress_bar
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.integrity.cross_check import Difference


def verify(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="verify.case")],
) -> None:
    """Hash every file again and print differences; exit code 3 if there is one."""
    from piiscan.case.integrity.verify import verify_case

    words = ctx.obj
    options.existing_folder(ctx, case, "DIR")
    with progress_bar.show_progress(words("verify.progress")) as progress:
        differences = verify_case(case, progress=progress)
    if not differences:
        output.print_line(words("verify.same", case=case))
        return
    names = _source_names(case)
    for difference in differences:
        name = names.get(difference.name, difference.name)
        output.print_line(f"{words(f'difference.{difference.reason}')}  {name}")
        if difference.detail:
            output.print_line(f"  {_detail_text(difference, words)}")
        if difference.found:
            output.print_line(words("verify.recorded", sha256=difference.recorded))
            output.print_line(words("verify.found", sha256=difference.found))
    output.print_note(words("verify.differs", count=len(differences), case=case))
    raise typer.Exit(error_messages.NOT_VERIFIED)


def _source_names(case: Path) -> dict[str, str]:
    """Return ``#number`` -> number and path of each source, masked; empty if the case is broken."""
    from piiscan.case.store.case import Case
    from piiscan.errors import PiiscanError
    from piiscan.pages.sanitize import clean

    try:
        paths = Case.open(case).source_names()
    except (PiiscanError, OSError, ValueError, KeyError):
        return {}
    return {f"#{number}": f"#{number} {clean(path)}" for number, path in paths.items()}


def _detail_text(difference: Difference, words: Words) -> str:
    """Return the detail of a difference as text, such as its log line."""
    return words(f"difference_detail.{difference.detail}", line=difference.line)
