"""Copies of pictures and PDF documents: each frame or page drawn anew, with its values covered.

A copy has pixels only. Nothing else of its source is in it: no text under a page, no earlier
version, properties, notes, fields, files inside, thumbnail, place or camera.
"""

from __future__ import annotations

import hashlib
import mmap
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, pairwise
from typing import BinaryIO, Final

from piiscan.arrays import UInt8
from piiscan.copies.drawn.covering import cover
from piiscan.copies.drawn.pdf_file import PdfFile
from piiscan.copies.drawn.picture_file import write_picture
from piiscan.copies.read_table import ReadTable
from piiscan.copies.replacer import Replacer, cell_text
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import SourceError
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content, memory_content, read_pieces
from piiscan.sources.drawing import Drawing
from piiscan.sources.formats import file_type
from piiscan.sources.limits import STANDARD_BUDGET, BudgetUsage
from piiscan.sources.read import open_drawings
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.typed_table import type_table

#: Names of the formats that are copied so.
DRAWN: Final = ("picture", "pdf")
#: Characters of a line at its end and begin that may belong to a number in two lines.
_SEAM: Final = 24
#: Most bytes of the frames of a picture, which are held.
_MAX_BYTES: Final = STANDARD_BUDGET.in_memory
#: Resolution of the pages of a copy, that at which they are drawn.
_DPI: Final = 200
Data = bytes | mmap.mmap
_Item = Drawing | Table | Trouble


@dataclass(slots=True)
class DrawnSearch:
    """Search for values on pictures and pages: replacer, column types, passwords.

    ``texts``: the lines of contents that were read, by their SHA-256, so that none is read twice.
    """

    replacer: Replacer
    overrides: ColumnOverrides
    passwords: tuple[bytes, ...] = field(default=(), repr=False)
    texts: dict[str, str] = field(default_factory=dict, repr=False)

    def open(self, content: Content, usage: BudgetUsage) -> Iterator[_Item]:
        """Yield each drawing of a content, followed by the tables of its texts."""
        catalog = self.replacer.search.engine.catalog
        return open_drawings(
            content,
            count_names=partial(count_header_names, catalog),
            usage=usage,
            passwords=self.passwords,
        )

    def values(self, table: Table, *, is_copy: bool) -> Iterator[str | Trouble]:
        """Yield the texts of the values to replace in a table, and its Troubles.

        ``is_copy``: the table is from a copy, so replacements in it are no findings.
        """
        read = ReadTable.of(table, self.replacer.search.engine, self.overrides)
        for block in table.blocks():
            if isinstance(block, Trouble):
                yield block
                continue
            for each in self.replacer.find_replacements(block, read, is_copy=is_copy):
                yield cell_text(block, each)[each.start : each.end]

    def broken_values(self, lines: Sequence[str]) -> Iterator[str]:
        """Yield the numbers that begin at the end of a line and continue in the next line."""
        seams = list(_seams(lines))
        starts = list(accumulate((len(tail + head) + 1 for tail, head in seams), initial=0))
        text = "\n".join(tail + head for tail, head in seams)
        for start, end, _ in self.replacer.find_in_lines(text):
            number = bisect_right(starts, start) - 1
            if start < starts[number] + len(seams[number][0]) < end:
                yield text[start:end]


def _seams(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (end of a line, start of the next line) where both are digits."""
    for line, following in pairwise(lines):
        tail, head = line.rstrip()[-_SEAM:], following.lstrip()[:_SEAM]
        if tail[-1:].isdigit() and head[:1].isdigit():
            yield tail, head


@dataclass(slots=True)
class _Page:
    """Picture or page: its drawing, and the values to cover."""

    drawing: Drawing
    values: list[str] = field(default_factory=list)


def copy_drawn(
    content: Content, kind: str, out: BinaryIO, search: DrawnSearch, *, is_copy: bool
) -> Iterator[Trouble]:
    """Write the copy of a picture or PDF (``kind``) to ``out``; yield its Troubles.

    ``is_copy``: ``content`` is a copy already, so replacements in it are no findings.

    Raises SourceError if it cannot be read, or if nothing at all was recognised on a picture.
    """
    told = _CopyReport(content.member, kind)
    if kind == "pdf":
        file = PdfFile(out, _DPI)
        for page in _covered(content, search, told, is_copy=is_copy):
            file.add(page)
        file.close()
    else:
        frames, size = [], 0
        for page in _covered(content, search, told, is_copy=is_copy):
            frames.append(page)
            size += page.nbytes
            if size > _MAX_BYTES:
                raise SourceError("MEMBER_TOO_LARGE", "picture: to be held")
        if not frames or (told.blank and not is_copy):
            raise SourceError("NO_TEXT_IN_PICTURE", "picture")
        write_picture(frames, content.head, out)
    if not told.pages:
        raise SourceError("CORRUPT", "no page")
    yield from told.troubles


class _CopyReport:
    """Report on one copy: number of its pages, covered pages, Troubles."""

    def __init__(self, member: str, kind: str) -> None:
        """Begin without pages. ``kind``: "picture" or "pdf"."""
        self.member, self.kind = member, kind
        self.pages, self.blank = 0, True
        self._troubles: list[Trouble] = []
        self._whole: list[int] = []
        self._recognised: list[int] = []

    def add(self, item: Trouble) -> None:
        """Add the Trouble of a part that was not read, or read with a doubt."""
        self._troubles.append(item)

    def add_page(self, drawing: Drawing, *, whole: bool) -> None:
        """Count a page. ``whole``: True if it was covered completely."""
        self.pages += 1
        self.blank = self.blank and not drawing.lines
        if whole:
            self._whole.append(self.pages)
        elif drawing.recognised:
            self._recognised.append(self.pages)

    @property
    def troubles(self) -> Iterator[Trouble]:
        """Yield the Troubles of the copy: unread parts, covered pages, pages to look at."""
        yield from self._troubles
        if self.kind == "pdf":
            yield Trouble(self.member, "PAGES_ARE_PICTURES", f"{self.pages} pages")
        for reason, pages in (("PAGE_COVERED", self._whole), ("LOOK_AT_PICTURE", self._recognised)):
            if pages:
                detail = f"pages {', '.join(map(str, pages))}" if self.pages > 1 else ""
                yield Trouble(self.member, reason, detail, pages[0] if detail else None)


def _covered(
    content: Content, search: DrawnSearch, told: _CopyReport, *, is_copy: bool
) -> Iterator[UInt8]:
    """Yield the pixels of each page, its values painted black; count pages in ``told``.

    ``is_copy``: ``content`` is a copy already, so replacements in it are no findings.
    """
    for page in _pages(content, search, told, is_copy=is_copy):
        done = cover(page.drawing, page.values)
        told.add_page(page.drawing, whole=done.whole)
        yield done.pixels


def _pages(
    content: Content, search: DrawnSearch, told: _CopyReport, *, is_copy: bool
) -> Iterator[_Page]:
    """Yield each page with its values; add Troubles to ``told``.

    ``is_copy``: ``content`` is a copy already, so replacements in it are no findings.
    """
    page: _Page | None = None
    for item in search.open(content, BudgetUsage(STANDARD_BUDGET, packed=content.size)):
        if isinstance(item, Drawing):
            if page is not None:
                yield page
            page = _Page(item, list(search.broken_values([line.text for line in item.lines])))
        elif isinstance(item, Trouble):
            told.add(item)
        elif page is not None:
            for value in search.values(item, is_copy=is_copy):
                if isinstance(value, Trouble):
                    told.add(value)
                else:
                    page.values.append(value)
    if page is not None:
        yield page


def drawn_blocks(
    content: Content, search: DrawnSearch
) -> Iterator[tuple[Block, TableLayout, Table] | Trouble]:
    """Yield (block, layout, table) of the texts on a copy, and Troubles.

    Its lines are kept by its SHA-256 for the check.
    """
    lines: list[str] = []
    for item in search.open(content, BudgetUsage(STANDARD_BUDGET, packed=content.size)):
        if isinstance(item, Trouble):
            yield item
        elif isinstance(item, Drawing):
            lines += [line.text for line in item.lines]
        else:
            layout = type_table(0, 0, item, search.replacer.search.engine, search.overrides).layout
            for block in item.blocks():
                if isinstance(block, Trouble):
                    yield block
                else:
                    yield block, layout, item
    seams = [tail + head for tail, head in _seams(lines)]
    search.texts[_sha256(content)] = "\n".join([*lines, *seams])


def recognise(data: Data, search: DrawnSearch) -> str:
    """Return the text lines of a picture or PDF in ``data``; "" for other bytes."""
    content = memory_content(bytes(data), "copy", member="")
    digest = _sha256(content)
    if digest not in search.texts and file_type(content) in DRAWN:
        for _ in drawn_blocks(content, search):
            pass
    return search.texts.get(digest, "")


def _sha256(content: Content) -> str:
    """Return the SHA-256 of a content, in hex."""
    digest = hashlib.sha256()
    with content.open() as stream:
        for piece in read_pieces(stream):
            digest.update(piece)
    return digest.hexdigest()
