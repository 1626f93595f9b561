"""Short report of a case for the terminal: at most 60 lines of 80 columns, wide characters count 2.

The headline, then the main columns and first rows of a few tables; ``--full`` prints all tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from piiscan.case.report.report_contents import SHORT_TABLES, ShortTable
from piiscan.case.store.case import Case
from piiscan.pages.report_table import Row, TableColumn
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Language, Words

WIDTH: Final = 80
_GAP: Final = 2
_INDENT: Final = 2
_SHORTEST: Final = 6  # columns of the narrowest cut text


def short_report(case: Case, *, language: Language = "zh") -> list[str]:
    """Return the lines of the short report: headline, then each table with rows."""
    words, stored = case.words(language), case.stored_tables()
    lines = list(_headline(case, stored, words))
    for short in SHORT_TABLES:
        rows = short.table.rows_in("summary", stored)
        if short.scopes:
            rows = [row for row in rows if row.get("scope_kind") in short.scopes]
        if rows:
            lines += _table_lines(short, rows, words)
    return lines


def _headline(case: Case, stored: Mapping[str, Sequence[Row]], words: Words) -> Iterator[str]:
    """Yield the main figures of the whole case: rows, distinct rows and keys, persons."""
    count = case.count()
    if count is None:
        yield words("short.not_counted", case=case.path)
        return
    steps = {row["step"]: row["count"] for row in stored["ladder"] if row["scope_kind"] == "total"}
    figures = {step: f"{number:,}" for step, number in steps.items()}
    doubts = sum(row.get("records") or 0 for row in stored.get("conflicts", ()))
    lost = sum(bool(row.get("lost")) for row in stored.get("unread", ()))
    yield words("short.headline", number=count.number, **figures)
    yield words("short.doubts", doubts=f"{doubts:,}", lost=f"{lost:,}")


def _table_lines(short: ShortTable, rows: Sequence[Row], words: Words) -> Iterator[str]:
    """Yield the title, headings, first rows and number of further rows of a table."""
    names = {column.name for column in short.table.columns}
    columns = [short.table.column(name) for name in short.columns if name in names]
    if not columns:
        columns = list(short.table.columns_in("summary"))
    shown = rows[: short.rows]
    cells = [[_cell(column, row, words) for column in columns] for row in shown]
    grid = [[column.heading(words) for column in columns], *cells]
    widths = [max(map(display_width, column)) for column in zip(*grid, strict=True)]
    free = WIDTH - _INDENT - _GAP * (len(widths) - 1)
    while sum(widths) > free and max(widths) > _SHORTEST:  # narrow the widest until a line fits
        widths[widths.index(max(widths))] -= 1
    more = len(rows) - len(shown)
    title = short.table.title(words) + (words("short.more", count=more) if more > 0 else "")
    yield cut(title, WIDTH)
    if short.stacked:
        for first, *others in cells:
            yield " " * _INDENT + cut(first, WIDTH - _INDENT)
            joined = words("asked.comma").join(filter(None, others))
            yield " " * 2 * _INDENT + cut(joined, WIDTH - 2 * _INDENT)
        return
    for line in grid:
        parts = [
            _padded(text, width, right=column.numeric)
            for text, width, column in zip(line, widths, columns, strict=True)
        ]
        yield (" " * _INDENT + (" " * _GAP).join(parts)).rstrip()


def _cell(column: TableColumn, row: Row, words: Words) -> str:
    """Return one cell as text, numbers with thousands separators."""
    value = column.text(row, words)
    return f"{value:,}" if isinstance(value, int) else clean(value)


def display_width(text: str) -> int:
    """Return the width of ``text`` on a terminal: ``手机 -> 4``."""
    from rich.cells import cell_len

    return int(cell_len(text))


def cut(text: str, width: int) -> str:
    """Return ``text`` cut to ``width`` terminal columns with ``…``; paths keep their ending.

    >>> cut("dump/甲某/名单.csv", 12), cut("信息类型与数量", 9)
    ('dum…名单.csv', '信息类型…')
    """
    if display_width(text) <= width:
        return text
    head, tail = "", ""
    for character in reversed(text if "/" in text else ""):
        if display_width(character + tail) > (width - 1) * 3 // 4:
            break
        tail = character + tail
    for character in text:
        if display_width(head + character) > width - 1 - display_width(tail):
            break
        head += character
    return f"{head}…{tail}"


def _padded(text: str, width: int, *, right: bool) -> str:
    """Return ``text`` cut or filled up to ``width`` terminal columns."""
    text = cut(text, width)
    blanks = " " * (width - display_width(text))
    return blanks + text if right else text + blanks


def wrapped(text: str, width: int = WIDTH) -> Iterator[str]:
    """Yield ``text`` in lines of at most ``width`` terminal columns."""
    line = ""
    for character in text:
        if character == "\n" or display_width(line + character) > width:
            yield line
            line = ""
        if character != "\n":
            line += character
    yield line


def fold_lines(texts: Sequence[Any], width: int = WIDTH) -> list[str]:
    """Return the lines of several texts, each wrapped to ``width`` terminal columns."""
    return [line for text in texts for line in wrapped(str(text), width)]
