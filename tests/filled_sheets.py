"""Sheets as people give them back: cells filled in by the heading of their column."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl

Cells = Mapping[str, Any]


def sheet_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of the first sheet of a workbook, as heading -> value."""
    heading, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def fill_in(
    path: Path,
    change: Callable[[dict[str, Any]], Cells],
    *,
    add: Iterable[Cells] = (),
    out: Path | None = None,
) -> Path:
    """Set the cells that ``change`` returns for each row; add rows. Return the saved file."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    changes = dict(enumerate(map(change, sheet_rows(path)), 2))
    changes |= dict(enumerate(add, sheet.max_row + 1))
    for number, cells in changes.items():
        for heading, value in cells.items():
            sheet.cell(number, columns[heading]).value = value
    book.save(out or path)
    return out or path
