"""HTML pages, of any file name: tables, texts outside them, comments and attributes.

    <tr><td>张三</td><td>138<b>0013</b>8000</td></tr>  -> a row with the cells 张三 and 13800138000

Lines of text become a text of their own, so that forms and labelled lines are read as anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from piiscan.sources.block import CountNames
from piiscan.sources.content import memory_member
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.markup import COMMENT, END, OTHER, RAW, START, Token, read_tokens, tokens
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.form_rows import form_lines
from piiscan.sources.rows.row_table import Cells, open_rows
from piiscan.sources.rows.table_warnings import TableWarnings

#: Elements that are part of the text around them; all others begin a line.
_INLINE: Final = re.compile(
    r"a|abbr|acronym|b|bd[io]|big|cite|code|data|dfn|em|font|i|ins|kbd|label|mark|meter|nobr|o|q|s|samp|"
    r"small|span|strike|strong|su[bp]|time|tt|u|var|wbr|img|input|button|svg"
)
#: Attributes about the look of a page; their values are read only if they hold digits or Hanzi.
_LOOK: Final = re.compile(
    r"(?:class|style|id|width|height|border|cellpadding|cellspacing|align|valign|colspan|rowspan|type|"
    r"bgcolor|color|face|size|rel|charset|lang|dir|name|http-equiv|for|target|nowrap|num|fmla|str|"
    r"xmlns|summary|rules|frame|role|tabindex|method|media|v?link|alink|text|span|x|y|"
    r"styleid|index|mergeacross|mergedown|autofit\w+)(?:#\d+)?"
)
_TELLING: Final = re.compile(r"[^\x00-\x7f]|@|(?:[0-9][^0-9]?){5}")
_SCHEME: Final = re.compile(r"(?:tel|mailto|sms|smsto|callto):(?://)?", re.IGNORECASE)
_SPACES: Final = re.compile(r"[ \t\r\n\f\u3000]+")
#: A script that may hold records.
_DATA: Final = re.compile(r'[=(:]\s*[\[{]\s*["\[{]')
_FIRST_TAG: Final = re.compile(
    r"(?:\s|<!--.*?-->)*<(?:table|tr|td|th|div|p|span|ul|ol|li|script|style|br|h[1-6]|a|form|center|"
    r"font|b|strong|title|link|base|input|section|article|pre)[\s/>]",
    re.IGNORECASE | re.DOTALL,
)
_PAGE: Final = re.compile(r"<(?:!doctype\s+html|html|head|body|meta)\b", re.IGNORECASE)
#: Workbooks saved as XML are read as pages: their elements, and those of a page.
_WORKBOOK: Final = re.compile(r"<(?:\w+:)?Workbook\b[^>]*office:spreadsheet")
_CELLS: Final = {"row": "tr", "cell": "td"}
#: Bytes up to which a page is read once, and each of its tables is a table.
_MAX_HELD: Final = 32 << 20
_MAX_TABLES: Final = 64
_MAX_SPAN: Final = 1000
_MAX_COVERED: Final = 64 << 10
_COVERED_PER_CELL: Final = 4


@dataclass(slots=True)
class _Grid:
    """Open HTML table: the cells of its open row, and cells above that span into it."""

    number: int
    room: list[int]  # empty cells that the page may still have for those that cover several
    row: list[str] | None = None
    cell: list[str] | None = None
    span: tuple[int, int] = (1, 1)
    below: dict[int, int] = field(default_factory=dict)  # column -> rows that its cell still covers
    extras: list[str] = field(default_factory=list)

    def open_cell(self, column: int) -> None:
        """Begin a cell. ``column``: its column number from 1 in a workbook's row, else 1."""
        self.cell = []
        if self.row is not None and column - 1 > len(self.row):
            self.row += [""] * (column - 1 - len(self.row))

    def close_cell(self) -> None:
        """Add the open cell to the row, and an empty cell for each further column that it spans."""
        if self.cell is None:
            return
        self.row = [] if self.row is None else self.row
        while (left := self.below.get(len(self.row), 0)) > 0 and self.room[0] > 0:
            self.room[0] -= 1  # a cell of a row above spans this column
            self.below[len(self.row)] = left - 1
            self.row.append("")
        columns, rows = self.span
        self.room[0] += _COVERED_PER_CELL - (columns - 1)
        columns = columns if self.room[0] > 0 else 1
        for column in range(len(self.row), len(self.row) + columns):
            if rows > 1:
                self.below[column] = rows - 1
        self.row += [_clean("".join(self.cell)), *[""] * (columns - 1)]
        self.cell = None

    def close_row(self) -> Cells | None:
        """Return the open row, with attribute values that no cell contains as a last cell.

        None without an open row.
        """
        self.close_cell()
        row, self.row, extras = self.row, None, self.extras
        self.extras = []
        if row is None:
            return None
        text = "\n".join(row)
        others = [each for each in dict.fromkeys(extras) if each not in text]
        return [*row, "\n".join(others)] if others else row


def _clean(text: str) -> str:
    """Return a text with single spaces; a vertical tab becomes a line end."""
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\v"))
    return "\n".join(line for line in lines if line)


def _attribute_texts(token: Token) -> Iterator[str]:
    """Yield the attribute values of an HTML tag that may contain personal data."""
    name = token.attributes.get("name", "")
    for written, given in token.attributes.items():
        key, value = written.lower(), _clean(_SCHEME.sub("", given, count=1))
        if not value or (_LOOK.fullmatch(key) and not _TELLING.search(value)):
            continue
        if key.startswith("data-"):
            yield f"{key[5:]}：{value}"
        else:
            yield f"{name}：{value}" if key == "value" and name else value


def _number(text: str | None) -> int:
    """Parse the number of columns or rows that a cell spans; 1 if it is no number."""
    return min(int(text[:6]), _MAX_SPAN) or 1 if text and text.isascii() and text.isdigit() else 1


#: A row with the number of its table; or a line (0), a script (-1), or the end of a table (None).
_Item = tuple[int, Cells | str | None]
_LINE, _SCRIPT = 0, -1


class _Page:
    """Reader of an HTML page: open tables, and the open line outside of tables."""

    def __init__(self) -> None:
        self._grids: list[_Grid] = []
        self._tables, self._room = 0, [_MAX_COVERED]
        self._line: list[str] = []
        self._extras: list[str] = []
        self._raw = ""

    def read(self, parts: Iterator[Token]) -> Iterator[_Item]:
        """Yield the rows of tables, lines and scripts of a page, in order."""
        for token in parts:
            if token.kind == START:
                yield from self._start(token)
            elif token.kind == END:
                yield from self._end(token.text)
            elif token.kind == COMMENT:
                yield from self._end_line()
                yield from self.read(tokens(iter([token.text.replace("<!--", " ")]), html=True))
                yield from self._end_line()
            elif token.kind == OTHER:
                if _TELLING.search(token.text):
                    yield _LINE, _clean(token.text)
            elif token.kind == RAW and self._raw:
                data = self._raw == "script" and _DATA.search(token.text)
                yield (_SCRIPT, token.text) if data else (_LINE, token.text.strip())
            else:
                self._sink().append(token.text)

    def finish(self) -> Iterator[_Item]:
        """Yield the open rows and the open line at the end of the page."""
        while self._grids:
            yield from self._end("table")
        yield from self._end_line()

    def _sink(self) -> list[str]:
        """Return the list of texts to append to: that of the open cell, else of the open line."""
        grid = self._grids[-1] if self._grids else None
        return self._line if grid is None or grid.cell is None else grid.cell

    def _end_line(self) -> Iterator[_Item]:
        """Yield the finished line with attribute values that its text lacks.

        In a cell, add a line end instead.
        """
        sink = self._sink()
        if sink is not self._line:
            sink.append("\v")
            return
        text = _clean("".join(self._line))
        others = [each for each in dict.fromkeys(self._extras) if each not in text]
        self._line, self._extras = [], []
        if text or others:
            yield _LINE, " ".join([text, *others]).strip()

    def _start(self, token: Token) -> Iterator[_Item]:
        """Process a start tag: begin a table, row, cell or line."""
        name = _CELLS.get(token.text, token.text)
        self._raw = name if name in ("script", "style") else ""
        if not _INLINE.fullmatch(name):
            yield from self._end_line()
        if name == "table" or (name in ("tr", "td", "th") and not self._grids):
            self._tables += 1
            self._grids.append(_Grid(self._tables, self._room))
        if name in ("tr", "td", "th"):
            grid = self._grids[-1]
            if name == "tr":
                yield from self._end_row(grid)
                grid.row = []
            else:
                grid.close_cell()
                given = token.attributes.get
                grid.open_cell(_number(given("Index")))
                across, down = given("MergeAcross"), given("MergeDown")
                grid.span = (
                    _number(given("colspan")) if across is None else _number(across) + 1,
                    _number(given("rowspan")) if down is None else _number(down) + 1,
                )
        in_row = bool(self._grids) and self._grids[-1].row is not None
        (self._grids[-1].extras if in_row else self._extras).extend(_attribute_texts(token))

    def _end(self, name: str) -> Iterator[_Item]:
        """Process an end tag: yield the finished row or line."""
        self._raw = ""
        grid = self._grids[-1] if self._grids else None
        name = _CELLS.get(name, name)
        if grid is not None and name in ("td", "th"):
            grid.close_cell()
        elif grid is not None and name in ("tr", "table"):
            yield from self._end_row(grid)
            if name == "table":
                self._grids.pop()
                yield grid.number, None
        elif not _INLINE.fullmatch(name):
            yield from self._end_line()

    def _end_row(self, grid: _Grid) -> Iterator[_Item]:
        """Yield the open row of a table, if any."""
        row = grid.close_row()
        if row is not None:
            yield grid.number, row


def _items(sample: Sample, warnings: TableWarnings | None = None) -> Iterator[_Item]:
    """Yield the rows, lines and scripts of a page."""
    page = _Page()
    yield from page.read(read_tokens(sample.content, sample.text_guess, warnings, html=True))
    yield from page.finish()


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables of a page, the text outside them, and scripts with data."""
    content = sample.content
    warnings = TableWarnings(content.member)
    if content.size > _MAX_HELD:
        for _ in _items(sample, warnings):
            pass

        def read() -> Iterator[Cells]:
            """Yield the rows of all tables, and each line or script as a row of one cell."""
            items = (item for _, item in _items(sample) if item is not None)
            return ([item] if isinstance(item, str) else item for item in items)

        yield from open_rows(content, context, read, kind="html")
        yield from warnings.summary()
        return
    tables, lines, scripts = _collect(_items(sample, warnings), context.count_names)
    yield from warnings.summary()
    for number, rows in enumerate(tables, 1):
        member = content.member if number == 1 else content.member_path(f"table {number}")
        yield from open_rows(content, context, partial(iter, rows), kind="html", member=member)
    for name, texts in (("text", ["\n".join(lines).strip()]), ("script", scripts)):
        for number, text in enumerate(filter(None, texts), 1):
            part = name if number == 1 else f"{name} {number}"
            yield memory_member(content, part, text.encode(), seed=context.seed)


def _collect(
    items: Iterator[_Item], count_names: CountNames
) -> tuple[list[list[Cells]], list[str], list[str]]:
    """Collect the rows of each table, the lines and the scripts of a page.

    Tables with one header are one; beyond a number of tables, so are all others.
    """
    tables: dict[tuple[str, ...], list[Cells]] = {}
    lines: list[str] = []
    scripts: list[str] = []
    unfinished: dict[int, list[Cells]] = {}
    for number, item in items:
        if isinstance(item, str):
            (scripts if number == _SCRIPT else lines).append(item)
        elif item is not None:
            unfinished.setdefault(number, []).append(item)
        elif (rows := unfinished.pop(number, None)) is not None:
            texts = form_lines(rows, count_names)
            if texts is not None:
                lines += [*texts, ""]
            else:
                head = tuple(cell or "" for cell in rows[0])
                key = head if head in tables or len(tables) < _MAX_TABLES else ()
                tables.setdefault(key, []).extend(rows)
    return list(tables.values()), lines, scripts


def looks_like_html(sample: Sample) -> bool:
    """Return True if a text begins with a doctype or an HTML element."""
    text = sample.text.lstrip("\ufeff \t\r\n")[: 64 << 10]
    if not text.startswith("<"):
        return False
    declared = text.startswith("<?xml")
    if _WORKBOOK.search(text[: 4 << 10]):
        return True
    return bool(_PAGE.search(text[: 4 << 10] if declared else text)) or (
        not declared and _FIRST_TAG.match(text) is not None
    )


FORMATS: Final = (
    Format(
        "html",
        45,
        _open,
        probe=looks_like_html,
        extensions=("html", "htm", "xls", "doc"),
        copied_as_text=True,
        container=True,
    ),
)
