"""Lines of a list in words, and the files they are written to: xlsx, CSV, Parquet.

Text only: no formula, no link runs.  The same lines give the same bytes.  A workbook takes as many
sheets as it needs; a cell that is too long for one is cut, and all of its places stand in a sheet.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.export.list_lines import NOBODYS, Line, Spot
from piiscan.case.report.table_files import safe
from piiscan.output_files import open_private
from piiscan.pages.sanitize import clean
from piiscan.pages.wording import Words

#: Rows of a sheet in the format itself, the heading among them.
MOST_ROWS: Final = 1_048_576
#: Characters that a cell of a workbook can hold.
LONGEST: Final = 32_767
#: Lines of a row group of Parquet.
_GROUP: Final = 50_000
#: A fixed date, so that the same lines give the same file.
_CREATED: Final = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  (xlsx has no time zones)
_REJECT: Final = ("reason", "where", "repeats")

Cell = str | int | list[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a list has: its kinds as columns, whether its lines are rejects, names as shown."""

    words: Words
    kinds: Sequence[str]
    rejects: bool
    paths: Mapping[int, str]
    members: Mapping[str, str]

    def names(self) -> list[str]:
        """The columns by name."""
        ahead = ("number", *(_REJECT if self.rejects else ()), "key_kind")
        behind = ("occurrences", "sources", "items", "suspects", "devices", "business", "notes")
        return [*ahead, *self.kinds, *(behind[:-1] if self.rejects else behind), "places"]

    def headings(self) -> list[str]:
        """The columns in words."""
        kinds = set(self.kinds)
        return [
            self.words.name("entities", name) if name in kinds else self.words(f"listed.{name}")
            for name in self.names()
        ]

    def rows(self, lines: Iterable[Line]) -> Iterator[list[Cell]]:
        """The lines in words."""
        names = self.names()
        for line in lines:
            told = self._told(line)
            yield [told.get(name, "") for name in names]

    def _told(self, line: Line) -> dict[str, Cell]:
        """What a line says, by column."""
        words = self.words
        reasons = [words.name("reasons", note) for note in line.notes]
        return {
            "number": line.number,
            "reason": "".join(reasons[:1]),
            "where": words(f"where.{line.elsewhere}") if line.elsewhere else "",
            "repeats": self.place(line.repeats) if line.repeats else "",
            "key_kind": words(f"key_kind.{line.key_kind}") if line.key_kind else "",
            "occurrences": len(line.spots),
            "sources": len({spot.source for spot in line.spots}),
            "items": _distinct(spot.item for spot in line.spots),
            "suspects": _distinct(spot.suspect for spot in line.spots),
            "devices": _distinct(spot.device for spot in line.spots),
            "business": words("listed.yes") if line.business else "",
            "notes": reasons,
            "places": [self.place(spot) for spot in line.spots],
            **{kind: [self._value(*e) for e in values] for kind, values in line.values.items()},
        }

    def place(self, spot: Spot) -> str:
        """Where a record stands, in words."""
        member = self.members.get(spot.member, spot.member)
        name = self.paths[spot.source] + (f"!{member}" if member else "")
        return clean(self.words("listed.place", source=spot.source, name=name, row=spot.row))

    def _value(self, text: str | None, role: str | None, refuted: bool) -> str:
        told = "" if text is None else clean(text)
        notes = []
        if role is not None:
            named = self.words.name("roles", role)
            notes.append(self.words("listed.nobodys") if role == NOBODYS else named)
        if refuted:
            notes.append(self.words.name("verdicts", "refuted"))
        return f"{told}[{', '.join(notes)}]" if notes else told


def write_list(
    out: Path, layout: Layout, lines: Iterable[Line], *, temporary: Path, most: int = MOST_ROWS
) -> int:
    """The number of lines written to ``out``, by its extension; mode 0600."""
    rows = layout.rows(lines)
    write: Mapping[str, Callable[[Any, Layout, Iterator[list[Cell]]], int]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
    }
    with open_private(out) as file:
        if out.suffix.lower() == ".xlsx":
            return _Book(file, layout, temporary, most).write(rows)
        return write[out.suffix.lower()](file, layout, rows)


def _distinct(texts: Iterable[str | None]) -> list[str]:
    return [clean(text) for text in dict.fromkeys(texts) if text]


def _joined(cell: Cell, comma: str) -> str | int:
    return comma.join(cell) if isinstance(cell, list) else cell


def _write_csv(file: Any, layout: Layout, rows: Iterator[list[Cell]]) -> int:
    """CSV in UTF-8 with BOM, CRLF."""
    file.write(b"\xef\xbb\xbf")
    comma, count = layout.words("asked.comma"), 0
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow(layout.headings())
    for row in rows:
        writer.writerow([safe(_joined(cell, comma)) if cell else "" for cell in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _write_parquet(file: Any, layout: Layout, rows: Iterator[list[Cell]]) -> int:
    """Parquet with columns by their codes; several values are lists."""
    numbers = {"number", "occurrences", "sources"}
    single = {"reason", "where", "repeats", "key_kind", "business"}
    several = pa.list_(pa.string())
    types = {
        name: pa.int64() if name in numbers else pa.string() if name in single else several
        for name in layout.names()
    }
    schema = pa.schema(list(types.items()))
    count = 0
    waiting: list[list[Cell]] = [[] for _ in types]
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for row in rows:
            count += 1
            for column, cell, name in zip(waiting, row, types, strict=True):
                column.append(cell or ([] if types[name] == several else cell))
            if len(waiting[0]) == _GROUP:
                writer.write_table(_table(waiting, schema))
                waiting = [[] for _ in types]
        if waiting[0]:
            writer.write_table(_table(waiting, schema))
    return count


def _table(columns: Sequence[list[Any]], schema: pa.Schema) -> pa.Table:
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


class _Book:
    """A workbook written row by row; its temporary files stay inside the case."""

    def __init__(self, file: Any, layout: Layout, temporary: Path, most: int) -> None:
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
        self._layout, self._most = layout, most
        self._lists = _Sheets(self, "listed.sheet", layout.headings())
        words = layout.words
        self._places = _Sheets(
            self, "listed.overflow", [words("listed.number"), words("listed.places")]
        )

    def write(self, rows: Iterator[list[Cell]]) -> int:
        """The number of lines, once all of them are written."""
        words, count = self._layout.words, 0
        comma = words("asked.comma")
        try:
            for row in rows:
                count += 1
                told = [_joined(cell, comma) for cell in row]
                for at, cell in enumerate(told):
                    if isinstance(cell, str) and len(cell) > LONGEST:
                        more = words("listed.cut")
                        told[at] = cell[: LONGEST - len(more)] + more
                        for part in row[at] if isinstance(row[at], list) else ():  # type: ignore[union-attr]
                            self._places.add([row[0], part])
                self._lists.add(told)
            if not count:
                self._lists.start()
        finally:
            self._book.close()
        return count

    def sheet(self, key: str, number: int, headings: Sequence[str]) -> Any:
        """A new sheet with its headings."""
        name = self._layout.words(key) + (f" {number}" if number > 1 else "")
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headings) - 1, 18)
        for column, text in enumerate(headings):
            sheet.write_string(0, column, text, self._title)
        return sheet

    @property
    def most(self) -> int:
        """Rows of a sheet."""
        return self._most


class _Sheets:
    """Rows over as many sheets as they need."""

    def __init__(self, book: _Book, key: str, headings: Sequence[str]) -> None:
        self._book, self._key, self._headings = book, key, headings
        self._sheet: Any = None
        self._number, self._row = 0, 0

    def start(self) -> None:
        """Begin the next sheet."""
        self._number += 1
        self._sheet = self._book.sheet(self._key, self._number, self._headings)
        self._row = 1

    def add(self, cells: Sequence[Any]) -> None:
        """One more row."""
        if self._sheet is None or self._row == self._book.most:
            self.start()
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                self._sheet.write_number(self._row, column, cell)
            elif cell:
                self._sheet.write_string(self._row, column, cell)
        self._row += 1
