"""Summary of a case for the terminal: entities, ladder, ratios, conflicts and unread input.

The tables fit 80 columns. Page and workbook have everything else.
"""

from __future__ import annotations

from typing import Any

from piiscan.case.report.report_contents import SUMMARY_TABLES
from piiscan.case.report.terminal.terminal_tables import rich_table
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import case_words
from piiscan.wording.words import Language


def summary_tables(case: Case, *, language: Language = "zh") -> list[Any]:
    """Return a ``rich.table.Table`` for each summary table that has rows."""
    words, stored = case_words(case, language), case.tables()
    found = [(table, table.rows_in("summary", stored)) for table in SUMMARY_TABLES]
    return [rich_table(table, rows, words, medium="summary") for table, rows in found if rows]
