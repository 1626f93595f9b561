"""All tables of a case as one workbook: a cover, then a sheet a table, for eyes and for printing.

Text is text (formats, formulas and links are off, so that nothing of the evidence can run or be
rewritten), numbers are numbers.  The same count gives the same bytes.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from piiscan.case.report import cover
from piiscan.case.report.case_data import Gathered
from piiscan.case.report.spreadsheet.sections import Sheet, sheets_of
from piiscan.case.report.table_columns import NUMERIC, WRITTEN
from piiscan.case.report.table_files import cell
from piiscan.forms.writer import LONGEST, MOST_ROWS, as_text
from piiscan.pages.sanitize import clean
from piiscan.pages.wording import Language, Words

#: Rows that are written through a folder of the case instead of being held in memory.
IN_MEMORY: Final = 200_000

_CREATED: Final = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  (xlsx has no time zones)
_A4: Final = 9
_NAME: Final = 31  # characters of a sheet's name
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
#: Widths: of anything, and of checksums, which break into two lines.
_NARROWEST: Final = 7
_WIDEST: Final = 36
_SMALLEST: Final = 18
_HASH: Final = 22
_PAGE: Final = 190  # of all columns: what still can be read when it is printed on one page
_HEADING: Final = 12  # longer ones break
_HASHES: Final = frozenset({"sha256", "sm3"})
#: Rows that widths are measured on; text longer than this is not wrapped.
_MEASURED: Final = 200
_WRAPPED: Final = 600

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
#: Numbers that name a place and are not grouped by thousands.
_PLACES: Final = frozenset({"source", "row", "header_row", "seq", "number"})


def workbook_of(
    gathered: Gathered, *, language: Language = "zh", most_rows: int = MOST_ROWS
) -> bytes:
    """The workbook; tables of more than ``most_rows`` rows go on on further sheets."""
    words = gathered.words(language)
    sample = None if gathered.sample is None else gathered.sample.content
    sheets = list(sheets_of(gathered.tables, words, sample))
    many = sum(len(each.rows) for each in sheets) > IN_MEMORY
    folder = gathered.case.path / "tmp"
    held = {"constant_memory": True, "tmpdir": str(folder)} if many else {"in_memory": True}
    content = io.BytesIO()
    with _book(content, held, title=words("cover.title")) as book:
        number = clean(gathered.case.manifest.content["case_number"])
        paper = _Paper(_formats(book), words, number)
        listed = [
            (sheet_name(sheet, at), sheet, sheet.rows[first : first + most_rows - _ABOVE])
            for sheet in sheets
            for at, first in enumerate(range(0, len(sheet.rows) or 1, most_rows - _ABOVE), 1)
        ]
        page = book.add_worksheet(words("sheet.cover"))
        _write_cover(page, gathered, paper, [(n, s, len(rows)) for n, s, rows in listed])
        for name, sheet, rows in listed:
            _write_sheet(book.add_worksheet(name), sheet, rows, paper)
    return content.getvalue()


def table_workbook(
    name: str, rows: Sequence[Mapping[str, Any]], words: Words, *, note: str
) -> bytes:
    """One table by itself, as the workbook of a case has it."""
    content = io.BytesIO()
    title = words(f"table.{name}")
    told = Sheet("T7", title, title, (note,), WRITTEN[name], rows)
    with _book(content, {"in_memory": True}, title=title) as book:
        paper = _Paper(_formats(book), words, "")
        _write_sheet(book.add_worksheet(sheet_name(told, 1)), told, rows, paper)
    return content.getvalue()


def _book(content: io.BytesIO, held: Mapping[str, Any], *, title: str) -> Any:
    """A workbook in which text stays text; ``held``: where it is kept until it is whole."""
    import xlsxwriter

    off = {f"strings_to_{each}": False for each in ("numbers", "formulas", "urls")}
    book = xlsxwriter.Workbook(content, {**held, **off})
    book.set_properties({"created": _CREATED, "title": title})
    return book


def _formats(book: Any) -> dict[str, Any]:
    return {name: book.add_format(dict(each)) for name, each in _FORMATS.items()}


#: Lines above the rows of a table: title, notes, heading.
_ABOVE: Final = 3


def sheet_name(sheet: Sheet, at: int) -> str:
    """What a sheet is called: its number and as much of the title as fits.

    >>> sheet_name(Sheet("T4-2", "计数阶梯：计数单位", "计数单位", (), (), ()), 2)
    'T4-2 计数单位 (2)'
    """
    end = f" ({at})" if at > 1 else ""
    title = sheet.short.translate(_FORBIDDEN)
    return f"{sheet.number} {title}"[: _NAME - len(end)].strip() + end


@dataclass(frozen=True, slots=True)
class _Paper:
    """What every sheet is written with."""

    formats: Mapping[str, Any]
    words: Words
    case_number: str

    def lay_out(self, sheet: Any, title: str) -> None:
        """A4 across, one page wide, with the case and the page number on every page."""
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.set_header(f"&L{_plain(self.case_number)}&R{_plain(title)}")
        sheet.set_footer(f"&C{self.words('sheet.page')}")


def _plain(text: str) -> str:
    """Text in a header, where & begins a command; cut, as a header holds 255 characters."""
    return text[:50].replace("&", "&&")


def _write_sheet(sheet: Any, told: Sheet, rows: Sequence[Mapping[str, Any]], paper: _Paper) -> None:
    words, formats = paper.words, paper.formats
    across = max(len(told.columns), 1) - 1
    heads = [words(f"column.{column}") for column in told.columns]
    shown = [[_shown(column, row, words) for column in told.columns] for row in rows[:_MEASURED]]
    widths = _widths(told.columns, heads, shown) or [100]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    paper.lay_out(sheet, f"{told.number} {told.title}")
    sheet.write_string(0, 0, as_text(f"{told.number} {told.title}"), formats["title"])
    note = " ".join(told.notes)
    sheet.set_row(1, 14 * (1 + _wide(note) // max(sum(widths) - 4, 20)) if note else 4)
    if note and across:
        sheet.merge_range(1, 0, 1, across, "", formats["note"])
    if note:
        sheet.write_string(1, 0, as_text(note), formats["note"])
    if not told.columns:
        return
    for at, head in enumerate(heads):
        sheet.write_string(2, at, head, formats["head"])
    sheet.freeze_panes(_ABOVE, 0)
    sheet.repeat_rows(0, _ABOVE - 1)
    for number, row in enumerate(rows, _ABOVE):
        ready = shown[number - _ABOVE] if number - _ABOVE < len(shown) else None
        for at, column in enumerate(told.columns):
            value = ready[at] if ready is not None else _shown(column, row, words)
            _write_cell(sheet, (number, at), column, value, formats)
    sheet.autofilter(_ABOVE - 1, 0, max(len(rows), 1) + _ABOVE - 1, across)


def _shown(column: str, row: Mapping[str, Any], words: Words) -> str | int | float:
    """A cell as it is written: numbers as numbers where a number holds them exactly."""
    value = cell(column, row, words)
    if not isinstance(value, str):
        return value
    number = _number(value) if column in NUMERIC else None
    return clean(value) if number is None else number


def _number(text: str) -> float | None:
    """The number that ``text`` is, None if it is none or has more digits than a cell holds."""
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    if not exact.is_finite() or len(exact.as_tuple().digits) > 15:
        return None
    return float(exact)


def _write_cell(
    sheet: Any,
    place: tuple[int, int],
    column: str,
    value: str | float,
    formats: Mapping[str, Any],
) -> None:
    if isinstance(value, str):
        style = "hash" if column in _HASHES else "text" if len(value) <= _WRAPPED else "long"
        if value:
            sheet.write_string(*place, as_text(value), formats[style])
        else:
            sheet.write_blank(*place, None, formats[style])
    elif isinstance(value, float):
        sheet.write_number(*place, value, formats["decimal"])
    elif abs(value) >= 10**15:  # a cell holds fifteen digits
        sheet.write_string(*place, str(value), formats["text"])
    else:
        sheet.write_number(*place, value, formats["plain" if column in _PLACES else "number"])


def _widths(
    columns: Sequence[str], heads: Sequence[str], shown: Sequence[Sequence[object]]
) -> list[int]:
    """How wide each column is, by its heading and first rows; narrower where they are many.

    What a page is scaled down by is what its columns take together.
    """
    wanted = []
    for at in range(len(columns)):
        widest = max([min(_wide(heads[at]), _HEADING) + 2, *(_wide(str(r[at])) + 2 for r in shown)])
        wanted.append(max(widest, _NARROWEST))
    for most in range(_WIDEST, _SMALLEST - 1, -2):
        widths = [
            min(each, _HASH if column in _HASHES else _WIDEST if column in NUMERIC else most)
            for column, each in zip(columns, wanted, strict=True)
        ]
        if sum(widths) <= _PAGE:
            break
    return widths


def _wide(text: str) -> int:
    """Columns that ``text`` takes; a Hanzi takes two."""
    return sum(1 + (char > "\u2000") for char in text[:LONGEST])


def _write_cover(
    sheet: Any, gathered: Gathered, paper: _Paper, listed: Sequence[tuple[str, Sheet, int]]
) -> None:
    words, formats = paper.words, paper.formats
    for at, width in enumerate((44, 70, 12)):
        sheet.set_column(at, at, width)
    paper.lay_out(sheet, words("cover.title"))
    sheet.write_string(0, 0, words("cover.title"), formats["title"])
    row = 2
    for key, pairs in (
        ("facts", list(cover.facts(gathered, words))),
        ("figures", list(cover.figures(gathered, words))),
    ):
        sheet.write_string(row, 0, words(f"sheet.{key}"), formats["head"])
        sheet.write_blank(row, 1, None, formats["head"])
        for name, value in pairs or [(words("cover.count"), words("sheet.never"))]:
            row += 1
            sheet.write_string(row, 0, as_text(clean(name)), formats["text"])
            told = clean(value) if isinstance(value, str) else value
            _write_cell(sheet, (row, 1), "", told, formats)
        row += 2
    sheet.write_string(row, 0, words("sheet.reading"), formats["head"])
    sheet.merge_range(row, 1, row, 2, "", formats["head"])
    for sentence in cover.reading(words):
        row += 1
        sheet.set_row(row, 15 * (1 + _wide(sentence) // 120))
        sheet.merge_range(row, 0, row, 2, "", formats["note"])
        sheet.write_string(row, 0, sentence, formats["note"])
    row += 2
    for at, key in enumerate(("sheet", "title", "rows")):
        sheet.write_string(row, at, words(f"sheet.{key}"), formats["head"])
    for number, (name, told_sheet, count) in enumerate(listed, row + 1):
        sheet.write_string(number, 0, name, formats["text"])
        sheet.write_string(number, 1, told_sheet.title, formats["text"])
        sheet.write_number(number, 2, count, formats["number"])
