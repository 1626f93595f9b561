"""Sheet rows: the rows of a loaded sheet as text, sampled and cut into batches.

The worker of the native reader imports this module: nothing here may load NumPy.
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from piiscan.sources.block import DATA
from piiscan.sources.content import middle_start
from piiscan.sources.rows.header_row import SUBTOTAL_BEGINS, HeaderLayout, classify_row

#: Rows of a sample from each of head, middle and tail.
SAMPLE_ROWS: Final = 300
#: Most rows, cells (blank ones included) and characters of a batch; one row may have more.
_BATCH_ROWS: Final = 16_384
_BATCH_CELLS: Final = _BATCH_ROWS * 16
_BATCH_CHARACTERS: Final = 32 << 20
_BLANKS: Final = frozenset(char for char in map(chr, range(0x3001)) if char.isspace())
#: Rows that become columns together, while they are in the cache of the processor.
_PIECE_ROWS: Final = 512

Row = tuple[int, list[str | None]]  # number and cells, blank ones None
StoredRow = tuple[int, list[Any]]  # number and stored values, blank ones None or ""


def sample_rows(sheet: Any, seed: int, max_cells: int) -> list[Row]:
    """Return (row number, cells) of a sheet's sample: head (with blank rows), middle, tail.

    ``seed``: places the middle rows. ``max_cells``: cells of a row; further cells are joined.
    """
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
    return [(number, _join_extra_cells(_cell_texts(row), max_cells)) for number, row in sampled]


def _stored_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Yield (row number, stored values) of each row of a sheet; columns count from A."""
    if sheet.start is None:
        return
    leading: list[Any] = [None] * int(sheet.start[1])
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, leading + row if leading else row


def _cell_texts(row: Iterable[Any]) -> list[str | None]:
    """Return stored values as texts; None for a blank cell."""
    return [(value or None) if type(value) is str else cell_text(value) for value in row]


def row_batches(
    sheet: Any,
    layout: HeaderLayout,
    width: int,
    max_cells: int,
    *,
    after: int = 0,
    wide: bool = False,
) -> Iterator[list[pa.Array] | int]:
    """Yield the filled rows after row ``after`` in batches; once, the number of a row too wide.

    The columns of a batch are number, kind, and the texts of ``width`` or more cells. ``wide``: a
    row before was too wide.
    """
    pieces: list[list[pa.Array]] = []
    rows: list[StoredRow] = []
    count = characters = 0
    for number, stored in _stored_rows(sheet):
        if number <= after:
            continue
        row = stored
        if len(row) >= max_cells:
            row = _join_extra_cells(_cell_texts(stored), max_cells)
            if not wide and "\t" in (row[-1] or ""):
                wide = True
                yield number
        if not any(row) and all(value is None or value == "" for value in row):  # 0 is filled
            continue
        rows.append((number, row))
        count += 1
        characters += _count_characters(row)
        if count * width >= _BATCH_CELLS or count == _BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            yield _joined([*pieces, _columns(rows, layout, width)])
            pieces, rows, count, characters = [], [], 0, 0
        elif len(rows) == _PIECE_ROWS:
            pieces.append(_columns(rows, layout, width))
            rows = []
    if rows:
        pieces.append(_columns(rows, layout, width))
    if pieces:
        yield _joined(pieces)


def _count_characters(row: list[Any]) -> int:
    """Return the characters of the texts in a row, an estimate of its size in memory."""
    try:
        return sum(map(len, row))
    except TypeError:
        return sum(len(value) for value in row if isinstance(value, str))


def _columns(rows: list[StoredRow], layout: HeaderLayout, width: int) -> list[pa.Array]:
    """Return rows as columns: row numbers, row kinds, then texts; blank cells are null."""
    width = max(width, *(len(row) for _, row in rows))
    padded = (row if len(row) == width else row + [None] * (width - len(row)) for _, row in rows)
    texts = [_text_column(values) for values in zip(*padded, strict=True)]
    numbers = [number for number, _ in rows]
    kinds = _row_kinds(numbers, texts, layout)
    return [pa.array(numbers, pa.int64()), pa.array(kinds, pa.int8()), *texts]


def _joined(pieces: list[list[pa.Array]]) -> list[pa.Array]:
    """Concatenate batches of columns; columns that a batch lacks are null."""
    width = max(map(len, pieces))
    return [
        pa.concat_arrays(
            [
                piece[at] if at < len(piece) else pa.nulls(len(piece[0]), pa.string())
                for piece in pieces
            ]
        )
        for at in range(width)
    ]


def _text_column(values: tuple[Any, ...]) -> pa.Array:
    """Return stored values as an array of texts; null for a blank cell."""
    try:
        if "" not in values:
            return pa.array(values, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        pass  # not all of them are texts
    return pa.array(_cell_texts(values), pa.string())


def _row_kinds(numbers: list[int], columns: list[pa.Array], layout: HeaderLayout) -> list[int]:
    """Return the kind of each row (DATA, HEADER …); only doubtful rows are classified in full.

    A row of data begins with another character than sums, the header, or a blank.
    """
    kinds = [DATA] * len(numbers)
    name = next((name for name in layout.raw if name), "")
    begins = {*SUBTOTAL_BEGINS, *_BLANKS, name[:1]}
    doubtful = [at for at, number in enumerate(numbers) if number <= (layout.header_row or 0)]
    pending: Sequence[int] = range(len(doubtful), len(numbers))
    for column in columns:
        blank: list[int] = []
        texts = column.to_pylist()
        for at in pending:
            text = texts[at]
            if not text:
                blank.append(at)
            elif text[0] in begins:
                doubtful.append(at)
        pending = blank
        if not pending:
            break
    for at in [*doubtful, *pending]:
        row = [column[at].as_py() for column in columns]
        kinds[at] = classify_row(numbers[at], row, layout)
    return kinds


def _join_extra_cells(cells: list[str | None], max_cells: int) -> list[str | None]:
    """Join the cells from number ``max_cells`` on into that one cell, with tabs."""
    if len(cells) <= max_cells:
        return cells
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
    """Format a number with 15 significant digits: ``13800138000.0 -> 13800138000``.

    Without an exponent if 1e-15 < abs(value) < 1e21.
    """
    text = format(value, ".15g")
    if "e" not in text or not 1e-15 < abs(value) < 1e21:
        return text
    return format(Decimal(text), "f")
