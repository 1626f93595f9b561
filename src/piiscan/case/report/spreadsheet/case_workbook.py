"""Case workbook: all tables as XLSX, a cover and one sheet per table, for screen and print.

Text stays text: formulas and links are off, so that no evidence text can run. Numbers are numbers.
Equal counts give equal bytes.

Its sections are T1 to T15, with their tables in order.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from piiscan.case.report import cover
from piiscan.case.report.case_data import CaseData
from piiscan.case.report.report_contents import REPORT_TABLES
from piiscan.forms.writer import MAX_CELL_CHARS, MAX_ROWS, escape_rich_text
from piiscan.pages.report_table import ReportTable, Row, TableColumn, text
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Language, Words

#: Most rows in memory; a larger workbook uses temporary files in the case.
MAX_ROWS_IN_MEMORY: Final = 200_000

_CREATED: Final = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  (xlsx has no time zones)
_A4: Final = 9
_MAX_SHEET_NAME: Final = 31  # characters of a sheet's name
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
#: Column widths; checksums are wrapped in two lines.
_MIN_WIDTH: Final = 7
_MAX_WIDTH: Final = 36
_MIN_MAX_WIDTH: Final = 18
_HASH_WIDTH: Final = 22
_PAGE_WIDTH: Final = 190  # sum of all columns that stays readable on one printed page
_HEADING_WIDTH: Final = 12  # longer headings are wrapped
#: Rows from which widths are computed; longest text that is wrapped.
_MEASURED_ROWS: Final = 200
_MAX_WRAPPED: Final = 600

_FONT: Final = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
_EDGE: Final = {"border": 1, "border_color": "#C8CDD3"}
_TEXT: Final = {**_FONT, **_EDGE, "num_format": "@", "text_wrap": True}
_HEAD: Final = {**_FONT, "bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79"}
_FORMATS: Final[Mapping[str, Mapping[str, Any]]] = {
    "title": {**_FONT, "num_format": "@", "bold": True, "font_size": 14},
    "note": {**_FONT, "num_format": "@", "text_wrap": True, "font_color": "#44546A"},
    "head": {**_HEAD, **_EDGE, "num_format": "@", "text_wrap": True, "valign": "vcenter"},
    "text": _TEXT,
    "long": {**_TEXT, "text_wrap": False},
    "hash": {**_TEXT, "font_name": "Consolas", "font_size": 7},
    "number": {**_FONT, **_EDGE, "num_format": "#,##0"},
    "plain": {**_FONT, **_EDGE, "num_format": "0"},
    "decimal": {**_FONT, **_EDGE, "num_format": "#,##0.00##"},
}
#: Column of the facts on the cover.
_FACT: Final = text("fact")


def build_workbook(
    data: CaseData, *, language: Language = "zh", most_rows: int = MAX_ROWS
) -> bytes:
    """Return the XLSX workbook of a case as bytes: a cover, then a sheet per table.

    A table with more than ``most_rows`` rows continues on further sheets.
    """
    words = data.words(language)
    samples = [each.content for each in data.samples]
    sheets = list(build_sheets(data.tables, words, samples))
    many = sum(len(each.rows) for each in sheets) > MAX_ROWS_IN_MEMORY
    folder = data.case.path / "tmp"
    storage = {"constant_memory": True, "tmpdir": str(folder)} if many else {"in_memory": True}
    content = io.BytesIO()
    with _open_book(content, storage, title=words("cover.title")) as book:
        number = clean(data.case.manifest.content["case_number"])
        style = _SheetStyle(_formats(book), words, number)
        listed = [
            (sheet_name(sheet, at), sheet, sheet.rows[first : first + most_rows - _ROWS_ABOVE])
            for sheet in sheets
            for at, first in enumerate(range(0, len(sheet.rows) or 1, most_rows - _ROWS_ABOVE), 1)
        ]
        page = book.add_worksheet(words("sheet.cover"))
        _write_cover(page, data, style, [(n, s, len(rows)) for n, s, rows in listed])
        for name, sheet, rows in listed:
            _write_sheet(book.add_worksheet(name), sheet, rows, style)
    return content.getvalue()


def table_workbook(table: ReportTable, rows: Sequence[Mapping[str, Any]], words: Words) -> bytes:
    """Return an XLSX workbook with one table as bytes, formatted as in the case workbook."""
    content = io.BytesIO()
    title, notes = table.title(words), tuple(map(words, table.notes))
    spec = SheetSpec(table.section, title, title, notes, table.columns_in("workbook"), rows)
    with _open_book(content, {"in_memory": True}, title=title) as book:
        style = _SheetStyle(_formats(book), words, "")
        _write_sheet(book.add_worksheet(sheet_name(spec, 1)), spec, rows, style)
    return content.getvalue()


def _open_book(content: io.BytesIO, storage: Mapping[str, Any], *, title: str) -> Any:
    """Return a new XLSX workbook written to ``content``, in which text is never a formula or link.

    ``storage``: options for memory or temporary files.
    """
    import xlsxwriter

    off = {f"strings_to_{each}": False for each in ("numbers", "formulas", "urls")}
    book = xlsxwriter.Workbook(content, {**storage, **off})
    book.set_properties({"created": _CREATED, "title": title})
    return book


def _formats(book: Any) -> dict[str, Any]:
    """Add all cell formats to the workbook; return name -> format."""
    return {name: book.add_format(dict(each)) for name, each in _FORMATS.items()}


#: Lines above the rows of a table: title, notes, heading.
_ROWS_ABOVE: Final = 3


def sheet_name(sheet: SheetSpec, occurrence: int) -> str:
    """Return the name of a sheet: its number and short title, cut to Excel's maximum length.

    >>> sheet_name(SheetSpec("T4-2", "计数阶梯：计数单位", "计数单位", (), (), ()), 2)
    'T4-2 计数单位 (2)'
    """
    end = f" ({occurrence})" if occurrence > 1 else ""
    title = sheet.short_title.translate(_FORBIDDEN)
    return f"{sheet.number} {title}"[: _MAX_SHEET_NAME - len(end)].strip() + end


@dataclass(frozen=True, slots=True)
class _SheetStyle:
    """Formats, wording and case number for all sheets."""

    formats: Mapping[str, Any]
    words: Words
    case_number: str

    def set_up_page(self, sheet: Any, title: str) -> None:
        """Set A4 landscape, one page wide, case number and title on top, page number below."""
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_header(f"&L{_header_text(self.case_number)}&R{_header_text(title)}")
        sheet.set_footer(f"&C{self.words('sheet.page')}")


def _header_text(text: str) -> str:
    """Return ``text`` escaped for a page header, cut to 50 characters.

    ``&`` starts a command and is doubled.
    """
    return text[:50].replace("&", "&&")


def _write_sheet(
    sheet: Any, spec: SheetSpec, rows: Sequence[Mapping[str, Any]], style: _SheetStyle
) -> None:
    """Write one table to a sheet: title, notes, headings, rows; set widths and filter."""
    words, formats = style.words, style.formats
    last_column = max(len(spec.columns), 1) - 1
    heads = [column.heading(words) for column in spec.columns]
    shown = [
        [_cell_value(column, row, words) for column in spec.columns]
        for row in rows[:_MEASURED_ROWS]
    ]
    widths = _column_widths(spec.columns, heads, shown) or [100]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    style.set_up_page(sheet, f"{spec.number} {spec.title}")
    sheet.write_string(0, 0, escape_rich_text(f"{spec.number} {spec.title}"), formats["title"])
    note = " ".join(spec.notes)
    sheet.set_row(1, 14 * (1 + _display_width(note) // max(sum(widths) - 4, 20)) if note else 4)
    if note and last_column:
        sheet.merge_range(1, 0, 1, last_column, "", formats["note"])
    if note:
        sheet.write_string(1, 0, escape_rich_text(note), formats["note"])
    if not spec.columns:
        return
    for at, head in enumerate(heads):
        sheet.write_string(2, at, head, formats["head"])
    sheet.freeze_panes(_ROWS_ABOVE, 0)
    sheet.repeat_rows(0, _ROWS_ABOVE - 1)
    for number, row in enumerate(rows, _ROWS_ABOVE):
        cached = shown[number - _ROWS_ABOVE] if number - _ROWS_ABOVE < len(shown) else None
        for at, column in enumerate(spec.columns):
            value = cached[at] if cached is not None else _cell_value(column, row, words)
            _write_cell(sheet, (number, at), column, value, formats)
    sheet.autofilter(_ROWS_ABOVE - 1, 0, max(len(rows), 1) + _ROWS_ABOVE - 1, last_column)


def _cell_value(column: TableColumn, row: Mapping[str, Any], words: Words) -> str | int | float:
    """Return a cell as a number if that is exact, else as text."""
    value = column.text(row, words)
    if not isinstance(value, str):
        return value
    number = _exact_number(value) if column.numeric else None
    return clean(value) if number is None else number


def _exact_number(text: str) -> float | None:
    """Parse a number of at most 15 digits; None for other texts."""
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    if not exact.is_finite() or len(exact.as_tuple().digits) > 15:
        return None
    return float(exact)


def _write_cell(
    sheet: Any,
    position: tuple[int, int],
    column: TableColumn,
    value: str | float,
    formats: Mapping[str, Any],
) -> None:
    """Write ``value`` to the cell ``position`` (row, column) in the format of its column."""
    if isinstance(value, str):
        style = (
            "hash"
            if column.kind == "checksum"
            else "text"
            if len(value) <= _MAX_WRAPPED
            else "long"
        )
        if value:
            sheet.write_string(*position, escape_rich_text(value), formats[style])
        else:
            sheet.write_blank(*position, None, formats[style])
    elif isinstance(value, float):
        sheet.write_number(*position, value, formats["decimal"])
    elif abs(value) >= 10**15:  # a cell stores fifteen digits
        sheet.write_string(*position, str(value), formats["text"])
    else:
        grouped = column.kind not in ("position", "identifier")
        sheet.write_number(*position, value, formats["number" if grouped else "plain"])


def _column_widths(
    columns: Sequence[TableColumn], heads: Sequence[str], shown: Sequence[Sequence[object]]
) -> list[int]:
    """Return the width of each column in characters, reduced to fit the page."""
    wanted = []
    for at in range(len(columns)):
        widest = max(
            [
                min(_display_width(heads[at]), _HEADING_WIDTH) + 2,
                *(_display_width(str(r[at])) + 2 for r in shown),
            ]
        )
        wanted.append(max(widest, _MIN_WIDTH))
    for limit in range(_MAX_WIDTH, _MIN_MAX_WIDTH - 1, -2):
        widths = [
            min(
                each,
                _HASH_WIDTH
                if column.kind == "checksum"
                else _MAX_WIDTH
                if column.numeric
                else limit,
            )
            for column, each in zip(columns, wanted, strict=True)
        ]
        if sum(widths) <= _PAGE_WIDTH:
            break
    return widths


def _display_width(text: str) -> int:
    """Return the width of ``text`` in columns: ``手机 -> 4``."""
    return sum(1 + (char > "\u2000") for char in text[:MAX_CELL_CHARS])


def _write_cover(
    sheet: Any, data: CaseData, style: _SheetStyle, sheets: Sequence[tuple[str, SheetSpec, int]]
) -> None:
    """Write the cover sheet: facts, figures, notes on reading, and the list of sheets."""
    words, formats = style.words, style.formats
    for at, width in enumerate((44, 70, 12)):
        sheet.set_column(at, at, width)
    style.set_up_page(sheet, words("cover.title"))
    sheet.write_string(0, 0, words("cover.title"), formats["title"])
    row = 2
    for key, pairs in (
        ("facts", list(cover.case_facts(data, words))),
        ("figures", list(cover.count_figures(data, words))),
    ):
        sheet.write_string(row, 0, words(f"sheet.{key}"), formats["head"])
        sheet.write_blank(row, 1, None, formats["head"])
        for name, value in pairs or [(words("cover.count"), words("sheet.never"))]:
            row += 1
            sheet.write_string(row, 0, escape_rich_text(clean(name)), formats["text"])
            shown = clean(value) if isinstance(value, str) else value
            _write_cell(sheet, (row, 1), _FACT, shown, formats)
        row += 2
    sheet.write_string(row, 0, words("sheet.reading"), formats["head"])
    sheet.merge_range(row, 1, row, 2, "", formats["head"])
    for sentence in cover.reading_notes(words):
        row += 1
        sheet.set_row(row, 15 * (1 + _display_width(sentence) // 120))
        sheet.merge_range(row, 0, row, 2, "", formats["note"])
        sheet.write_string(row, 0, sentence, formats["note"])
    row += 2
    for at, key in enumerate(("sheet", "title", "rows")):
        sheet.write_string(row, at, words(f"sheet.{key}"), formats["head"])
    for number, (name, spec, count) in enumerate(sheets, row + 1):
        sheet.write_string(number, 0, name, formats["text"])
        sheet.write_string(number, 1, spec.title, formats["text"])
        sheet.write_number(number, 2, count, formats["number"])


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
