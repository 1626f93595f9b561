"""Workbooks and Word documents: parts that hold what was found are rewritten, all others copied."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import BinaryIO, Final

from piiscan.detect.columns.column_types import count_names
from piiscan.errors import SourceError
from piiscan.redact.archive_copy import entry_like
from piiscan.redact.office.office_blocks import Grid, grids_of, text_grid
from piiscan.redact.office.word import word_texts
from piiscan.redact.office.workbook_cells import (
    Formula,
    NewCell,
    Place,
    SharedUse,
    SheetNames,
    formulas_of,
    sheet_edits,
    string_edits,
    unused_strings,
)
from piiscan.redact.office.xml_text import texts_of
from piiscan.redact.replacer import Pen, cell_of
from piiscan.redact.text_map import Edit, apply
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.formats.spreadsheet.open import open_workbook
from piiscan.sources.formats.spreadsheet.workbook_parts import sheet_parts
from piiscan.sources.limits import STANDARD
from piiscan.tabular.column_overrides import Corrections
from piiscan.tabular.layout import Frame
from piiscan.tabular.typed_table import type_table

_XML: Final = (".xml", ".rels", ".vml")
#: Parts in which nobody writes anything.
_FORMAL: Final = re.compile(
    r"\[Content_Types\]\.xml|(?:xl|word|word/glossary)/(?:styles|settings|webSettings|fontTable"
    r"|numbering|calcChain|stylesWithEffects)\.xml|.*/theme/.*|xl/sharedStrings\.xml"
)
_WORD: Final = re.compile(
    r"word/(?:glossary/)?(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
)
_SHEET: Final = re.compile(r"xl/(?:worksheets|chartsheets|dialogsheets)/[^/]+\.xml")
_STRINGS: Final = "xl/sharedStrings.xml"
_CALC: Final = "xl/calcChain.xml"
_CHAINED: Final = re.compile(rb"<(?:\w+:)?(?:Override|Relationship)\b[^>]*calcChain[^>]*>")
#: What a reader of workbooks reports that is no reason not to copy it.
_FATAL: Final = ("CORRUPT", "ENCRYPTED", "WORKBOOK_TOO_LARGE", "SHEET_TOO_LARGE")


@dataclass(slots=True)
class _Parts:
    """What changes in each part of the file."""

    archive: zipfile.ZipFile
    edits: dict[str, list[Edit]] = field(default_factory=dict)
    dropped: bool = False  # a formula is gone

    def read(self, name: str) -> bytes:
        return self.archive.read(name)

    def add(self, name: str, edits: list[Edit]) -> None:
        if edits:
            self.edits.setdefault(name, []).extend(edits)


def copy_office(
    content: Content,
    kind: str,
    out: BinaryIO,
    pen: Pen,
    corrections: Corrections,
    *,
    again: bool,
) -> Iterator[Trouble]:
    """Write the copy; yields what of it is not masked (pictures, embedded files)."""
    with _opened(content, kind) as archive:
        parts = _Parts(archive)
        if kind == "sheet":
            _change_cells(content, parts, pen, corrections, again=again)
        for name, grid in _grids(archive, content.member, pen):
            for edits in grid.edits(pen, corrections, again=again):
                parts.add(name, edits)
        names = SheetNames.of(sheet_parts(archive) or [] if kind == "sheet" else [], pen)
        _write(parts, names, out)
        others = Counter(
            name.rpartition(".")[2].lower()
            for name in archive.namelist()
            if not name.lower().endswith((*_XML, "/")) and "printerSettings" not in name
        )
        if others:
            detail = ", ".join(f"{count} {suffix}" for suffix, count in sorted(others.items()))
            yield Trouble(content.member, "NOT_MASKED", detail)


def office_blocks(
    content: Content, kind: str, pen: Pen, corrections: Corrections
) -> Iterator[tuple[Block, Frame, Table] | Trouble]:
    """Everything in the file that is searched: cells, paragraphs, tables, comments, properties."""
    if kind == "sheet":
        yield from _cell_blocks(content, pen, corrections)
    with _opened(content, kind) as archive:
        for _, grid in _grids(archive, content.member, pen):
            yield grid.block, grid.frame(pen, corrections), grid.table
        if kind == "sheet":
            for grid, _, _ in _beside_cells(archive, content.member, _use(archive, {})):
                yield grid.block, grid.frame(pen, corrections), grid.table


def _opened(content: Content, kind: str) -> zipfile.ZipFile:
    """The file's parts; SourceError where they are none that can be rewritten."""
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
    if sum(info.file_size for info in archive.infolist()) > STANDARD.sheet:
        raise SourceError("WORKBOOK_TOO_LARGE", "unpacks to more than the budget")
    return archive


def _grids(archive: zipfile.ZipFile, member: str, pen: Pen) -> Iterator[tuple[str, Grid]]:
    """Texts of all parts but the cells of sheets."""
    for name in archive.namelist():
        if not name.endswith(_XML) or _FORMAL.fullmatch(name):
            continue
        data = archive.read(name)
        chain = f"{member}!{name}"
        if _WORD.fullmatch(name):
            found = word_texts(data)
            grids = grids_of(chain, found.texts, found.tables, pen)
        else:
            grids = grids_of(chain, texts_of(_without_cells(name, data)), (), pen)
        for grid in grids:
            yield name, grid


def _without_cells(name: str, data: bytes) -> bytes:
    """A sheet with blanks for its cells, which are read as a table."""
    begin, end = data.find(b"<sheetData"), data.rfind(b"</sheetData>")
    if not _SHEET.fullmatch(name) or begin < 0 or end < begin:
        return data
    return data[:begin] + b" " * (end - begin) + b" " * 12 + data[end + 12 :]


def _cell_blocks(
    content: Content, pen: Pen, corrections: Corrections
) -> Iterator[tuple[Block, Frame, Table] | Trouble]:
    names = partial(count_names, pen.search.engine.catalog)
    for table in open_workbook(content, names, STANDARD):
        if isinstance(table, Trouble):
            if table.reason in _FATAL:
                raise SourceError(table.reason, table.detail)
            continue
        frame = type_table(0, 0, table, pen.search.engine, corrections).frame
        for block in table.blocks():
            if not isinstance(block, Trouble):
                yield block, frame, table


def _change_cells(
    content: Content, parts: _Parts, pen: Pen, corrections: Corrections, *, again: bool
) -> None:
    """Edits of sheets and shared strings."""
    part_of = dict(sheet_parts(parts.archive) or [])
    cells: dict[str, dict[Place, NewCell]] = {}
    for item in _cell_blocks(content, pen, corrections):
        assert not isinstance(item, Trouble)
        block, frame, table = item
        own = cells.setdefault(part_of[table.member.removeprefix(f"{content.member}#")], {})
        found = pen.write(block, frame, again=again)
        for (record, column), group in groupby(found, key=lambda f: (f.record, f.column)):
            listed = list(group)
            changes = tuple((f.start, f.end, f.new) for f in listed)
            place = int(block.rows[record]), column + 1
            own[place] = NewCell(cell_of(block, listed[0]), changes)
    use = _use(parts.archive, cells)
    kept = use.in_place()
    for name, own in cells.items():
        sheet = parts.read(name)
        edits = list(sheet_edits(sheet, own, kept))
        parts.dropped |= any(b"f>" in sheet[begin:end] for begin, end, _ in edits)
        parts.add(name, edits)
    if _STRINGS in parts.archive.NameToInfo:
        for made in string_edits(parts.read(_STRINGS), use.gone()):
            parts.add(_STRINGS, made)
    _change_beside(content, parts, pen, corrections, use, again=again)


def _change_beside(
    content: Content,
    parts: _Parts,
    pen: Pen,
    corrections: Corrections,
    use: SharedUse,
    *,
    again: bool,
) -> None:
    """Edits of formulas and of strings that no cell shows."""
    for grid, name, formulas in _beside_cells(parts.archive, content.member, use):
        found = pen.write(grid.block, grid.frame(pen, corrections), again=again)
        for record, group in groupby(found, key=lambda f: f.record):
            runs = grid.cells[record][0]
            assert runs is not None
            if formulas is None:
                changes = [(f.start, f.end, f.new) for f in group]
                parts.add(name, runs.passage().edits(changes))
                continue
            formula = formulas[record]
            gone = (*formula.inner, b'""') if formula.master else (*formula.element, b"")
            parts.add(name, [gone])
            parts.dropped |= not formula.master


def _use(archive: zipfile.ZipFile, cells: dict[str, dict[Place, NewCell]]) -> SharedUse:
    use = SharedUse()
    for name in archive.namelist():
        if _SHEET.fullmatch(name):
            use.add(archive.read(name), cells.get(name, {}))
    return use


def _beside_cells(
    archive: zipfile.ZipFile, member: str, use: SharedUse
) -> Iterator[tuple[Grid, str, list[Formula] | None]]:
    """Formulas of each sheet, and shared strings that no cell shows."""
    for name in archive.namelist():
        if _SHEET.fullmatch(name):
            formulas = list(formulas_of(archive.read(name)))
            if formulas:
                yield text_grid(f"{member}!{name}", [f.runs for f in formulas]), name, formulas
    if _STRINGS in archive.NameToInfo:
        unused = unused_strings(archive.read(_STRINGS), use)
        if unused:
            yield text_grid(f"{member}!{_STRINGS}", unused), _STRINGS, None


def _write(parts: _Parts, names: SheetNames, out: BinaryIO) -> None:
    with zipfile.ZipFile(out, "w") as made:
        for info in parts.archive.infolist():
            if info.filename == _CALC and parts.dropped:
                continue  # made anew by whatever opens the workbook
            data = parts.read(info.filename)
            if parts.dropped and info.filename.endswith((".rels", "[Content_Types].xml")):
                data = _CHAINED.sub(b"", data)
            data = apply(data, parts.edits.get(info.filename, ()))
            if names.changed and info.filename.endswith(_XML):
                data = names.renamed(info.filename, data)
            entry = entry_like(info, info.filename, info.filename, len(data))
            made.writestr(entry, data)
