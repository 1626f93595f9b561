"""``piiscan judge``: mark findings that a person calls false or overlooked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import piiscan
from piiscan.cli import options, output

Row = Annotated[str | None, typer.Option("--row", metavar="SOURCE[:MEMBER]:ROW", help="judge.row")]
As = Annotated[str, typer.Option("--as", metavar="false|overlooked|right", help="judge.as")]
Column = Annotated[int | None, typer.Option("--column", min=0, metavar="N", help="judge.column")]
Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="judge.kind")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="judge.reason")]
Author = Annotated[str, typer.Option("--author", metavar="NAME", help="judge.author")]
Sheet = Annotated[list[Path] | None, typer.Option("--sheet", metavar="XLSX", help="judge.sheet")]
From = Annotated[Path | None, typer.Option("--from", metavar="DIR", help="judge.from")]


def judge(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="judge.case")],
    row: Row = None,
    verdict: As = "false",
    column: Column = None,
    kind: Kind = None,
    reason: Reason = "",
    author: Author = "",
    sheet: Sheet = None,
    other: From = None,
    key: options.CaseKey = None,
) -> None:
    """Store judgements in the case DIR; the next count has them."""
    from piiscan.case.count.subjects.judgements import VERDICTS
    from piiscan.case.store.case import Case

    if row is None and not sheet and other is None:
        raise options.usage_error(ctx, "--row", "judge.nothing")
    options.check_choice(ctx, verdict, VERDICTS, "--as")
    opened = Case.open(case, key=key)
    made = piiscan.judge(
        opened,
        row,
        verdict=verdict,  # type: ignore[arg-type]  # a choice of them, as just made sure
        reason=reason,
        author=author,
        column=column,
        kind=options.kind_code(ctx, opened, kind) if kind else None,
        sheets=options.existing_paths(ctx, sheet or [], "--sheet"),
        other=other,
    )
    output.print_line(ctx.obj("judge.done", count=len(made), case=case))
