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
    output.print_table(
        [words(f"verify.{name}") for name in ("what", "name", "detail")],
        [(words(f"difference.{d.reason}"), d.name, _detail_text(d, words)) for d in differences],
    )
    output.print_note(words("verify.differs", count=len(differences), case=case))
    raise typer.Exit(error_messages.NOT_VERIFIED)


def _detail_text(difference: Difference, words: Words) -> str:
    """Return the detail of a difference as text, such as its log line; "" if it has none."""
    if not difference.detail:
        return ""
    return words(f"difference_detail.{difference.detail}", line=difference.line)
