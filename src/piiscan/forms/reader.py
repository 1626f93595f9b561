"""A sheet that was given back, read: workbook or CSV, with its columns in whatever order.

Spreadsheet programs turn what looks like a number or a date into one; cells come back as the text
that was meant (``1.0`` is 1).  Faults name sheet, row and heading, never what a cell holds.
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
from piiscan.sources.formats.spreadsheet.dimensions import Extent
from piiscan.sources.formats.spreadsheet.open import cell_text
from piiscan.sources.formats.spreadsheet.workbook_parts import measure_sheets
from piiscan.sources.limits import STANDARD

#: Rows in which the headings are looked for: people put titles above them.
_LOOKED_AT: Final = 30
_DELIMITERS: Final = (",", "\t", ";")
#: What a zip (xlsx, ods) and an OLE file (xls) begin with.
_WORKBOOKS: Final = (b"PK", b"\xd0\xcf\x11\xe0")
#: Of a sheet's used rectangle, blank ones included: a stray cell can make it billions.
_MOST_CELLS: Final = 40_000_000
#: How many faults a message tells of.
_TOLD: Final = 20

T = TypeVar("T")
_Rows = Iterable[tuple[int, list[Any]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, its cells by column, "" where nothing is.

    ``dates`` are the columns whose cell a spreadsheet program took for a date.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)
    dates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Returned:
    """A sheet given back: its rows with anything in them, and its headings as they stand there."""

    where: str  # file, and sheet if it has one
    headings: Mapping[str, str]
    rows: list[Row] = field(repr=False)


class Faults:
    """Cells of a sheet that cannot be used, gathered so that all of them are told at once."""

    def __init__(self, sheet: Returned) -> None:
        self._sheet = sheet
        self._told: list[str] = []

    def take(self, row: Row, column: str, read: Callable[[str], T]) -> T | None:
        """What ``read`` makes of a cell; None if it cannot be used, or the sheet has no such."""
        if column not in row.cells:
            return None
        try:
            return read(row.cells[column])
        except CellError as error:
            self.add(row, column, str(error))
            return None

    def add(self, row: Row, column: str, why: str) -> None:
        """Note that a cell cannot be used, and why."""
        sheet = self._sheet
        self._told.append(f"{sheet.where}, row {row.number}, {sheet.headings[column]}: {why}")

    def refuse(self) -> None:
        """Nothing; CaseError telling of every fault, a line each, if there are any."""
        told = self._told[:_TOLD]
        if len(self._told) > _TOLD:
            told.append(f"{len(self._told) - _TOLD} more cells cannot be used")
        if told:
            raise CaseError("\n".join(told))


def read_sheet(path: Path, form: Form) -> Returned:
    """What ``path`` holds of ``form``; CaseError if it has no sheet with the needed headings."""
    return read_content(content_of(path), path.name, form)


def content_of(path: Path) -> bytes:
    """The bytes of a sheet that was given back; CaseError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror}") from error


def read_content(content: bytes, name: str, form: Form) -> Returned:
    """The same for the bytes of a file called ``name``."""
    first: CaseError | None = None
    for where, rows in _sheets(content, name):
        try:
            return _returned(where, rows, form)
        except CaseError as error:
            first = first or error
    raise first or CaseError(f"{name} has no sheet with anything in it")


def _sheets(content: bytes, name: str) -> Iterator[tuple[str, _Rows]]:
    """Each sheet of a workbook that has cells, or the CSV; and how errors call it."""
    if content.startswith(_WORKBOOKS):
        book = _open(content, name)
        extents = _extents(content)
        for at, title in enumerate(book.sheet_names):
            if at < len(extents) and extents[at].cells > _MOST_CELLS:
                raise CaseError(
                    f"{name}, sheet {title}: something stands far outside the table and makes"
                    " it too large; delete it"
                )
            if rows := _cells(book, title, name):
                yield f"{name}, sheet {title}", rows
        return
    guess = guess_encoding(content)
    try:
        text = content[guess.bom :].decode(CODECS[guess.encoding]) if guess else ""
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise CaseError(f"{name} is no workbook that can be read: neither workbook nor CSV")
    readings = [_lines(text, each) for each in _DELIMITERS]
    widest = max(readings, key=_width)
    yield name, widest


def _lines(text: str, delimiter: str) -> list[tuple[int, list[Any]]]:
    """The records of CSV; none if it cannot be read so."""
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [(number, list[Any](row)) for number, row in enumerate(lines, 1)]
    except csv.Error:
        return []


def _width(rows: list[tuple[int, list[Any]]]) -> int:
    return max((len(row) for _, row in rows[:_LOOKED_AT]), default=0)


def _extents(content: bytes) -> list[Extent]:
    """How large the sheets of a zipped workbook are, before memory is taken for them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return measure_sheets(archive, STANDARD) or []
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, EOFError):
        return []


def _open(content: bytes, name: str) -> Any:
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        raise CaseError(f"{name} has a password; save it without one") from None
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of the native reader is no Exception
        raise CaseError(f"{name} is no workbook that can be read: {type(error).__name__}") from None


def _cells(book: Any, title: str, name: str) -> list[tuple[int, list[Any]]]:
    """The rows of a sheet, columns counted from A."""
    try:
        sheet = book.get_sheet_by_name(title)
        if sheet.start is None:
            return []
        left = [""] * int(sheet.start[1])
        # rows come from the first, whatever the place of the first cell is
        return [(number, left + row) for number, row in enumerate(sheet.iter_rows(), 1)]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of the native reader is no Exception
        raise CaseError(f"{name} is no workbook that can be read: {type(error).__name__}") from None


def _returned(where: str, rows: _Rows, form: Form) -> Returned:
    listed = iter(rows)
    missing: list[str] = []
    for number, row in listed:
        places, lacking = _places(where, row, form)
        if not lacking:
            break
        if not missing or len(lacking) < len(missing):
            missing = lacking
        if number >= _LOOKED_AT:
            raise CaseError(f"{where}: no column '{missing[0]}'")
    else:
        raise CaseError(f"{where}: no column '{missing[0] if missing else ''}'")
    headings = {name: " ".join(str(row[at]).split()) for name, at in places.items()}
    exact = {column.name for column in form.columns if column.exact}
    found = [_row(number, cells, places, exact) for number, cells in listed]
    return Returned(where, headings, [each for each in found if any(each.cells.values())])


def _places(where: str, row: list[Any], form: Form) -> tuple[dict[str, int], list[str]]:
    """Where each column stands if ``row`` is that of the headings, and needed ones that do not."""
    known: dict[str, str] = {}
    for column in form.columns:
        for text in (column.name, *column.heading.values(), *column.also):
            for key in heading_keys(text):
                known.setdefault(key, column.name)
    places: dict[str, int] = {}
    twice: list[str] = []
    for at, cell in enumerate(row):
        name = next((known[key] for key in heading_keys(str(cell)) if key in known), None)
        if name in places:
            twice.append(" ".join(str(cell).split()))
        elif name is not None:
            places[name] = at
    lacking = [
        " / ".join(dict.fromkeys(column.heading.values()))
        for column in form.columns
        if column.needed and column.name not in places
    ]
    if twice and not lacking:
        raise CaseError(f"{where}: the column '{twice[0]}' stands twice")
    return places, lacking


def _row(number: int, cells: list[Any], places: Mapping[str, int], exact: set[str]) -> Row:
    texts: dict[str, str] = {}
    dates = set()
    for name, at in places.items():
        value = cells[at] if at < len(cells) else ""
        text = cell_text(value) or ""
        texts[name] = text if name in exact and text.strip() else text.strip()
        if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
            dates.add(name)
    return Row(number, texts, frozenset(dates))
