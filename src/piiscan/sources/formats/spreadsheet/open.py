"""Opener for workbooks (xlsx, xls, xlsb, ods): a Table per sheet (also hidden), and per part."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from xml.etree.ElementTree import ParseError

from piiscan.errors import SourceError
from piiscan.sources.archives.office_passwords import (
    decrypt_office,
    decrypted_content,
    has_file_pass,
)
from piiscan.sources.block import Block, CountNames, Table, Trouble
from piiscan.sources.containers.ole_chains import has_ring
from piiscan.sources.content import Content, load_content, memory_content, read_up_to
from piiscan.sources.format import Opened, Sample, container_format
from piiscan.sources.formats.spreadsheet.binary_records import open_old_parts
from piiscan.sources.formats.spreadsheet.dimensions import CellSurroundings, SheetDimensions
from piiscan.sources.formats.spreadsheet.mended_cells import SHARED_STRINGS, mend_workbook
from piiscan.sources.formats.spreadsheet.native_reader import POOL, NativeWorkbook
from piiscan.sources.formats.spreadsheet.part_tables import PART_ERRORS, open_parts
from piiscan.sources.formats.spreadsheet.workbook_parts import measure_sheets, sheet_parts
from piiscan.sources.limits import Budget
from piiscan.sources.lined.text_table import form_as_lines
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.header_row import HeaderLayout
from piiscan.sources.rows.row_table import (
    block_of_rows,
    find_sample_layout,
    laid_out_table,
    open_rows,
)
from piiscan.sources.rows.tokenizer import MAX_CELLS
from piiscan.sources.rows.transposed import has_labels, turned

#: With it Excel opens a workbook without asking.
_KNOWN_PASSWORD: Final = b"VelvetSweatshop"
_MANIFEST: Final = "META-INF/manifest.xml"
_MANIFEST_BYTES: Final = 1 << 20
_HIDDEN_STATES: Final = {"Hidden": "hidden", "VeryHidden": "very hidden"}


def open_workbook(
    content: Content,
    count_names: CountNames,
    budget: Budget,
    *,
    seed: int = 0,
    finish: Callable[[Table], Table] = lambda table: table,
) -> Generator[Table | Trouble, None, CellSurroundings | None]:
    """Yield one Table per sheet, its ``member`` ending in ``#name``, and a Trouble per problem.

    Read the blocks of a table before you request the next one: each has its sheet in memory.
    Return what there is besides the cells; None if the file cannot be opened. ``finish``: called
    with each table, yielded in its place.
    """
    member = content.member
    POOL.put(POOL.take())  # a worker starts while the workbook is measured
    around: CellSurroundings | None = None
    try:
        dimensions, around = _measure_workbook(content, budget)
        book = _Workbook(content, budget, dimensions, around)
        book.load()
    except SourceError as error:
        yield Trouble(member, error.reason, error.detail)
        return around if content.head.startswith(b"PK") else None
    if not book.native.sheets:
        yield Trouble(member, "CORRUPT", "a workbook without sheets")
    try:
        for number, (name, state, kind) in enumerate(book.native.sheets):
            member_path = f"{member}#{name}"
            if state in _HIDDEN_STATES:
                yield Trouble(member_path, "HIDDEN_SHEET", _HIDDEN_STATES[state], lost=False)
            if kind != "WorkSheet":
                yield Trouble(member_path, "NOT_SUPPORTED_YET", f"sheet of the kind {kind}")
                continue
            for item in _open_sheet(book, number, member_path, count_names, seed):
                yield finish(item) if isinstance(item, Table) else item
    finally:
        book.native.close()
    if book.mended_strings:
        detail = f"{book.mended_strings} damaged shared strings"
        yield Trouble(f"{member}#{SHARED_STRINGS}", "CORRUPT", detail)
    for part, cells in around.apart.items() if around else ():
        if cells:
            detail = f"{len(cells)} damaged cells, or at the place of others; first {cells[0][0]}"
            yield Trouble(f"{member}#{part}", "CORRUPT", detail)
    return around


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables of a workbook; an archive member is read into memory first."""
    content = sample.content
    loaded = load_content(content, context.budget.in_memory) if content.member else content
    if loaded is None:
        raise SourceError("WORKBOOK_TOO_LARGE", f"{content.size} bytes")
    if not loaded.head.startswith(b"PK") and loaded.size <= context.budget.in_memory:
        with loaded.open() as stream:
            has_password = has_file_pass(read_up_to(stream, loaded.size))
        if has_password:
            yield _decrypted(loaded, context)
            return
    around = yield from open_workbook(
        *(loaded, context.count_names, context.budget),
        seed=context.seed,
        finish=partial(form_as_lines, context=context),
    )
    if around is not None and loaded.head.startswith(b"PK"):
        for part, cells in around.apart.items():
            yield from open_rows(
                *(loaded, context, partial(iter, cells)),
                kind="sheet",
                member=f"{loaded.member}#{part}#cells",
                headers=("place", "text"),
            )
        yield from open_parts(loaded, context, around)
    elif around is not None:
        yield from open_old_parts(loaded)


def _decrypted(content: Content, context: ReadContext) -> Content:
    """Return an xls file decrypted with a password. Raises SourceError if none fits."""
    try:
        plain = decrypt_office(content, (*context.passwords, _KNOWN_PASSWORD))
    except ImportError:
        raise SourceError("PACKAGE_MISSING", "encrypted workbook: office") from None
    if plain is None or has_file_pass(plain):
        raise SourceError("ENCRYPTED", "the workbook has a password")
    return decrypted_content(content, plain, context.usage, context.seed)


def _measure_workbook(
    content: Content, budget: Budget
) -> tuple[list[SheetDimensions] | None, CellSurroundings | None]:
    """Return (dimensions of the sheets or None, texts outside cells or None).

    Raises SourceError if the workbook is corrupt or over the budget.
    """
    if content.size > budget.in_memory:
        raise SourceError("WORKBOOK_TOO_LARGE", f"{content.size} bytes; over the budget")
    if not content.head.startswith(b"PK"):
        with content.open() as stream:
            if has_ring(read_up_to(stream, content.size)):
                raise SourceError("CORRUPT", "its sectors form a ring")
        return None, CellSurroundings()
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive:
            if _MANIFEST in archive.NameToInfo:  # of an ods file
                with archive.open(_MANIFEST) as manifest:
                    if b"encryption-data" in manifest.read(_MANIFEST_BYTES):
                        raise SourceError("ENCRYPTED", "the workbook has a password")
            return measure_sheets(archive, budget)
    except ValueError:
        raise SourceError("WORKBOOK_TOO_LARGE", "unpacks to more than the budget") from None
    except (zipfile.BadZipFile, zlib.error, ParseError, RuntimeError, EOFError) as error:
        raise SourceError("CORRUPT", type(error).__name__) from None


@dataclass(slots=True)
class _Workbook:
    """Workbook in the native reader, loaded without its damaged cells once it needs that."""

    content: Content
    budget: Budget
    dimensions: list[SheetDimensions] | None
    around: CellSurroundings | None
    native: NativeWorkbook = field(init=False)
    mended_strings: int = 0
    _mended: bool = False

    def load(self) -> None:
        """Load the workbook. Raises SourceError."""
        try:
            self.native = NativeWorkbook(self.content, MAX_CELLS)
        except SourceError as error:
            if error.reason != "CORRUPT" or not self.mend():
                raise

    def mend(self) -> bool:
        """Load the workbook without its damaged cells; return False if that is not possible."""
        if self._mended or self.around is None or not self.content.head.startswith(b"PK"):
            return False
        self._mended = True
        with self.content.open() as stream, zipfile.ZipFile(stream) as archive:
            parts = [part for _, part in sheet_parts(archive) or []]
            try:
                mended = mend_workbook(archive, parts, self.budget.cells)
            except PART_ERRORS:
                mended = None
        if mended is None:
            return False
        data, self.around.apart, self.mended_strings = mended
        content = memory_content(data, self.content.name, member=self.content.member)
        try:
            dimensions, _ = _measure_workbook(content, self.budget)
            native = NativeWorkbook(content, MAX_CELLS)
        except SourceError:
            self.around.apart = {}
            return False
        self.dimensions, self.native = dimensions, native
        return True

    def size(self, number: int) -> SheetDimensions | None:
        """Return the dimensions of a sheet if they are known."""
        known = self.dimensions is not None and number < len(self.dimensions)
        return self.dimensions[number] if self.dimensions is not None and known else None


def _open_sheet(
    book: _Workbook, number: int, member_path: str, count_names: CountNames, seed: int
) -> Iterator[Table | Trouble]:
    """Yield the Table of one sheet, or a Trouble if it is too large, empty or corrupt."""
    content, budget, dimensions = book.content, book.budget, book.size(number)
    if dimensions is not None and (dimensions.damaged or dimensions.cells > budget.cells):
        book.mend()
        dimensions = book.size(number)
    if dimensions is not None and dimensions.cells > budget.cells:
        size = f"{dimensions.rows} x {dimensions.columns} cells; over the budget"
        yield Trouble(member_path, "SHEET_TOO_LARGE", size)
        return
    text_bytes = 0 if dimensions is None else dimensions.text_bytes
    too_dense = text_bytes > budget.ratio_from and text_bytes > budget.ratio * content.size
    if too_dense or text_bytes > budget.sheet:
        detail = f"{text_bytes} bytes in cells that share strings; over the budget"
        yield Trouble(member_path, "SHEET_TOO_LARGE", detail)
        return
    if dimensions is not None and dimensions.unread:
        detail = f"{dimensions.unread} cells of an unknown type, or rows that are damaged"
        yield Trouble(member_path, "CELLS_NOT_READ", detail)
    try:
        sample_rows = book.native.sample(number, seed)
    except SourceError as error:
        if error.reason == "CORRUPT" and book.mend():
            yield from _open_sheet(book, number, member_path, count_names, seed)
            return
        yield Trouble(member_path, error.reason, error.detail)
        return
    if not sample_rows:
        yield Trouble(member_path, "EMPTY", "a sheet without cells", lost=False)
        return
    if dimensions is not None and dimensions.formulas and not dimensions.formulas_read:
        detail = "formulas: their stored results are read, their text is not"
        yield Trouble(member_path, "FORMULAS_NOT_READ", detail, lost=False)
    layout = find_sample_layout(sample_rows, count_names)
    width = max(1, len(layout.groups), *(len(row) for _, row in sample_rows))
    filled = [item for item in sample_rows if any(item[1])]
    sample = block_of_rows(filled, layout, width)
    read = partial(_read, book.native, number, member_path, layout, width)
    table = laid_out_table(content, member_path, "sheet", layout, sample, read)
    yield turned(table) if has_labels(filled, width, count_names) else table


def _read(
    book: NativeWorkbook, number: int, member_path: str, layout: HeaderLayout, width: int
) -> Iterator[Block | Trouble]:
    """Yield the filled rows of a sheet as blocks, with a Trouble for a row that is too wide."""
    last_row = 0
    for part in book.read(number, layout, width):
        if isinstance(part, int):
            detail = "the last cell holds the rest of the row"
            yield Trouble(member_path, "TOO_MANY_COLUMNS", detail, part, lost=False)
            continue
        rows, kinds = part.numbers["rows"], part.numbers.get("kinds")
        blank_rows = int(rows[-1]) - last_row - len(rows)
        last_row = int(rows[-1])
        yield Block(part.texts, rows, None, None, None, kinds=kinds, blank_rows=blank_rows)


FORMATS: Final = (
    container_format("sheet", 10, _open, extensions=("xlsx", "xlsm", "xls", "xlsb", "ods", "et")),
)
