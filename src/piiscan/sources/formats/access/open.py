"""Access databases (mdb, accdb): every table, its deleted rows apart, objects as members.

Places are those of rows: ``a.mdb#客户`` row 3, ``a.mdb#deleted rows of 客户`` for deleted ones.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from piiscan.errors import SourceError
from piiscan.sources.archives.member_names import DELETED_ROWS
from piiscan.sources.archives.spool import seekable_content
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import binary_values
from piiscan.sources.formats.access.pages import (
    DATA,
    DEFINITION,
    Definition,
    Pages,
    Slot,
    open_pages,
)
from piiscan.sources.formats.access.rows import BYTES, attached_file, read_row
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.row_table import Cells, open_rows
from piiscan.sources.stored_values import RowLimits, cell_text, text_of_bytes

_SIGNATURES: Final = ((4, b"Standard Jet DB"), (4, b"Standard ACE DB"))
_CATALOG: Final = 2
_ERRORS: Final = (ValueError, IndexError, struct.error, OverflowError)
#: Least share of pages of a known type in a database that is not encrypted.
_LEAST_KNOWN: Final = 0.5
#: Type of a local table in the catalog, and the lower bytes of its number: a page.
_TABLE, _PAGE = 1, 0xFFFFFF


@dataclass(slots=True)
class _Table:
    """Table of a database: the page of its definition, and its pages in use and others."""

    pages: Pages
    content: Content
    context: ReadContext
    name: str
    definition: Definition
    used: list[int]
    others: list[int]

    @property
    def headers(self) -> list[str]:
        """Return the names of the columns."""
        return [column.name for column in self.definition.columns]

    def _slots(self, pages: Iterable[int]) -> Iterator[tuple[int, Slot | None]]:
        """Yield (place, slot) of each row of pages; None for a damaged page."""
        for number in pages:
            try:
                slots: list[Slot | None] = [*self.pages.slots(number)]
            except _ERRORS:
                slots = [None]
            yield from ((number << 8 | at, slot) for at, slot in enumerate(slots))

    def values(self, *, deleted: bool) -> Iterator[list[Any] | Trouble]:
        """Yield the values of the rows, or of the deleted ones, which nothing but bytes prove."""
        damaged, limits = 0, RowLimits(self.content.size, self.context.budget)
        member, others = f"{self.content.member}#{self.name}", set(self.others)
        used = (each for _, each in self._slots(self.used)) if deleted else ()
        moved = {
            int.from_bytes(each.data[:4], "little") for each in used if each and each.elsewhere
        }
        for place, slot in self._slots((*self.used, *self.others) if deleted else self.used):
            is_left = slot is not None and (slot.deleted or place >> 8 in others)
            if is_left != deleted or place in moved or (deleted and slot and slot.elsewhere):
                continue
            try:
                if slot is None:
                    raise ValueError("a damaged page")
                data = slot.data
                if slot.elsewhere:
                    data = self.pages.row_at(int.from_bytes(data[:4], "little"))
                row = read_row(self.pages, self.definition, data)
            except _ERRORS:
                damaged += not deleted
                continue
            if limits.exceeded(row):
                yield Trouble(member, "ZIP_RATIO", f"stopped after {limits.rows - 1} rows")
                return
            yield row
        if damaged:
            yield Trouble(member, "CORRUPT", f"{damaged} rows or pages of rows")

    def cells(self, *, deleted: bool) -> Iterator[Cells | Trouble]:
        """Yield the rows as texts."""
        for row in self.values(deleted=deleted):
            if isinstance(row, Trouble):
                yield row
            elif any(value not in (None, False) for value in row) or not deleted:
                yield [None if value is False else cell_text(value) for value in row]

    def binary(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield (column, row, bytes) of the values that are no texts."""
        rows = (row for row in self.values(deleted=False) if not isinstance(row, Trouble))
        for number, row in enumerate(rows, 1):
            for name, value in zip(self.headers, row, strict=True):
                if isinstance(value, bytes) and value and text_of_bytes(value) is None:
                    yield name, number, attached_file(value)

    def open(self) -> Opened:
        """Yield the rows, the deleted rows, and the objects as members."""
        content, headers = self.content, self.headers
        for deleted in (False, True):
            title = f"{DELETED_ROWS} of {self.name}" if deleted else self.name
            read = partial(self.cells, deleted=deleted)
            options: dict[str, Any] = {"kind": "database", "member": f"{content.member}#{title}"}
            tables = list(open_rows(content, self.context, read, headers=headers, **options))
            yield from tables or (each for each in read() if isinstance(each, Trouble))
            if deleted and tables:
                count = sum(1 for each in read() if not isinstance(each, Trouble))
                member = f"{content.member}#{self.name}"
                yield Trouble(member, "DELETED_ROWS_READ", f"{count} rows", lost=False)
        if any(column.kind in BYTES for column in self.definition.columns):
            yield from binary_values(content, self.context).read(self.name, self.binary())


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables of a database. Raises SourceError for an encrypted one."""
    content = seekable_content(sample.content)
    with content.open() as stream:
        pages = open_pages(stream)
        known = np.isin(pages.kinds, range(6))
        if len(known) <= _CATALOG:
            raise SourceError("CORRUPT", "access: no pages of tables")
        if known.mean() < _LEAST_KNOWN:
            raise SourceError("ENCRYPTED", "access: open it with its password and save without")
        names: dict[int, str] = {}
        for each in _catalog_entries(pages, content, context):
            if isinstance(each, Trouble):
                yield each
            else:
                names |= [each]
        own = {page for page in np.flatnonzero(pages.kinds == DEFINITION).tolist() if page > 1}
        for page in [*names, *sorted(own - names.keys())]:
            name, is_live = names.get(page, f"table {page}"), page in names
            try:
                table = _table(pages, content, context, name, page, is_live=is_live)
            except _ERRORS:
                if is_live or (pages.owners[pages.kinds == DATA] == page).any():
                    yield Trouble(f"{content.member}#{name}", "CORRUPT", "its definition")
                continue
            if not name.startswith("MSys"):
                yield from table.open()
        if (size := content.size % pages.size) > 0:
            yield Trouble(content.member, "CORRUPT", f"{size} bytes after the last page")


def _table(
    pages: Pages, content: Content, context: ReadContext, name: str, page: int, *, is_live: bool
) -> _Table:
    """Return the table that is defined on a page; without a map of its pages all are in use.

    ``is_live``: False for one that the catalog has not. Raises ValueError.
    """
    held = np.flatnonzero((pages.kinds == DATA) & (pages.owners == page)).tolist()
    definition = pages.definition(page)
    try:
        used = pages.used_pages(definition.used) if is_live else set()
    except _ERRORS:
        used = set(held)
    parts = [page for page in held if page in used], [page for page in held if page not in used]
    return _Table(pages, content, context, name, definition, *parts)


def _catalog_entries(
    pages: Pages, content: Content, context: ReadContext
) -> Iterator[tuple[int, str] | Trouble]:
    """Yield (page, name) of the tables in the catalog, and a Trouble for each damage of it."""
    try:
        catalog = _table(pages, content, context, "MSysObjects", _CATALOG, is_live=True)
    except _ERRORS:
        detail = "the catalog: tables are read as deleted rows, under the numbers of their pages"
        yield Trouble(content.member, "CORRUPT", detail)
        return
    yield _CATALOG, "MSysObjects"
    for row in catalog.values(deleted=False):
        if isinstance(row, Trouble):
            yield row
            continue
        entry = dict(zip(catalog.headers, row, strict=True))
        if entry.get("Type") == _TABLE and isinstance(entry.get("Id"), int):
            yield entry["Id"] & _PAGE, str(entry.get("Name"))


FORMATS: Final = (
    Format(
        *("access", 25, _open),
        signatures=_SIGNATURES,
        extensions=("mdb", "accdb"),
    ),
)
