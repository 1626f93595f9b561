"""Package parts: every part of a zipped document as texts, tables, members and troubles.

Each part is one of these: XML, whose texts are read; a file of its own (picture, embedded workbook,
chunk of another format, own XML of a program); strings of a binary part; or known to hold no text:
themes, obfuscated fonts, the small picture of the first page.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, Final, cast

from piiscan.errors import SourceError
from piiscan.sources.archives.archive import open_entries
from piiscan.sources.archives.spool import seekable_content
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_up_to
from piiscan.sources.format import Opened, Sample
from piiscan.sources.formats.document.flow_reader import FlowReader
from piiscan.sources.formats.document.flow_tables import FlowTables
from piiscan.sources.read_context import ReadContext
from piiscan.sources.texts.raw_strings import open_strings_of
from piiscan.sources.texts.xml_texts import TextRules, parse_part, read_texts

_NO_TEXT: Final = re.compile(
    r"(?:word|ppt)/theme/[^/]+\.xml|(?:docProps|Thumbnails)/thumbnail\.\w+|mimetype"
    r"|word/fonts/[^/]+\.odttf|ppt/fonts/[^/]+\.fntdata"
)
_XML: Final = re.compile(r".*\.(?:xml|rels|vml|rdf)", re.IGNORECASE)
#: XML that is read as a file of its own, in which elements that repeat are records.
_OWN_XML: Final = re.compile(r"customXml/item\d*\.xml")
#: Parts with the names of styles and fonts.
_STYLES: Final = re.compile(
    r"(?:word|ppt)/(?:glossary/)?(?:styles|stylesWithEffects|fontTable|settings|webSettings|numbering"
    r"|presProps|viewProps|tableStyles)\.xml|settings\.xml|styles\.xml|.*/settings\.xml"
    r"|.*/diagrams/(?:colors|layout|quickStyle)\d*\.xml|\[Content_Types\]\.xml|META-INF/manifest\.xml"
)
_STRINGS: Final = re.compile(r".*/(?:vbaProject|vbaData|activeX\d*|printerSettings\d*)\.bin")
_PLAIN_STRINGS: Final = re.compile(r".*/printerSettings\d*\.bin")
_RELATIONS: Final = re.compile(r"(?:(.*)/)?_rels/([^/]*)\.rels")
_DRAWING: Final = re.compile(r"(.*/diagrams/)drawing(\d*\.xml)")
_CHART: Final = re.compile(r".*/charts/(?:chart|chartEx)\d*\.xml")
_MAIN: Final = re.compile(r"word/document\d*\.xml")
_MANIFEST: Final = "META-INF/manifest.xml"
_MAX_RELATIONS: Final = 16 << 20  # bytes
_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    SourceError,
)


@dataclass(frozen=True, slots=True)
class _Relation:
    """Relation of a part to another: its kind, its target, and True if that is an outside link."""

    kind: str
    target: str
    outside: bool


@dataclass(slots=True)
class _Relations:
    """Handler of XML parser events that collects the relations of a part."""

    found: list[tuple[str, _Relation]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Add the relation of a ``Relationship`` element."""
        if name.endswith("Relationship"):
            kind = attributes.get("Type", "").rpartition("/")[2]
            outside = attributes.get("TargetMode") == "External"
            relation = _Relation(kind, attributes.get("Target", ""), outside)
            self.found.append((attributes.get("Id", ""), relation))


@dataclass
class _Package:
    """Zipped document (docx, pptx, odt) whose parts are read one after the other."""

    content: Content
    context: ReadContext
    archive: zipfile.ZipFile
    told: dict[str, set[str]] = field(default_factory=dict)  # part -> links told with their text

    @cached_property
    def tables(self) -> FlowTables:
        """Return the builder of the tables of a part."""
        return FlowTables(self.content, self.context)

    def small(self, name: str) -> bytes:
        """Return the first bytes of the part ``name``; b"" if it is missing or damaged."""
        with suppress(*_ERRORS, KeyError), closing(self.archive.open(name)) as stream:
            return read_up_to(cast("BinaryIO", stream), _MAX_RELATIONS)
        return b""

    def relations(self, part: str) -> dict[str, _Relation]:
        """Return id -> relation of ``part``; {} if it has none."""
        folder, _, last = part.rpartition("/")
        name = posixpath.join(folder, "_rels", f"{last}.rels")
        if name not in self.archive.NameToInfo:
            return {}
        found: list[tuple[str, _Relation]] = []
        with suppress(*_ERRORS), closing(self.archive.open(name)) as stream:
            found.extend(parse_part(stream, _MAX_RELATIONS, _Relations()))
        return dict(found)

    @cached_property
    def slides(self) -> dict[str, str]:
        """Return part -> ``slide 1``, ``slide 1 notes`` or ``slide 1 comments``.

        The order is that of the presentation.
        """
        names: dict[str, str] = {}
        parts = self.relations("ppt/presentation.xml")
        order = re.findall(
            rb"<(?:\w+:)?sldId\b[^>]*?\s(?:\w+:)id=[\"']([^\"']+)[\"']",
            self.small("ppt/presentation.xml"),
        )
        for number, key in enumerate(order, 1):
            relation = parts.get(key.decode("utf-8", "replace"))
            if relation is None or relation.outside:
                continue
            part = _joined("ppt", relation.target)
            names.setdefault(part, f"slide {number}")
            for each in self.relations(part).values():
                if each.kind in ("notesSlide", "comments"):
                    word = "notes" if each.kind == "notesSlide" else "comments"
                    names[_joined(posixpath.dirname(part), each.target)] = f"slide {number} {word}"
        return names

    def open_part(self, part: str, name: str, content: Content) -> Opened:
        """Yield tables and Troubles of an XML part. ``name``: its name, unique in the archive."""
        relations = self.relations(part)
        told = self.told.setdefault(part, set())

        def link(key: str) -> str | None:
            """Return the target of an outside link and note that it is shown; None for others."""
            relation = relations.get(key)
            if relation is None or not relation.outside:
                return None
            told.add(key)
            return relation.target

        # word/document.xml -> text, ppt/slides/slide7.xml -> slide 3
        is_main = part == "content.xml" or _MAIN.fullmatch(part) is not None
        shown = self.slides.get(part) or part.removeprefix("word/").removesuffix(".xml")
        text_name = ("text" if is_main else shown) + name.removeprefix(part)
        reader = FlowReader(text_name, link, styles=_STYLES.fullmatch(part) is not None)
        with content.open() as stream:
            yield from self.tables.read(stream, reader, name, self.context.budget.sheet)
        copies = self._copies(part, relations)
        if _DRAWING.fullmatch(part):
            for section in reader.sections:
                section.lines = ["" if line in copies else line for line in section.lines]
        yield from self.tables.open(reader, name, lambda text: text in copies)
        yield from self.tables.open_files(reader, name)

    def open_relations(self, part: str, name: str, content: Content) -> Opened:
        """Yield the outside link targets of a part that no text of it shows."""
        found = _RELATIONS.fullmatch(part)
        owner = posixpath.join(found[1] or "", found[2]) if found else ""
        told, reader = self.told.get(owner, set()), _Relations()
        try:
            with content.open() as stream:
                relations = list(parse_part(stream, self.context.budget.sheet, reader))
        except SourceError as error:
            yield Trouble(f"{self.content.member}#{name}", error.reason, error.detail)
            relations = reader.found
        asides = [
            (f"{each.kind} {key}", each.target)
            for key, each in dict.fromkeys(relations)
            if each.outside and key not in told
        ]
        yield from self.tables.sections.open_placed(name, asides)

    def _copies(self, part: str, relations: dict[str, _Relation]) -> set[str]:
        """Return the texts of ``part`` that are copies of texts in another part.

        A chart has the cells of the workbook behind it, the drawing of a diagram its texts.
        """
        drawing = _DRAWING.fullmatch(part)
        texts: set[str] = set()
        if drawing:
            reader = FlowReader("", lambda _: None)
            data = f"{drawing[1]}data{drawing[2]}"
            if data in self.archive.NameToInfo:
                with suppress(*_ERRORS), closing(self.archive.open(data)) as stream:
                    list(parse_part(stream, self.context.budget.sheet, reader))
                    reader.close()
                texts.update(line for section in reader.sections for line in section.lines)
        elif _CHART.fullmatch(part):
            for each in relations.values():
                if each.kind == "package" and not each.outside:
                    with suppress(*_ERRORS, KeyError):
                        book = _joined(posixpath.dirname(part), each.target)
                        texts |= self._cell_texts(book)
        return texts

    def _cell_texts(self, book: str) -> set[str]:
        """Return the texts of the cells of an embedded workbook."""
        limit = self.context.budget.in_memory
        if self.archive.getinfo(book).file_size > limit:
            return set()
        texts: set[str] = set()
        with self.archive.open(book) as stream, zipfile.ZipFile(stream) as cells:
            for name in cells.namelist():
                if re.fullmatch(r"xl/(?:sharedStrings|worksheets/[^/]+)\.xml", name):
                    with cells.open(name) as part:
                        texts.update(text for _, text in read_texts(part, limit, TextRules()))
        return texts


def _joined(folder: str, target: str) -> str:
    """Return the path of a related part: ``ppt/slides, ../media/a.png -> ppt/media/a.png``."""
    return target[1:] if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")


def open_package(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables, members and troubles of a document's parts, in the archive's order."""
    content = seekable_content(sample.content)
    try:
        stream = content.open()
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceError("CORRUPT", f"zip: {type(error).__name__}") from None
    with stream, archive:
        package = _Package(content, context, archive)
        if b"encryption-data" in package.small(_MANIFEST):
            raise SourceError("ENCRYPTED", "the document has a password")
        yield from _open_parts(package)


def _open_parts(package: _Package) -> Opened:
    """Yield the texts of all parts; relations come last, after the links that texts show."""
    content, usage = package.content, package.context.usage
    too_deep = usage.depth >= usage.budget.depth
    members = 0

    def wanted(info: zipfile.ZipInfo) -> bool:
        """Return True if the entry ``info`` is a part that is read."""
        nonlocal members
        if _NO_TEXT.fullmatch(info.filename):
            return False
        is_member = not (_is_part(info.filename) or _STRINGS.fullmatch(info.filename))
        members += is_member
        return not (is_member and too_deep)

    prefix = len(content.member) + 1 if content.member else 0
    later: list[tuple[str, str, Content]] = []
    entries = open_entries(
        content,
        usage,
        seed=package.context.seed,
        wanted=wanted,
        passwords=package.context.passwords,
        comments=not too_deep,
    )
    for info, item in entries:
        if info is None or isinstance(item, Trouble):
            yield item
            continue
        part, name = info.filename, item.member[prefix:]
        if _RELATIONS.fullmatch(part):
            later.append((part, name, item))
        elif _is_part(part):
            yield from package.open_part(part, name, item)
        elif _STRINGS.fullmatch(part):
            with item.open() as stream:
                data = read_up_to(stream, package.context.budget.in_memory)
            lost = _PLAIN_STRINGS.fullmatch(part) is None
            yield from open_strings_of(content, name, data, lost=lost)
        else:
            yield item
    for each in later:
        yield from package.open_relations(*each)
    if too_deep and members:
        detail = f"{members} files inside; archives nested more than {usage.budget.depth} deep"
        yield Trouble(content.member, "ZIP_DEPTH", detail)


def _is_part(name: str) -> bool:
    """Return True for an XML part whose texts are read here."""
    return _XML.fullmatch(name) is not None and _OWN_XML.fullmatch(name) is None
