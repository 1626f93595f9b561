"""An office's own .docx, filled in: its placeholders become texts, its rows are repeated.

A placeholder is a name in double braces, ``{{案件编号}}``, also in full-width ones; Word likes to
split them over several runs of text, so a paragraph is read as a whole.  A table row with
``{{检材.路径}}`` stands once for each source; a cell with ``{{检材}}`` alone begins the columns of
such a row.  What is not known is left as it is and told.  Nothing else of the file changes.
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
    NAME,
    Node,
    W,
    is_a,
    replace_names,
    set_text,
    text_of,
)
from piiscan.errors import CaseError
from piiscan.pages.sanitize import clean

_PART: Final = re.compile(r"word/[a-z]+[0-9]*\.xml")
_DOT: Final = re.compile("[.．。·]")
#: More than a letter template ever has.
_LARGEST: Final = 64 << 20
_MEMBERS: Final = 2_000
#: Stands for a cell of a repeated row while the row is one text; private use, cleaned from texts.
_TOKEN: Final = re.compile("\ue000([0-9]+)\ue001")
_PRIVATE: Final = dict.fromkeys((0xE000, 0xE001), "\ufffd")

#: What a file that is no zip archive, a broken or an encrypted one can raise.
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError,
)  # fmt: skip


def plain(name: str) -> str:
    """A name without what is easily written otherwise: blanks, signs, capitals.

    >>> plain("SHA-256"), plain(" 大小（字节） ")
    ('sha256', '大小字节')
    """
    return "".join(filter(str.isalnum, name.casefold()))


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that a table repeats: the columns in their usual order, and each row's cells."""

    columns: Sequence[str]
    rows: Sequence[Mapping[str, str]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Values:
    """What placeholders stand for: texts by name, groups of rows by name.

    ``others`` are further names of a text, of a group or of a column, as :func:`plain` has them.
    """

    texts: Mapping[str, str] = field(repr=False)
    groups: Mapping[str, Group] = field(repr=False)
    others: Mapping[str, str] = field(default_factory=dict)

    def known(self, name: str) -> str:
        """The name that ``name`` is another one for, else itself in plain form."""
        return self.others.get(plain(name), plain(name))

    def column(self, name: str) -> tuple[str, str] | None:
        """Group and column that ``检材.路径`` means; None if it means none."""
        group, *columns = _DOT.split(name, maxsplit=1)
        group = group if group in self.groups else self.known(group)
        if not columns or group not in self.groups:
            return None
        allowed = self.groups[group].columns
        column = columns[0] if columns[0] in allowed else self.known(columns[0])
        return (group, column) if column in allowed else None


@dataclass(frozen=True, slots=True)
class Filled:
    """A document that was filled in, which names stood in it, and which were not known."""

    content: bytes = field(repr=False)
    used: frozenset[str]
    unknown: tuple[str, ...]


def fill_template(template: bytes, values: Values) -> Filled:
    """``template`` with everything filled in; the same input gives the same bytes.

    CaseError if it is no document of Word.
    """
    filling = _Filling(values)
    content = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(template)) as source,
            zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for info in _members(source):
                data = source.read(info)
                if _PART.fullmatch(info.filename):
                    data = filling.part(data)
                place = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
                target.writestr(place, data, zipfile.ZIP_DEFLATED)
    except (*_BROKEN, ExpatError) as error:
        raise CaseError("the template cannot be used: it is no .docx document") from error
    unknown = tuple(dict.fromkeys(filling.unknown))
    return Filled(content.getvalue(), frozenset(filling.used), unknown)


def _members(source: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """The members in their order; CaseError for what is no letter of an office."""
    members = [each for each in source.infolist() if not each.is_dir()]
    names = {each.filename for each in members}
    if not {"[Content_Types].xml", "word/document.xml"} <= names:
        raise CaseError("the template cannot be used: it is no .docx document")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise CaseError("the template holds macros; save it as .docx without them")
    if len(members) > _MEMBERS or sum(each.file_size for each in members) > _LARGEST:
        raise CaseError("the template is too large")
    yield from members


class _Filling:
    """Fills the parts of one document, and remembers the names it met."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._rows: list[str] = []  # repeated rows as XML, in the order of their marks
        self.used: set[str] = set()
        self.unknown: list[str] = []

    def part(self, data: bytes) -> bytes:
        """One part of the document, filled in; as it stands if there is nothing to fill in."""
        document = minidom.parseString(data)  # what declares entities is refused below
        root = document.documentElement
        if document.doctype is not None or root is None or root.namespaceURI != W:
            raise CaseError("the template cannot be used: it is no .docx document")
        paragraphs = document.getElementsByTagNameNS(W, "p")
        if not any(NAME.search(text_of(each)) for each in paragraphs):
            return data
        self._rows = []
        for row in list(document.getElementsByTagNameNS(W, "tr")):
            self._repeat(document, row)
        for paragraph in list(document.getElementsByTagNameNS(W, "p")):
            self._fill(document, paragraph)
        text = str(document.toxml(encoding="UTF-8", standalone=True), "utf-8")
        for number, rows in enumerate(self._rows):
            text = text.replace(f"<!--{_mark(number)}-->", rows, 1)
        return text.encode()

    def _repeat(self, document: Node, row: Node) -> None:
        """Puts a mark where a row of placeholders stood, once its lines are ready."""
        if row.parentNode is None or row.getElementsByTagNameNS(W, "tr"):
            return
        paragraphs = list(row.getElementsByTagNameNS(W, "p"))
        names = [n for p in paragraphs for n in NAME.findall(text_of(p))]
        groups = [found[0] for found in map(self._values.column, names) if found is not None]
        groups += [known for known in map(self._values.known, names) if self._alone(row, known)]
        if not groups:
            return
        group = self._values.groups[groups[0]]
        self.used.add(groups[0])
        cells: list[str] = []

        def stand_in(name: str) -> str | None:
            found = self._values.column(name)
            if found is None or found[0] != groups[0]:
                return None
            cells.append(found[1])
            return f"\ue000{len(cells) - 1}\ue001"

        _spread(document, row, self._values, groups[0])
        for paragraph in paragraphs:
            replace_names(document, paragraph, stand_in)
            self._fill(document, paragraph)
        mark = document.createComment(_mark(len(self._rows)))
        self._rows.append(_lines(row.toxml(), cells, group.rows))
        row.parentNode.replaceChild(mark, row)

    def _alone(self, row: Node, name: str) -> bool:
        """Whether a cell of the row is the name of a group and nothing else."""
        if name not in self._values.groups:
            return False
        cells = row.getElementsByTagNameNS(W, "tc")
        return any(_only(cell, self._values) == name for cell in cells)

    def _fill(self, document: Node, paragraph: Node) -> None:
        """Texts for the names in a paragraph; one that is a name alone becomes one a line."""
        text = text_of(paragraph).strip()
        alone = NAME.fullmatch(text)
        value = self._look_up(alone[1]) if alone else None
        if value is None or "\n" not in value:
            replace_names(document, paragraph, self._look_up)
            return
        for line in value.split("\n"):
            copy = paragraph.cloneNode(True)
            paragraph.parentNode.insertBefore(copy, paragraph)
            replace_names(document, copy, partial(_always, line))
        paragraph.parentNode.removeChild(paragraph)

    def _look_up(self, name: str) -> str | None:
        known = self._values.known(name)
        value = self._values.texts.get(known)
        if value is None:
            self.unknown.append(name)
        else:
            self.used.add(known)
        return None if value is None else "\n".join(map(_clean, value.split("\n")))


def _always(value: str, _: str) -> str:
    return value


def _mark(number: int) -> str:
    return f"piiscan-rows-{number}"


def _lines(row: str, cells: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """The row once for each of ``rows``, as XML."""
    pieces = _TOKEN.split(row)  # text, number, text, number … text
    return "".join(
        "".join(
            escape(_clean(line[cells[int(piece)]])) if at % 2 else piece
            for at, piece in enumerate(pieces)
        )
        for line in rows
    )


def _clean(text: str) -> str:
    return clean(text).translate(_PRIVATE)


def _only(cell: Node, values: Values) -> str | None:
    """The name that a cell is, if it is one and nothing else."""
    text = "".join(map(text_of, cell.getElementsByTagNameNS(W, "p"))).strip()
    found = NAME.fullmatch(text)
    return values.known(found[1]) if found else None


def _spread(document: Node, row: Node, values: Values, group: str) -> None:
    """In a row with ``{{group}}`` alone in a cell: the columns' names in it and those behind."""
    cells = [each for each in row.childNodes if is_a(each, "tc")]
    first = next((at for at, cell in enumerate(cells) if _only(cell, values) == group), None)
    if first is None:
        return
    (run, *_) = cells[first].getElementsByTagNameNS(W, "r")
    for cell, column in zip(cells[first:], values.groups[group].columns, strict=False):
        paragraph = cell.getElementsByTagNameNS(W, "p")[0]
        kept = run.cloneNode(True)
        for old in list(paragraph.childNodes):
            if not is_a(old, "pPr"):
                paragraph.removeChild(old)
        paragraph.appendChild(kept)
        set_text(document, kept, f"{{{{{group}.{column}}}}}")
