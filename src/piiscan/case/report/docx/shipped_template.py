"""Shipped Word templates of the documents, with the declared columns of their tables."""

from __future__ import annotations

from piiscan.case.report.docx.row_groups import document_columns, group_name
from piiscan.case.report.report_contents import DOCUMENT_TABLES
from piiscan.data.statement_template import TemplateTable, make_template
from piiscan.pages.report_table import Rows
from piiscan.wording.words import Language, Words


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
