"""Terminal tables: counts in words, evidence text never read as markup."""

from __future__ import annotations

import io

from rich.console import Console

from piiscan import Case
from piiscan.case.report.terminal.terminal_tables import case_tables
from piiscan.case.scan.tables.kind_tables import KINDS
from piiscan.case.scan.tables.unread_table import UNREAD


def printed(case: Case, language) -> str:
    out = io.StringIO()
    console = Console(file=out, width=160, color_system=None)
    for table in case_tables(case, language=language):
        console.print(table)
    return out.getvalue()


def test_kinds_and_counts_are_printed_in_both_languages(case: Case) -> None:
    assert "手机号码" in printed(case, "zh")
    assert "mobile number" in printed(case, "en")
    row = case.tables()["kinds"][0]
    assert f"{row['hits']:,}" in printed(case, "zh")


def test_masked_values_and_names_only(case: Case) -> None:
    assert "13812345678" not in printed(case, "zh")


def test_only_tables_with_rows_are_given(case: Case) -> None:
    assert len(case_tables(case, tables=[KINDS, UNREAD])) == 2
