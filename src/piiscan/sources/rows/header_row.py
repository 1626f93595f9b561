"""Header row: find the row with the column names, and tables side by side.

名单 / 姓名,电话 / 张三,13800138000 -> header row 2, headers 姓名 and 电话
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from piiscan.sources.block import BLANK, DATA, HEADER, SUBTOTAL, TITLE, CountNames

#: Number of rows in which the header is searched, title lines included.
_MAX_HEADER_ROW: Final = 20
_LONG_DIGITS: Final = re.compile(r"[0-9０-９]{5,}")
_DIGIT: Final = re.compile(r"[0-9０-９]")
_MAX_NAME_LENGTH: Final = 24
#: Characters of sentences, which the name of a column has none of: 找他要这个电话.
_SPOKEN: Final = re.compile("[找让叫把了吗呢啊吧这那没说问谁我你他她，。！？]")
MAX_LABELS: Final = 60
#: First characters of the cells that begin a row of sums.
SUBTOTAL_BEGINS: Final = "本总合小共累總"
_SUBTOTAL_CELL: Final = re.compile(r"(?:本页|总)?[合小总共累總]\s*[计計].{0,4}")


@dataclass(frozen=True, slots=True)
class HeaderLayout:
    """Header of a table: column names, number of the header row, table number per column.

    ``groups`` is, per column, the number of its table among tables side by side.
    """

    headers: list[str | None] | None
    header_row: int | None
    groups: list[int]
    raw: list[str] = field(default_factory=list)  # trimmed header cells, to detect repeats


def find_layout(rows: list[list[str]], count_names: CountNames) -> HeaderLayout:
    """Return the header layout of a table from its first rows (row 1 first, cells as text).

    >>> find_layout([["名单"], ["姓名", "电话"], ["张三", "13800138000"]],
    ...             lambda cells: sum(c in ("姓名", "电话") for c in cells)).header_row
    2
    """
    width = max((len(row) for row in rows if any(map(clean_header, row))), default=0)
    header_index = _header_by_names(rows, width, count_names)
    if header_index is None:
        header_index = _header_by_structure(rows, width)
    if header_index is None:
        return HeaderLayout(None, None, [0] * width)
    return layout_of_header(rows[header_index], header_index + 1, width)


def layout_of_header(cells: list[str], number: int, width: int = 0) -> HeaderLayout:
    """Build the layout of a table with the header ``cells`` in row ``number``."""
    raw = [clean_header(cell) for cell in cells]
    names = raw + [""] * (width - len(raw))
    return HeaderLayout([name or None for name in names], number, side_by_side_groups(names), raw)


def clean_header(cell: str) -> str:
    """Trim a header cell: white space, Excel's ``="…"`` and a leading apostrophe.

    >>> clean_header('="手机号" ')
    '手机号'
    """
    cell = cell.strip().strip("\ufeff\u200b\0")
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 3:
        cell = cell[2:-1]
    return cell.removeprefix("'").strip()


def filled_cells(row: list[str]) -> list[str]:
    """Return the cells of a row that are not empty, without white space around them."""
    return [cell for cell in (clean_header(cell) for cell in row) if cell]


def could_be_header(cells: list[str]) -> bool:
    """Return True if no cell looks like data: no long runs of digits, no long text."""
    return bool(cells) and not any(
        _LONG_DIGITS.search(cell) or len(cell) > 2 * _MAX_NAME_LENGTH for cell in cells
    )


def _is_title(cells: list[str], width: int) -> bool:
    """Return True if a row may be a title above the header: one cell, or below half the width."""
    return len(cells) <= 1 or 2 * len(cells) < width


def _header_by_names(rows: list[list[str]], width: int, count_names: CountNames) -> int | None:
    """Return the index of the header row, found by known column names; None without one."""
    best: tuple[int, int] | None = None
    for number, row in enumerate(rows[:_MAX_HEADER_ROW]):
        cells = filled_cells(row)
        if could_be_header(cells):
            known = count_names(cells)
            few = len(cells) > 1 and (len(cells) <= 3 or width <= 3)
            first_cells = [each[0] for each in rows[:_MAX_HEADER_ROW] if each]
            # two known names in the first column are labels of the rows
            if known >= 2 or (known == 1 and few and count_names(first_cells) < 2):
                if best is None or known > 2 * best[0]:
                    best = (known, number)
            elif known == 1 and width == 1 and not _SPOKEN.search(cells[0]):
                return number
        if not _is_title(cells, width) and best is None and not could_be_header(cells):
            break  # first row of data
        if best is not None and number > best[1] + 2:
            break
    return best[1] if best else None


def _header_by_structure(rows: list[list[str]], width: int) -> int | None:
    """Return the index of the first full row if it has no digits and the rows below do.

    Return None if there is no such row.
    """
    if width < 2:
        return None
    head = enumerate(rows[:_MAX_HEADER_ROW])
    index = next((n for n, row in head if not _is_title(filled_cells(row), width)), None)
    if index is None:
        return None
    names = [clean_header(cell) for cell in rows[index]]
    below = [row for row in rows[index + 1 :] if filled_cells(row)]
    filled = [name for name in names if name]
    if len(below) < 2 or len(filled) < width or len(set(filled)) < len(filled):
        return None
    if any(_DIGIT.search(name) or len(name) > _MAX_NAME_LENGTH for name in filled):
        return None
    for column in range(len(names)):
        cells = [
            clean_header(row[column]) for row in below if len(row) > column and row[column].strip()
        ]
        with_digits = sum(1 for cell in cells if len(_DIGIT.findall(cell)) * 2 >= len(cell))
        if len(cells) >= 2 and with_digits * 10 >= 9 * len(cells):
            return index
    return None


def side_by_side_groups(names: list[str]) -> list[int]:
    """Return each column's table number (from 0) where equal tables are side by side.

    A table begins where the first name repeats, if every part then has the same names.

    >>> side_by_side_groups(["姓名", "电话", "", "姓名", "电话"])
    [0, 0, 0, 1, 1]
    >>> side_by_side_groups(["姓名", "电话", "电话"])
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


def is_transposed(rows: list[list[str]], count_names: CountNames) -> bool:
    """Return True if the first column has the column names, and each other one a person.

    Half of the names are known, two at least, and some of them has long numbers alone beside it.
    For one person there are three names or more, of which a third is known.
    """
    rows = [row for row in rows if any(map(str.strip, row))]
    width = len(rows[0]) if rows else 0
    if width < 2 or any(len(row) != width for row in rows) or len(rows) > MAX_LABELS:
        return False
    labels = filled_cells([row[0] for row in rows])
    if len(labels) < len(rows) or len(set(labels)) < len(rows) or not could_be_header(labels):
        return False
    known = count_names(labels)
    least, share = (3, 3) if width == 2 else (2, 2)
    if known < 2 or len(labels) < least or known * share < len(labels):
        return False
    if any(count_names(row[1:]) for row in rows):
        return False
    others = (filled_cells(row[1:]) for row in rows)
    return any(cells and all(map(_LONG_DIGITS.search, cells)) for cells in others)


def classify_row(number: int, row: list[str | None], layout: HeaderLayout) -> int:
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
