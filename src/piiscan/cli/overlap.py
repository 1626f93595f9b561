"""``piiscan overlap``: find the keys that several cases share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from piiscan.cli import options, output

if TYPE_CHECKING:
    from piiscan.wording.words import Words

#: Most pairs of each kind on the terminal.
_MAX_PAIRS: Final = 20


def overlap(
    ctx: typer.Context,
    cases: Annotated[list[Path], typer.Argument(metavar="DIR", help="overlap.cases")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FOLDER", help="overlap.out")
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="overlap.format")
    ] = "terminal",
    exchange: Annotated[
        Path | None, typer.Option("--exchange", metavar="KEY", help="overlap.exchange")
    ] = None,
    key: options.CaseKey = None,
) -> None:
    """Print or write the keys that several cases, their suspects, items and files share."""
    from piiscan.case.compare.exchange import exchange as write_exchange
    from piiscan.case.compare.overlap import overlap as run
    from piiscan.case.store.case import Case

    options.check_choice(ctx, format_, ("terminal", "json"), "--format")
    options.existing_paths(ctx, cases, "DIR")
    files = [each for each in cases if exchange is not None and each.is_file()]
    opened = [Case.open(each, key=key) for each in cases if each not in files]
    if exchange is not None and len(opened) == 1 and not files:
        place = out or Path(f"{cases[0].resolve().name}.keys")
        output.print_line(
            ctx.obj("report.written", path=write_exchange(opened[0], place, key=exchange))
        )
        return
    if len(cases) < 2 or not opened:
        raise options.usage_error(ctx, "DIR", "overlap.two")
    rows = run(opened, exchanged=files, key=exchange)
    words = opened[0].words(ctx.obj.language)
    if format_ == "json":
        output.write_json(rows)
    else:
        _print_matrix(rows, words)
    if out is not None:
        _write_matrix(opened, rows, out, words)
        output.print_line(words("report.written", path=out))


def _print_matrix(rows: Sequence[dict[str, Any]], words: Words) -> None:
    """Print the rows of ``cross_matrix``, one table per kind of scope (case, item, source …)."""
    from piiscan.case.compare.overlap import CROSS_MATRIX
    from piiscan.pages.sanitize import clean

    columns = CROSS_MATRIX.columns_in("terminal")[1:]
    for kind in dict.fromkeys(row["scope_kind"] for row in rows):
        kind_rows = [row for row in rows if row["scope_kind"] == kind]
        cells = [[column.text(row, words) for column in columns] for row in kind_rows[:_MAX_PAIRS]]
        suffix = (
            words("cross.more", count=len(kind_rows) - _MAX_PAIRS)
            if len(kind_rows) > _MAX_PAIRS
            else ""
        )
        output.print_table(
            [column.heading(words) for column in columns],
            [[clean(each) if isinstance(each, str) else each for each in row] for row in cells],
            title=words(f"scope_kind.{kind}") + suffix,
        )
    output.print_line(words("cross.note"))


def _write_matrix(opened: Sequence[Any], rows: Sequence[Any], out: Path, words: Words) -> None:
    """Write ``cross_matrix`` to the folder ``out`` as CSV, JSON and XLSX.

    Raise CaseError if ``out`` is in a source, or in any case but the first.
    """
    from piiscan.case.compare.overlap import CROSS_MATRIX
    from piiscan.case.report.destination import check_destination, save_report
    from piiscan.case.report.spreadsheet.case_workbook import table_workbook
    from piiscan.case.report.table_files import table_csv, table_json

    for suffix, content in (
        ("csv", table_csv(CROSS_MATRIX, rows, words)),
        ("json", table_json(CROSS_MATRIX, rows)),
        ("xlsx", table_workbook(CROSS_MATRIX, rows, words)),
    ):
        path = out / f"{CROSS_MATRIX.name}.{suffix}"
        for other in opened[1:]:
            check_destination(other, path)
        save_report(opened[0], content, path)
