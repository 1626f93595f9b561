"""The list of what must be deleted, in words: CSV with BOM, XLSX with every cell as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from piiscan.case.report.table_files import safe
from piiscan.pages.wording import Words

Row = Mapping[str, Any]


def deletion_headings(columns: Sequence[str], words: Words) -> list[str]:
    """What the columns are called."""
    return [words(f"deletion.{column}") for column in columns]


def deletion_cells(row: Row, columns: Sequence[str], words: Words) -> list[str | int]:
    """One row in words."""
    return [_cell(row[column], words) for column in columns]


def _cell(value: Any, words: Words) -> str | int:
    if isinstance(value, dict):
        return "；".join(f"{words.name('entities', kind)} {count}" for kind, count in value.items())
    return "" if value is None else value if isinstance(value, int) else str(value)


def deletion_csv(rows: Sequence[Row], columns: Sequence[str], words: Words) -> bytes:
    """The list as CSV in UTF-8 with BOM, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(deletion_headings(columns, words))
    for row in rows:
        writer.writerow([safe(cell) for cell in deletion_cells(row, columns, words)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def deletion_xlsx(rows: Sequence[Row], columns: Sequence[str], words: Words) -> bytes:
    """The list as a workbook; no formula and no link, whatever a cell says."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, {**options, "strings_to_numbers": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(words("deletion.sheet"))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.write_row(0, 0, deletion_headings(columns, words), bold)
        wide = {"path", "member", "kinds", "sha256", "sm3", "member_sha256"}
        for number, column in enumerate(columns):
            sheet.set_column(number, number, 36 if column in wide else 12)
        for at, row in enumerate(rows, 1):
            for number, cell in enumerate(deletion_cells(row, columns, words)):
                write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                write(at, number, cell, wrapped)
    return out.getvalue()
