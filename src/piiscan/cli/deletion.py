"""``piiscan delete-list``: list every location of personal information to delete (责令删除)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from piiscan.cli import options, output

_FORMATS: Final = ("terminal", "csv", "xlsx", "json")
_TERMINAL_COLUMNS: Final = (
    "number",
    "suspect",
    "device",
    "item",
    "path",
    "member",
    "kinds",
    "records",
)


def delete_list(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="delete.case")],
    form: Annotated[
        str, typer.Option("--format", metavar="terminal|csv|xlsx|json", help="delete.format")
    ] = "terminal",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="delete.out")
    ] = None,
) -> None:
    """Print or write every location of personal information in the case DIR."""
    from piiscan.case.export.deletion import (
        COLUMNS,
        deletion_cells,
        deletion_csv,
        deletion_headings,
        deletion_json,
        deletion_list,
        deletion_xlsx,
    )
    from piiscan.case.store.case import Case, check_output_path
    from piiscan.case.store.case_words import case_words

    options.check_choice(ctx, form, _FORMATS, "--format")
    opened = Case.open(case)
    if out is not None:
        check_output_path(opened, out)
        options.output_file(ctx, out, "-o")
        if form == "terminal":
            raise options.usage_error(ctx, "-o", "delete.no_out")
    elif form == "xlsx":
        raise options.usage_error(ctx, "--format", "delete.needs_out")
    rows = deletion_list(opened)
    words = case_words(opened, ctx.obj.language)
    if form == "terminal":
        cells = [deletion_cells(row, _TERMINAL_COLUMNS, words) for row in rows]
        output.print_table(deletion_headings(_TERMINAL_COLUMNS, words), cells)
        hits = sum(row["hits"] for row in rows)
        records = sum(row["records"] for row in rows)
        output.print_line(words("delete.done", places=len(rows), hits=hits, records=records))
        return
    if form == "json":
        content = deletion_json(rows)
    else:
        content = (deletion_csv if form == "csv" else deletion_xlsx)(rows, COLUMNS, words)
    if out is None:
        output.write_bytes(content)
        return
    output.write_private(out, content)
    output.print_line(words("delete.written", path=out, places=len(rows)))
