"""``piiscan verify``: whether a case and its sources still are what the manifest says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import error_messages, options, output, progress_bar
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.case.integrity.cross_check import Difference


def verify(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="verify.case")],
) -> None:
    """Hash everything again and print what differs; exit code 3 if anything does."""
    from piiscan.case.integrity.verify import verify_case

    words = ctx.obj
    options.folder(ctx, case, "DIR")
    with progress_bar.shown(words("verify.progress")) as told:
        differences = verify_case(case, progress=told)
    if not differences:
        output.tell(words("verify.same", case=case))
        return
    output.table(
        [words(f"verify.{name}") for name in ("what", "name", "detail")],
        [(words(f"difference.{d.reason}"), d.name, _detail(d, words)) for d in differences],
    )
    output.note(words("verify.differs", count=len(differences), case=case))
    raise typer.Exit(error_messages.NOT_VERIFIED)


def _detail(difference: Difference, words: Wording) -> str:
    if not difference.detail:
        return ""
    return words(f"difference_detail.{difference.detail}", line=difference.line)
