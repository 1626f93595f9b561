"""Redacted office packages: parts with findings are rewritten, all other parts are copied."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import BinaryIO, Final

from piiscan.detect.columns.column_types import count_header_names
from piiscan.errors import SourceError
from piiscan.redact.archive_copy import build_entry
from piiscan.redact.office.office_blocks import Grid, part_grids, text_grid
from piiscan.redact.office.word import word_texts
from piiscan.redact.office.workbook_cells import (
    CellAddress,
    CellChange,
    Formula,
    SharedStringUses,
    SheetNames,
    iterate_formulas,
    sheet_edits,
    string_edits,
    unused_strings,
)
from piiscan.redact.office.xml_text import collect_texts
from piiscan.redact.replacer import Replacer, cell_text
from piiscan.redact.text_map import Edit, apply_edits
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.formats.spreadsheet.open import open_workbook
from piiscan.sources.formats.spreadsheet.workbook_parts import sheet_parts
from piiscan.sources.limits import STANDARD_BUDGET
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.typed_table import type_table

_XML: Final = (".xml", ".rels", ".vml")
#: Parts without written text.
_SKIPPED_PARTS: Final = re.compile(
    r"\[Content_Types\]\.xml|(?:xl|word|word/glossary)/(?:styles|settings|webSettings|fontTable"
    r"|numbering|calcChain|stylesWithEffects)\.xml|.*/theme/.*|xl/sharedStrings\.xml"
)
_WORD: Final = re.compile(
    r"word/(?:glossary/)?(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
)
_SHEET: Final = re.compile(r"xl/(?:worksheets|chartsheets|dialogsheets)/[^/]+\.xml")
_STRINGS: Final = "xl/sharedStrings.xml"
_CALC: Final = "xl/calcChain.xml"
_CALC_REFERENCES: Final = re.compile(rb"<(?:\w+:)?(?:Override|Relationship)\b[^>]*calcChain[^>]*>")
#: Reasons of the workbook reader that make a copy impossible.
_FATAL: Final = ("CORRUPT", "ENCRYPTED", "WORKBOOK_TOO_LARGE", "SHEET_TOO_LARGE")


@dataclass(slots=True)
class _PartEdits:
    """Edits by part of one office file; ``formula_removed`` is True if a formula was deleted."""

    archive: zipfile.ZipFile
    edits: dict[str, list[Edit]] = field(default_factory=dict)
    formula_removed: bool = False

    def read(self, name: str) -> bytes:
        """Return the bytes of the package part ``name``, without edits."""
        return self.archive.read(name)

    def add(self, name: str, edits: list[Edit]) -> None:
        """Add byte edits to the part ``name``."""
        if edits:
            self.edits.setdefault(name, []).extend(edits)


def copy_office(
    content: Content,
    kind: str,
    out: BinaryIO,
    replacer: Replacer,
    overrides: ColumnOverrides,
    *,
    is_copy: bool,
) -> Iterator[Trouble]:
    """Write the redacted copy of an office file to ``out``.

    Yield a Trouble with the number of parts that cannot be masked (pictures, embedded files).

    Args:
        content: the office file.
        kind: "sheet" or "docx".
        out: binary file for the copy.
        replacer: finds and replaces values.
        overrides: column types set by the user.
        is_copy: the content is a redacted copy already.

    Raises:
        SourceError: the file is encrypted, corrupt, too large or of an old format.
    """
    with _open_package(content, kind) as archive:
        parts = _PartEdits(archive)
        if kind == "sheet":
            _edit_cells(content, parts, replacer, overrides, is_copy=is_copy)
        for name, grid in _iterate_grids(archive, content.member, replacer):
            for edits in grid.edits(replacer, overrides, is_copy=is_copy):
                parts.add(name, edits)
        names = SheetNames.of(sheet_parts(archive) or [] if kind == "sheet" else [], replacer)
        _write_package(parts, names, out)
        unmasked = Counter(
            name.rpartition(".")[2].lower()
            for name in archive.namelist()
            if not name.lower().endswith((*_XML, "/")) and "printerSettings" not in name
        )
        if unmasked:
            detail = ", ".join(f"{count} {suffix}" for suffix, count in sorted(unmasked.items()))
            yield Trouble(content.member, "NOT_MASKED", detail)


def office_blocks(
    content: Content, kind: str, replacer: Replacer, overrides: ColumnOverrides
) -> Iterator[tuple[Block, TableLayout, Table] | Trouble]:
    """Yield all searchable blocks of an office file, each with its layout and table.

    Blocks are made of cells, paragraphs, tables, comments and properties.
    """
    if kind == "sheet":
        yield from _cell_blocks(content, replacer, overrides)
    with _open_package(content, kind) as archive:
        for _, grid in _iterate_grids(archive, content.member, replacer):
            yield grid.block, grid.layout(replacer, overrides), grid.table
        if kind == "sheet":
            for grid, _, _ in _hidden_grids(archive, content.member, _count_uses(archive, {})):
                yield grid.block, grid.layout(replacer, overrides), grid.table


def _open_package(content: Content, kind: str) -> zipfile.ZipFile:
    """Open an office file as a zip archive.

    Raises:
        SourceError: the file is no such package, corrupt, encrypted or too large.
    """
    if not content.head.startswith(b"PK"):
        raise SourceError("NOT_REDACTED", content.extension or kind)
    try:
        archive = zipfile.ZipFile(content.open())
    except (zipfile.BadZipFile, ValueError) as error:
        raise SourceError("CORRUPT", type(error).__name__) from None
    known = archive.NameToInfo
    if kind == "sheet" and "xl/workbook.xml" not in known:
        raise SourceError("NOT_REDACTED", content.extension or kind)
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise SourceError("ENCRYPTED", "the file has a password")
    if sum(info.file_size for info in archive.infolist()) > STANDARD_BUDGET.sheet:
        raise SourceError("WORKBOOK_TOO_LARGE", "unpacks to more than the budget")
    return archive


def _iterate_grids(
    archive: zipfile.ZipFile, member: str, replacer: Replacer
) -> Iterator[tuple[str, Grid]]:
    """Yield (part name, Grid) for the texts of all parts except the cells of sheets."""
    for name in archive.namelist():
        if not name.endswith(_XML) or _SKIPPED_PARTS.fullmatch(name):
            continue
        data = archive.read(name)
        chain = f"{member}!{name}"
        if _WORD.fullmatch(name):
            found = word_texts(data)
            grids = part_grids(chain, found.texts, found.tables, replacer)
        else:
            grids = part_grids(chain, collect_texts(_without_cells(name, data)), (), replacer)
        for grid in grids:
            yield name, grid


def _without_cells(name: str, data: bytes) -> bytes:
    """Blank out the cells of a sheet part with spaces; they are read as a table instead."""
    begin, end = data.find(b"<sheetData"), data.rfind(b"</sheetData>")
    if not _SHEET.fullmatch(name) or begin < 0 or end < begin:
        return data
    return data[:begin] + b" " * (end - begin) + b" " * 12 + data[end + 12 :]


def _cell_blocks(
    content: Content, replacer: Replacer, overrides: ColumnOverrides
) -> Iterator[tuple[Block, TableLayout, Table] | Trouble]:
    """Yield the blocks of the cells of a workbook, each with its layout and table.

    Raise SourceError if the workbook is unreadable.
    """
    names = partial(count_header_names, replacer.search.engine.catalog)
    for table in open_workbook(content, names, STANDARD_BUDGET):
        if isinstance(table, Trouble):
            if table.reason in _FATAL:
                raise SourceError(table.reason, table.detail)
            continue
        layout = type_table(0, 0, table, replacer.search.engine, overrides).layout
        for block in table.blocks():
            if not isinstance(block, Trouble):
                yield block, layout, table


def _edit_cells(
    content: Content,
    parts: _PartEdits,
    replacer: Replacer,
    overrides: ColumnOverrides,
    *,
    is_copy: bool,
) -> None:
    """Add the edits of sheet cells, shared strings and formulas to ``parts``.

    ``is_copy``: ``content`` is a redacted copy already.
    """
    part_of = dict(sheet_parts(parts.archive) or [])
    cells: dict[str, dict[CellAddress, CellChange]] = {}
    for item in _cell_blocks(content, replacer, overrides):
        assert not isinstance(item, Trouble)
        block, layout, table = item
        sheet_cells = cells.setdefault(part_of[table.member.removeprefix(f"{content.member}#")], {})
        found = replacer.find_replacements(block, layout, is_copy=is_copy)
        for (record, column), group in groupby(found, key=lambda f: (f.record, f.column)):
            listed = list(group)
            changes = tuple((f.start, f.end, f.new) for f in listed)
            address = int(block.rows[record]), column + 1
            sheet_cells[address] = CellChange(cell_text(block, listed[0]), changes)
    use = _count_uses(parts.archive, cells)
    uniform = use.uniform_changes()
    for name, sheet_cells in cells.items():
        sheet = parts.read(name)
        edits = list(sheet_edits(sheet, sheet_cells, uniform))
        parts.formula_removed |= any(b"f>" in sheet[begin:end] for begin, end, _ in edits)
        parts.add(name, edits)
    if _STRINGS in parts.archive.NameToInfo:
        for string_changes in string_edits(parts.read(_STRINGS), use.replaced_strings()):
            parts.add(_STRINGS, string_changes)
    _edit_hidden(content, parts, replacer, overrides, use, is_copy=is_copy)


def _edit_hidden(
    content: Content,
    parts: _PartEdits,
    replacer: Replacer,
    overrides: ColumnOverrides,
    use: SharedStringUses,
    *,
    is_copy: bool,
) -> None:
    """Add the edits of formulas, and of shared strings that no cell displays, to ``parts``.

    ``use``: uses of each shared string. ``is_copy``: ``content`` is a redacted copy already.

    A formula with a finding is deleted. A master formula, which others refer to, becomes ``""``.
    """
    for grid, name, formulas in _hidden_grids(parts.archive, content.member, use):
        found = replacer.find_replacements(
            grid.block, grid.layout(replacer, overrides), is_copy=is_copy
        )
        for record, group in groupby(found, key=lambda f: f.record):
            runs = grid.cells[record][0]
            assert runs is not None
            if formulas is None:
                changes = [(f.start, f.end, f.new) for f in group]
                parts.add(name, runs.text_map().edits(changes))
                continue
            formula = formulas[record]
            removal = (*formula.inner, b'""') if formula.master else (*formula.element, b"")
            parts.add(name, [removal])
            parts.formula_removed |= not formula.master


def _count_uses(
    archive: zipfile.ZipFile, cells: dict[str, dict[CellAddress, CellChange]]
) -> SharedStringUses:
    """Count the uses of each shared string in all sheets."""
    use = SharedStringUses()
    for name in archive.namelist():
        if _SHEET.fullmatch(name):
            use.add(archive.read(name), cells.get(name, {}))
    return use


def _hidden_grids(
    archive: zipfile.ZipFile, member: str, use: SharedStringUses
) -> Iterator[tuple[Grid, str, list[Formula] | None]]:
    """Yield (grid, part name, formulas) for the formulas and the unused shared strings.

    The formulas are None for the shared strings.
    """
    for name in archive.namelist():
        if _SHEET.fullmatch(name):
            formulas = list(iterate_formulas(archive.read(name)))
            if formulas:
                yield text_grid(f"{member}!{name}", [f.runs for f in formulas]), name, formulas
    if _STRINGS in archive.NameToInfo:
        unused = unused_strings(archive.read(_STRINGS), use)
        if unused:
            yield text_grid(f"{member}!{_STRINGS}", unused), _STRINGS, None


def _write_package(parts: _PartEdits, names: SheetNames, out: BinaryIO) -> None:
    """Write all parts with their edits and the new sheet names to ``out``.

    If a formula was removed, the calculation chain is left out; office programs build it again.
    """
    with zipfile.ZipFile(out, "w") as target:
        for info in parts.archive.infolist():
            if info.filename == _CALC and parts.formula_removed:
                continue  # office programs build it again
            data = parts.read(info.filename)
            if parts.formula_removed and info.filename.endswith((".rels", "[Content_Types].xml")):
                data = _CALC_REFERENCES.sub(b"", data)
            data = apply_edits(data, parts.edits.get(info.filename, ()))
            if names.changed and info.filename.endswith(_XML):
                data = names.rename_sheets(info.filename, data)
            entry = build_entry(info, info.filename, info.filename, len(data))
            target.writestr(entry, data)
