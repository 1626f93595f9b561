"""Form writer: a workbook of text only, without formulas, links or temporary files.

Equal input makes equal bytes.  Columns to fill in are coloured from top to bottom and formatted as
text, so that a spreadsheet program does not change the input.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from piiscan.errors import CaseError
from piiscan.forms.schema import Choice, Column, Form, Language
from piiscan.output_files import write_aside

#: Maximum rows of a sheet in the xlsx format, without the heading.
MAX_ROWS: Final = 1_048_575
#: Maximum characters of a cell in the xlsx format.
MAX_CELL_CHARS: Final = 32_767
#: Maximum characters of a drop-down list that is written inside the validation.
_MAX_LIST_CHARS: Final = 255

#: Paper sizes for printing, as numbered in the xlsx format.
_A3: Final = 8
_A4: Final = 9

#: Widths of the first column of the help sheet, and of the two others.
_HELP_COLUMN_WIDTHS: Final = (34, 60)

#: Fixed date of creation, so that equal rows make equal files.
_CREATED: Final = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  (xlsx has no time zones)
_FONT: Final = {"font_name": "Microsoft YaHei", "font_size": 10}
_TOP: Final = {**_FONT, "valign": "top"}
_TEXT: Final = {**_TOP, "num_format": "@", "text_wrap": True}
#: Text of a whole number that a cell holds exactly.
_DIGITS: Final = re.compile(r"[0-9]{1,15}")
_EDGE: Final = {"border": 1, "border_color": "#D9D2B0"}  # a fill hides the grid
_FORMATS: Final[Mapping[str, Mapping[str, Any]]] = {
    "title": {**_TEXT, "bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF"},
    "text": _TEXT,
    "edit": {**_TEXT, **_EDGE, "bg_color": "#FFF8DC"},
    "marked": {**_TEXT, **_EDGE, "bg_color": "#FBD5B5", "italic": True},
    "number": {**_TOP, "num_format": "#,##0"},
    "share": {**_TOP, "num_format": "0.0%"},
    "note": {**_TOP, "text_wrap": True},
}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """Row to write: its cells by column, and the columns to mark as only proposed."""

    cells: Mapping[str, str | int | float | None]
    marked: Collection[str] = ()


def written_cells(row: Mapping[str, str], form: Form) -> dict[str, str | int]:
    """Return a row of texts as cells to write: digits in a column of numbers as int."""
    return {
        column.name: int(text) if column.kind == "number" and _DIGITS.fullmatch(text) else text
        for column in form.columns
        for text in [row.get(column.name, "")]
    }


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """Table on the help sheet: permitted values that are too many for a drop-down list."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class FormRows:
    """Form and the rows of its sheet."""

    form: Form
    lines: Iterable[SheetRow]


def write_sheet(
    out: Path,
    form: Form,
    lines: Iterable[SheetRow],
    *,
    language: Language,
    reference_tables: Sequence[ReferenceTable] = (),
    further: Sequence[FormRows] = (),
) -> None:
    """Write the workbook of :func:`sheet_bytes` to ``out``, which only its owner may read.

    Raise CaseError if it cannot be written or has too many rows.
    """
    content = sheet_bytes(
        form, lines, language=language, reference_tables=reference_tables, further=further
    )
    try:
        with write_aside(out) as file:
            file.write(content)
    except OSError as error:
        raise CaseError("form.unwritable", path=out, reason=error.strerror) from error


def sheet_bytes(
    form: Form,
    lines: Iterable[SheetRow],
    *,
    language: Language,
    reference_tables: Sequence[ReferenceTable] = (),
    further: Sequence[FormRows] = (),
) -> bytes:
    """Return the workbook as bytes; raises CaseError if it has too many rows.

    ``further``: sheets behind the help sheet.
    """
    import xlsxwriter

    options = {
        "in_memory": True,  # no temporary files outside the case
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": _CREATED})
        formats = {name: book.add_format(dict(form_)) for name, form_ in _FORMATS.items()}
        sheet = book.add_worksheet(form.title[language])
        help_sheet = book.add_worksheet(form.help[language])
        forms = (form, *(each.form for each in further))
        lists = _write_help(help_sheet, forms, language, formats, reference_tables)
        for each in (FormRows(form, lines), *further):
            if each.form is not form:
                sheet = book.add_worksheet(each.form.title[language])
            _write_rows(sheet, each.form, each.lines, language, formats)
            for at, column in enumerate(each.form.columns):
                if column in lists:
                    allowed = {"validate": "list", "source": lists[column], "show_error": False}
                    sheet.data_validation(1, at, MAX_ROWS, at, allowed)
    return content.getvalue()


def escape_rich_text(text: str) -> str:
    """Escape ``text`` for XlsxWriter so that the cell shows it unchanged, cut to its maximum.

    XlsxWriter takes text between <r> and </r> for XML of its own, so such a text is passed as XML.

    >>> escape_rich_text("张三"), escape_rich_text("<r>&</r>")
    ('张三', '<r><t xml:space="preserve">&lt;r&gt;&amp;&lt;/r&gt;</t></r>')
    """
    text = text[:MAX_CELL_CHARS]
    if not (text.startswith("<r>") and text.endswith("</r>")):
        return text
    escaped = f'<r><t xml:space="preserve">{escape(text)}</t></r>'
    return escaped if len(escaped) <= MAX_CELL_CHARS else text[:-1]


def _write_rows(
    sheet: Any,
    form: Form,
    lines: Iterable[SheetRow],
    language: Language,
    formats: Mapping[str, Any],
) -> None:
    """Write the headings and rows of the sheet; raises CaseError if there are too many."""
    styles = [formats["edit" if column.editable else column.kind] for column in form.columns]
    frozen_columns = 0
    for at, column in enumerate(form.columns):
        sheet.set_column(at, at, column.width, styles[at])
        sheet.write_string(0, at, column.heading[language], formats["title"])
        frozen_columns = (
            at + 1
            if column.needed and not column.editable and frozen_columns == at
            else frozen_columns
        )
    sheet.freeze_panes(1, frozen_columns)
    _set_page_layout(sheet, _A3)
    sheet.repeat_rows(0)
    count = 0
    for count, line in enumerate(lines, 1):
        if count > MAX_ROWS:
            raise CaseError("form.too_many_rows", rows=MAX_ROWS)
        for at, column in enumerate(form.columns):
            value = line.cells.get(column.name)
            if value is None or value == "":
                continue
            style = formats["marked"] if column.name in line.marked else styles[at]
            if isinstance(value, str):
                sheet.write_string(count, at, escape_rich_text(value), style)
            else:
                sheet.write_number(count, at, value, style)
    sheet.autofilter(0, 0, max(count, 1), len(form.columns) - 1)


def _set_page_layout(sheet: Any, paper: int) -> None:
    """Set the sheet to print in landscape, one page wide."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)


def _write_help(
    sheet: Any,
    forms: Sequence[Form],
    language: Language,
    formats: Mapping[str, Any],
    reference_tables: Sequence[ReferenceTable],
) -> dict[Column, Any]:
    """Write the help sheet of all ``forms``; return column -> source of its drop-down list."""
    _set_page_layout(sheet, _A4)
    sheet.set_column(0, 0, _HELP_COLUMN_WIDTHS[0])
    sheet.set_column(1, 2, _HELP_COLUMN_WIDTHS[1])
    page = _Page(sheet, formats)
    for note in (note for form in forms for note in form.notes):
        page.put_across(note[language])
    page.put("note")
    columns = [column for form in forms for column in form.columns]
    for column in columns:
        if column.about:
            page.put("text", column.heading[language], column.about[language])
    lists: dict[Column, Any] = {}
    for column in columns:
        if not (column.choices and column.editable):
            continue
        page.put("note")
        page.put("title", column.heading[language])
        first_row = page.row + 1  # a cell reference counts rows from 1
        words = [choice.words[language] for choice in column.choices]
        for choice, word in zip(column.choices, words, strict=True):
            page.put("text", word, "  ".join(_other_spellings(choice, word)))
        title = forms[0].help[language].replace("'", "''")
        place = f"='{title}'!$A${first_row}:$A${page.row}"
        lists[column] = words if len(",".join(words)) <= _MAX_LIST_CHARS else place
    for table in reference_tables:
        page.put("note")
        page.put("title", *table.headings)
        for texts in table.rows:
            page.put("text", *texts)
    return lists


class _Page:
    """Sheet that is written line by line."""

    def __init__(self, sheet: Any, formats: Mapping[str, Any]) -> None:
        self._sheet = sheet
        self._formats = formats
        self.row = 0

    def put(self, style: str, *texts: str) -> None:
        """Write ``texts`` as one row of cells in ``style`` and advance to the next row."""
        for at, text in enumerate(texts):
            self._sheet.write_string(self.row, at, text, self._formats[style])
        self.row += 1

    def put_across(self, text: str) -> None:
        """Write ``text`` in one row merged over all columns, as high as it needs."""
        wide = sum(1 + (char > "\u2000") for char in text)
        self._sheet.set_row(
            self.row, 15 * (1 + wide // (_HELP_COLUMN_WIDTHS[0] + 2 * _HELP_COLUMN_WIDTHS[1]))
        )
        self._sheet.merge_range(self.row, 0, self.row, 2, "", self._formats["note"])
        self.put("note", text)


def _other_spellings(choice: Choice, word: str) -> list[str]:
    """Return the other words and codes that a choice accepts."""
    spellings = dict.fromkeys((*choice.words.values(), choice.code, *choice.also))
    return [each for each in spellings if each != word]
