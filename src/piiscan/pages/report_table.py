"""Declaration of report tables: name, section, builder, columns and notes, once for all reports.

Page, workbook, Word document, terminal and table files draw any declared table. A new column is one
line in the declaration of its table, and its heading in tables.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from piiscan.wording.words import Words

Row = Mapping[str, Any]
#: Rows of all tables, by the name of the table.
Rows = Mapping[str, Sequence[Row]]

#: Where a column is shown: CSV and JSON, XLSX, HTML, terminal, summary of ``piiscan run``, DOCX.
Medium = Literal["files", "workbook", "page", "terminal", "summary", "statement"]
#: For columns that only programs need.
FILES: Final[frozenset[Medium]] = frozenset({"files", "workbook"})
FILES_AND_PAGE: Final[frozenset[Medium]] = frozenset({"files", "workbook", "page"})
FILES_AND_TERMINAL: Final[frozenset[Medium]] = frozenset({"files", "workbook", "terminal"})
#: For most columns.
USUAL: Final[frozenset[Medium]] = frozenset({"files", "workbook", "page", "terminal"})
#: For columns of the summary only.
SUMMARY: Final[frozenset[Medium]] = frozenset({"summary"})
#: For columns that the summary, or the Word document, shows too.
USUAL_AND_SUMMARY: Final[frozenset[Medium]] = frozenset(
    {"files", "workbook", "page", "terminal", "summary"}
)
USUAL_AND_STATEMENT: Final[frozenset[Medium]] = frozenset(
    {"files", "workbook", "page", "terminal", "statement"}
)
#: For main figures.
EVERYWHERE: Final = USUAL_AND_SUMMARY | USUAL_AND_STATEMENT

#: ``position``: a number that orders (row 1200). ``identifier``: one that names (source 1200).
#: ``code``: a name for programs. ``texts``: several texts in one cell.
Kind = Literal["text", "number", "position", "identifier", "checksum", "code", "texts"]
NUMERIC_KINDS: Final[frozenset[Kind]] = frozenset({"number", "position", "identifier"})


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a report table.

    Args:
        name: key of the cells in the rows, and of the heading in ``[column]`` of tables.toml.
        kind: what the cells are; decides alignment, number format and font.
        shown: the media that show the column.
        wording: (value, row, words) -> text of a cell; None for the value itself.
        empty: text of a cell without value: a key of the wording, or (row, words) -> text.
        wraps: False to keep cells of the page in one line.
        title: heading, if it is not in ``[column]``: a key of the wording, or words -> text.
        of_value: True if ``wording`` depends on nothing in the row but the value, a code.
    """

    name: str
    kind: Kind = "text"
    shown: frozenset[Medium] = USUAL
    wording: Callable[[Any, Row, Words], str] | None = None
    empty: str | Callable[[Row, Words], str] = ""
    wraps: bool = True
    title: str | Callable[[Words], str] = ""
    of_value: bool = False

    @property
    def numeric(self) -> bool:
        """Return True if the cells are numbers."""
        return self.kind in NUMERIC_KINDS

    def only_in(self, shown: frozenset[Medium]) -> TableColumn:
        """Return the same column for other media."""
        return replace(self, shown=shown)

    def heading(self, words: Words) -> str:
        """Return the heading of the column."""
        if callable(self.title):
            return self.title(words)
        return words(self.title or f"column.{self.name}")

    def text(self, row: Row, words: Words) -> str | int:
        """Return the cell of ``row`` in words: names instead of codes, numbers unchanged.

        A row made by an earlier version has no value for a new column; its cell is empty.

        >>> TableColumn("hits").text({"hits": 3}, Words("en")), TableColumn("hits").text(
        ...     {}, Words("en"))
        (3, '')
        >>> TableColumn("share").text({"share": 0.1 + 0.2}, Words("en"))
        '0.3'
        """
        value = row.get(self.name)
        if value is None:
            if callable(self.empty):
                return self.empty(row, words)
            return words(self.empty) if self.empty else ""
        if self.wording is not None:
            return self.wording(value, row, words)
        if isinstance(value, float):
            return f"{value:.4f}".rstrip("0").rstrip(".")
        return value if isinstance(value, int) else str(value)

    def texts(self, rows: Iterable[Row], words: Words) -> list[str | int]:
        """Return the cells of ``rows`` in words, as :meth:`text` does, each code named once."""
        known: dict[Any, str | int] = {}
        found: list[str | int] = []
        for row in rows:
            value = row.get(self.name)
            if self.wording is None and value.__class__ in (str, int):
                found.append(value)
            elif self.of_value and value is not None:
                if value not in known:
                    known[value] = self.text(row, words)
                found.append(known[value])
            else:
                found.append(self.text(row, words))
        return found

    def grouped_text(self, row: Row, words: Words) -> str:
        """Return the cell as text, with a thousands separator in numbers: ``1234 -> 1,234``."""
        value = self.text(row, words)
        return str(value) if isinstance(value, str) or self.kind == "identifier" else f"{value:,}"


@dataclass(frozen=True, slots=True, eq=False)
class ReportTable:
    """One table of the reports of a case.

    Args:
        name: name of its files, of its rows in a case, and of its title in tables.toml.
        columns: the columns in order.
        section: section of the workbook, T1 to T15; empty if the workbook does not show it.
        made_by: what must be done before the table exists.
        build: function that returns the rows; None if one function builds a family of tables.
        notes: keys of the sentences above the table.
        sample_notes: (words, content of sample.json) -> further sentences.
        order: medium -> names of its columns, if their order differs from ``columns``.
        rows: medium -> (rows of all tables) -> rows it shows, if it does not show all.
        row_group: name of the repeated row in Word templates.
        max_rows: most rows on a terminal.
        page_rows: most rows on the page, 0 for all.
        sparse: True to show only columns with a value on the page.
        scope_columns: columns that name a suspect or group; its rows stand in his part of the page.
    """

    name: str
    columns: tuple[TableColumn, ...]
    section: str = ""
    made_by: Literal["scan", "count", "sample", "report"] = "scan"
    build: Callable[..., list[dict[str, Any]]] | None = None
    notes: tuple[str, ...] = ()
    sample_notes: Callable[[Words, Mapping[str, Any]], list[str]] | None = None
    order: Mapping[Medium, tuple[str, ...]] = field(default_factory=dict)
    rows: Mapping[Medium, Callable[[Rows], Sequence[Row]]] = field(default_factory=dict)
    row_group: str = ""
    max_rows: int = 40
    page_rows: int = 60
    sparse: bool = False
    scope_columns: tuple[str, ...] = ()

    def title(self, words: Words) -> str:
        """Return the title of the table."""
        return words(f"table.{self.name}")

    def column(self, name: str) -> TableColumn:
        """Return the column ``name``; raise KeyError if it is missing."""
        return {column.name: column for column in self.columns}[name]

    def rows_from(self, *inputs: Any, **named: Any) -> list[dict[str, Any]]:
        """Build the rows from the inputs of the table; empty if its family is built together."""
        return self.build(*inputs, **named) if self.build is not None else []

    def rows_of(self, found: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
        """Return the rows with these cells, which are in the order of the columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, cells, strict=True)) for cells in found]

    def columns_in(self, medium: Medium) -> tuple[TableColumn, ...]:
        """Return the columns that ``medium`` shows, in its order."""
        if medium in self.order:
            return tuple(map(self.column, self.order[medium]))
        return tuple(column for column in self.columns if medium in column.shown)

    def rows_in(self, medium: Medium, tables: Rows) -> Sequence[Row]:
        """Return the rows that ``medium`` shows; empty if the case does not have the table."""
        if medium in self.rows:
            return self.rows[medium](tables)
        return tables.get(self.name, ())


def text(name: str, shown: frozenset[Medium] = USUAL, *, empty: str = "") -> TableColumn:
    """Return a column of texts. ``empty``: key of the text for a missing value."""
    return TableColumn(name, shown=shown, empty=empty)


def number(name: str, shown: frozenset[Medium] = USUAL) -> TableColumn:
    """Return a column of numbers."""
    return TableColumn(name, "number", shown)


def numbers(*names: str, shown: frozenset[Medium] = USUAL) -> tuple[TableColumn, ...]:
    """Return neighbouring columns of numbers in the same media."""
    return tuple(number(name, shown) for name in names)


def position(name: str, shown: frozenset[Medium] = USUAL) -> TableColumn:
    """Return a column of numbers that order rows."""
    return TableColumn(name, "position", shown)


def checksum(name: str, shown: frozenset[Medium] = USUAL) -> TableColumn:
    """Return a column of checksums."""
    return TableColumn(name, "checksum", shown)


def coded(
    name: str, section: str, shown: frozenset[Medium] = USUAL, *, wraps: bool = True
) -> TableColumn:
    """Return a column of codes whose names are in ``[section]`` of tables.toml.

    >>> coded("lost", "answer").text({"lost": True}, Words("en"))
    'yes'
    """

    def wording(value: Any, _: Row, words: Words) -> str:
        """Return the name of the code ``value``."""
        code = str(value).lower() if isinstance(value, bool) else value
        return words(f"{section}.{code}")

    return TableColumn(name, shown=shown, wording=wording, wraps=wraps, of_value=True)


def named(
    name: str,
    vocabulary: str,
    shown: frozenset[Medium] = USUAL,
    *,
    empty: str = "",
    wraps: bool = True,
) -> TableColumn:
    """Return a column of codes whose names are in the case's vocabulary."""

    def wording(value: Any, _: Row, words: Words) -> str:
        """Return the name of the code ``value``."""
        return words.name(vocabulary, value)

    return TableColumn(name, shown=shown, wording=wording, empty=empty, wraps=wraps, of_value=True)


def rows_of_scope(table: str, *scope_kinds: str) -> Callable[[Rows], Sequence[Row]]:
    """Return a function that selects the rows of some kinds of scope of ``table``."""

    def select(tables: Rows) -> Sequence[Row]:
        """Return the rows of these kinds of scope."""
        return [row for row in tables.get(table, ()) if row["scope_kind"] in scope_kinds]

    return select
