"""Word template: an office's own .docx, with placeholders for texts and repeated rows.

A placeholder is a name in double braces, ``{{案件编号}}``, ASCII or full-width. A table row with
``{{检材.路径}}`` is repeated for each source. A cell with ``{{检材}}`` alone starts all columns of
the group. Unknown placeholders stay and are reported. Other content of the file does not change.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from xml.dom import minidom
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

from piiscan.case.report.docx.placeholders import (
    PLACEHOLDER,
    Node,
    W,
    is_element,
    paragraph_text,
    replace_placeholders,
    set_run_text,
)
from piiscan.errors import CaseError
from piiscan.pages.sanitize import clean

_PART: Final = re.compile(r"word/[a-z]+[0-9]*\.xml")
_DOTS: Final = re.compile("[.．。·]")
#: Limits of a template: bytes in all, and number of files.
_MAX_SIZE: Final = 64 << 20
_MAX_MEMBERS: Final = 2_000
#: Token for a cell of a repeated row (private use); removed from all values.
_CELL_TOKEN: Final = re.compile("\ue000([0-9]+)\ue001")
#: Key in the cells of a row that is a heading: its text has the style of a caption.
HEADING: Final = ""
_CELL_STYLE: Final = re.compile('w:val="(?:Cell|Dense)"')
_SHADED: Final = '<w:shd w:val="clear" w:color="auto" w:fill="E7EDF3"/>'
_CELL: Final = re.compile("<w:tc>.*?</w:tc>", re.DOTALL)
_PRIVATE_USE: Final = dict.fromkeys((0xE000, 0xE001), "\ufffd")

#: Exceptions for a file that is no zip archive, is broken, or is encrypted.
_ZIP_ERRORS: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError,
)  # fmt: skip


def normalize_name(name: str) -> str:
    """Return a name without blanks and signs, in lower case: ``委托 单位： -> 委托单位``.

    >>> normalize_name("SHA-256"), normalize_name(" 大小（字节） ")
    ('sha256', '大小字节')
    """
    return "".join(filter(str.isalnum, name.casefold()))


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of a repeated table row: the column names in order, and the cells of each row.

    ``aliases``: normalized heading -> column name.
    """

    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]] = field(repr=False)
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """Values of the placeholders: texts by name, row groups by name.

    ``aliases``: further normalized name -> name of a text, group or column.
    """

    texts: Mapping[str, str] = field(repr=False)
    groups: Mapping[str, RowGroup] = field(repr=False)
    aliases: Mapping[str, str] = field(default_factory=dict)

    def resolve_name(self, name: str) -> str:
        """Return the placeholder key of an alias: ``委托单位 -> client``.

        A name that is no alias is only normalized.
        """
        return self.aliases.get(normalize_name(name), normalize_name(name))

    def resolve_column(self, name: str) -> tuple[str, str] | None:
        """Return (group, column) of ``检材.路径``; None if the group lacks the column."""
        group, *columns = _DOTS.split(name, maxsplit=1)
        group = group if group in self.groups else self.resolve_name(group)
        if not columns or group not in self.groups:
            return None
        found = self.groups[group]
        own_name = found.aliases.get(normalize_name(columns[0]), "")
        names = (columns[0], own_name, self.resolve_name(columns[0]))
        return next(((group, name) for name in names if name in found.columns), None)


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """Filled document as bytes, with the names of used and of unknown placeholders."""

    content: bytes = field(repr=False)
    used: frozenset[str]
    unknown: tuple[str, ...]


def fill_template(template: bytes, values: TemplateValues) -> FilledTemplate:
    """Fill all placeholders of ``template``; equal input gives equal bytes.

    Raise CaseError if it is no Word document.
    """
    filler = _TemplateFiller(values)
    content = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(template)) as source,
            zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for info in _members(source):
                data = source.read(info)
                if _PART.fullmatch(info.filename):
                    data = filler.fill_part(data)
                place = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
                target.writestr(place, data, zipfile.ZIP_DEFLATED)
    except (*_ZIP_ERRORS, ExpatError) as error:
        raise CaseError("template.no_document") from error
    unknown = tuple(dict.fromkeys(filler.unknown))
    return FilledTemplate(content.getvalue(), frozenset(filler.used), unknown)


def _members(source: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield the files of a .docx in order. Raise CaseError for macros or an excessive size."""
    members = [each for each in source.infolist() if not each.is_dir()]
    names = {each.filename for each in members}
    if not {"[Content_Types].xml", "word/document.xml"} <= names:
        raise CaseError("template.no_document")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise CaseError("template.macros")
    if len(members) > _MAX_MEMBERS or sum(each.file_size for each in members) > _MAX_SIZE:
        raise CaseError("template.too_large")
    yield from members


class _TemplateFiller:
    """Filler for the parts of one document; collects used and unknown placeholders."""

    def __init__(self, values: TemplateValues) -> None:
        self._values = values
        self._rows: list[str] = []  # repeated rows as XML, in the order of their markers
        self.used: set[str] = set()
        self.unknown: list[str] = []

    def fill_part(self, data: bytes) -> bytes:
        """Return one XML part with its placeholders filled; unchanged if it has none."""
        document = minidom.parseString(data)  # XML with a doctype is rejected below
        root = document.documentElement
        if document.doctype is not None or root is None or root.namespaceURI != W:
            raise CaseError("template.no_document")
        paragraphs = document.getElementsByTagNameNS(W, "p")
        if not any(PLACEHOLDER.search(paragraph_text(each)) for each in paragraphs):
            return data
        self._rows = []
        for row in list(document.getElementsByTagNameNS(W, "tr")):
            self._repeat_row(document, row)
        for paragraph in list(document.getElementsByTagNameNS(W, "p")):
            self._fill_paragraph(document, paragraph)
        text = str(document.toxml(encoding="UTF-8", standalone=True), "utf-8")
        for number, rows in enumerate(self._rows):
            text = text.replace(f"<!--{_row_marker(number)}-->", rows, 1)
        return text.encode()

    def _repeat_row(self, document: Node, row: Node) -> None:
        """Replace a row with column placeholders by a comment; store its copies as XML."""
        if row.parentNode is None or row.getElementsByTagNameNS(W, "tr"):
            return
        paragraphs = list(row.getElementsByTagNameNS(W, "p"))
        names = [n for p in paragraphs for n in PLACEHOLDER.findall(paragraph_text(p))]
        groups = [
            found[0] for found in map(self._values.resolve_column, names) if found is not None
        ]
        groups += [
            known
            for known in map(self._values.resolve_name, names)
            if self._has_group_cell(row, known)
        ]
        if not groups:
            return
        group = self._values.groups[groups[0]]
        self.used.add(groups[0])
        cells: list[str] = []

        def cell_token(name: str) -> str | None:
            """Return a token for a column of the repeated group; None for other names."""
            found = self._values.resolve_column(name)
            if found is None or found[0] != groups[0]:
                return None
            cells.append(found[1])
            return f"\ue000{len(cells) - 1}\ue001"

        _spread_columns(document, row, self._values, groups[0])
        for paragraph in paragraphs:
            replace_placeholders(document, paragraph, cell_token)
            self._fill_paragraph(document, paragraph)
        mark = document.createComment(_row_marker(len(self._rows)))
        self._rows.append(_repeated_rows(row.toxml(), cells, group.rows))
        row.parentNode.replaceChild(mark, row)

    def _has_group_cell(self, row: Node, name: str) -> bool:
        """Return True if a cell of the row has only the placeholder of a group."""
        if name not in self._values.groups:
            return False
        cells = row.getElementsByTagNameNS(W, "tc")
        return any(_single_name(cell, self._values) == name for cell in cells)

    def _fill_paragraph(self, document: Node, paragraph: Node) -> None:
        """Replace the text placeholders of a paragraph by their texts.

        A lone multi-line placeholder gives one paragraph per line.
        """
        text = paragraph_text(paragraph).strip()
        single = PLACEHOLDER.fullmatch(text)
        value = self._text_for(single[1]) if single else None
        if value is None or "\n" not in value:
            replace_placeholders(document, paragraph, self._text_for)
            return
        for line in value.split("\n"):
            copy = paragraph.cloneNode(True)
            paragraph.parentNode.insertBefore(copy, paragraph)
            replace_placeholders(document, copy, partial(_constant, line))
        paragraph.parentNode.removeChild(paragraph)

    def _text_for(self, name: str) -> str | None:
        """Return the text of a placeholder and mark it as used; None if unknown."""
        key = self._values.resolve_name(name)
        value = self._values.texts.get(key)
        if value is None:
            self.unknown.append(name)
        else:
            self.used.add(key)
        return None if value is None else "\n".join(map(_clean_text, value.split("\n")))


def _constant(value: str, _: str) -> str:
    """Return ``value`` for any placeholder name."""
    return value


def _row_marker(number: int) -> str:
    """Return the text of the XML comment that marks the place of repeated row ``number``."""
    return f"piiscan-rows-{number}"


def _repeated_rows(row: str, cells: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Return the table row XML ``row`` once per entry of ``rows``, its tokens filled in."""
    pieces = _CELL_TOKEN.split(row)  # text, number, text, number … text
    headings = _CELL_TOKEN.split(_heading_row(row))
    return "".join(
        "".join(
            escape(_clean_text(line[cells[int(piece)]])) if at % 2 else piece
            for at, piece in enumerate(headings if HEADING in line else pieces)
        )
        for line in rows
    )


def _heading_row(row: str) -> str:
    """Return the table row XML ``row`` with its first cell over the whole width, as a caption."""
    first, *others = _CELL.findall(row) or [""]
    for cell in others:
        row = row.replace(cell, "", 1)
    spanned = f'<w:gridSpan w:val="{len(others) + 1}"/>{_SHADED}</w:tcPr>'
    head = _CELL_STYLE.sub('w:val="Caption"', first).replace("</w:tcPr>", spanned)
    return row.replace(first, head, 1) if first else row


def _clean_text(text: str) -> str:
    """Return a text without control characters and without the private-use signs of cell tokens."""
    return clean(text).translate(_PRIVATE_USE)


def _single_name(cell: Node, values: TemplateValues) -> str | None:
    """Return the name of the only placeholder in a cell; None for other cells."""
    text = "".join(map(paragraph_text, cell.getElementsByTagNameNS(W, "p"))).strip()
    found = PLACEHOLDER.fullmatch(text)
    return values.resolve_name(found[1]) if found else None


def _spread_columns(document: Node, row: Node, values: TemplateValues, group: str) -> None:
    """Write a placeholder per column into the cells from ``{{group}}`` to the right."""
    cells = [each for each in row.childNodes if is_element(each, "tc")]
    first = next((at for at, cell in enumerate(cells) if _single_name(cell, values) == group), None)
    if first is None:
        return
    (run, *_) = cells[first].getElementsByTagNameNS(W, "r")
    for cell, column in zip(cells[first:], values.groups[group].columns, strict=False):
        paragraph = cell.getElementsByTagNameNS(W, "p")[0]
        copy = run.cloneNode(True)
        for old in list(paragraph.childNodes):
            if not is_element(old, "pPr"):
                paragraph.removeChild(old)
        paragraph.appendChild(copy)
        set_run_text(document, copy, f"{{{{{group}.{column}}}}}")
