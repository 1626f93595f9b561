"""Part tables: the contents of a zipped workbook outside its cells, part by part.

Every part is one of these: texts of an XML part (comments, text boxes, page headers, links, names),
cached rows, a file inside (picture, object, stray member), strings of a binary part, or known to
hold no text: themes (fonts and colours), the calculation chain (references), and a small picture of
the first sheet, whose cells are read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import islice
from typing import IO, Any, Final

import numpy as np

from piiscan.errors import SourceError
from piiscan.sources.archives.archive import open_entries
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Opened
from piiscan.sources.formats.spreadsheet.binary_records import other_records, unused_strings
from piiscan.sources.formats.spreadsheet.cached_rows import (
    LinkedRows,
    PivotFields,
    number_text,
    read_pivot_rows,
)
from piiscan.sources.formats.spreadsheet.dimensions import CellSurroundings
from piiscan.sources.formats.spreadsheet.workbook_parts import sheet_parts
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.row_table import Cells, open_rows
from piiscan.sources.texts.raw_strings import open_strings_of
from piiscan.sources.texts.xml_texts import TextRules, parse_part, read_texts

_STRINGS: Final = "xl/sharedStrings.xml"
_NO_TEXT: Final = re.compile(
    r"xl/theme/[^/]+\.xml|xl/calcChain\.(?:xml|bin)|mimetype|(?:docProps|Thumbnails)/thumbnail\.\w+"
)
_XML: Final = re.compile(r".*\.(?:xml|rels|vml)", re.IGNORECASE)
#: Elements of styles with nothing but names of fonts, colours and lines.
_LOOKS: Final = frozenset(("font", "fill", "border", "colors", "tableStyles"))
_ODS_LOOKS: Final = frozenset(("automatic-styles", "styles", "font-face-decls", "page-layout"))
_LINKED: Final = re.compile(r"xl/externalLinks/[^/]+\.xml")
_RECORDS: Final = re.compile(r"xl/pivotCache/pivotCacheRecords[^/]*\.xml")
_FIELDS: Final = re.compile(r"xl/pivotCache/pivotCacheDefinition[^/]*\.xml")
_COMMENTS: Final = re.compile(r"xl/comments[^/]*\.xml|xl/comments/[^/]+\.xml")
_THREADS: Final = re.compile(r"xl/threadedComments/[^/]+\.xml")
#: Binary parts that are read as strings: of the first ones all texts are plain.
_PLAIN_STRINGS: Final = re.compile(r"xl/(?:printerSettings/|customProperty)[^/]*\.bin")
_BINARY: Final = re.compile(r"xl/(?!embeddings/|media/).*\.bin")
_BINARY_STRINGS: Final = "xl/sharedStrings.bin"
_BINARY_CELLS: Final = re.compile(r"xl/sharedStrings\.bin|xl/worksheets/[^/]+\.bin")
_PACKED: Final = re.compile(r"xl/(?:vbaProject|activeX/).*")
#: Cells of a worksheet: attributes and value.
_CELL: Final = re.compile(
    rb"<(?:\w+:)?c(\s[^>]*)?>(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?"
    rb"(?:<(?:\w+:)?v>([^<]*)<|<(?:\w+:)?is>)"
)
_SHARED: Final = re.compile(rb"""\st=["']s["']""")
_PIECE_BYTES: Final = 1 << 20
_OVERLAP_BYTES: Final = 16 << 10
#: Most rows of a part that are kept between its sample and its blocks.
_KEPT_ROWS: Final = 20_000
#: Errors of a damaged part of an archive.
PART_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)


def open_parts(content: Content, context: ReadContext, around: CellSurroundings) -> Opened:
    """Yield the tables, members and troubles of the parts of a workbook, in the archive's order."""
    with content.open() as stream, zipfile.ZipFile(stream) as archive:
        package = _Package(content, context, around, archive)
        members: set[int] = set()
        for info in archive.infolist():
            name = info.filename
            if name.endswith("/") and not info.file_size:
                continue
            if archive.NameToInfo[name] is not info or package.is_member(name):
                members.add(info.header_offset)
            else:
                yield from package.open_part(name)
    if members and context.usage.depth >= context.budget.depth:
        detail = f"archives nested more than {context.budget.depth} deep"
        yield Trouble(content.member, "ZIP_DEPTH", detail)
    else:
        for _, member in open_entries(
            content,
            context.usage,
            seed=context.seed,
            wanted=lambda info: info.header_offset in members,
            passwords=context.passwords,
            comments=True,
        ):
            yield member


@dataclass
class _Package:
    """Zipped workbook whose parts are read one after the other."""

    content: Content
    context: ReadContext
    around: CellSurroundings
    archive: zipfile.ZipFile

    @cached_property
    def sheets(self) -> dict[str, str]:
        """Return part -> name of each sheet."""
        return {part: name for name, part in sheet_parts(self.archive) or []}

    @cached_property
    def rules(self) -> TextRules:
        """Return the rules of texts to skip in a part: texts of cells and names of sheets."""
        return TextRules(self.is_cell, frozenset(self.sheets.values()))

    @cached_property
    def _cell_hashes(self) -> Any:
        """Return the hashes of the texts of all cells of an xlsx workbook, sorted."""
        hashes = array("q")
        used = self.around.used
        if _STRINGS in self.archive.NameToInfo:
            for place, text in self.texts(_STRINGS, TextRules()):
                number = int(place.split()[1]) if place.startswith("string ") else 0
                if 0 < number <= len(used) and used[number - 1]:
                    hashes.append(hash(text))
        for part in self.sheets:
            if part in self.archive.NameToInfo:
                with closing(self.open(part)) as stream:
                    hashes.extend(map(hash, _cell_values(stream)))
        return np.unique(np.frombuffer(hashes, np.int64)) if hashes else np.zeros(0)

    def is_cell(self, text: str) -> bool:
        """Return True if a cell has the text ``text``."""
        value, hashes = hash(text), self._cell_hashes
        at = int(np.searchsorted(hashes, value))
        return at < len(hashes) and int(hashes[at]) == value

    @cached_property
    def threads(self) -> list[str]:
        """Return the texts of threaded comments; old programs see a copy of each as a comment."""
        return [
            text
            for name in self.archive.NameToInfo
            if _THREADS.fullmatch(name)
            for place, text in self.texts(name, TextRules())
            if place.endswith("text")
        ]

    @staticmethod
    def is_member(name: str) -> bool:
        """Return True if the part ``name`` is read as a file of its own (a picture, a document)."""
        return not (_XML.fullmatch(name) or _NO_TEXT.fullmatch(name) or _BINARY.fullmatch(name))

    def open(self, name: str) -> IO[bytes]:
        """Open the part ``name``, also after the archive was closed."""
        if self.archive.fp is not None:
            return self.archive.open(name)
        with self.content.open() as stream, zipfile.ZipFile(stream) as archive:
            return io.BytesIO(archive.read(name))

    def texts(self, name: str, rules: TextRules) -> Iterator[tuple[str, str]]:
        """Yield (place, text) of each text of an XML part; raises SourceError."""
        with closing(self.open(name)) as stream:
            yield from read_texts(stream, self.context.budget.sheet, rules)

    def open_part(self, name: str) -> Opened:
        """Yield the tables and Troubles of the part ``name``."""
        if _NO_TEXT.fullmatch(name):
            return
        if _BINARY.fullmatch(name):
            records = "xl/workbook.bin" in self.archive.NameToInfo and not _PACKED.fullmatch(name)
            plain = records or _PLAIN_STRINGS.fullmatch(name) is not None
            yield from self._open_strings(name, lost=not plain)
            return
        if _RECORDS.fullmatch(name):
            yield from self._open_rows(name, partial(self._pivot_rows, name), None)
            return
        if _LINKED.fullmatch(name):
            yield from self._open_rows(name, partial(self._linked_rows, name), None, "#rows")
        yield from self._open_rows(name, partial(self._placed, name), ("place", "text"))

    def _placed(self, name: str) -> Iterator[Cells]:
        """Yield [place, text] of each text of an XML part that no cell has."""
        if name == _STRINGS:
            yield from self._unused_strings()
        elif name in self.around.outside and name not in self.around.unusual:
            outside = io.BytesIO(self.around.outside[name])
            yield from read_texts(outside, self.context.budget.sheet, self._rules_of(name))
        else:
            repeated = self.threads if _COMMENTS.fullmatch(name) else []
            for place, text in self.texts(name, self._rules_of(name)):
                left = text
                for each in repeated:
                    left = left.replace(each, "")
                if left.strip():
                    yield [place, left]

    def _rules_of(self, name: str) -> TextRules:
        """Return the rules for the texts to skip in an XML part."""
        rules = self.rules
        if name in self.around.outside:
            return replace(rules, sheet=True)
        if name == "content.xml":
            return TextRules(looks=_ODS_LOOKS, sheet=True)
        if name == "styles.xml":
            return TextRules(looks=_ODS_LOOKS)
        if name == "xl/workbook.xml":
            return replace(rules, names=frozenset())
        if name == "xl/styles.xml":
            return replace(rules, skipped=_LOOKS)
        if _LINKED.fullmatch(name):
            return replace(rules, skipped=frozenset(("sheetData",)))
        if _FIELDS.fullmatch(name) and self._records_of(name) in self.archive.NameToInfo:
            return replace(rules, skipped=frozenset(("cacheFields",)))
        return rules

    def _unused_strings(self) -> Iterator[Cells]:
        """Yield [place, text] of shared strings that no cell uses, and of phonetic texts."""
        used = self.around.used
        if not self.around.phonetic and used.all():
            return
        for place, text in self.texts(_STRINGS, TextRules()):
            number = int(place.split()[1]) if place.startswith("string ") else 0
            if place.endswith("rPh") or not 0 < number <= len(used) or not used[number - 1]:
                yield [place, text]

    def _linked_rows(self, name: str) -> Iterator[Cells]:
        """Yield the cached rows of a linked workbook, without rows of cells of this workbook."""
        with closing(self.open(name)) as stream:
            rows = parse_part(stream, self.context.budget.sheet, LinkedRows())
            yield from self._other(rows)

    def _pivot_rows(self, name: str) -> Iterator[Cells]:
        """Yield the rows of a pivot cache, without rows of cells of this workbook."""
        limit = self.context.budget.sheet
        definition = next((n for n in self.archive.NameToInfo if self._records_of(n) == name), None)
        if definition is None:
            raise SourceError("CORRUPT", "pivot cache without its fields")
        with closing(self.open(definition)) as stream:
            fields = PivotFields()
            deque(parse_part(stream, limit, fields), 0)
        with closing(self.open(name)) as stream:
            yield from self._other(read_pivot_rows(stream, limit, fields))

    def _other(self, rows: Iterator[Any]) -> Iterator[Cells]:
        """Yield the rows with at least one text that is no cell of the workbook."""
        for row in rows:
            if not all(cell is None or self.is_cell(cell) for cell in row):
                yield row

    def _records_of(self, definition: str) -> str:
        """Return the name of the records part of a pivot cache ``definition``; "" without one."""
        folder, _, last = definition.rpartition("/")
        links = f"{folder}/_rels/{last}.rels"
        if not _FIELDS.fullmatch(definition) or links not in self.archive.NameToInfo:
            return ""
        with closing(self.open(links)) as stream:
            found = re.search(rb'Target="[^"]*?(pivotCacheRecords[^"/]*)"', stream.read(1 << 16))
        return f"{folder}/{found[1].decode('utf-8', 'replace')}" if found else ""

    def _open_rows(
        self,
        name: str,
        read: Callable[[], Iterator[Any]],
        headers: tuple[str, ...] | None,
        suffix: str = "",
    ) -> Opened:
        """Yield the table of rows that ``read`` yields; a Trouble and its strings if unreadable."""
        member = f"{self.content.member}#{name}{suffix}"
        try:
            first = list(islice(read(), _KEPT_ROWS + 1))
        except (SourceError, *PART_ERRORS) as error:
            reason = error.reason if isinstance(error, SourceError) else "CORRUPT"
            detail = error.detail if isinstance(error, SourceError) else type(error).__name__
            yield Trouble(member, reason, detail)
            if (
                not suffix
                and not isinstance(error, PART_ERRORS)
                and name not in self.around.outside
            ):
                yield from self._open_strings(name, lost=False)
            return
        again = read if len(first) > _KEPT_ROWS else partial(iter, first)
        yield from open_rows(
            self.content, self.context, again, kind="sheet", member=member, headers=headers
        )

    def _open_strings(self, name: str, *, lost: bool) -> Opened:
        """Yield the strings of a binary part."""
        member = f"{self.content.member}#{name}"
        info = self.archive.NameToInfo[name]
        if info.file_size > self.context.budget.in_memory:
            yield Trouble(member, "MEMBER_TOO_LARGE", f"{info.file_size} bytes; over the budget")
            return
        try:
            with closing(self.open(name)) as stream:
                data = stream.read(self.context.budget.in_memory)
        except (*PART_ERRORS, OSError) as error:
            yield Trouble(member, "CORRUPT", type(error).__name__)
            return
        if _BINARY_CELLS.fullmatch(name):
            others = other_records(data, is_xlsb=True)
            data = self._unused_binary(data, others) if name == _BINARY_STRINGS else others
        yield from open_strings_of(self.content, name, data, lost=lost)

    def _unused_binary(self, strings: bytes, others: bytes) -> bytes:
        """Return ``others``, then the shared strings of an xlsb workbook that no cell uses."""

        def sheets() -> Iterator[bytes]:
            """Yield the sheets that can be read."""
            for part in self.archive.NameToInfo:
                if part != _BINARY_STRINGS and _BINARY_CELLS.fullmatch(part):
                    with suppress(*PART_ERRORS, OSError), closing(self.open(part)) as stream:
                        yield stream.read(self.context.budget.in_memory)

        return others + unused_strings(strings, sheets())


def _cell_values(stream: IO[bytes]) -> Iterator[str]:
    """Yield the values of a worksheet's cells, without shared strings."""
    rest = b""
    while more := stream.read(_PIECE_BYTES):
        data = rest + more
        for attributes, value in _CELL.findall(data):
            if value and not _SHARED.search(attributes):
                yield number_text(value.decode("utf-8", "replace"))
        rest = data[-_OVERLAP_BYTES:]
