"""A sheet to be filled in, written: text only, no formulas, no links, no temporary files.

Equal input gives equal bytes.  Columns for people to fill in are coloured from top to bottom and
formatted as text, so that a spreadsheet program leaves alone what is typed there.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from piiscan.errors import CaseError
from piiscan.forms.schema import Choice, Column, Form, Language
from piiscan.output_files import open_private

#: Rows of a sheet, in the format itself; one is the heading.
MOST_ROWS: Final = 1_048_575
#: Characters that a cell can hold.
LONGEST: Final = 32_767
#: Characters of a list that stands in the validation itself.
_LONGEST_LIST: Final = 255

#: What sheets are printed on, in the format's numbering.
_A3: Final = 8
_A4: Final = 9

#: Widths of the first column of the second sheet, and of the two others.
_WIDTHS: Final = (34, 60)

#: A fixed date, so that the same rows give the same file.
_CREATED: Final = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  (xlsx has no time zones)
_FONT: Final = {"font_name": "Microsoft YaHei", "font_size": 10}
_TOP: Final = {**_FONT, "valign": "top"}
_TEXT: Final = {**_TOP, "num_format": "@", "text_wrap": True}
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
class Line:
    """One row: its cells by column, and which of them stand out as only proposed."""

    cells: Mapping[str, str | int | float | None]
    marked: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A table on the second sheet: what may be filled in, too long for a drop-down list."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def write_sheet(
    out: Path,
    form: Form,
    lines: Iterable[Line],
    *,
    language: Language,
    listings: Sequence[Listing] = (),
    temporary: Path | None = None,
) -> None:
    """Write a workbook that only its owner may read; CaseError if it cannot be written.

    ``temporary``: a folder of the case, for sheets too long to be held in memory.
    """
    content = sheet_bytes(form, lines, language=language, listings=listings, temporary=temporary)
    try:
        with open_private(out) as file:
            file.write(content)
    except OSError as error:
        raise CaseError(f"the sheet {out} cannot be written: {error.strerror}") from error


def sheet_bytes(
    form: Form,
    lines: Iterable[Line],
    *,
    language: Language,
    listings: Sequence[Listing] = (),
    temporary: Path | None = None,
) -> bytes:
    """The workbook as bytes; CaseError if it would have more rows than a sheet holds."""
    import xlsxwriter

    held = {"in_memory": True}  # no temporary files beside the case
    spilled = {"constant_memory": True, "tmpdir": str(temporary)}
    options = {
        **(spilled if temporary else held),
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": _CREATED})
        formats = {name: book.add_format(dict(form_)) for name, form_ in _FORMATS.items()}
        sheet = book.add_worksheet(form.title[language])
        helping = book.add_worksheet(form.help[language])
        lists = _explain(helping, form, language, formats, listings)
        _fill(sheet, form, lines, language, formats)
        for at, column in enumerate(form.columns):
            if column.name in lists:
                allowed = {"validate": "list", "source": lists[column.name], "show_error": False}
                sheet.data_validation(1, at, MOST_ROWS, at, allowed)
    return content.getvalue()


def as_text(text: str) -> str:
    """What a workbook is given so that a cell says ``text``, cut where a cell ends.

    XlsxWriter takes what stands between <r> and </r> for XML of its own; so such a text is given as
    that XML.

    >>> as_text("张三"), as_text("<r>&</r>")
    ('张三', '<r><t xml:space="preserve">&lt;r&gt;&amp;&lt;/r&gt;</t></r>')
    """
    text = text[:LONGEST]
    if not (text.startswith("<r>") and text.endswith("</r>")):
        return text
    escaped = f'<r><t xml:space="preserve">{escape(text)}</t></r>'
    return escaped if len(escaped) <= LONGEST else text[:-1]


def _fill(
    sheet: Any,
    form: Form,
    lines: Iterable[Line],
    language: Language,
    formats: Mapping[str, Any],
) -> None:
    styles = [_style(column, formats) for column in form.columns]
    first = 0
    for at, column in enumerate(form.columns):
        sheet.set_column(at, at, column.width, styles[at])
        sheet.write_string(0, at, column.heading[language], formats["title"])
        first = at + 1 if column.needed and not column.editable and first == at else first
    sheet.freeze_panes(1, first)
    _lay_out(sheet, _A3)
    sheet.repeat_rows(0)
    count = 0
    for count, line in enumerate(lines, 1):
        if count > MOST_ROWS:
            raise CaseError(f"a sheet holds {MOST_ROWS} rows, and more are needed; give less")
        for at, column in enumerate(form.columns):
            value = line.cells.get(column.name)
            if value is None or value == "":
                continue
            style = formats["marked"] if column.name in line.marked else styles[at]
            if isinstance(value, str):
                sheet.write_string(count, at, as_text(value), style)
            else:
                sheet.write_number(count, at, value, style)
    sheet.autofilter(0, 0, max(count, 1), len(form.columns) - 1)


def _lay_out(sheet: Any, paper: int) -> None:
    """Printed across, one page wide."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)


def _style(column: Column, formats: Mapping[str, Any]) -> Any:
    return formats["edit" if column.editable else column.kind]


def _explain(
    sheet: Any,
    form: Form,
    language: Language,
    formats: Mapping[str, Any],
    listings: Sequence[Listing],
) -> dict[str, Any]:
    """Fill the second sheet; by column, the source of its drop-down list."""
    _lay_out(sheet, _A4)
    sheet.set_column(0, 0, _WIDTHS[0])
    sheet.set_column(1, 2, _WIDTHS[1])
    page = _Page(sheet, formats)
    for note in form.notes:
        page.put_across(note[language])
    page.put("note")
    for column in form.columns:
        if column.about:
            page.put("text", column.heading[language], column.about[language])
    lists: dict[str, Any] = {}
    for column in form.columns:
        if not (column.choices and column.editable):
            continue
        page.put("note")
        page.put("title", column.heading[language])
        first = page.row + 1  # rows of a reference count from 1
        words = [choice.words[language] for choice in column.choices]
        for choice, word in zip(column.choices, words, strict=True):
            page.put("text", word, "  ".join(_others(choice, word)))
        title = form.help[language].replace("'", "''")
        place = f"='{title}'!$A${first}:$A${page.row}"
        lists[column.name] = words if len(",".join(words)) <= _LONGEST_LIST else place
    for listing in listings:
        page.put("note")
        page.put("title", *listing.headings)
        for texts in listing.rows:
            page.put("text", *texts)
    return lists


class _Page:
    """A sheet filled line by line."""

    def __init__(self, sheet: Any, formats: Mapping[str, Any]) -> None:
        self._sheet = sheet
        self._formats = formats
        self.row = 0

    def put(self, style: str, *texts: str) -> None:
        """One more line."""
        for at, text in enumerate(texts):
            self._sheet.write_string(self.row, at, text, self._formats[style])
        self.row += 1

    def put_across(self, text: str) -> None:
        """One more line, over all columns, as high as it needs to be."""
        wide = sum(1 + (char > "\u2000") for char in text)
        self._sheet.set_row(self.row, 15 * (1 + wide // (_WIDTHS[0] + 2 * _WIDTHS[1])))
        self._sheet.merge_range(self.row, 0, self.row, 2, "", self._formats["note"])
        self.put("note", text)


def _others(choice: Choice, word: str) -> list[str]:
    """What else may be written for a choice."""
    said = dict.fromkeys((*choice.words.values(), choice.code, *choice.also))
    return [each for each in said if each != word]
