"""Opener for workbooks (xlsx, xls, xlsb, ods): one Table per sheet, hidden sheets included."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

import numpy as np

from piiscan.arrow_strings import string_column
from piiscan.errors import SourceError
from piiscan.sources.block import (
    BLANK,
    DATA,
    HEADER,
    SUBTOTAL,
    TITLE,
    Block,
    CountNames,
    Table,
    Trouble,
)
from piiscan.sources.content import Content, middle_start
from piiscan.sources.formats.spreadsheet.dimensions import SheetDimensions
from piiscan.sources.formats.spreadsheet.workbook_parts import measure_sheets, report_unread_parts
from piiscan.sources.limits import Budget
from piiscan.sources.rows.header_row import HeaderLayout, clean_header, find_layout
from piiscan.sources.rows.tokenizer import MAX_CELLS

_BLOCK_ROWS: Final = 16_384
_SAMPLE_ROWS: Final = 300
_SUBTOTAL_CELL: Final = re.compile(r"(?:本页|总)?[合小总共累總]\s*[计計].{0,4}")
_Row = tuple[int, list[str | None]]  # number and cells, blank ones None
_HIDDEN_STATES: Final = {"Hidden": "hidden", "VeryHidden": "very hidden"}


def open_workbook(
    content: Content, count_names: CountNames, budget: Budget, *, seed: int = 0
) -> Iterator[Table | Trouble]:
    """Yield one Table per sheet, its ``member`` ending in ``#name``, and a Trouble per problem.

    Read the blocks of a table before you request the next one: each has its sheet in memory.
    """
    member = content.member
    try:
        dimensions = yield from _measure_workbook(content, budget)
        book = _load(content)
    except SourceError as error:
        yield Trouble(member, error.reason, error.detail)
        return
    for number, metadata in enumerate(book.sheets_metadata):
        member_path = f"{member}#{metadata.name}"
        state = str(metadata.visible).rpartition(".")[2]
        if state in _HIDDEN_STATES:
            yield Trouble(member_path, "HIDDEN_SHEET", _HIDDEN_STATES[state], lost=False)
        kind = str(metadata.typ).rpartition(".")[2]
        if kind != "WorkSheet":
            yield Trouble(member_path, "NOT_SUPPORTED_YET", f"sheet of the kind {kind}")
            continue
        size = dimensions[number] if dimensions and number < len(dimensions) else None
        yield from _open_sheet(
            content, book, number, member_path, size, (count_names, budget, seed)
        )


def _measure_workbook(content: Content, budget: Budget) -> Any:
    """Yield a Trouble per unread part; return the sheets' dimensions (None if not zipped).

    Raises SourceError if the workbook is corrupt or over the budget.
    """
    if content.size > budget.in_memory:
        raise SourceError("WORKBOOK_TOO_LARGE", f"{content.size} bytes; over the budget")
    if not content.head.startswith(b"PK"):
        return None
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive:
            yield from report_unread_parts(archive, content.member)
            return measure_sheets(archive, budget)
    except ValueError:
        raise SourceError("WORKBOOK_TOO_LARGE", "unpacks to more than the budget") from None
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise SourceError("CORRUPT", type(error).__name__) from None


def _call_native(action: Callable[[], Any]) -> Any:
    """Call ``action``; raise any error of the native reader, panics included, as SourceError."""
    from python_calamine import PasswordError

    try:
        return action()
    except PasswordError:
        raise SourceError("ENCRYPTED", "the workbook has a password") from None
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic is no Exception
        raise SourceError("CORRUPT", type(error).__name__) from None


def _load(content: Content) -> Any:
    """Load a workbook with the native reader; raises SourceError if it cannot."""
    from python_calamine import CalamineWorkbook

    with content.open() as stream:
        return _call_native(lambda: CalamineWorkbook.from_filelike(stream))


def _open_sheet(
    content: Content,
    book: Any,
    number: int,
    member_path: str,
    dimensions: SheetDimensions | None,
    context: tuple[CountNames, Budget, int],
) -> Iterator[Table | Trouble]:
    """Yield the Table of one sheet, or a Trouble if it is too large, empty or corrupt."""
    count_names, budget, seed = context
    if dimensions is not None and dimensions.cells > budget.cells:
        size = f"{dimensions.rows} x {dimensions.columns} cells; over the budget"
        yield Trouble(member_path, "SHEET_TOO_LARGE", size)
        return
    try:
        sheet = _call_native(lambda: book.get_sheet_by_index(number))
        sample_rows = _call_native(lambda: _sample_rows(sheet, seed))
    except SourceError as error:
        yield Trouble(member_path, error.reason, error.detail)
        return
    if not sample_rows:
        yield Trouble(member_path, "EMPTY", "a sheet without cells", lost=False)
        return
    if dimensions is not None and dimensions.formulas:
        detail = "formulas: their stored results are read, their text is not"
        yield Trouble(member_path, "FORMULAS_NOT_READ", detail, lost=False)
    yield _table(content, sheet, member_path, sample_rows, count_names)


def _table(
    content: Content, sheet: Any, member_path: str, sample_rows: list[_Row], count_names: CountNames
) -> Table:
    """Build the Table of a sheet from its sample rows."""
    head = [[cell or "" for cell in row] for at, row in sample_rows if at <= _SAMPLE_ROWS]
    layout = find_layout(head, count_names)
    width = max(1, len(layout.groups), *(len(row) for _, row in sample_rows))
    extra_columns = width - len(layout.groups)  # columns that only later rows have
    return Table(
        member=member_path,
        kind="sheet",
        encoding=None,
        delimiter=None,
        headers=None if layout.headers is None else layout.headers + [None] * extra_columns,
        header_row=layout.header_row,
        groups=layout.groups + layout.groups[-1:] * extra_columns
        if layout.groups
        else [0] * extra_columns,
        sample=block_of_rows([item for item in sample_rows if any(item[1])], layout, width),
        blocks=lambda: _read(sheet, member_path, layout, width),
        sha256=content.sha256,
        size=content.size,
    )


def _sample_rows(sheet: Any, seed: int) -> list[_Row]:
    """Return numbered rows of head (blank rows included), middle and tail."""
    total = int(sheet.total_height) + (int(sheet.start[0]) if sheet.start else 0)
    middle = middle_start(max(total, 4), seed)
    head: list[_Row] = []
    tail: deque[_Row] = deque(maxlen=_SAMPLE_ROWS)
    middle_rows = []
    for number, row in _rows(sheet):
        if number <= _SAMPLE_ROWS:
            head.append((number, row))
        else:
            if middle <= number < middle + _SAMPLE_ROWS:
                middle_rows.append((number, row))
            tail.append((number, row))
    middle_numbers = {number for number, _ in middle_rows}
    return head + middle_rows + [item for item in tail if item[0] not in middle_numbers]


def _rows(sheet: Any) -> Iterator[_Row]:
    """Yield (row number, cells as text) of each row of a sheet; None for a blank cell.

    Columns count from A.
    """
    if sheet.start is None:
        return
    leading: list[str | None] = [None] * int(sheet.start[1])
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = leading + [cell_text(value) for value in row]
        yield number, cells if len(cells) <= MAX_CELLS else _join_extra_cells(cells)


def _join_extra_cells(cells: list[str | None]) -> list[str | None]:
    """Join the cells of a row beyond the maximum number into the last allowed one."""
    rest = "\t".join(cell or "" for cell in cells[MAX_CELLS - 1 :]).strip("\t")
    return [*cells[: MAX_CELLS - 1], rest or None]


def cell_text(value: Any) -> str | None:
    """Return a stored value as Excel shows it without a format; None for a blank cell.

    Excel stores 15 significant digits, so an ID typed as a number ends in zeros.

    >>> cell_text(13800138000.0), cell_text(430104199003071234.0), cell_text(0.1)
    ('13800138000', '430104199003071000', '0.1')
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number_text(float(value)) if abs(value) < 1e300 else str(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time.min:
        return value.date().isoformat()
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return None if value is None else str(value)


def _number_text(value: float) -> str:
    """Return a number with 15 significant digits, without an exponent if it is of usual size."""
    text = format(value, ".15g")
    if "e" not in text or not 1e-15 < abs(value) < 1e21:
        return text
    return format(Decimal(text), "f")


def _read(
    sheet: Any, member_path: str, layout: HeaderLayout, width: int
) -> Iterator[Block | Trouble]:
    """Yield the filled rows of a sheet as blocks, with a Trouble for a row that is too wide."""
    wide_row: int | None = None
    rows: list[_Row] = []
    last_read = 0
    for number, row in _rows(sheet):
        if len(row) == MAX_CELLS and wide_row is None and "\t" in (row[-1] or ""):
            wide_row = number
            detail = "the last cell holds the rest of the row"
            yield Trouble(member_path, "TOO_MANY_COLUMNS", detail, number, lost=False)
        if any(row):
            rows.append((number, row))
        if len(rows) * width >= _BLOCK_ROWS * 16 or len(rows) == _BLOCK_ROWS:
            yield block_of_rows(rows, layout, width, before=last_read)
            rows, last_read = [], number
    if rows:
        yield block_of_rows(rows, layout, width, before=last_read)


def block_of_rows(
    part: list[_Row], layout: HeaderLayout, width: int, *, before: int | None = None
) -> Block:
    """Build a Block of numbered sheet rows; rows missing since row ``before`` count as blank."""
    width = max(width, max((len(row) for _, row in part), default=0))
    columns: list[Any] = []
    for column in range(width):
        cells = [row[column] if column < len(row) else None for _, row in part]
        columns.append(string_column(cells))
    rows = np.array([number for number, _ in part], np.int64)
    kinds = np.array([_classify_row(number, row, layout) for number, row in part], np.int8)
    blank_rows = 0 if before is None else int(rows[-1]) - before - len(rows)
    return Block(columns, rows, None, None, None, kinds=kinds, blank_rows=blank_rows)


def _classify_row(number: int, row: list[str | None], layout: HeaderLayout) -> int:
    """Return the kind of a row: BLANK, TITLE, HEADER, SUBTOTAL or DATA."""
    first = next((cell for cell in row if cell and cell.strip()), None)
    if first is None:
        return BLANK
    if layout.header_row is not None and number <= layout.header_row:
        return HEADER if number == layout.header_row else TITLE
    if _SUBTOTAL_CELL.fullmatch(first.strip()):
        return SUBTOTAL
    if layout.raw and first.strip() == next(name for name in layout.raw if name):
        cells = [clean_header(cell or "") for cell in row]
        if [c for c in cells if c] == [c for c in layout.raw if c]:
            return HEADER
    return DATA
