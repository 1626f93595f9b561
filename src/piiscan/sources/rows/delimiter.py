"""Whether lines are a table, and what stands between its cells; prose, logs and chats are not."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from piiscan.arrays import UInt8
from piiscan.sources.block import CountNames
from piiscan.sources.rows.tokenizer import Dialect, cut

#: Delimiters that are tried, with what each is worth when several fit.
_WORTH: Final = {
    "----": 0.10,
    "\t": 0.10,
    "|": 0.05,
    "::": 0.05,
    ",": 0.05,
    ";": 0.0,
    "，": 0.0,
    "  ": -0.05,
}
#: Those that do not occur in running text.
_STRONG: Final = ("----", "\t", "|", "::")
#: Share of lines that must have the same number of cells, where it is not 0.75.
_SHARES: Final = {",": 0.9, ";": 0.9, "，": 0.95, "  ": 0.95}
_QUOTING: Final = (",", ";", "\t", "|")
_ROWS: Final = 300

_LOG: Final = re.compile(
    r"^\W{0,2}(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[T ]\d{1,2}:\d\d|\d\d-\d\d \d\d:\d\d:\d\d|"
    r"[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d|\d\d:\d\d:\d\d[.,]\d+).{0,80}?"
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|[VDIWEF]|\w+\[\d+\]|\w+:)(?=\W)"
    r"|^\S+ \S+ \S+ \[\d+/\w+/\d+:[^\]]*\] \""
    r"|^[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d "
    r"|^(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b"
    r"|^\d{8}-\d{1,2}:\d{1,2}:\d{1,2}:\d+\|"
    r"|^\d{6} \d{6} \d+ (?:INFO|WARN|ERROR)"
)
_NUMBER: Final = re.compile(r"[+¥￥=\"']*[0-9０-９][0-9０-９\s\-+()./:*×xX,%年月日\"]*|1[0-9*]{10}")
_LONG: Final = re.compile(r"[+\"']?[0-9]{3}[0-9*\- ]{0,4}[0-9*]{4,}[0-9Xx]?\"?")
_TOKEN: Final = re.compile(r"[!-~]+")
_HAN: Final = re.compile(r"[㐀-鿿\U00020000-\U0003ffff·•.*＊某]{1,8}")
_SQL: Final = re.compile(
    rb"(?im)^\s*(?:insert\s+into\s|insert\s+\[|replace\s+into\s|create\s+table\s|"
    rb"copy\s+\S+\s.*from\s+stdin|-- mysql dump)"
)


def find_dialect(text: UInt8, count_names: CountNames, *, cr: bool = False) -> Dialect | None:
    """How the lines of a sample (UTF-8, whole lines) are split into cells; None for plain text.

    A delimiter counts if it gives most lines the same number of cells, and if the cells are
    like cells: known column names at the top, or columns that are all numbers, codes or names.
    """
    if looks_like_sql(text):
        return None
    lines = [row[0] for row in read_rows(text, Dialect(cr=cr)) if row[0].strip()]
    if not lines or lines[0].lstrip().startswith(("<", "{", "[{")):
        return None
    log = sum(1 for line in lines if _LOG.match(line)) * 2 >= len(lines)
    marks: dict[str, float] = {}
    for delimiter in _WORTH:
        if delimiter[0] in "".join(lines[:50]) or delimiter in "\n".join(lines):
            dialect = Dialect(delimiter, delimiter in _QUOTING, cr)
            rows = read_rows(text, dialect)
            if (mark := _mark(rows, delimiter, count_names, log)) is not None:
                marks[delimiter] = mark
    if marks:
        best = max(marks, key=lambda delimiter: marks[delimiter])
        return Dialect(best, best in _QUOTING, cr)
    return Dialect(cr=cr) if _is_list(lines, count_names) else None


def looks_like_sql(text: UInt8) -> bool:
    """Whether statements of an SQL dump stand at the beginning of lines."""
    return _SQL.search(bytes(text[:65536])) is not None


def read_rows(text: UInt8, dialect: Dialect, *, limit: int = _ROWS) -> list[list[str]]:
    """The first rows of a sample as text cells, blank rows included."""
    found = cut(text, dialect, final=True)
    data = text.tobytes()
    rows = []
    for record in range(min(limit, found.records)):
        cells = range(found.firsts[record], found.firsts[record + 1])
        rows.append([_cell(data, found.starts[k], found.ends[k], found.styles[k]) for k in cells])
    return rows


def _cell(data: bytes, start: int, end: int, style: int) -> str:
    text = data[start:end].decode("utf-8", "replace")
    return text.replace('""', '"') if style == 2 else text


def _mark(
    rows: list[list[str]], delimiter: str, count_names: CountNames, log: bool
) -> float | None:
    """How well a delimiter fits, None if not."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    while len(rows) > 2 and len(rows[0]) == 1:  # title lines
        rows = rows[1:]
    widths = Counter(len(row) for row in rows)
    width, common = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width < 2:
        return None
    share = common / len(rows)
    top = [row for row in rows[:5] if len(row) > 1 and not any(len(cell) > 40 for cell in row)]
    known = max((count_names([cell.strip() for cell in row]) for row in top), default=0)
    if known >= 2 and known * 3 >= width:
        fits = share >= 0.3
    elif log:
        fits = False
    else:
        fits = _fits([row for row in rows if len(row) == width], delimiter, share)
    if not fits:
        return None
    return share + 0.05 * min(width, 8) + 0.5 * (known >= 2) + _WORTH[delimiter]


def _fits(rows: list[list[str]], delimiter: str, share: float) -> bool:
    """Whether rows without known column names are a table by their cells alone."""
    if share < _SHARES.get(delimiter, 0.75):
        return False
    columns = [[row[column] for row in rows[:200]] for column in range(len(rows[0]))]
    classes = [_class_of(cells) for cells in columns]
    typed = sum(1 for name in classes if name in ("number", "token", "han"))
    numbers = sum(1 for name in classes if name in ("number", "token"))
    if delimiter in ("，", "  ") and (len(rows) < 3 or not any(map(_are_long, columns))):
        return False  # running text has these; a column of dates alone is no proof
    if delimiter in _STRONG and delimiter != "::":
        return typed >= 1 and (len(rows) >= 2 or numbers >= 1)
    if len(rows) < 3:
        short = all(len(cell) <= 40 for row in rows for cell in row)
        return short and numbers >= 1 and typed >= 2 and len(rows[0]) >= 3
    if numbers >= 1:
        return typed * 3 >= len(classes) - classes.count("empty")
    return typed == len(classes) and len(rows) >= 5 and share >= 0.95


def _are_long(cells: list[str]) -> bool:
    """Whether four of five filled cells are numbers of seven or more digits in a row."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return sum(1 for cell in filled if _LONG.fullmatch(cell)) * 5 >= 4 * len(filled) > 0


def _class_of(cells: list[str]) -> str:
    """What four of five of the filled cells of a column are: number, token, han, else text."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return "empty"
    for name, shape in (("number", _NUMBER), ("han", _HAN), ("token", _TOKEN)):
        if sum(1 for cell in filled if shape.fullmatch(cell)) * 5 >= 4 * len(filled):
            return name
    return "text"


def _is_list(lines: list[str], count_names: CountNames) -> bool:
    """Whether the lines are one column below its name."""
    if len(lines) < 2 or len(lines[0]) > 24 or count_names([lines[0].strip()]) != 1:
        return False
    short = sum(1 for line in lines[1:] if len(line) <= 64 and " " not in line.strip())
    return short * 5 >= 4 * (len(lines) - 1)
