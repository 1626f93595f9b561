"""Sheet rows: the rows of a loaded sheet as text, sampled and cut into batches.

The worker of the native reader imports this module: nothing here may load numba.
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from piiscan.sources.content import middle_start

#: Rows of a sample from each of head, middle and tail.
SAMPLE_ROWS: Final = 300
#: Most rows, cells (blank ones included) and characters of a batch; one row may have more.
_BATCH_ROWS: Final = 16_384
_BATCH_CELLS: Final = _BATCH_ROWS * 16
_BATCH_CHARACTERS: Final = 32 << 20

Row = tuple[int, list[str | None]]  # number and cells, blank ones None


def sample_rows(sheet: Any, seed: int, max_cells: int) -> list[Row]:
    """Return numbered rows of head (blank rows included), middle and tail."""
    total = int(sheet.total_height) + (int(sheet.start[0]) if sheet.start else 0)
    middle = middle_start(max(total, 4), seed)
    head: list[tuple[int, list[Any]]] = []
    tail: deque[tuple[int, list[Any]]] = deque(maxlen=SAMPLE_ROWS)
    middle_rows = []
    for number, row in _stored_rows(sheet):
        if number <= SAMPLE_ROWS:
            head.append((number, row))
        else:
            if middle <= number < middle + SAMPLE_ROWS:
                middle_rows.append((number, row))
            tail.append((number, row))
    middle_numbers = {number for number, _ in middle_rows}
    sampled = head + middle_rows + [item for item in tail if item[0] not in middle_numbers]
    return [(number, _cell_texts(row, max_cells)) for number, row in sampled]


def _stored_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Yield (row number, stored values) of each row of a sheet; columns count from A."""
    if sheet.start is None:
        return
    leading: list[Any] = [None] * int(sheet.start[1])
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, leading + row if leading else row


def _cell_texts(row: list[Any], max_cells: int) -> list[str | None]:
    """Return the values of a row as texts, None for blank ones; extra cells are joined."""
    cells = [cell_text(value) for value in row]
    return cells if len(cells) <= max_cells else _join_extra_cells(cells, max_cells)


def row_batches(
    sheet: Any, width: int, max_cells: int, *, after: int = 0, wide: bool = False
) -> Iterator[list[Row] | int]:
    """Yield the filled rows after row ``after`` in batches, and the first too wide row's number.

    ``wide``: a row before was too wide.
    """
    rows: list[Row] = []
    characters = 0
    for number, stored in _stored_rows(sheet):
        if number <= after:
            continue
        row = _cell_texts(stored, max_cells)
        if not wide and len(row) == max_cells and "\t" in (row[-1] or ""):
            wide = True
            yield number
        if any(row):
            rows.append((number, row))
            characters += sum(map(len, filter(None, row)))
        if (
            len(rows) * width >= _BATCH_CELLS
            or len(rows) == _BATCH_ROWS
            or characters >= _BATCH_CHARACTERS
        ):
            yield rows
            rows, characters = [], 0
    if rows:
        yield rows


def _join_extra_cells(cells: list[str | None], max_cells: int) -> list[str | None]:
    """Join the cells of a row beyond the maximum number into the last allowed one."""
    rest = "\t".join(cell or "" for cell in cells[max_cells - 1 :]).strip("\t")
    return [*cells[: max_cells - 1], rest or None]


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
