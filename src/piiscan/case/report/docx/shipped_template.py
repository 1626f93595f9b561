"""Shipped Word template of the statement: the columns of its tables are the declared ones."""

from __future__ import annotations

from piiscan.case.report.report_contents import REPORT_TABLES
from piiscan.data.statement_template import make_template
from piiscan.wording.words import Language, Words


def shipped_template(language: Language) -> bytes:
    """Return the template of a language, a .docx file with a row of placeholders a table.

    ``KINDS -> 信息类型 | 命中``, ``{{类型.信息类型}} | {{类型.命中}}``
    """
    words = Words(language)
    tables = {}
    for table in REPORT_TABLES:
        if not table.row_group:
            continue
        group = words(f"field_group.{table.row_group}")
        headings = [column.heading(words) for column in table.columns_in("statement")]
        tables[table.row_group] = (headings, [f"{{{{{group}.{each}}}}}" for each in headings])
    return make_template(language, tables)
