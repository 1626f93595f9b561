"""Redacted office packages: each part is read; parts with findings are rewritten.

Of XML all texts, attributes, names and comments are searched. Texts and office files inside are
copied like files of their own. What cannot be read (macros, objects, other pictures) is emptied.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from piiscan.copies.archive_copy import CopyMember, build_entry, copy_or_lose, redact_comment
from piiscan.copies.office.office_blocks import Grid, part_grids, text_grid
from piiscan.copies.office.word import word_texts
from piiscan.copies.office.workbook_cells import (
    CellAddress,
    CellChange,
    Formula,
    SharedStringUses,
    SheetChanges,
    SheetNames,
    has_formulas,
    iterate_formulas,
    string_edits,
    unused_strings,
)
from piiscan.copies.office.xml_text import TextRuns, collect_texts
from piiscan.copies.read_table import ReadTable
from piiscan.copies.replacer import Replacer
from piiscan.copies.text.edits import SortedEdits, copy_with_edits
from piiscan.copies.text_map import Edit
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import SourceError
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content, memory_content
from piiscan.sources.formats import file_type
from piiscan.sources.formats.spreadsheet.open import open_workbook
from piiscan.sources.formats.spreadsheet.workbook_parts import sheet_parts
from piiscan.sources.limits import STANDARD_BUDGET
from piiscan.sources.rows.form_rows import FormCell, form_cells, form_label
from piiscan.sources.rows.record_blocks import block_rows
from piiscan.sources.rows.transposed import TURNED
from piiscan.tabular.column_overrides import ColumnOverrides

#: Names of parts that are no text and no archive.
_BINARY: Final = re.compile(
    r".*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|wdp|bin|ole|dat|fntdata|odttf|ttf|ico)", re.IGNORECASE
)
_MARK_AND_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_DECLARED: Final = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
#: A white pixel, in place of every picture.
_PIXEL: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ff"
    "ff3f0005fe02fe0def46b80000000049454e44ae426082"
)
#: Rows and cells with nothing but what the reader of sheets reads. Comments come first.
_REGULAR_CELLS: Final = re.compile(
    rb'<!--.*?-->|<(?:\w+:)?row(?:\s+[\w:]+="[^"]{0,9}")*\s*/?>|<((?:\w+:)?)c'
    rb'(?:\s+(?:r|s|t|cm|vm|ph)="[^"]{0,11}")*\s*(?:/>|>(?:<\1f(?:\s+\w+="[^"]{0,24}")*'
    rb'(?:/>|>[^<]*</\1f>))?(?:<\1v>[^<]*</\1v>|<\1is><\1t(?:\s+xml:space="preserve")?>'
    rb"[^<]*</\1t></\1is>)?</\1c>)",
    re.DOTALL,
)
#: Phonetic text, which the reader of sheets leaves out, shared strings with nothing but a text, and
#: the texts of others.
_STRING_TEXTS: Final = re.compile(
    rb"<((?:\w+:)?)rPh(?=[\s>]).*?</\1rPh>|<((?:\w+:)?)si><\2t(?:\s+xml:space=\"preserve\")?>[^<]*"
    rb"</\2t></\2si>|(<(?:\w+:)?t(?:\s[^>]*)?>)[^<]*",
    re.DOTALL,
)
#: Parts with paragraphs and tables, by kind of file.
_FLOWS: Final = {
    "docx": re.compile(
        r"word/(?:glossary/)?(?:document\d*|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
    ),
    "pptx": re.compile(
        r"ppt/(?:slides|notesSlides|slideLayouts|slideMasters|notesMasters|handoutMasters)/[^/]+\.xml"
    ),
    "odt": re.compile(r"(?:.*/)?(?:content|styles)\.xml"),
}
#: Edits that are added together.
_BATCH: Final = 10_000
_WORKBOOK: Final = "xl/workbook.xml"
_CONTENT: Final = "content.xml"
#: Cells of OpenDocument whose number is one no more.
_ODF_CELL: Final = re.compile(rb"<(?:\w+:)?(?:covered-)?table-cell\b[^>]*\boffice:value=[^>]*>")
_ODF_NUMBER: Final = re.compile(rb"""\soffice:value=["']([^"']*)["']""")
_NUMBER: Final = re.compile(rb"-?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_ODF_TYPE: Final = re.compile(rb"""(\s(?:office|calcext):value-type=)["'][^"']*["']""")
_MANIFEST: Final = "META-INF/manifest.xml"
_STRINGS: Final = "xl/sharedStrings.xml"
_CALC: Final = "xl/calcChain.xml"
_CALC_REFERENCES: Final = re.compile(rb"<(?:\w+:)?(?:Override|Relationship)\b[^>]*calcChain[^>]*>")
#: Reasons of the workbook reader that make a copy impossible.
_FATAL: Final = ("CORRUPT", "ENCRYPTED", "WORKBOOK_TOO_LARGE", "SHEET_TOO_LARGE")


@dataclass(slots=True)
class _PartEdits:
    """Byte edits by part name. ``formula_removed``: True once a formula was deleted.

    ``renamed``: new names of files and folders in the package, by old name. ``sheets``: parts that
    the workbook names as sheets. ``sheet_names``: their new names.
    """

    archive: zipfile.ZipFile
    kind: str
    folder: Path
    renamed: dict[str, str] = field(default_factory=dict)
    sheets: frozenset[str] = frozenset()
    sheet_names: SheetNames | None = None
    edits: dict[str, SortedEdits] = field(default_factory=dict)
    formula_removed: bool = False

    def read(self, name: str) -> bytes:
        """Return the bytes of a part without edits; in XML with new names of parts and sheets."""
        data = to_utf8(self.archive.read(name))
        if self.sheet_names is not None and self.sheet_names.changed and _is_xml(data):
            data = self.sheet_names.rename_sheets(name, data)
        if name.endswith((".rels", "[Content_Types].xml", _MANIFEST)):
            for old, new in self.renamed.items():
                for written in (escape(old), quote(old)):
                    data = data.replace(written.encode(), new.encode())
        return data

    def xml_parts(self) -> Iterator[tuple[str, bytes]]:
        """Yield name and bytes of each part that is XML."""
        for name in self.archive.namelist():
            data = self.read(name)
            if _is_xml(data):
                yield name, data

    def new_name(self, name: str) -> str:
        """Return the name of a part in the copy."""
        return "/".join(self.renamed.get(each, each) for each in name.split("/"))

    def add(self, name: str, edits: Iterable[Edit]) -> None:
        """Add byte edits to the part ``name``."""
        waiting = iter(edits)
        while some := list(islice(waiting, _BATCH)):
            if name not in self.edits:
                self.edits[name] = SortedEdits(self.folder, new=bytes)
            self.edits[name].add(some)

    def edited(self, name: str, data: bytes) -> bytes:
        """Return the bytes ``data`` of the part ``name`` with its edits, which are deleted."""
        if name not in self.edits:
            return data
        out, edits = io.BytesIO(), self.edits[name]
        copy_with_edits(io.BytesIO(data), edits.ordered(), out)
        edits.close()
        return out.getvalue()


def to_utf8(data: bytes) -> bytes:
    """Convert an XML part in another encoding to UTF-8; return other parts unchanged."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    declared = None if wide else _DECLARED.match(data.lstrip(_MARK_AND_BLANKS))
    encoding = "utf-16" if wide else declared[1].decode().lower() if declared else "utf-8"
    if encoding in ("utf-8", "utf8", "us-ascii"):
        return data
    try:
        text = data.decode(encoding)
    except (LookupError, ValueError):
        return data
    return _DECLARED.sub(
        b'<?xml version="1.0" encoding="UTF-8"', text.encode("utf-8", "replace"), 1
    )


def _is_xml(data: bytes) -> bool:
    """Return True if ``data`` begins like XML."""
    return data[:64].lstrip(_MARK_AND_BLANKS).startswith(b"<")


def _new_part_names(names: list[str], replacer: Replacer) -> dict[str, str]:
    """Return old -> new name for the parts and folders whose names have findings.

    ``名单13800138000.xml`` -> ``masked1.xml``: programs look for neither, but each must be unique.
    """
    renamed: dict[str, str] = {}
    for part in dict.fromkeys(part for name in names for part in name.split("/")):
        stem = part.removesuffix(".rels")
        if stem not in renamed and replacer.redact_text(stem) != stem:
            extension = stem.rpartition(".")[2]
            ending = f".{extension}" if extension.isascii() and len(extension) <= 5 else ""
            renamed[stem] = f"masked{len(renamed) + 1}{ending}"
        if stem != part and stem in renamed:
            renamed[part] = f"{renamed[stem]}.rels"
    return renamed


def copy_office(
    content: Content,
    kind: str,
    out: BinaryIO,
    replacer: Replacer,
    overrides: ColumnOverrides,
    *,
    is_copy: bool,
    copy_member: CopyMember,
    folder: Path,
) -> Iterator[Trouble]:
    """Write the redacted copy of an office file to ``out``.

    Yield a Trouble with the number of parts that were emptied (pictures, embedded objects).

    Args:
        content: the office file.
        kind: "sheet", "docx", "pptx" or "odt".
        out: binary file for the copy.
        replacer: finds and replaces values.
        overrides: column types set by the user.
        is_copy: the content is a redacted copy already.
        copy_member: function that writes the copy of a text or a file inside.
        folder: folder for temporary files.

    Raises:
        SourceError: the file is encrypted, corrupt, too large or of an old format.
    """
    with _open_package(content, kind) as archive:
        parts = _open_parts(archive, kind, replacer, folder)
        if parts.kind == "sheet":
            _edit_cells(content, parts, replacer, overrides, is_copy=is_copy)
        for name, grid in _iterate_grids(parts, content.member, replacer):
            for edits in grid.edits(replacer, overrides, is_copy=is_copy):
                parts.add(name, edits)
        emptied: Counter[str] = Counter()
        for item in _write_package(parts, out, content.member, replacer, copy_member):
            if isinstance(item, Trouble):
                yield item
            elif "printerSettings" not in item:
                emptied[item.rpartition(".")[2].lower()] += 1
        if emptied:
            detail = ", ".join(f"{count} {suffix}" for suffix, count in sorted(emptied.items()))
            yield Trouble(content.member, "NOT_MASKED", replacer.redact_text(detail))


def _open_parts(
    archive: zipfile.ZipFile, kind: str, replacer: Replacer, folder: Path
) -> _PartEdits:
    """Read the parts of a package without edits.

    Sheets of OpenDocument are tables of a text.
    """
    if kind == "sheet" and _WORKBOOK not in archive.NameToInfo:
        kind = "odt"
    sheets = sheet_parts(archive) or [] if kind == "sheet" else []
    renamed = _new_part_names(archive.namelist(), replacer)
    names = SheetNames.of(sheets, replacer)
    parts = frozenset(part for _, part in sheets)
    return _PartEdits(archive, kind, folder, renamed, parts, names)


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
    is_odf = kind == "odt" or (kind == "sheet" and _CONTENT in known)
    if kind == "sheet" and not is_odf and _WORKBOOK not in known:
        raise SourceError("NOT_REDACTED", content.extension or kind)
    has_password = is_odf and b"encryption-data" in _read_part(archive, _MANIFEST)
    if has_password or any(info.flag_bits & 1 for info in archive.infolist()):
        raise SourceError("ENCRYPTED", "the file has a password")
    if sum(info.file_size for info in archive.infolist()) > STANDARD_BUDGET.sheet:
        raise SourceError("WORKBOOK_TOO_LARGE", "unpacks to more than the budget")
    return archive


def _read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the bytes of a part; b"" if it is missing."""
    return archive.read(name) if name in archive.NameToInfo else b""


def _iterate_grids(
    parts: _PartEdits, member: str, replacer: Replacer
) -> Iterator[tuple[str, Grid]]:
    """Yield (part name, Grid) for the texts of all parts except the cells of sheets."""
    for name, data in parts.xml_parts():
        chain = f"{member}!{name}"
        if parts.kind in _FLOWS and _FLOWS[parts.kind].fullmatch(name):
            found = word_texts(data, is_odf=parts.kind == "odt")
            grids = part_grids(chain, found.texts, found.tables, replacer)
        else:
            other = _without_cells(data) if name in parts.sheets else data
            other = _without_strings(data) if name == _STRINGS else other
            grids = part_grids(chain, collect_texts(other), (), replacer)
        for grid in grids:
            yield name, grid


def _without_cells(data: bytes) -> bytes:
    """Replace the ordinary cells of a sheet by spaces; a table reader reads them."""
    return _REGULAR_CELLS.sub(
        lambda found: found[0] if found[0].startswith(b"<!--") else b" " * len(found[0]), data
    )


def _without_strings(data: bytes) -> bytes:
    """Replace the shared strings by spaces, except phonetic text."""
    return _STRING_TEXTS.sub(
        lambda found: found[0] if found[1] is not None else (found[3] or b"").ljust(len(found[0])),
        data,
    )


#: Block of the cells of a sheet, its table, and the cell of each record of a form.
_SheetBlock = tuple[Block, ReadTable, Sequence[FormCell]]


def _cell_blocks(
    content: Content, replacer: Replacer, overrides: ColumnOverrides
) -> Iterator[_SheetBlock]:
    """Yield the blocks of the cells of a workbook, with their table; the cells of forms as texts.

    Raise SourceError if the workbook is unreadable.
    """
    names = partial(count_header_names, replacer.search.engine.catalog)
    for table in open_workbook(content, names, STANDARD_BUDGET):
        if isinstance(table, Trouble):
            if table.reason in _FATAL:
                raise SourceError(table.reason, table.detail)
            continue
        is_form = form_label(
            [[cell or "" for cell in row] for _, row in block_rows(table.sample)], names
        )
        read = None if is_form else ReadTable.of(table, replacer.search.engine, overrides)
        for block in table.blocks():
            if isinstance(block, Trouble):
                continue
            if read is not None:
                yield block, read, ()
            elif cells := list(form_cells(block_rows(block), names)):
                grid = text_grid(
                    table.member, [TextRuns(b"", [cell.label, cell.value]) for cell in cells]
                )
                yield grid.block, grid.read(replacer, overrides), cells


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
    part_of, use = dict(sheet_parts(parts.archive) or []), SharedStringUses()
    blocks = _cell_blocks(content, replacer, overrides)
    sheets = groupby(blocks, lambda pair: part_of[_sheet_name(pair[1].table, content)])
    left = dict.fromkeys(part_of.values())
    for name, group in sheets:
        _edit_sheet(parts, name, use, _sheet_changes(group, replacer, is_copy=is_copy))
        left.pop(name, None)
    for name in left:
        if name in parts.archive.NameToInfo:
            _edit_sheet(parts, name, use, iter(()))
    for name in part_of.values():
        if name in parts.archive.NameToInfo:
            parts.add(name, use.late_edits(name, parts.read(name)))
    if _STRINGS in parts.archive.NameToInfo:
        parts.add(_STRINGS, string_edits(parts.read(_STRINGS), use))
    _edit_hidden(content, parts, replacer, overrides, use, is_copy=is_copy)


def _sheet_name(table: Table, content: Content) -> str:
    """Return the name of the sheet of a table."""
    return table.member.removeprefix(f"{content.member}#").removesuffix(TURNED)


def _edit_sheet(
    parts: _PartEdits, name: str, use: SharedStringUses, changes: Iterator[SheetChanges]
) -> None:
    """Add the edits of the changed cells of a sheet to ``parts``, and count its shared strings."""
    sheet = parts.read(name)
    formulas = has_formulas(sheet)

    def edits() -> Iterator[Edit]:
        for begin, end, new in use.sheet_edits(name, sheet, changes):
            parts.formula_removed |= formulas and b"f>" in sheet[begin:end]
            yield begin, end, new

    parts.add(name, edits())


def _sheet_changes(
    blocks: Iterator[_SheetBlock], replacer: Replacer, *, is_copy: bool
) -> Iterator[SheetChanges]:
    """Yield the changes of the cells of a sheet, by rows. A turned sheet is held."""
    turned: dict[CellAddress, CellChange] = {}
    for block, read, form in blocks:
        found = replacer.find_replacements(block, read, is_copy=is_copy)
        cells = {}
        for (record, column), group in groupby(found, key=lambda f: (f.record, f.column)):
            cell = form[record] if form else None
            skip = len(cell.label) if cell else 0
            changes = [(f.start - skip, f.end - skip, f.new) for f in group if f.start >= skip]
            if changes:
                address = (cell.row, cell.column) if cell else (int(block.rows[record]), column + 1)
                text = cell.value if cell else block.columns[column][record].as_py() or ""
                cells[address] = CellChange(text, tuple(changes))
        if read.table.member.endswith(TURNED):
            turned |= {(column, row): change for (row, column), change in cells.items()}
        else:
            yield form[-1].row if form else int(block.rows[-1]), cells
    if turned:
        yield max(row for row, _ in turned), turned


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
    for grid, name, formulas in _hidden_grids(parts, content.member, use):
        found = replacer.find_replacements(
            grid.block, grid.read(replacer, overrides), is_copy=is_copy
        )
        for record, group in groupby(found, key=lambda f: f.record):
            runs = grid.cells[record][0]
            assert runs is not None
            if formulas is None:
                changes = [(f.start, f.end, f.new) for f in group]
                parts.add(name, runs.edits(changes))
                continue
            formula = formulas[record]
            removal = (*formula.inner, b'""') if formula.master else (*formula.element, b"")
            parts.add(name, [removal])
            parts.formula_removed |= not formula.master


def _hidden_grids(
    parts: _PartEdits, member: str, use: SharedStringUses
) -> Iterator[tuple[Grid, str, list[Formula] | None]]:
    """Yield (grid, part name, formulas) for the formulas and the unused shared strings.

    The formulas are None for the shared strings.
    """
    for name in parts.archive.namelist():
        if name in parts.sheets:
            formulas = list(iterate_formulas(parts.read(name)))
            if formulas:
                yield text_grid(f"{member}!{name}", [f.runs for f in formulas]), name, formulas
    if _STRINGS in parts.archive.NameToInfo:
        unused = unused_strings(parts.read(_STRINGS), use)
        if unused:
            yield text_grid(f"{member}!{_STRINGS}", unused), _STRINGS, None


def _write_package(
    parts: _PartEdits, out: BinaryIO, member: str, replacer: Replacer, copy_member: CopyMember
) -> Iterator[Trouble | str]:
    """Write all parts with their edits to ``out``.

    Yield the name of each part that is emptied, and each Trouble of the files inside. If a formula
    was removed, the calculation chain is left out; office programs build it again.
    """
    with zipfile.ZipFile(out, "w") as target:
        target.comment = redact_comment(parts.archive.comment, replacer)
        for info in parts.archive.infolist():
            if info.filename == _CALC and parts.formula_removed:
                continue  # office programs build it again
            data = parts.read(info.filename)
            if _is_xml(data):
                data = parts.edited(info.filename, data)
            else:
                name = info.filename
                data, troubles = _copy_other(data, name, f"{member}!{name}", copy_member)
                yield from [name] if troubles is None else troubles
            if parts.formula_removed and info.filename.endswith((".rels", "[Content_Types].xml")):
                data = _CALC_REFERENCES.sub(b"", data)
            if parts.kind == "odt" and info.filename in parts.edits:
                data = _ODF_CELL.sub(_number_or_text, data)
            name = parts.new_name(info.filename)
            target.writestr(build_entry(info, info.filename, name, len(data), replacer), data)


def _number_or_text(found: re.Match[bytes]) -> bytes:
    """Return a cell's start tag, of type string if its number was masked."""
    number = _ODF_NUMBER.search(found[0])
    if number is None or _NUMBER.fullmatch(number[1]):
        return found[0]
    return _ODF_TYPE.sub(rb'\1"string"', found[0].replace(number[0], b""))


def _copy_other(
    data: bytes, name: str, chain: str, copy_member: CopyMember
) -> tuple[bytes, list[Trouble] | None]:
    """Return (bytes, Troubles) of the copy of a part that is no XML; None if emptied.

    A text, a picture and a file that can be copied by itself are copied. Anything else is emptied:
    a picture on which nothing can be read becomes a white pixel.
    """
    if not data:
        return data, []
    content = memory_content(data, posixpath.basename(name), member=chain)
    picture = file_type(content) == "picture"
    if picture or not _BINARY.fullmatch(name):
        buffer = io.BytesIO()
        troubles, lost = copy_or_lose(copy_member, content, buffer)
        if lost is None:  # one bad part must not cost the others
            return buffer.getvalue(), troubles
    return _PIXEL if picture else b"", None
