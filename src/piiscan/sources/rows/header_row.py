"""Which row of a table is its header, what the columns are called, which tables stand abreast."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from piiscan.sources.block import CountNames

#: How far down a header is looked for, below title lines.
_DEPTH: Final = 20
_LONG_DIGITS: Final = re.compile(r"[0-9０-９]{5,}")
_DIGIT: Final = re.compile(r"[0-9０-９]")
_NAME_LENGTH: Final = 24


@dataclass(frozen=True, slots=True)
class Layout:
    """Column names (None: the column has none) and the row they stand in; None without header."""

    headers: list[str | None] | None
    header_row: int | None
    groups: list[int]
    raw: list[str] = field(default_factory=list)  # the header cells, stripped, to know repeats by


def find_layout(rows: list[list[str]], count_names: CountNames) -> Layout:
    """The layout of a table from its first rows (row 1 first, cells as text).

    >>> find_layout([["名单"], ["姓名", "电话"], ["张三", "13800138000"]],
    ...             lambda cells: sum(c in ("姓名", "电话") for c in cells)).header_row
    2
    """
    width = max((len(_filled(row)) and len(row) for row in rows), default=0)
    at = _header_by_names(rows, width, count_names)
    if at is None:
        at = _header_by_structure(rows, width)
    if at is None:
        return Layout(None, None, [0] * width)
    raw = [clean(cell) for cell in rows[at]]
    raw += [""] * (width - len(raw))
    return Layout([name or None for name in raw], at + 1, side_by_side(raw), raw[: len(rows[at])])


def clean(cell: str) -> str:
    """A header cell without what wraps it: white space, Excel's ``="…"``, an apostrophe.

    >>> clean('="手机号" ')
    '手机号'
    """
    cell = cell.strip().strip("\ufeff\u200b\0")
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 3:
        cell = cell[2:-1]
    return cell.removeprefix("'").strip()


def _filled(row: list[str]) -> list[str]:
    return [cell for cell in (clean(cell) for cell in row) if cell]


def _could_be_header(cells: list[str]) -> bool:
    """Nothing in it looks like data: no long digit runs, no long text."""
    return bool(cells) and not any(
        _LONG_DIGITS.search(cell) or len(cell) > 2 * _NAME_LENGTH for cell in cells
    )


def _is_title(cells: list[str], width: int) -> bool:
    """A line that may stand above a header: blank, or far fewer cells than the table has."""
    return len(cells) <= 1 or 2 * len(cells) < width


def _header_by_names(rows: list[list[str]], width: int, count_names: CountNames) -> int | None:
    best: tuple[int, int] | None = None
    for number, row in enumerate(rows[:_DEPTH]):
        cells = _filled(row)
        if _could_be_header(cells):
            known = count_names(cells)
            if known >= 2 or (known == 1 and (len(cells) <= 3 or width <= 3) and len(cells) > 1):
                if best is None or known > 2 * best[0]:
                    best = (known, number)
            elif known == 1 and width == 1:
                return number
        if not _is_title(cells, width) and best is None and not _could_be_header(cells):
            break  # data has begun
        if best is not None and number > best[1] + 2:
            break
    return best[1] if best else None


def _header_by_structure(rows: list[list[str]], width: int) -> int | None:
    """The first full row, if it has no digit and all rows below have digits in some column."""
    if width < 2:
        return None
    at = next(
        (n for n, row in enumerate(rows[:_DEPTH]) if not _is_title(_filled(row), width)), None
    )
    if at is None:
        return None
    names, below = [clean(cell) for cell in rows[at]], [r for r in rows[at + 1 :] if _filled(r)]
    filled = [name for name in names if name]
    if len(below) < 2 or len(filled) < width or len(set(filled)) < len(filled):
        return None
    if any(_DIGIT.search(name) or len(name) > _NAME_LENGTH for name in filled):
        return None
    for column in range(len(names)):
        cells = [clean(row[column]) for row in below if len(row) > column and row[column].strip()]
        with_digits = sum(1 for cell in cells if len(_DIGIT.findall(cell)) * 2 >= len(cell))
        if len(cells) >= 2 and with_digits * 10 >= 9 * len(cells):
            return at
    return None


def side_by_side(names: list[str]) -> list[int]:
    """Per column, which of several equal tables abreast it belongs to, from 0.

    A table begins where the first name comes again, if every part then has the same names.

    >>> side_by_side(["姓名", "电话", "", "姓名", "电话"])
    [0, 0, 0, 1, 1]
    >>> side_by_side(["姓名", "电话", "电话"])
    [0, 0, 0]
    """
    first = next((name for name in names if name), None)
    starts = [column for column, name in enumerate(names) if name and name == first]
    single = [0] * len(names)
    if len(starts) < 2:
        return single
    bounds = [*starts, len(names)]
    parts = [[n for n in names[a:b] if n] for a, b in pairwise(bounds)]
    if any(part != parts[0] for part in parts):
        return single
    groups = list(single)
    for number, start in enumerate(starts):
        groups[start:] = [number] * (len(names) - start)
    return groups
