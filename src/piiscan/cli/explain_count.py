"""``piiscan explain-count``: the step that a record reached in the newest count, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import options, output

Row = Annotated[
    str | None, typer.Option("--row", metavar="SOURCE[:MEMBER]:ROW", help="explain-count.row")
]
Value = Annotated[str | None, typer.Option("--key", metavar="VALUE", help="explain-count.value")]
Person = Annotated[
    int | None, typer.Option("--person", min=0, metavar="N", help="explain-count.person")
]
Clear = Annotated[bool, typer.Option("--clear", help="explain-count.clear")]
Key = Annotated[Path | None, typer.Option("--digest-key", metavar="FILE", help="explain-count.key")]
Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="explain-count.limit")]
Format = Annotated[
    str, typer.Option("--format", metavar="terminal|json", help="explain-count.format")
]


def explain_count(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="explain-count.case")],
    row: Row = None,
    value: Value = None,
    person: Person = None,
    clear: Clear = False,
    key: Key = None,
    passwords: options.Passwords = None,
    limit: Limit = 20,
    format_: Format = "terminal",
) -> None:
    """Explain the newest count of the case DIR for one row, value or person."""
    from piiscan.case.explain_count.explain_count import explain_count as run
    from piiscan.case.explain_count.explanation_lines import explanation_json, explanation_lines
    from piiscan.case.store.case import Case

    options.check_choice(ctx, format_, ("terminal", "json"), "--format")
    if [row, value, person].count(None) != 2:
        raise options.usage_error(ctx, "--row", "explain-count.one_of")
    opened = Case.open(case)
    found = run(
        opened,
        row=row,
        value=value,
        person=person,
        key=key,
        clear=clear,
        passwords=options.passwords_file(ctx, passwords),
        limit=limit,
    )
    if format_ == "json":
        output.write_json(map(explanation_json, found.records))
        return
    for line in explanation_lines(found, opened.words(ctx.obj.language)):
        output.print_line(line)
