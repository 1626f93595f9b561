"""List files: the lines of a list as text, written to XLSX, CSV or Parquet.

Cells are text: no formula and no link. Equal lines give equal bytes. A workbook has as many sheets
as it needs. A cell that is too long is cut, and an overflow sheet has all its locations.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.export.list_lines import UNCERTAIN_OWNER, ListLine, RecordLocation
from piiscan.case.report.table_files import escape_formula
from piiscan.case.store.case import Case
from piiscan.output_files import write_aside
from piiscan.pages.report_table import Kind, TableColumn
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Words

#: Most rows of a sheet in the XLSX format, heading included.
MAX_ROWS: Final = 1_048_576
#: Most characters of a cell in the XLSX format.
MAX_CELL_LENGTH: Final = 32_767
#: Lines per Parquet row group.
_ROW_GROUP: Final = 50_000
#: Fixed creation date, so that equal lines give equal files.
_CREATED: Final = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  (xlsx has no time zones)

Cell = str | int | list[str]


class Layout(Protocol):
    """Protocol: layout of a list: its wording, columns and rows."""

    @property
    def words(self) -> Words:
        """Return the wording of the list."""

    @property
    def columns(self) -> Sequence[TableColumn]:
        """Return the columns in order."""

    @property
    def title(self) -> str:
        """Return the key of the name of the list's sheet."""

    def rows(self, lines: Iterable[Any]) -> Iterator[list[Cell]]:
        """Yield one list of cells per line, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Layout of a list whose lines are rows (column -> value): columns, and name of the sheet."""

    words: Words
    columns: Sequence[TableColumn]
    title: str

    def rows(self, lines: Iterable[Mapping[str, Any]]) -> Iterator[list[Cell]]:
        """Yield one list of cells per row; a column of kind ``texts`` has several texts a cell."""
        for row in lines:
            yield [
                row.get(c.name) or [] if c.kind == "texts" else c.text(row, self.words)
                for c in self.columns
            ]


def joined_rows(layout: Layout, lines: Iterable[Any]) -> Iterator[list[str | int]]:
    """Yield the cells of each line; the texts of a cell are joined."""
    comma = layout.words("asked.comma")
    for row in layout.rows(lines):
        yield [_join_cell(cell, comma) for cell in row]


def listed(name: str, kind: Kind = "text") -> TableColumn:
    """Return a column of a list, whose heading is in ``[listed]``."""
    return TableColumn(name, kind, title=f"listed.{name}")


def _entity_column(entity: str) -> TableColumn:
    """Return the column with the values of an entity."""
    return TableColumn(entity, "texts", title=lambda words: words.name("entities", entity))


@dataclass(frozen=True, slots=True)
class ListLayout:
    """Layout of a list of records: entity columns, reject columns, display names."""

    words: Words
    kinds: Sequence[str]
    rejects: bool
    paths: Mapping[int, str]
    members: Mapping[str, str]
    title: ClassVar[str] = "listed.sheet"

    @classmethod
    def of_case(
        cls, case: Case, kinds: Sequence[str], *, rejects: bool, clear: bool, words: Words
    ) -> Self:
        """Return the layout of a list of ``case``; names are masked unless ``clear``."""
        shown = {} if clear else case.shown()
        return cls(words, kinds, rejects, case.source_names(clear=clear), shown)

    @property
    def columns(self) -> list[TableColumn]:
        """Return the columns in order."""
        rejected = map(listed, ("reason", "where", "repeats")) if self.rejects else ()
        return [
            listed("number", "number"),
            *rejected,
            listed("key_kind"),
            *map(_entity_column, self.kinds),
            listed("occurrences", "number"),
            listed("sources", "number"),
            *(listed(name, "texts") for name in ("items", "suspects", "devices")),
            listed("business"),
            *(() if self.rejects else (listed("notes", "texts"),)),
            listed("places", "texts"),
        ]

    def rows(self, lines: Iterable[ListLine]) -> Iterator[list[Cell]]:
        """Yield one list of cells per line, in the order of the columns."""
        names = [column.name for column in self.columns]
        for line in lines:
            cells = self.cells(line)
            yield [cells.get(name, "") for name in names]

    def cells(self, line: ListLine) -> dict[str, Cell]:
        """Return column name -> cell (text, number or several texts) of one list line."""
        words = self.words
        reasons = [words.name("reasons", note) for note in line.notes]
        return {
            "number": line.number,
            "reason": "".join(reasons[:1]),
            "where": words(f"where.{line.repeat_scope}") if line.repeat_scope else "",
            "repeats": self.location(line.repeats) if line.repeats else "",
            "key_kind": words(f"key_kind.{line.key_kind}") if line.key_kind else "",
            "occurrences": len(line.locations),
            "sources": len({spot.source for spot in line.locations}),
            "items": _distinct_texts(spot.item for spot in line.locations),
            "suspects": _distinct_texts(spot.suspect for spot in line.locations),
            "devices": _distinct_texts(spot.device for spot in line.locations),
            "business": words("listed.yes") if line.business else "",
            "notes": reasons,
            "places": [self.location(spot) for spot in line.locations],
            **{
                kind: [self._value_text(*e) for e in values] for kind, values in line.values.items()
            },
        }

    def location(self, location: RecordLocation) -> str:
        """Return the location of a record as text: source, masked path and row."""
        return place_text(location, self.words, self.paths, self.members)

    def _value_text(self, text: str | None, role: str | None, refuted: bool) -> str:
        """Return a value as text with its notes: ``张三[发送人]``, role and refuted in brackets."""
        shown = "" if text is None else clean(text)
        notes = []
        if role is not None:
            role_name = self.words.name("roles", role)
            notes.append(self.words("listed.nobodys") if role == UNCERTAIN_OWNER else role_name)
        if refuted:
            notes.append(self.words.name("verdicts", "refuted"))
        return f"{shown}[{', '.join(notes)}]" if notes else shown


def place_text(
    place: RecordLocation, words: Words, paths: Mapping[int, str], members: Mapping[str, str]
) -> str:
    """Return the place of a record as text: source, path and row, by their display names."""
    member = members.get(place.member, place.member)
    name = paths[place.source] + (f"!{member}" if member else "")
    return clean(words("listed.place", source=place.source, name=name, row=place.row))


def write_list(
    out: Path, layout: Layout, lines: Iterable[Any], *, temporary: Path, max_rows: int = MAX_ROWS
) -> int:
    """Write the list to ``out`` (.xlsx, .csv or .parquet, mode 0600); return the number of lines.

    ``max_rows``: most rows of one sheet, the heading included.
    """
    with write_aside(out) as file:
        return write_lines(file, out.suffix.lower()[1:], layout, lines, temporary, max_rows)


def write_lines(
    file: Any,
    form: str,
    layout: Layout,
    lines: Iterable[Any],
    temporary: Path,
    max_rows: int = MAX_ROWS,
) -> int:
    """Write the list to the open binary ``file`` as ``form`` (xlsx, csv, parquet)."""
    rows = layout.rows(lines)
    if form == "xlsx":
        return _ListWorkbook(file, layout, temporary, max_rows).write(rows)
    return (_write_csv if form == "csv" else _write_parquet)(file, layout, rows)


def _distinct_texts(texts: Iterable[str | None]) -> list[str]:
    """Return the distinct non-empty texts in order, without control characters."""
    return [clean(text) for text in dict.fromkeys(texts) if text]


def _join_cell(cell: Cell, comma: str) -> str | int:
    """Return a cell as one text or number; several texts are joined by ``comma``."""
    return comma.join(cell) if isinstance(cell, list) else cell


def _write_csv(file: Any, layout: Layout, rows: Iterator[list[Cell]]) -> int:
    """Write the rows to ``file`` as CSV (UTF-8 with BOM, CRLF); return the number of rows."""
    file.write(b"\xef\xbb\xbf")
    comma, count = layout.words("asked.comma"), 0
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow([column.heading(layout.words) for column in layout.columns])
    for row in rows:
        writer.writerow([escape_formula(_join_cell(cell, comma)) if cell else "" for cell in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _write_parquet(file: Any, layout: Layout, rows: Iterator[list[Cell]]) -> int:
    """Write the rows to ``file`` as Parquet, columns named by code; return the number of rows.

    A cell with several values is a list.
    """
    several = pa.list_(pa.string())
    of_kind = {"number": pa.int64(), "texts": several}
    types = {each.name: of_kind.get(each.kind, pa.string()) for each in layout.columns}
    schema = pa.schema(list(types.items()))
    count = 0
    pending: list[list[Cell]] = [[] for _ in types]
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for row in rows:
            count += 1
            for column, cell, name in zip(pending, row, types, strict=True):
                column.append(cell or ([] if types[name] == several else cell))
            if len(pending[0]) == _ROW_GROUP:
                writer.write_table(_table(pending, schema))
                pending = [[] for _ in types]
        if pending[0]:
            writer.write_table(_table(pending, schema))
    return count


def _table(columns: Sequence[list[Any]], schema: pa.Schema) -> pa.Table:
    """Return ``columns`` (one list of values each) as an Arrow table with ``schema``."""
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


class _ListWorkbook:
    """Workbook of a list, written row by row; its temporary files stay inside the case."""

    def __init__(self, file: Any, layout: Layout, temporary: Path, max_rows: int) -> None:
        """Open the workbook in ``file``; ``max_rows``: most rows of one sheet."""
        import xlsxwriter

        options = {
            "constant_memory": True,
            "tmpdir": str(temporary),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(file, options)
        self._book.set_properties({"created": _CREATED})
        self._title = self._book.add_format({"bold": True})
        self._layout, self.max_rows = layout, max_rows
        words = layout.words
        headings = [column.heading(words) for column in layout.columns]
        self._lines = _SheetSeries(self, layout.title, headings)
        self._places = _SheetSeries(
            self, "listed.overflow", [words("listed.number"), words("listed.places")]
        )

    def write(self, rows: Iterator[list[Cell]]) -> int:
        """Write all rows and close the workbook; return the number of lines."""
        words, count = self._layout.words, 0
        comma = words("asked.comma")
        try:
            for row in rows:
                count += 1
                cells = [_join_cell(cell, comma) for cell in row]
                for at, cell in enumerate(cells):
                    if isinstance(cell, str) and len(cell) > MAX_CELL_LENGTH:
                        suffix = words("listed.cut")
                        cells[at] = cell[: MAX_CELL_LENGTH - len(suffix)] + suffix
                        for part in row[at] if isinstance(row[at], list) else ():  # type: ignore[union-attr]
                            self._places.add([row[0], part])
                self._lines.add(cells)
            if not count:
                self._lines.start()
        finally:
            self._book.close()
        return count

    def add_sheet(self, key: str, number: int, headings: Sequence[str]) -> Any:
        """Add the ``number``-th sheet of the kind ``key`` with its heading row, and return it."""
        name = self._layout.words(key) + (f" {number}" if number > 1 else "")
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_column(0, len(headings) - 1, 18)
        for column, text in enumerate(headings):
            sheet.write_string(0, column, text, self._title)
        return sheet


class _SheetSeries:
    """Sheets with the same headings, one after the other as each gets full."""

    def __init__(self, book: _ListWorkbook, key: str, headings: Sequence[str]) -> None:
        self._book, self._key, self._headings = book, key, headings
        self._sheet: Any = None
        self._number, self._row = 0, 0

    def start(self) -> None:
        """Add the next sheet of the series to the workbook and make it the current one."""
        self._number += 1
        self._sheet = self._book.add_sheet(self._key, self._number, self._headings)
        self._row = 1

    def add(self, cells: Sequence[Any]) -> None:
        """Write one row of cells to the current sheet; start a new sheet first if it is full."""
        if self._sheet is None or self._row == self._book.max_rows:
            self.start()
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                self._sheet.write_number(self._row, column, cell)
            elif cell:
                self._sheet.write_string(self._row, column, cell)
        self._row += 1
