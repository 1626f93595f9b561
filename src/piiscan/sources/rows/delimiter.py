"""Delimiter detection: find the cell separator of a table; none for prose, logs and chats.

张三----13800138000----长沙   -> delimiter ----
今天收到货了，谢谢。           -> None (plain text)
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.sources.block import CountNames
from piiscan.sources.rows.header_row import filled_cells, is_transposed
from piiscan.sources.rows.tokenizer import DOUBLED, Dialect, RecordCells, tokenize

#: Candidate delimiters, with a bonus to the score by which several that fit are compared.
_DELIMITER_SCORES: Final = {
    "----": 0.10,
    "\t": 0.10,
    "|": 0.05,
    "::": 0.05,
    ",": 0.05,
    ";": 0.0,
    "，": 0.0,
    "  ": -0.05,
    "\x01": 0.10,  # Hive
    "$$": 0.05,
    "^": -0.05,
    "~": -0.05,
    "#": -0.05,
    "*": -0.10,  # a mask too: 138****8000
}
#: Delimiters that do not occur in running text.
_UNAMBIGUOUS: Final = ("----", "\t", "|", "::", "\x01", "$$")
#: Delimiters that occur in running text too: only a column of long numbers makes them a table.
_COMMON: Final = ("，", "  ", "^", "~", "#", "*")
#: Minimum share of lines with the same number of cells, if it is not 0.75.
_MIN_SHARES: Final = {
    ",": 0.9,
    ";": 0.9,
    "，": 0.95,
    "  ": 0.95,
    "^": 0.95,
    "~": 0.95,
    "#": 0.95,
    "*": 0.95,
}
_QUOTED_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_ROWS: Final = 300
#: True for each byte that is a letter or digit of ASCII.
_ALPHANUMERIC: Final = np.array([chr(byte).isalnum() and byte < 128 for byte in range(256)])

_LOG_LINE: Final = re.compile(
    r"^\W{0,2}(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[T ]\d{1,2}:\d\d|\d\d-\d\d \d\d:\d\d:\d\d|"
    r"[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d|\d\d:\d\d:\d\d[.,]\d+).{0,80}?"
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|[VDIWEF]|\w+\[\d+\]|\w+:)(?=\W)"
    r"|^\S+ \S+ \S+ \[\d+/\w+/\d+:[^\]]*\] \""
    r"|^[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d "
    r"|^(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b"
    r"|^\d{8}-\d{1,2}:\d{1,2}:\d{1,2}:\d+\|"
    r"|^\d{6} \d{6} \d+ (?:INFO|WARN|ERROR)"
)
#: First line of a record that a database client prints as labels and values.
_VERTICAL: Final = re.compile(r"-\[ RECORD [0-9]+ \]|\*{20,} [0-9]+\. row \*{20}")
_NUMBER_CELL: Final = re.compile(
    r"[+¥￥=\"']*[0-9０-９][0-9０-９\s\-+()./:*×xX,%年月日\"]*|1[0-9*]{10}"
)
_LONG_NUMBER_CELL: Final = re.compile(r"[+\"']?[0-9]{3}[0-9*\- ]{0,4}[0-9*]{4,}[0-9Xx]?\"?")
_TOKEN_CELL: Final = re.compile(r"[!-~]+")
_HANZI_CELL: Final = re.compile(r"[㐀-鿿\U00020000-\U0003ffff·•.*＊某]{1,8}")
#: A name with its value, no remark in brackets: ``电话：1``.
_KEYED_VALUE: Final = re.compile(r"([^:：=(（\[【<]*)[:：=]\s*[^\s(（\[【<]")
_ENTITY: Final = re.compile(rb"&#(?:[0-9]{2,7}|[xX][0-9a-fA-F]{2,6});")
_SQL_STATEMENT: Final = re.compile(
    rb"(?im)^[^\S\n]*(?:insert\s+into\s|insert\s+\[|replace\s+into\s|create\s+table\s|"
    rb"copy\s+\S+\s.*from\s+stdin|-- mysql dump)"
)


def find_dialect(text: UInt8, count_names: CountNames, *, cr: bool = False) -> Dialect | None:
    """Return the dialect of a sample (UTF-8, complete lines); None for plain text.

    A delimiter fits if it splits most lines into the same number of cells, and if the cells look
    like a table: known column names at the top, or columns of numbers, codes or names alone.
    """
    if looks_like_sql(text):
        return None
    if _ENTITY.search(data := text.tobytes()):  # its end is no delimiter
        plain = _ENTITY.sub(lambda found: b"x" * len(found[0]), data)
        text = np.frombuffer(plain, np.uint8)
    lines = [row[0] for row in read_rows(text, Dialect(cr=cr)) if row[0].strip()]
    if not lines or lines[0].lstrip().startswith(("<", "{", "[{")):
        return None
    if any(_VERTICAL.match(line) for line in lines[:20]):
        return None
    is_log = sum(1 for line in lines if _LOG_LINE.match(line)) * 2 >= len(lines)
    scores: dict[str, float] = {}
    begin, whole = "".join(lines[:50]), "\n".join(lines)
    for delimiter in _DELIMITER_SCORES:
        if delimiter in whole or (delimiter == "  " and " " in begin):
            dialect = Dialect(delimiter, delimiter in _QUOTED_DELIMITERS, cr)
            cells = tokenize(text, dialect, final=True)
            if _are_mostly_uncut(text, cells):
                continue
            rows = _rows_of(text, cells)
            if (score := _score_delimiter(rows, delimiter, count_names, is_log)) is not None:
                scores[delimiter] = score
    if scores:
        best = max(scores, key=lambda delimiter: scores[delimiter])
        return Dialect(best, best in _QUOTED_DELIMITERS, cr)
    return Dialect(cr=cr) if _is_single_column(lines, count_names) else None


def looks_like_sql(text: UInt8) -> bool:
    """Return True if lines of the first 64 KB begin with statements of an SQL dump."""
    return _SQL_STATEMENT.search(bytes(text[:65536])) is not None


def read_rows(text: UInt8, dialect: Dialect, *, limit: int = _SAMPLE_ROWS) -> list[list[str]]:
    """Return the first rows of a sample as text cells, blank rows included."""
    return _rows_of(text, tokenize(text, dialect, final=True), limit=limit)


def _rows_of(text: UInt8, cells: RecordCells, *, limit: int = _SAMPLE_ROWS) -> list[list[str]]:
    """Return the first records of a tokenized text as rows of text cells."""
    return record_cells(text.tobytes(), cells, range(min(limit, cells.records)))


def _are_mostly_uncut(text: UInt8, cells: RecordCells) -> bool:
    """Return True if more rows have one cell than any other number: the delimiter does not fit.

    It spares the decoding of program text. Only cells with a letter or digit of ASCII are counted
    as filled, and no row above the first of two filled cells, as it may be a title.
    """
    firsts = cells.firsts[: min(_SAMPLE_ROWS, cells.records) + 1]
    widths = np.diff(firsts)
    if not widths.size or widths.max() < 2:
        return True
    passed = np.concatenate([[0], np.cumsum(_ALPHANUMERIC[text])])
    filled = passed[cells.ends] > passed[cells.starts]
    ahead = filled[firsts[:-1]]
    begun = np.flatnonzero((widths > 1) & ahead & filled[firsts[:-1] + (widths > 1)])
    if not begun.size:
        return False
    uncut = np.count_nonzero((widths == 1) & ahead & (np.arange(widths.size) >= begun[0]))
    return bool(uncut > np.bincount(widths)[2:].max())


def record_cells(data: bytes, cells: RecordCells, records: range) -> list[list[str]]:
    """Return the cells of the records with the numbers ``records`` of ``data`` as text."""
    bounds = cells.firsts[records.start : records.stop + 1].tolist()
    part = slice(bounds[0], bounds[-1])
    places = zip(cells.starts[part].tolist(), cells.ends[part].tolist(), strict=True)
    texts = [data[begin:end].decode("utf-8", "replace") for begin, end in places]
    for at in np.flatnonzero(cells.styles[part] == DOUBLED).tolist():
        texts[at] = texts[at].replace('""', '"')
    return [texts[a - part.start : b - part.start] for a, b in pairwise(bounds)]


def _score_delimiter(
    rows: list[list[str]], delimiter: str, count_names: CountNames, is_log: bool
) -> float | None:
    """Score how well ``delimiter`` splits the sample rows; return None if it does not fit."""
    rows = [row for row in rows if any(map(str.strip, row))]
    if not rows:
        return None
    while len(rows) > 2 and len(filled_cells(rows[0])) == 1:  # title lines
        rows = rows[1:]
    widths = Counter(len(row) for row in rows)
    width, common = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width < 2:
        return None
    share = common / len(rows)
    header_candidates = [
        row for row in rows[:5] if len(row) > 1 and not any(len(cell) > 40 for cell in row)
    ]
    known_names = max(
        (count_names([cell.strip() for cell in row]) for row in header_candidates), default=0
    )
    if share == 1 and is_transposed(rows, count_names):
        is_table, known_names = True, 2
    elif known_names >= 2 and known_names * 3 >= width:
        is_table = share >= 0.3
    elif is_log:
        is_table = False
    else:
        is_table = _is_table([row for row in rows if len(row) == width], delimiter, share)
    if not is_table:
        return None
    return share + 0.05 * min(width, 8) + 0.5 * (known_names >= 2) + _DELIMITER_SCORES[delimiter]


def _is_table(rows: list[list[str]], delimiter: str, share: float) -> bool:
    """Return True if rows without known column names are a table by their cells' types."""
    if share < _MIN_SHARES.get(delimiter, 0.75):
        return False
    columns = [
        [cell for row in rows[:200] if (cell := row[column].strip())]
        for column in range(len(rows[0]))
    ]
    classes = [_classify_column(cells) for cells in columns]
    typed = sum(1 for name in classes if name in ("number", "token", "han"))
    numbers = sum(1 for name in classes if name in ("number", "token"))
    is_long = (_are_mostly(_LONG_NUMBER_CELL, cells) for cells in columns)
    if delimiter in _COMMON and (len(rows) < 3 or not any(is_long)):
        return False  # a column of dates alone does not make a table
    if delimiter in _UNAMBIGUOUS and delimiter != "::":
        return typed >= 1 and (len(rows) >= 2 or numbers >= 1)
    if len(rows) < 3:
        short = all(len(cell) <= 40 for row in rows for cell in row)
        return short and numbers >= 1 and typed >= 2 and len(rows[0]) >= 3
    if numbers >= 1:
        return typed * 3 >= len(classes) - classes.count("empty")
    return typed == len(classes) and len(rows) >= 5 and share >= 0.95


def _are_mostly(shape: re.Pattern[str], cells: list[str]) -> bool:
    """Return True if four of five ``cells`` match ``shape``; False without cells."""
    return sum(map(bool, map(shape.fullmatch, cells))) * 5 >= 4 * len(cells) > 0


def _classify_column(cells: list[str]) -> str:
    """Return the type of four of five filled cells: number, han, token, text or empty."""
    if not cells:
        return "empty"
    shapes = (("number", _NUMBER_CELL), ("han", _HANZI_CELL), ("token", _TOKEN_CELL))
    return next((name for name, shape in shapes if _are_mostly(shape, cells)), "text")


def _is_single_column(lines: list[str], count_names: CountNames) -> bool:
    """Return True if lines are one column: a known name first, then mostly short cells.

    ``count_names``: function that counts the known column names in a list of cells.
    """
    if len(lines) < 2 or len(lines[0]) > 24 or count_names([lines[0].strip()]) != 1:
        return False
    keyed = _KEYED_VALUE.match(lines[0])
    if keyed is not None and count_names([keyed[1].strip()]):
        return False
    short = sum(1 for line in lines[1:] if len(line) <= 64 and " " not in line.strip())
    return short * 5 >= 4 * (len(lines) - 1)
