"""PDF documents: each page as lines and ruled tables, and all that is on no page.

A page is ``a.pdf#page 3``, a ruled table on it ``a.pdf#page 3 table 1``. Pages without a text
are recognised (``a.pdf#page 3 OCR text``) if ``ocr`` is installed, and so are the pictures on other
pages (``a.pdf#page 3 picture 1 OCR text``); else they and pages that cannot be read are listed.
"""

from __future__ import annotations

import ctypes
import hashlib
import mmap
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from piiscan.errors import SourceError, is_machine_error
from piiscan.sources.archives.member_names import open_inner_file, unique_names
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.drawing import Drawing
from piiscan.sources.format import EVERY_DRAWING, Format, Opened, Sample
from piiscan.sources.formats.pdf.document_texts import (
    attachments,
    outline_texts,
    page_notes,
    property_texts,
)
from piiscan.sources.formats.pdf.page_drawing import (
    DrawnPage,
    draw_page,
    draw_whole,
    page_pictures,
    page_pixels,
)
from piiscan.sources.formats.pdf.page_text import PageText, read_page
from piiscan.sources.formats.pdf.ruled_tables import Grid
from piiscan.sources.lined.section_tables import SectionReader
from piiscan.sources.pictures.picture_text import can_recognise, open_recognised, read_picture
from piiscan.sources.read_context import ReadContext

_SIGNATURE: Final = b"%PDF-"
_HEAD: Final = 1024
#: Pages one after the other that cannot be read, after which the rest is not tried.
_MAX_FAILED: Final = 2000
#: Earlier versions that are looked at.
_MAX_VERSIONS: Final = 5
#: Share of characters without a meaning from which a page's text is none.
_MEANINGLESS: Final = 0.3
_SAME: Final = 3.0


@dataclass(slots=True)
class _Pages:
    """Numbers of the pages that were not read whole, by fault."""

    failed: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    meaningless: list[int] = field(default_factory=list)
    pictured: dict[int, int] = field(default_factory=dict)

    def add(self, number: int, page: PageText) -> None:
        """Store the number of a page that has unread text or pictures."""
        if not page.characters:
            if page.objects:
                self.empty.append(number)
        elif page.meaningless > _MEANINGLESS * page.characters:
            self.meaningless.append(number)
        if page.characters and page.pictures:
            self.pictured[number] = page.pictures

    def troubles(self, member: str) -> Iterator[Trouble]:
        """Yield a Trouble for each fault, with the numbers of its pages."""
        for reason, pages, what in (
            ("CORRUPT", self.failed, ""),
            ("NO_TEXT_LAYER", self.empty, ""),
            ("UNDECODABLE", self.meaningless, ": characters without a meaning"),
            ("PICTURES_NOT_READ", [*self.pictured], f": {sum(self.pictured.values())} pictures"),
        ):
            if pages:
                yield Trouble(member, reason, f"pages {_ranges(pages)}{what}", pages[0])


def _ranges(numbers: Sequence[int]) -> str:
    """Format rising numbers as ranges: ``1, 2, 3, 7 -> 1-3, 7``.

    >>> _ranges([1, 2, 3, 7])
    '1-3, 7'
    """
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


@contextmanager
def _opened(content: Content, passwords: Sequence[bytes]) -> Iterator[tuple[Any, Any, str | None]]:
    """Open a PDF. Yield (document, its bytes or None, its password or None).

    The bytes are None if they are not at hand.
    """
    import pypdfium2

    with content.open() as stream:
        mapped: Any = None
        source: Any = stream
        if content.data is not None:
            source = content.data
        elif content.path is not None and content.size:
            with suppress(OSError, ValueError):
                mapped = mmap.mmap(stream.fileno(), content.size, access=mmap.ACCESS_COPY)
                source = (ctypes.c_ubyte * content.size).from_buffer(mapped)
        document = None
        for password in (None, *(each.decode("utf-8", "replace") for each in passwords)):
            try:
                document = pypdfium2.PdfDocument(source, password=password)
                break
            except pypdfium2.PdfiumError as error:
                if error.err_code != pypdfium2.raw.FPDF_ERR_PASSWORD:
                    raise SourceError("CORRUPT", f"pdf: error {error.err_code}") from None
        if document is None:
            tried = f"; none of {len(passwords)} passwords opens it" if passwords else ""
            raise SourceError("ENCRYPTED", f"the document has a password{tried}")
        try:
            yield document, content.data if mapped is None else mapped, password
        finally:
            document.close()


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables of a document page by page, then files inside, and the unread parts."""
    content = sample.content
    sections = SectionReader(content, context)
    with _opened(content, context.passwords) as (document, data, password):
        with suppress(RuntimeError):
            document.init_forms()
        if context.section == EVERY_DRAWING:
            yield from _open_pages(document, sections, None)
            return
        yield from sections.open_placed("properties", property_texts(document, data))
        yield from sections.open_section("bookmarks", list(outline_texts(document)), (), "")
        ends = _earlier_ends(document, content) if data is not None else []
        known: set[str] | None = set() if ends else None
        yield from _open_pages(document, sections, known)
        yield from _open_files(document, content, context)
        if known is not None:
            if content.size <= context.budget.in_memory:
                yield from _open_earlier(data, ends, password, sections, known)
            else:
                detail = f"{len(ends)} earlier versions are not read"
                yield Trouble(content.member, "MEMBER_TOO_LARGE", detail)


def _draw(sample: Sample, context: ReadContext, section: str) -> Drawing | None:
    """Return the page or picture that contains the part ``section`` (``page 3 table 1``)."""
    with _opened(sample.content, context.passwords) as (document, _, _):
        with suppress(RuntimeError):
            document.init_forms()
        return draw_page(document, section)


def _earlier_ends(document: Any, content: Content) -> list[int]:
    """Return the end offset, in bytes, of each earlier version saved in a PDF, oldest first.

    At most the last ``_MAX_VERSIONS``.
    """
    import pypdfium2.raw as pdfium

    count = pdfium.FPDF_GetTrailerEnds(document.raw, None, 0)
    ends = (ctypes.c_uint * count)()
    pdfium.FPDF_GetTrailerEnds(document.raw, ends, count)
    found = sorted(set(ends))[:-1]
    is_linear = b"/Linearized" in content.head[:_HEAD]  # its first part ends like a version
    return found[is_linear:][-_MAX_VERSIONS:]


def _open_earlier(
    data: Any, ends: Sequence[int], password: str | None, sections: SectionReader, known: set[str]
) -> Opened:
    """Yield the lines of earlier versions that the last version lacks.

    ``ends``: end offset of each version in ``data``. ``known``: lines of the last version.
    """
    import pypdfium2

    for number, end in enumerate(ends, 1):
        lines: list[str] = []
        try:
            with pypdfium2.PdfDocument(bytes(data[:end]), password) as version:
                for page in version:
                    text = read_page(page)
                    page.close()
                    rows = ("\t".join(filter(None, row)) for rows in text.tables for row in rows)
                    for line in [*text.lines, *rows]:
                        if line.strip() and line not in known:
                            known.add(line)
                            lines.append(line)
        except Exception as error:  # it cannot be opened, or only in part
            if is_machine_error(error):
                raise
        if lines:
            name = f"earlier version {number}"
            yield from sections.open_section(name, lines, (), f"{name} ")
            detail = f"{len(lines)} lines that the last save has no more"
            yield Trouble(f"{sections.content.member}#{name}", "DELETED_TEXT", detail, lost=False)


def _open_pages(document: Any, sections: SectionReader, known: set[str] | None) -> Opened:
    """Yield the tables of each page, and Troubles; add its lines and rows to ``known``."""
    pages = _Pages()
    member, context = sections.content.member, sections.context
    before: tuple[Grid, list[str | None]] | None = None
    for number in range(1, len(document) + 1):
        try:
            text, notes, drawn = _read_whole(document, number, context)
        except Exception as error:  # one bad page must not cost the others
            if is_machine_error(error):
                raise
            pages.failed.append(number)
            if pages.failed[-_MAX_FAILED:][0] == number - _MAX_FAILED + 1:
                yield Trouble(member, "CORRUPT", f"pages from {number + 1} on are not tried")
                break
            continue
        if drawn.drawing is not None:
            yield drawn.drawing
        if drawn.found is None:
            pages.add(number, text)
        if known is not None:
            known.update(text.lines)
            known.update("\t".join(filter(None, row)) for rows in text.tables for row in rows)
        context.usage.total += sum(map(len, text.lines)) + text.characters
        if (over := context.usage.exceeded()) is not None:
            yield Trouble(member, over, f"pages from {number + 1} on are not read")
            break
        grid = text.grids[0] if text.grids else None
        goes_on = before is not None and grid is not None and _continues(before, grid)
        name = f"page {number}"
        if goes_on and before is not None:
            rows, *others = text.tables
            yield from sections.open_section(name, text.lines, others, f"{name} further ")
            yield from sections.open_table(f"{name} table 1", rows, before[1])
        else:
            yield from sections.open_section(name, text.lines, text.tables, f"{name} ")
        if drawn.found is not None:
            yield from open_recognised(sections, drawn.found, f"{name} ")
        before = _end_of(text, before if goes_on and len(text.grids) == 1 else None, context)
        fields = [note for kind, note in notes if kind == "field"]
        yield from sections.open_section(f"{name} fields", fields, (), "")
        shown = "\n".join(text.lines)
        placed = [(kind, note) for kind, note in notes if kind != "field" and note not in shown]
        yield from sections.open_placed(f"{name} notes", list(dict.fromkeys(placed)))
    unread = pages.empty or pages.meaningless or pages.pictured
    if unread and context.section is None and can_recognise():
        yield from _open_scans(document, sections, pages)
    yield from pages.troubles(member)


def _read_whole(
    document: Any, number: int, context: ReadContext
) -> tuple[PageText, list[tuple[str, str]], DrawnPage]:
    """Return (text, notes, drawing) of page ``number``; notes or drawing, as the context asks."""
    with closing(document[number - 1]) as page:
        text = read_page(page)
        if context.section != EVERY_DRAWING:
            return text, list(page_notes(document, page)), DrawnPage()
        has_text = 0 < text.characters * _MEANINGLESS >= text.meaningless
        return text, [], draw_whole(page, text, has_text=has_text)


def _open_scans(document: Any, sections: SectionReader, pages: _Pages) -> Opened:
    """Yield the recognised text of pages without a text layer, and of pictures on other pages.

    Pages that were read are taken from ``pages``.  A picture that several pages have is read once.
    """
    numbers = sorted({*pages.empty, *pages.meaningless, *pages.pictured})
    member, context = sections.content.member, sections.context
    numbers = [number for number in numbers if context.wants(f"{member}#page {number} ")]
    seen: set[bytes] = set()
    if context.peek:
        detail = f"pages {_ranges(numbers)}"
        yield Trouble(member, "READ_BY_SCAN", detail, numbers[0], lost=False)
    for number in () if context.peek else numbers:
        try:
            with closing(document[number - 1]) as page:
                drawn = [page_pixels(page)] if number not in pages.pictured else page_pictures(page)
                pictures = list(drawn)
        except Exception as error:  # one bad page must not cost the others
            if is_machine_error(error):
                raise
            numbers = [each for each in numbers if each != number]
            continue
        for at, pixels in enumerate(pictures, 1):
            digest = hashlib.sha256(pixels.tobytes()).digest()
            if digest not in seen:
                seen.add(digest)
                name = f"picture {at} " if number in pages.pictured else ""
                found = read_picture(pixels)
                yield from open_recognised(sections, found, f"page {number} {name}")
    pages.empty = [each for each in pages.empty if each not in numbers]
    pages.meaningless = [each for each in pages.meaningless if each not in numbers]
    pages.pictured = {n: count for n, count in pages.pictured.items() if n not in numbers}


def _continues(before: tuple[Grid, list[str | None]], grid: Grid) -> bool:
    """Return True if ``grid`` continues the table ``before`` of the previous page."""
    old, headers = before
    first = grid.rows()[0]
    return (
        len(old.xs) == len(grid.xs)
        and all(abs(a - b) <= _SAME for a, b in zip(old.xs, grid.xs, strict=True))
        and first != headers
    )


def _end_of(
    text: PageText, before: tuple[Grid, list[str | None]] | None, context: ReadContext
) -> tuple[Grid, list[str | None]] | None:
    """Return the last table of a page and its headers; None without known headers.

    ``before``: what the one table of the page goes on with.
    """
    if not text.grids:
        return None
    grid = text.grids[-1]
    if before is not None:
        return grid, before[1]
    headers = grid.rows()[0]
    known = context.count_names([cell.strip() for cell in headers if cell])
    return (grid, headers) if known >= 2 else None


def _open_files(document: Any, content: Content, context: ReadContext) -> Opened:
    """Yield the files attached to a document as members."""
    files = list(attachments(document, context.budget.in_memory))
    names = unique_names([name.replace("\\", "/") for name, _ in files])
    for name, (_, data) in zip(names, files, strict=True):
        if data is None:
            yield Trouble(content.member_path(name), "MEMBER_TOO_LARGE", "over the budget")
        else:
            yield from open_inner_file(content, context, name, data)


def _begins_later(sample: Sample) -> bool:
    """Return True if a PDF signature follows other bytes in the head and the file ends as a PDF."""
    head, tail = sample.content.head[1:_HEAD], sample.content.windows[-1].data[-_HEAD:]
    return _SIGNATURE in head and b"startxref" in tail and b"%%EOF" in tail


_DECLARED: Final[dict[str, Any]] = {
    "isolated": True,
    "draw": _draw,
    "packages": ("pypdfium2",),
    "extra": "documents",
    "extensions": ("pdf",),
}
FORMATS: Final = (
    Format("pdf", 40, _open, signatures=((0, _SIGNATURE),), **_DECLARED),
    Format("pdf", 43, _open, probe=_begins_later, **_DECLARED),
)
