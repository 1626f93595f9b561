"""Inline tables: a line of column names and lines of values under it, in a chat, a log, a string.

``姓名,手机,微信`` above ``张三,13800138000,demo_88``: each value is read under the name of its
column, as it is in ``微信=demo_88``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Int16, Int64
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import column_name_forms, label_of, line_labels, role_of
from piiscan.detect.context.context_numbers import MAX_HEADER, NO_NAME
from piiscan.detect.context.keyed_values import NO_FORM, KeyedValues, ValueNames, form_of_name

#: Most characters of a cell, and of a table.
_MAX_CELL: Final = 80
_MAX_TABLE: Final = 1 << 20
_LINE_END: Final = re.compile(r"\r\n|[\n\r]|(?:\\r)?\\n")
#: Delimiters of cells, the surest first.
_DELIMITERS: Final = tuple(
    re.compile(each)
    for each in (
        *(r"-{3,4}", r"\t|\\t", r"[|｜]", r"[,，]", r"[;；]", r"/"),
        *(r"[ \u3000]{2,}", r"[ \u3000]+"),
    )
)
_PADDING: Final = " \u3000\t\r\"'“”`"
_MARGINS: Final = re.compile(rf"[{_PADDING}\\]*(.*?)[{_PADDING}\\\]}})]*", re.DOTALL)
#: Rule between names and values: ``|---|---|``, ``-----+-----``.
_RULE: Final = re.compile(r"[\s|+:\-]*-{3}[\s|+:\-]*")
#: Words before the first name of a line: ``客户资料：`` in ``客户资料：姓名,手机``.
_LEAD: Final = re.compile(r".*[:：】>\[{(]")
_ADDRESS: Final = re.compile(r"(?=.{6}).*[一-鿿].*[省市区县镇乡村路街巷弄号栋幢室].*")
_VALUE: Final = re.compile(
    r"(?=[^0-9]*[0-9])(?:[^\s一-鿿]| (?=[0-9])){4,}|[A-Za-z][\w\-]{5,}|军?.字第[0-9]{6,8}号"
)

_NUMBER: Final = re.compile(r"[0-9]{3}|[。！？]")
_NO_WORD: Final = re.compile(r"\W")
Cell = tuple[int, int]
#: Role of the cells of a table whose columns have none: the words before them count.
NO_ROLE: Final = -2


class TableFields(NamedTuple):
    """Cells of inline tables, ordered by position.

    Attributes:
        keyed: cells under the name of a column of a recognizer
        place, stop: span of every cell, in folded code points
        role: number of the role of its column, -1 for none, NO_ROLE if no column has one
    """

    keyed: KeyedValues
    place: Int64
    stop: Int64
    role: Int16


class ColumnMeaning(NamedTuple):
    """Meaning of the name of a column.

    Attributes:
        name: its number among the names of running text, NO_NAME for none
        role: number of the role of the person in it, -1 for none
        fits: function that returns True for texts that its cells may be; None without recognizers
    """

    name: int
    role: int
    fits: Callable[[str], object] | None


@dataclass(frozen=True, slots=True)
class InlineNames:
    """Names of columns that inline tables may have."""

    catalog: Catalog
    value_names: ValueNames
    roles: Sequence[str]
    _known: dict[str, ColumnMeaning | None] = field(default_factory=dict)

    def meaning(self, header: str) -> ColumnMeaning | None:
        """Return the meaning of the name of a column; None for an unknown name."""
        if header not in self._known:
            if len(self._known) > 4096:
                self._known.clear()
            self._known[header] = self._find_meaning(header)
        return self._known[header]

    def _find_meaning(self, header: str) -> ColumnMeaning | None:
        """Look the name up: as a column, then as a label of lines."""
        label, forms = label_of(self.catalog, header), column_name_forms(self.catalog, header)
        if label is None:
            known = forms[:1] and forms[0] in line_labels(self.catalog)[0]
            return ColumnMeaning(NO_NAME, -1, None) if known else None
        role = role_of(self.catalog, header)
        places = {name: place for place, name in enumerate(self.value_names.names)}
        names = [places[form] for form in forms if form in places]
        recognizers = [r for r in self.catalog.recognizers if r.id in label.recognizers]
        if not names and recognizers:  # 威芯: a spelling of the label of an account
            which = self.catalog.recognizers.index(recognizers[0])
            names = np.flatnonzero(self.value_names.named[:, which]).tolist()
        tagged = {each.tagged for each in recognizers}
        fits: Callable[[str], object] | None = _VALUE.fullmatch
        if "person" in tagged:
            fits = _fits_name
        elif "address" in tagged:
            fits = _ADDRESS.fullmatch
        return ColumnMeaning(
            names[0] if names else NO_NAME,
            -1 if role is None else self.roles.index(role),
            fits if recognizers and not label.parts else None,
        )

    def may_be_names(self, line: str) -> bool:
        """Return True if a line can be the names of a table: short, and without numbers."""
        return len(line) <= MAX_HEADER and not _NUMBER.search(line) and bool(_NO_WORD.search(line))

    def read_table(
        self, head: str, lines: Callable[[], Iterable[str]]
    ) -> tuple[list[ColumnMeaning | None], list[list[Cell] | None]] | None:
        """Read the table with the names in the line ``head``.

        ``lines``: function that gives the lines below it, of which no more are read than the table
        has. Return (meaning of each column, cells of each line from the head on, None for a line
        without values); None for no table.
        """
        for delimiter in _DELIMITERS:
            names = _cells(head, delimiter, lead=True)
            if len(names) < 2:
                continue
            columns = [self.meaning(head[first:last]) for first, last in names]
            known = sum(each is not None for each in columns)
            if known < 2 or 2 * known < len(columns):
                continue
            rows: list[list[Cell] | None] = [None]
            for line in lines():
                cells = _cells(line, delimiter)
                if len(rows) == 1 and _RULE.fullmatch(line):
                    rows.append(None)
                elif len(cells) == len(columns) and _fit(line, cells, columns):
                    rows.append(cells)
                else:
                    break
            if any(rows):
                return columns, rows
        return None

    def find_fields(self, heads: Iterator[tuple[int, str, int]]) -> TableFields | None:
        """Return the cells of the tables with these ``heads``.

        A head is the folded position of its line, a text, and the position of the line in it.
        """
        keyed: list[tuple[int, int, int, int]] = []
        cells: list[tuple[int, int, int]] = []
        done = -1
        for begin, text, at in heads:
            if begin < done:
                continue
            head = next(_lines(text, at))[1]
            found = self.read_table(head, partial(_lines_below, text, at))
            if found is None:
                continue
            columns, rows = found
            roles = _roles(columns)
            for row, (offset, _) in zip(rows, _lines(text, at), strict=False):
                for number, (first, last) in enumerate(row or ()):
                    place, stop = begin + offset + first, begin + offset + last
                    meaning = columns[number]
                    cells.append((place, stop, roles[number]))
                    done = stop
                    if meaning is not None and meaning.name != NO_NAME and place < stop:
                        keyed.append((place, stop, place, meaning.name))
        if not cells:
            return None
        places = np.array(keyed, np.int64).reshape(-1, 4)
        names = KeyedValues(places[:, 0], places[:, 1], places[:, 2], places[:, 3].astype(np.int32))
        spans = np.array(cells, np.int64)
        return TableFields(
            KeyedValues(*map(np.ascontiguousarray, names)),
            np.ascontiguousarray(spans[:, 0]),
            np.ascontiguousarray(spans[:, 1]),
            spans[:, 2].astype(np.int16),
        )


def _roles(columns: Sequence[ColumnMeaning | None]) -> list[int]:
    """Return the role of each column; one without a role word has that of the one before it."""
    roles = [-1 if each is None else each.role for each in columns]
    if max(roles) < 0:
        return [NO_ROLE] * len(roles)
    for number in range(1, len(roles)):
        if roles[number] < 0:
            roles[number] = roles[number - 1]
    return roles


def _lines(text: str, at: int) -> Iterator[tuple[int, str]]:
    r"""Yield (offset, line) of a text from ``at`` on; a written ``\n`` ends a line too."""
    first, last = at, min(at + _MAX_TABLE, len(text))
    for found in _LINE_END.finditer(text, at, last):
        yield first - at, text[first : found.start()]
        first = found.end()
    yield first - at, text[first:last]


def _lines_below(text: str, at: int) -> Iterator[str]:
    """Yield the lines below the one at ``at``."""
    return (line for _, line in islice(_lines(text, at), 1, None))


def _cells(line: str, delimiter: re.Pattern[str], *, lead: bool = False) -> list[Cell]:
    """Return the spans of the cells of a line without padding; ``lead``: nor words before them.

    >>> _cells("| 姓名 | 电话 |", re.compile("[|]"))
    [(2, 4), (7, 9)]
    """
    cells = []
    first = 0
    bounds = [found.span() for found in delimiter.finditer(line)]
    for begin, end in [*bounds, (len(line), len(line))]:
        cells.append(_trim(line, first, begin))
        first = end
    if cells[0][0] == cells[0][1]:  # the frame of a table
        cells = cells[1:]
    if cells and cells[-1][0] == cells[-1][1]:
        cells = cells[:-1]
    if lead and cells and (found := _LEAD.match(line, 0, cells[0][1])):
        cells[0] = _trim(line, found.end(), cells[0][1])
    return cells


def _trim(line: str, first: int, last: int) -> Cell:
    """Return a span without blanks, quotes and closing brackets at its ends."""
    found = _MARGINS.fullmatch(line, first, last)
    return found.span(1) if found else (first, last)


def _fits_name(cell: str) -> bool:
    """Return True if a text may be a name."""
    return form_of_name(cell) != NO_FORM or ("·" in cell and len(cell) < 24)


def _fit(line: str, cells: Sequence[Cell], columns: Sequence[ColumnMeaning | None]) -> bool:
    """Return True if at least half of the cells under recognizers' names fit them."""
    known = right = 0
    for (first, last), column in zip(cells, columns, strict=True):
        if last - first > _MAX_CELL:
            return False
        if column is not None and column.fits is not None and first < last:
            known += 1
            right += bool(column.fits(line[first:last]))
    return right > 0 and 2 * right >= known
