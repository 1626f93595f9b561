"""``piiscan overlap``: who stands in several cases of one key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from piiscan.cli import options, output

if TYPE_CHECKING:
    from piiscan.pages.wording import Words

_TABLE: Final = "cross_matrix"
#: Pairs of each kind that a terminal shows.
_MOST: Final = 20


def overlap(
    ctx: typer.Context,
    cases: Annotated[list[Path], typer.Argument(metavar="DIR", help="overlap.cases")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FOLDER", help="overlap.out")
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="overlap.format")
    ] = "terminal",
) -> None:
    """Print or write which keys several cases, their suspects, items and files share."""
    from piiscan.case.compare.overlap import overlap as run
    from piiscan.case.store.case import Case
    from piiscan.case.store.case_words import words_of

    options.choice(ctx, format_, ("terminal", "json"), "--format")
    options.paths(ctx, cases, "DIR")
    if len(cases) < 2:
        raise options.refuse(ctx, "DIR", "overlap.two")
    opened = [Case.open(each) for each in cases]
    rows = run(opened)
    named = words_of(opened[0], ctx.obj.language)
    if format_ == "json":
        output.write_json(rows)
    else:
        _print(rows, named)
    if out is not None:
        _write(opened, rows, out, named)
        output.tell(ctx.obj("report.written", path=out))


def _print(rows: Sequence[dict[str, Any]], named: Words) -> None:
    from piiscan.case.report.table_columns import WRITTEN
    from piiscan.case.report.table_files import cell
    from piiscan.pages.sanitize import clean

    columns = WRITTEN[_TABLE]
    for kind in dict.fromkeys(row["scope_kind"] for row in rows):
        mine = [row for row in rows if row["scope_kind"] == kind]
        told = [[cell(column, row, named) for column in columns[1:]] for row in mine[:_MOST]]
        more = named("cross.more", count=len(mine) - _MOST) if len(mine) > _MOST else ""
        output.table(
            [named(f"column.{column}") for column in columns[1:]],
            [[clean(each) if isinstance(each, str) else each for each in row] for row in told],
            title=named(f"scope_kind.{kind}") + more,
        )
    output.tell(named("cross.note"))


def _write(opened: Sequence[Any], rows: Sequence[Any], out: Path, named: Words) -> None:
    """The table in the folder ``out`` as CSV, JSON and a workbook; none of them in a source."""
    from piiscan.case.report.destination import check_place, keep_report
    from piiscan.case.report.spreadsheet.case_workbook import table_workbook
    from piiscan.case.report.table_files import table_csv, table_json

    for suffix, content in (
        ("csv", table_csv(_TABLE, rows, named)),
        ("json", table_json(_TABLE, rows)),
        ("xlsx", table_workbook(_TABLE, rows, named, note=named("cross.note"))),
    ):
        path = out / f"{_TABLE}.{suffix}"
        for other in opened[1:]:
            check_place(other, path)
        keep_report(opened[0], content, path)
