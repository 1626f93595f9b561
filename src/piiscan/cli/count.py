"""``piiscan count``: from a case's findings to the ladder, the units and the tables beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import terminal

KeyBy = Annotated[
    list[str] | None, typer.Option("--key-by", metavar="[PATTERN=]ORDER", help="count.key_by")
]


def count(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="count.case")],
    key_by: KeyBy = None,
) -> None:
    """Count the case DIR: ladder, units, doubts; the same settings give the same count."""
    from piiscan.evidence.case import Case
    from piiscan.report.terminal import COUNTED, case_tables
    from piiscan.run.count import count as run

    words = ctx.obj
    opened = Case.open(case)
    made = run(opened, key_by=key_by or ())
    for table in case_tables(opened, language=words.language, names=COUNTED):
        terminal.draw(table)
    terminal.tell(
        words("count.done", folder=made.path, order=made.content["asked"]["key_priority"])
    )
