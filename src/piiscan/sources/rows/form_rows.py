"""Form rows: tables that are filled-in forms (label, value, label, value) as lines of text.

姓名 | 张三 | 性别 | 男  ->  姓名：张三, 性别：男
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from piiscan.sources.block import CountNames

_WIDEST: Final = 9
_SEEN_ROWS: Final = 60


class FormCell(NamedTuple):
    """Filled cell of a form: its row and column, from 1, the text before it, and its text."""

    row: int
    column: int
    label: str
    value: str


def is_form(rows: Sequence[Sequence[str]], count_names: CountNames) -> bool:
    """Return True if every second cell of the rows is a label, and no row is a header."""
    rows = rows[:_SEEN_ROWS]
    if not 1 < max(map(len, rows), default=0) <= _WIDEST:
        return False
    labels = [cell.strip(" ：:") for row in rows for cell in row[::2] if cell]
    known = count_names(labels)
    return 2 * known >= len(labels) and known > max(count_names(list(row)) for row in rows[:5])


def form_label(rows: Sequence[Sequence[str]], count_names: CountNames) -> str:
    """Return the label with which each of several forms begins; "" for rows of a table.

    Two columns are a list of labels, which is turned.
    """
    filled = [row for row in rows if any(row)]
    if len(filled) < 2 or max(map(len, filled)) < 4 or not is_form(filled, count_names):
        return ""
    return next((row[0].strip(" ：:") for row in filled if row[0] and any(row[1:])), "")


def form_lines(rows: Sequence[Sequence[str | None]], count_names: CountNames) -> list[str] | None:
    """Return the rows of a form as lines ``姓名：张三``; None for other tables.

    A table of one row or column gives one line a row.
    """
    filled = [[cell or "" for cell in row] for row in rows if any(row)]
    width = max(map(len, filled), default=0)
    if len(filled) < 2 or width < 2:
        return [" ".join(filter(None, row)) for row in filled]
    if not is_form(filled, count_names):
        return None
    return [line for row in filled for line in form_row(row)]


def form_row(row: Sequence[str | None]) -> Iterator[str]:
    """Yield a row of a form as texts: ``姓名 | 张三 | 性别 | 男`` -> 姓名：张三, 性别：男."""
    for label, value in zip(row[::2], [*row[1::2], ""], strict=False):
        if label or value:
            yield f"{label.strip(' ：:')}：{value or ''}" if label else value or ""


def form_cells(
    rows: Iterable[tuple[int, Sequence[str | None]]], count_names: CountNames
) -> Iterator[FormCell]:
    """Yield the values of the numbered rows of a form with their labels, and unknown labels.

    姓名 | 张三  ->  FormCell(1, 2, "姓名：", "张三")
    """
    for number, row in rows:
        for column in range(1, len(row) + 1, 2):
            label, value = row[column - 1] or "", (row[column : column + 1] or [""])[0]
            name = label.strip(" ：:")
            if value:
                yield FormCell(number, column + 1, f"{name}：" if name else "", value)
            if name and not (value and count_names([name])):
                yield FormCell(number, column, "", label)
