"""Row groups: the report tables whose rows a Word template can repeat, with columns and rows.

Every declared table is one: ``{{类型.命中}}`` by its group, ``{{计数单位对照.名称}}`` by its title.

The shipped templates have a row of placeholders for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from piiscan.case.report.docx.template import HEADING, RowGroup, normalize_name
from piiscan.case.report.report_contents import DOCUMENT_TABLES, REPORT_TABLES
from piiscan.data.statement_template import TemplateTable, make_template
from piiscan.pages.report_table import ReportTable, Row, Rows, TableColumn
from piiscan.wording.words import LANGUAGES, Language, Words, section

#: Most rows of a table in a document; the list of electronic data has all.
_MAX_ROWS: Final = 500
#: Scopes of a document; items, devices and sources stand in the workbook.
_SCOPES: Final = ("total", "suspect", "group")


def document_columns(table: ReportTable) -> tuple[TableColumn, ...]:
    """Return the columns of a table in a document, else its columns for the terminal."""
    return table.columns_in("statement") or table.columns_in("terminal")


def placeholder_columns(table: ReportTable) -> tuple[TableColumn, ...]:
    """Return the columns that a document can name: its own, then others declared for it."""
    shown = document_columns(table)
    others = (c for c in table.columns if "statement" in c.shown and c not in shown)
    return (*shown, *others)


def group_name(table: ReportTable, words: Words) -> str:
    """Return the name of a table in placeholders: of its row group, else its title."""
    return words(f"field_group.{table.row_group}") if table.row_group else table.title(words)


def build_row_groups(tables: Rows, words: Words) -> dict[str, RowGroup]:
    """Return group name -> columns and rows of each table, in the language of ``words``.

    A table without rows has one that says so. Rows beyond the limit are a row with their number.
    """
    return {
        table.row_group or table.name: RowGroup(
            [column.name for column in placeholder_columns(table)],
            _group_rows(table, tables, words),
            column_names(placeholder_columns(table)),
        )
        for table in REPORT_TABLES
    }


def _group_rows(table: ReportTable, tables: Rows, words: Words) -> list[dict[str, str]]:
    """Return the cells of each row of a table in a document."""
    columns = placeholder_columns(table)
    rows = _document_rows(table, tables)
    shown = rows if table.row_group == "material" else rows[:_MAX_ROWS]
    cells = [
        {column.name: column.grouped_text(row, words) for column in columns}
        | ({HEADING: ""} if row.get("entry") == "heading" else {})
        for row in shown
    ]
    if len(shown) < len(rows):
        cells.append(_note(columns, words("document.more", count=f"{len(rows) - len(shown):,}")))
    return cells or [_note(columns, words("document.none"))]


def _document_rows(table: ReportTable, tables: Rows) -> Sequence[Row]:
    """Return the rows of a table in a document, without items, devices and sources."""
    rows = table.rows_in("statement", tables)
    return [row for row in rows if row.get("scope_kind", "total") in _SCOPES]


def _note(columns: Sequence[TableColumn], text: str) -> dict[str, str]:
    """Return a row with ``text`` in its first cell and empty cells after it."""
    return {column.name: "" if number else text for number, column in enumerate(columns)}


def column_names(columns: Sequence[TableColumn]) -> dict[str, str]:
    """Return normalized heading -> column name, for the headings in both languages."""
    sections = (section("column"), section("field_column"))
    return {
        normalize_name(headings[column.name][language]): column.name
        for headings in sections
        for column in columns
        if column.name in headings
        for language in LANGUAGES
    }


def shipped_template(
    language: Language, document: str = "statement", *, rows: Rows | None = None
) -> bytes:
    """Return the shipped .docx template of ``document`` in ``language``, as bytes.

    Each table has a row of placeholders. ``rows``: the tables of a case; those without rows have no
    place of their own then.
    ``KINDS -> 信息类型 | 命中``, ``{{类型.信息类型}} | {{类型.命中}}``
    """
    words = Words(language)
    tables = {}
    for table in DOCUMENT_TABLES:
        columns = document_columns(table)
        headings = [column.heading(words) for column in columns]
        group = group_name(table, words)
        cells = [f"{{{{{group}.{each}}}}}" for each in headings]
        numeric = frozenset(n for n, column in enumerate(columns) if column.kind == "number")
        tables[table.row_group or table.name] = TemplateTable(
            table.title(words),
            headings,
            [cells],
            numeric,
            listed=rows is None or bool(table.rows_in("statement", rows)),
        )
    return make_template(language, tables, document)
