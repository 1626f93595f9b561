"""Access databases (mdb, accdb): every table, its deleted rows apart, objects as members.

Places are those of rows: ``a.mdb#客户`` row 3, ``a.mdb#deleted rows of 客户`` for deleted ones.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
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
from piiscan.sources.formats.access.pages import DATA, DEFINITION, Definition, Pages, open_pages
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
    others: list[int] = field(default_factory=list)
    objects: list[tuple[str, int, bytes]] = field(default_factory=list)

    @property
    def headers(self) -> list[str]:
        """Return the names of the columns."""
        return [column.name for column in self.definition.columns]

    def values(self, *, deleted: bool) -> Iterator[list[Any] | Trouble]:
        """Yield the values of the rows, or of the deleted ones, which nothing but bytes prove."""
        damaged, limits = 0, RowLimits(self.content.size, self.context.budget)
        member = f"{self.content.member}#{self.name}"
        moved = self._moved() if deleted else set()
        for number in (*self.used, *self.others) if deleted else self.used:
            try:
                slots = self.pages.slots(number)
            except _ERRORS:
                damaged += not deleted
                continue
            for place, slot in enumerate(slots):
                is_left = slot.deleted or number in self.others
                if is_left != deleted or number << 8 | place in moved:
                    continue
                try:
                    data = slot.data
                    if slot.elsewhere:
                        if deleted:
                            continue
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

    def _moved(self) -> set[int]:
        """Return the places of rows to which another slot of the table leads."""
        found = set[int]()
        for number in self.used:
            try:
                slots = self.pages.slots(number)
            except _ERRORS:
                continue
            found |= {int.from_bytes(s.data[:4], "little") for s in slots if s.elsewhere}
        return found

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
        rows = pages.kinds == DATA
        for page in [*names, *sorted(own - names.keys())]:
            held = np.flatnonzero(rows & (pages.owners == page)).tolist()
            name = names.get(page, f"table {page}")
            try:
                definition = pages.definition(page)
            except _ERRORS:
                if page in names or held:
                    yield Trouble(f"{content.member}#{name}", "CORRUPT", "its definition")
                continue
            if page in names:
                if not name.startswith("MSys"):
                    yield from _table(pages, content, context, name, definition, held).open()
            elif held:
                yield from _Table(pages, content, context, name, definition, [], held).open()
        if (size := content.size % pages.size) > 0:
            yield Trouble(content.member, "CORRUPT", f"{size} bytes after the last page")


def _table(
    pages: Pages,
    content: Content,
    context: ReadContext,
    name: str,
    definition: Definition,
    held: list[int],
) -> _Table:
    """Return a table by the map of its pages; without a map all of ``held`` are in use."""
    try:
        used = pages.used_pages(definition.used)
    except _ERRORS:
        used = set(held)
    in_use = [page for page in held if page in used]
    others = [page for page in held if page not in used]
    return _Table(pages, content, context, name, definition, in_use, others)


def _catalog_entries(
    pages: Pages, content: Content, context: ReadContext
) -> Iterator[tuple[int, str] | Trouble]:
    """Yield (page, name) of the tables in the catalog, and a Trouble for each damage of it."""
    try:
        definition = pages.definition(_CATALOG)
    except _ERRORS:
        detail = "the catalog: tables are read as deleted rows, under the numbers of their pages"
        yield Trouble(content.member, "CORRUPT", detail)
        return
    held = np.flatnonzero((pages.kinds == DATA) & (pages.owners == _CATALOG)).tolist()
    catalog = _table(pages, content, context, "MSysObjects", definition, held)
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
