"""Form reader: a returned form as text cells, from a workbook or CSV with columns in any order.

Spreadsheet programs turn some texts into numbers or dates; cells are read as the original text
(``1.0`` is 1).  Error messages name sheet, row and heading, never the content of a cell.
"""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from piiscan.errors import CaseError, CellError
from piiscan.forms.schema import Form, heading_keys
from piiscan.sources.encoding.detector import CODECS, guess_encoding
from piiscan.sources.formats.spreadsheet.dimensions import SheetDimensions
from piiscan.sources.formats.spreadsheet.sheet_rows import cell_text
from piiscan.sources.formats.spreadsheet.workbook_parts import measure_sheets
from piiscan.sources.limits import STANDARD_BUDGET
from piiscan.wording.words import Sentence

#: Number of rows in which the headings are searched: people add titles above them.
_HEADING_ROWS: Final = 30
_DELIMITERS: Final = (",", "\t", ";")
#: First bytes of a zip file (xlsx, ods) and of an OLE file (xls).
_WORKBOOKS: Final = (b"PK", b"\xd0\xcf\x11\xe0")
#: Maximum cells of a sheet's used rectangle, blank ones included; one stray cell can make it huge.
_MAX_SHEET_CELLS: Final = 40_000_000
#: Maximum number of cells that one error message lists.
_MAX_ERRORS: Final = 20

T = TypeVar("T")
_Rows = Iterable[tuple[int, list[Any]]]


@dataclass(frozen=True, slots=True)
class Row:
    """Row of a returned form: its number in the spreadsheet, its cells by column ("" if empty).

    ``dates`` are the columns whose cell a spreadsheet program turned into a date.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)
    dates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReturnedSheet:
    """Returned sheet: its rows that are not empty, and its headings as written."""

    place: str | Sentence  # file, and sheet if it has one
    headings: Mapping[str, str]
    rows: list[Row] = field(repr=False)


class SheetErrors:
    """Collector of the invalid cells of a sheet, so that all are reported at once."""

    def __init__(self, sheet: ReturnedSheet) -> None:
        self._sheet = sheet
        self._errors: list[CellError] = []

    def read_cell(self, row: Row, column: str, read: Callable[[str], T]) -> T | None:
        """Parse a cell with ``read``; return None, and add an error, if that raises CellError.

        Return None as well if the sheet has no such column.
        """
        if column not in row.cells:
            return None
        try:
            return read(row.cells[column])
        except CellError as error:
            self.add(row, column, error.with_traceback(None))
            return None

    def add(self, row: Row, column: str, why: CellError) -> None:
        """Record that a cell is invalid, with the reason."""
        place, heading = self._sheet.place, self._sheet.headings[column]
        self._errors.append(
            CellError("cell.invalid", place=place, row=row.number, heading=heading, why=why)
        )

    def raise_if_any(self) -> None:
        """Raise CaseError with one line per invalid cell, if there are any."""
        errors, others = self._errors[:_MAX_ERRORS], len(self._errors) - _MAX_ERRORS
        if others > 0:
            errors.append(CellError("cell.others", count=others))
        if errors:
            raise CaseError("form.invalid", errors=errors)


def read_file_bytes(path: Path) -> bytes:
    """Return the bytes of a returned file; raises CaseError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaseError("file.unreadable", path=path, reason=error.strerror) from error


def read_content(content: bytes, name: str, form: Form) -> ReturnedSheet:
    """Read the sheet of ``form`` from the bytes of a returned file called ``name``."""
    first_error: CaseError | None = None
    for place, rows in _read_sheets(content, name):
        try:
            return _build_sheet(place, rows, form)
        except CaseError as error:
            first_error = first_error or error
    raise first_error or CaseError("form.nothing", file=name)


def find_sheet(content: bytes, name: str, form: Form) -> ReturnedSheet | None:
    """Read the optional sheet of ``form`` in a returned file; return None if it is missing.

    It is the sheet with the title of the form, else the first with its headings. Raise CaseError
    if the titled sheet lacks a needed column.
    """
    sheets = list(_read_sheets(content, name))
    titles = set(form.title.values())
    for place, rows in sheets:
        if isinstance(place, Sentence) and place.fields["sheet"] in titles:
            return _build_sheet(place, rows, form)
    for place, rows in sheets:
        try:
            return _build_sheet(place, rows, form)
        except CaseError:
            continue
    return None


def _read_sheets(content: bytes, name: str) -> Iterator[tuple[str | Sentence, _Rows]]:
    """Yield the rows of each sheet with cells (or of the CSV), with its name for messages."""
    if content.startswith(_WORKBOOKS):
        book = _open(content, name)
        dimensions = _measure_sheets(content)
        for at, title in enumerate(book.sheet_names):
            place = Sentence("form.sheet", {"file": name, "sheet": title})
            if at < len(dimensions) and dimensions[at].cells > _MAX_SHEET_CELLS:
                raise CaseError("form.too_large", place=place)
            if rows := _sheet_rows(book, title, name):
                yield place, rows
        return
    guess = guess_encoding(content)
    try:
        text = content[guess.bom :].decode(CODECS[guess.encoding]) if guess else ""
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise CaseError("form.no_table", file=name)
    parses = [_parse_csv(text, each) for each in _DELIMITERS]
    widest = max(parses, key=_widest_row)
    yield name, widest


def _parse_csv(text: str, delimiter: str) -> list[tuple[int, list[Any]]]:
    """Return the numbered records of a CSV text; none if it is invalid."""
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [(number, list[Any](row)) for number, row in enumerate(lines, 1)]
    except csv.Error:
        return []


def _widest_row(rows: list[tuple[int, list[Any]]]) -> int:
    return max((len(row) for _, row in rows[:_HEADING_ROWS]), default=0)


def _measure_sheets(content: bytes) -> list[SheetDimensions]:
    """Return the dimensions of a zipped workbook's sheets; none if they cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return measure_sheets(archive, STANDARD_BUDGET)[0] or []
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, EOFError):
        return []


def _open(content: bytes, name: str) -> Any:
    """Open a workbook with the native reader; raises CaseError if it cannot."""
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        raise CaseError("form.password", file=name) from None
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of the native reader is no Exception
        raise CaseError("form.no_workbook", file=name, reason=type(error).__name__) from None


def _sheet_rows(book: Any, title: str, name: str) -> list[tuple[int, list[Any]]]:
    """Return the numbered rows of a sheet, with columns from A."""
    try:
        sheet = book.get_sheet_by_name(title)
        if sheet.start is None:
            return []
        leading = [""] * int(sheet.start[1])
        # the reader yields rows from row 1, but columns only from the first filled one
        return [(number, leading + row) for number, row in enumerate(sheet.iter_rows(), 1)]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of the native reader is no Exception
        raise CaseError("form.no_workbook", file=name, reason=type(error).__name__) from None


def _build_sheet(place: str | Sentence, rows: _Rows, form: Form) -> ReturnedSheet:
    """Build the returned sheet from its rows; raises CaseError if a needed column is missing."""
    numbered_rows = iter(rows)
    missing: list[str] = []
    for number, row in numbered_rows:
        places, still_missing = _match_headings(place, row, form)
        if not still_missing:
            break
        if not missing or len(still_missing) < len(missing):
            missing = still_missing
        if number >= _HEADING_ROWS:
            raise CaseError("form.no_column", place=place, column=missing[0])
    else:
        raise CaseError("form.no_column", place=place, column=missing[0] if missing else "")
    headings = {name: " ".join(str(row[at]).split()) for name, at in places.items()}
    exact = {column.name for column in form.columns if column.exact}
    built_rows = [_build_row(number, cells, places, exact) for number, cells in numbered_rows]
    return ReturnedSheet(place, headings, [each for each in built_rows if any(each.cells.values())])


def _match_headings(
    place: str | Sentence, row: list[Any], form: Form
) -> tuple[dict[str, int], list[str]]:
    """Match a row to the form's headings: (column -> position, missing required headings).

    Raises CaseError if a column is there twice.
    """
    known: dict[str, str] = {}
    for column in form.columns:
        for text in (column.name, *column.heading.values(), *column.also):
            for key in heading_keys(text):
                known.setdefault(key, column.name)
    places: dict[str, int] = {}
    repeated: list[str] = []
    for at, cell in enumerate(row):
        name = next((known[key] for key in heading_keys(str(cell)) if key in known), None)
        if name in places:
            repeated.append(" ".join(str(cell).split()))
        elif name is not None:
            places[name] = at
    missing = [
        " / ".join(dict.fromkeys(column.heading.values()))
        for column in form.columns
        if column.needed and column.name not in places
    ]
    if repeated and not missing:
        raise CaseError("form.column_twice", place=place, column=repeated[0])
    return places, missing


def _build_row(number: int, cells: list[Any], places: Mapping[str, int], exact: set[str]) -> Row:
    """Build one row from its cells by the positions of the columns."""
    texts: dict[str, str] = {}
    dates = set()
    for name, at in places.items():
        value = cells[at] if at < len(cells) else ""
        text = cell_text(value) or ""
        texts[name] = text if name in exact and text.strip() else text.strip()
        if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
            dates.add(name)
    return Row(number, texts, frozenset(dates))
