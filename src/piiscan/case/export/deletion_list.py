"""Deletion list files: CSV in UTF-8 with BOM, and XLSX with text cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from piiscan.case.report.table_files import escape_formula
from piiscan.wording.words import Words

Row = Mapping[str, Any]


def deletion_headings(columns: Sequence[str], words: Words) -> list[str]:
    """Return the column headings of the deletion list in the language of ``words``."""
    return [words(f"deletion.{column}") for column in columns]


def deletion_cells(row: Row, columns: Sequence[str], words: Words) -> list[str | int]:
    """Return the cells of one row of the deletion list, in the order of ``columns``."""
    return [_cell_text(row[column], words) for column in columns]


def _cell_text(value: Any, words: Words) -> str | int:
    """Return a cell as text or a number: ``{"PERSON": 3}`` -> ``姓名 3``; empty for None."""
    if isinstance(value, dict):
        return "；".join(f"{words.name('entities', kind)} {count}" for kind, count in value.items())
    return "" if value is None else value if isinstance(value, int) else str(value)


def deletion_csv(rows: Sequence[Row], columns: Sequence[str], words: Words) -> bytes:
    """Return the deletion list as CSV in UTF-8 with BOM; formulas are escaped."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(deletion_headings(columns, words))
    for row in rows:
        writer.writerow([escape_formula(cell) for cell in deletion_cells(row, columns, words)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def deletion_xlsx(rows: Sequence[Row], columns: Sequence[str], words: Words) -> bytes:
    """Return the deletion list as an XLSX workbook; text is never a formula or a link."""
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
