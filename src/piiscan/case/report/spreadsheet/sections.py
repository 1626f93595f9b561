"""Report sections T1 to T15: their tables in order, and the notes of each table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from piiscan.case.report.report_contents import REPORT_TABLES
from piiscan.pages.report_table import ReportTable, Row, TableColumn
from piiscan.wording.words import Words

#: Sections T1 to T15 and their tables in order; T0, the main figures, only after a count.
SECTIONS: Final[Mapping[str, tuple[ReportTable, ...]]] = {
    f"T{number}": tuple(table for table in REPORT_TABLES if table.section == f"T{number}")
    for number in range(16)
}


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """Table for one sheet: number (T4-2), title, short title, notes, columns and rows.

    Without columns the table is missing or empty; the notes give the reason.
    """

    number: str
    title: str
    short_title: str
    notes: tuple[str, ...]
    columns: tuple[TableColumn, ...]
    rows: Sequence[Row]


def build_sheets(
    tables: Mapping[str, Sequence[Row]], words: Words, samples: Sequence[Mapping[str, Any]] = ()
) -> Iterator[SheetSpec]:
    """Yield a SheetSpec per filled table, section T1 to T15 in order.

    A section without a filled table has one sheet with a note.
    ``samples``: content of ``sample.json`` of each verified sample.
    """
    for section, declared in SECTIONS.items():
        present = [table for table in declared if table.name in tables]
        filled = [table for table in present if table.rows_in("workbook", tables)]
        title = words(f"section.{section}")
        if not filled and section == "T0":
            continue
        if not filled:
            missing = words("sheet.none" if present else _missing_key(declared))
            yield SheetSpec(section, title, title, (missing,), (), ())
        for at, table in enumerate(filled, 1):
            number = section if at == 1 else f"{section}-{at}"
            table_title = table.title(words)
            notes = [words(key) for key in table.notes]
            if table.sample_notes is not None:
                found = [note for each in samples for note in table.sample_notes(words, each)]
                notes += dict.fromkeys(found)
            prefix = "" if table_title.startswith(title) else f"{title}{words('sheet.colon')}"
            full_title = f"{prefix}{table_title}"
            short = title if at == 1 else table_title
            columns, rows = table.columns_in("workbook"), table.rows_in("workbook", tables)
            yield SheetSpec(number, full_title, short, tuple(notes), columns, rows)


def _missing_key(declared: Sequence[ReportTable]) -> str:
    """Return the wording key of an empty section: no count, no sampling results, or no rows."""
    makers = {table.made_by for table in declared}
    if makers == {"sample"}:
        return "sheet.not_verified"
    return "sheet.not_counted" if makers == {"count"} else "sheet.none"
