"""The column workbook of ``piiscan columns``, written: everything text, no formulas, no links."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.detect.catalog import Catalog
from piiscan.report.wording import Words

#: Columns of the sheet, and how wide each is; all but the numbers are text.
_WIDTHS: Final[Mapping[str, int]] = {
    "group": 18,
    "column": 9,
    "header": 20,
    "recognizers": 30,
    "role": 14,
    "kinds": 26,
    "share": 10,
    "filled": 9,
    "examples": 28,
    "tables": 8,
    "files": 40,
    "rows": 12,
    "inferred": 24,
    "inferred_role": 14,
}
_NUMBERS: Final = ("column", "filled", "tables", "rows")
_EDITABLE: Final = ("recognizers", "role")

#: A fixed date, so that the same tables give the same file.
_CREATED: Final = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  (xlsx has no time zones)


def write_workbook(
    out: Path, rows: Sequence[Mapping[str, Any]], catalog: Catalog, words: Words
) -> None:
    """Write ``rows`` to ``out``, with a second sheet of what can be filled in."""
    import xlsxwriter

    options = {
        "in_memory": True,  # no temporary files beside the case
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(str(out), options) as book:
        book.set_properties({"created": _CREATED})
        formats = {
            "title": book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "white"}),
            "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
            "edit": book.add_format(
                {"num_format": "@", "text_wrap": True, "valign": "top", "bg_color": "#FFF8DC"}
            ),
            "number": book.add_format({"num_format": "#,##0", "valign": "top"}),
            "share": book.add_format({"num_format": "0.0%", "valign": "top"}),
        }
        _columns(book.add_worksheet(words("columns.sheet")), rows, words, formats)
        _reference(book.add_worksheet(words("columns.reference")), catalog, words, formats)


def _columns(
    sheet: Any, rows: Sequence[Mapping[str, Any]], words: Words, formats: Mapping[str, Any]
) -> None:
    for at, (name, width) in enumerate(_WIDTHS.items()):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, words(f"columns.{name}"), formats["title"])
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, max(len(rows), 1), len(_WIDTHS) - 1)
    for number, row in enumerate(rows, 1):
        for at, name in enumerate(_WIDTHS):
            value = row[name]
            if name in _NUMBERS:
                sheet.write_number(number, at, value, formats["number"])
            elif name == "share":
                if value is not None:
                    sheet.write_number(number, at, value, formats["share"])
            else:
                if name == "kinds":
                    value = ", ".join(words.name("entities", entity) for entity in value)
                form = formats["edit" if name in _EDITABLE else "text"]
                sheet.write_string(number, at, value, form)


def _reference(sheet: Any, catalog: Catalog, words: Words, formats: Mapping[str, Any]) -> None:
    """What ``recognizers`` and ``role`` may hold."""
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 2, 44)
    sheet.write_string(0, 0, words("columns.note"))
    for at, name in enumerate(("id", "kinds", "title")):
        sheet.write_string(2, at, words(f"columns.{name}"), formats["title"])
    line = 3
    for line, recognizer in enumerate(catalog.recognizers, 3):
        kind = words.name("entities", recognizer.entity)
        title = recognizer.title.get(words.language, recognizer.id)
        for at, text in enumerate((recognizer.id, kind, title)):
            sheet.write_string(line, at, text, formats["text"])
    sheet.write_string(line + 2, 0, words("columns.role"), formats["title"])
    for at, role in enumerate(sorted(catalog.vocabulary.get("roles", {})), line + 3):
        sheet.write_string(at, 0, role, formats["text"])
        sheet.write_string(at, 1, words.name("roles", role), formats["text"])
