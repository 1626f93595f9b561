"""Terminal tables: tables of a case as rich renderables, which the command line prints.

Those of the summary (entities, ladder, ratios, conflicts, unread input) fit 80 columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from piiscan.case.report.report_contents import SUMMARY_TABLES, TERMINAL_TABLES
from piiscan.case.store.case import Case
from piiscan.pages.report_table import Medium, ReportTable, Row
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Language, Words


def case_tables(
    case: Case, *, language: Language = "zh", tables: Sequence[ReportTable] = TERMINAL_TABLES
) -> list[Any]:
    """Return a ``rich.table.Table`` for each of ``tables`` with rows.

    Long tables are cut with a note. Values are masked, and markup in evidence text has no effect.
    """
    words, stored = case.words(language), case.stored_tables()
    found = [(table, shown_rows(table.rows_in("terminal", stored))) for table in tables]
    return [rich_table(table, rows, words) for table, rows in found if rows]


def shown_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows for terminal and page; table files have all rows.

    Left out are single sources, and a layer if it is the only one.
    """
    layers = {row["scope"] for row in rows if row.get("scope_kind") == "layer"}
    hidden = {"source"} if len(layers) > 1 else {"source", "layer"}
    return [row for row in rows if row.get("scope_kind") not in hidden]


def rich_table(
    table: ReportTable, rows: Sequence[Row], words: Words, *, medium: Medium = "terminal"
) -> Any:
    """Return one table as ``rich.table.Table``, with its columns for ``medium``."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    more = len(rows) - table.max_rows
    columns = table.columns_in(medium)
    drawn = Table(
        title=table.title(words),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        caption=words("page.more", count=more) if more > 0 else None,
    )
    for column in columns:
        drawn.add_column(
            column.heading(words),
            justify="right" if column.numeric else "left",
            no_wrap=column.numeric,
            overflow="fold",
        )
    for row in rows[: table.max_rows]:
        shown = [column.text(row, words) for column in columns]
        drawn.add_row(
            *(Text(f"{v:,}" if isinstance(v, int) else clean(v)) for v in shown),
            style="red" if row.get("refuted") or row.get("lost") else None,
        )
    return drawn


def summary_tables(case: Case, *, language: Language = "zh") -> list[Any]:
    """Return a ``rich.table.Table`` for each summary table that has rows."""
    words, stored = case.words(language), case.stored_tables()
    found = [(table, table.rows_in("summary", stored)) for table in SUMMARY_TABLES]
    return [rich_table(table, rows, words, medium="summary") for table, rows in found if rows]
