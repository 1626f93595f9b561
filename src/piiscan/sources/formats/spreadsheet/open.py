"""Workbooks (xlsx, xls, xlsb, ods) as one Table per sheet, hidden sheets too."""

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
from piiscan.sources.formats.spreadsheet.dimensions import Extent
from piiscan.sources.formats.spreadsheet.workbook_parts import list_unread, measure_sheets
from piiscan.sources.limits import Budget
from piiscan.sources.rows.header_row import Layout, clean, find_layout
from piiscan.sources.rows.tokenizer import MOST_CELLS

_ROWS: Final = 16_384
_SAMPLED: Final = 300
_SUBTOTAL: Final = re.compile(r"(?:本页|总)?[合小总共累總]\s*[计計].{0,4}")
_Row = tuple[int, list[str | None]]  # number and cells, blank ones None
_HIDDEN: Final = {"Hidden": "hidden", "VeryHidden": "very hidden"}


def open_workbook(
    content: Content, count_names: CountNames, budget: Budget, *, seed: int = 0
) -> Iterator[Table | Trouble]:
    """One Table for each sheet, its member ``…#name``; what cannot be read is reported.

    Read a table's blocks before asking for the next: each holds its sheet in memory.
    """
    member = content.member
    try:
        extents = yield from _survey(content, budget)
        book = _load(content)
    except SourceError as error:
        yield Trouble(member, error.reason, error.detail)
        return
    for number, about in enumerate(book.sheets_metadata):
        chain = f"{member}#{about.name}"
        state = str(about.visible).rpartition(".")[2]
        if state in _HIDDEN:
            yield Trouble(chain, "HIDDEN_SHEET", _HIDDEN[state], lost=False)
        kind = str(about.typ).rpartition(".")[2]
        if kind != "WorkSheet":
            yield Trouble(chain, "NOT_SUPPORTED_YET", f"sheet of the kind {kind}")
            continue
        extent = extents[number] if extents and number < len(extents) else None
        yield from _open_sheet(content, book, number, chain, extent, (count_names, budget, seed))


def _survey(content: Content, budget: Budget) -> Any:
    """Extents of an xlsx file's sheets (None for other formats); yields what is not read."""
    if content.size > budget.held:
        raise SourceError("WORKBOOK_TOO_LARGE", f"{content.size} bytes; over the budget")
    if not content.head.startswith(b"PK"):
        return None
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive:
            yield from list_unread(archive, content.member)
            return measure_sheets(archive, budget)
    except ValueError:
        raise SourceError("WORKBOOK_TOO_LARGE", "unpacks to more than the budget") from None
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise SourceError("CORRUPT", type(error).__name__) from None


def _guard(action: Callable[[], Any]) -> Any:
    """The action's result; whatever the native reader throws, panics included, as SourceError."""
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
    from python_calamine import CalamineWorkbook

    with content.open() as stream:
        return _guard(lambda: CalamineWorkbook.from_filelike(stream))


def _open_sheet(
    content: Content,
    book: Any,
    number: int,
    chain: str,
    extent: Extent | None,
    context: tuple[CountNames, Budget, int],
) -> Iterator[Table | Trouble]:
    count_names, budget, seed = context
    if extent is not None and extent.cells > budget.cells:
        size = f"{extent.rows} x {extent.columns} cells; over the budget"
        yield Trouble(chain, "SHEET_TOO_LARGE", size)
        return
    try:
        sheet = _guard(lambda: book.get_sheet_by_index(number))
        sampled = _guard(lambda: _sample_rows(sheet, seed))
    except SourceError as error:
        yield Trouble(chain, error.reason, error.detail)
        return
    if not sampled:
        yield Trouble(chain, "EMPTY", "a sheet without cells", lost=False)
        return
    if extent is not None and extent.formulas:
        detail = "formulas: their stored results are read, their text is not"
        yield Trouble(chain, "FORMULAS_NOT_READ", detail, lost=False)
    yield _table(content, sheet, chain, sampled, count_names)


def _table(
    content: Content, sheet: Any, chain: str, sampled: list[_Row], count_names: CountNames
) -> Table:
    head = [[cell or "" for cell in row] for at, row in sampled if at <= _SAMPLED]
    layout = find_layout(head, count_names)
    width = max(1, len(layout.groups), *(len(row) for _, row in sampled))
    more = width - len(layout.groups)  # columns that only rows below the first ones have
    return Table(
        member=chain,
        kind="sheet",
        encoding=None,
        delimiter=None,
        headers=None if layout.headers is None else layout.headers + [None] * more,
        header_row=layout.header_row,
        groups=layout.groups + layout.groups[-1:] * more if layout.groups else [0] * more,
        sample=block_of_rows([item for item in sampled if any(item[1])], layout, width),
        blocks=lambda: _read(sheet, chain, layout, width),
        sha256=content.sha256,
        size=content.size,
    )


def _sample_rows(sheet: Any, seed: int) -> list[_Row]:
    """Rows (with numbers) of head, middle and tail; the head's blank ones too."""
    total = int(sheet.total_height) + (int(sheet.start[0]) if sheet.start else 0)
    middle = middle_start(max(total, 4), seed)
    head: list[_Row] = []
    tail: deque[_Row] = deque(maxlen=_SAMPLED)
    inner = []
    for number, row in _rows(sheet):
        if number <= _SAMPLED:
            head.append((number, row))
        else:
            if middle <= number < middle + _SAMPLED:
                inner.append((number, row))
            tail.append((number, row))
    seen = {number for number, _ in inner}
    return head + inner + [item for item in tail if item[0] not in seen]


def _rows(sheet: Any) -> Iterator[_Row]:
    """Each row's number and cells as text, blank cells None; columns count from A."""
    if sheet.start is None:
        return
    left: list[str | None] = [None] * int(sheet.start[1])
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = left + [cell_text(value) for value in row]
        yield number, cells if len(cells) <= MOST_CELLS else _fold(cells)


def _fold(cells: list[str | None]) -> list[str | None]:
    """Cells beyond the cap joined into the last one, so that none is lost."""
    rest = "\t".join(cell or "" for cell in cells[MOST_CELLS - 1 :]).strip("\t")
    return [*cells[: MOST_CELLS - 1], rest or None]


def cell_text(value: Any) -> str | None:
    """A stored value as Excel would show it unformatted; None for a blank cell.

    Excel keeps 15 significant digits: an ID typed as a number ends in zeros, and is handed out so.

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
    text = format(value, ".15g")
    if "e" not in text or not 1e-15 < abs(value) < 1e21:
        return text
    return format(Decimal(text), "f")


def _read(sheet: Any, chain: str, layout: Layout, width: int) -> Iterator[Block | Trouble]:
    wide: int | None = None
    part: list[_Row] = []
    seen = 0
    for number, row in _rows(sheet):
        if len(row) == MOST_CELLS and wide is None and "\t" in (row[-1] or ""):
            wide = number
            detail = "the last cell holds the rest of the row"
            yield Trouble(chain, "TOO_MANY_COLUMNS", detail, number, lost=False)
        if any(row):
            part.append((number, row))
        if len(part) * width >= _ROWS * 16 or len(part) == _ROWS:
            yield block_of_rows(part, layout, width, before=seen)
            part, seen = [], number
    if part:
        yield block_of_rows(part, layout, width, before=seen)


def block_of_rows(
    part: list[_Row], layout: Layout, width: int, *, before: int | None = None
) -> Block:
    """The rows as a block; all that is missing since row ``before`` was blank."""
    width = max(width, max((len(row) for _, row in part), default=0))
    columns: list[Any] = []
    for column in range(width):
        cells = [row[column] if column < len(row) else None for _, row in part]
        columns.append(string_column(cells))
    rows = np.array([number for number, _ in part], np.int64)
    kinds = np.array([_kind(number, row, layout) for number, row in part], np.int8)
    passed = 0 if before is None else int(rows[-1]) - before - len(rows)
    return Block(columns, rows, None, None, None, kinds=kinds, passed=passed)


def _kind(number: int, row: list[str | None], layout: Layout) -> int:
    first = next((cell for cell in row if cell and cell.strip()), None)
    if first is None:
        return BLANK
    if layout.header_row is not None and number <= layout.header_row:
        return HEADER if number == layout.header_row else TITLE
    if _SUBTOTAL.fullmatch(first.strip()):
        return SUBTOTAL
    if layout.raw and first.strip() == next(name for name in layout.raw if name):
        cells = [clean(cell or "") for cell in row]
        if [c for c in cells if c] == [c for c in layout.raw if c]:
            return HEADER
    return DATA
