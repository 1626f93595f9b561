"""Format: how one kind of content is known and read; each file in ``formats/`` declares some."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from piiscan.sources.block import Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.drawing import Drawing
from piiscan.sources.encoding.decoder import read_pieces
from piiscan.sources.encoding.detector import CODECS, EncodingGuess, guess_encoding
from piiscan.sources.read_context import ReadContext

_MAX_LINE: Final = 64 << 20
_ZIP_SIGNATURES: Final = ((0, b"PK\x03\x04"), (0, b"PK\x05\x06"), (0, b"PK\x07\x08"))
_OLE_SIGNATURES: Final = ((0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),)
#: Stream names of an OLE file (stored as UTF-16) and the kind that each one implies.
_OLE_STREAM_KINDS: Final = (
    ("EncryptedPackage", "encrypted office"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__substg1.0", "msg"),
    ("Workbook", "sheet"),
    ("Book", "sheet"),
)
_ZIP_PART_KINDS: Final = (
    ("xl/workbook.xml", "sheet"),
    ("xl/workbook.bin", "sheet"),
    ("word/document.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("Index/Document.iwa", "iwork"),
    ("Index.zip", "iwork"),
)
_ZIP_FOLDER_KINDS: Final = (("word/", "docx"), ("ppt/", "pptx"))
#: Parts of the entry ``mimetype``.
_MIMETYPE_KINDS: Final = (
    (b"opendocument.spreadsheet", "sheet"),
    (b"opendocument", "odt"),
    (b"epub", "epub"),
)


@dataclass(frozen=True)
class Sample:
    """A content with its encoding and the text of its first bytes, computed at first use."""

    content: Content

    @cached_property
    def guess(self) -> EncodingGuess | None:
        """Return the encoding of the content; None if it is no text."""
        head, *others = (window.data for window in self.content.windows)
        return guess_encoding(head, others)

    @property
    def text_guess(self) -> EncodingGuess:
        """Return the encoding of a content that is known to be a text."""
        assert self.guess is not None
        return self.guess

    @cached_property
    def container_kind(self) -> str:
        """Return the kind of a zip or OLE file by its parts (``xlsx``); "" for any other."""
        head = self.content.head
        if any(head.startswith(signature, at) for at, signature in _ZIP_SIGNATURES):
            return _zip_kind(self.content)
        if any(head.startswith(signature, at) for at, signature in _OLE_SIGNATURES):
            return _ole_kind(self.content)
        return ""

    @cached_property
    def text(self) -> str:
        """Return the decoded first bytes; "" if the content is no text."""
        if self.guess is None:
            return ""
        return self.content.head[self.guess.bom :].decode(CODECS[self.guess.encoding], "replace")

    def lines(self) -> Iterator[str]:
        """Yield the lines of a text without line ends; a line of more than 64 MB comes in parts."""
        rest = ""
        with self.content.open() as stream:
            for piece in read_pieces(stream, self.text_guess):
                *whole, rest = (rest + piece.text.tobytes().decode("utf-8", "replace")).split("\n")
                yield from (line.removesuffix("\r") for line in whole)
                if len(rest) > _MAX_LINE:
                    yield rest
                    rest = ""
        if rest:
            yield rest.removesuffix("\r")


def _zip_kind(content: Content) -> str:
    """Return the kind of a zip file: workbook, office document, or plain archive (``zip``)."""
    try:
        with content.open() as stream, zipfile.ZipFile(stream) as archive:
            names = set(archive.NameToInfo)
            for part, name in _ZIP_PART_KINDS:
                if part in names:
                    return name
            if "[Content_Types].xml" in names:  # with a main part of another name
                for folder, name in _ZIP_FOLDER_KINDS:
                    if any(part.startswith(folder) for part in names):
                        return name
            if names and all(part.endswith(".npy") for part in names):
                return "npz"
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mimetype = archive.read("mimetype")
                kinds = (name for part, name in _MIMETYPE_KINDS if part in mimetype)
                return next(kinds, "zip")
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError):
        pass
    return "zip"


def _ole_kind(content: Content) -> str:
    """Return the kind of an OLE file by its stream names, else by its extension."""
    data = b"".join(window.data for window in content.windows)
    for stream, name in _OLE_STREAM_KINDS:
        if stream.encode("utf-16-le") in data:
            return name
    return "sheet" if content.extension in ("xls", "xlt", "et") else "ole"


#: Tables to read, members to be read by their own format, problems, and what is drawn instead.
Opened = Iterator[Table | Content | Trouble | Drawing]


@dataclass(frozen=True, slots=True)
class Format:
    """File format: its name, its rank, the tests that recognise it, and its reader.

    Fields:

    name: Its name in reports.
    rank: Formats are asked in the order of their ranks; from ``TEXT_RANK`` on, only about texts.
    probe: Returns True if a content looks like one of this format.
    open: Reads it; may raise OtherFormatError, or SourceError for a content that cannot be read.
    signatures: (offset, bytes) of which the content must have one, if there are any.
    extensions: Usual ones, for people; they never decide.
    container: True if it yields members, which may be containers too, as deep as the budget allows.
    has_reader: False if it is only known and listed.
    isolated: True if a worker process opens it, for a library that an abort or a hang may end.
        Its members are short, and its blocks are read before its next item.
    copied_as_text: True if it is a text whose masked copy is edited at the bytes of lines; those
        of text ranks always are.
    slow: True if it is left out where only the names of tables and columns matter.
    packages: Modules to import, of which none may be missing, and the extra that installs them.
    draw: Returns the picture or page on which the text of a part stands, None for no such place;
        the part is told by what its member has behind ``#``. Such a format opens EVERY_DRAWING:
        each picture or page as a Drawing, then the tables of the texts that are seen on it.
    """

    name: str
    rank: int
    open: Callable[[Sample, ReadContext], Opened]
    probe: Callable[[Sample], bool] = lambda _: True
    signatures: tuple[tuple[int, bytes], ...] = ()
    extensions: tuple[str, ...] = ()
    container: bool = False
    has_reader: bool = True
    isolated: bool = False
    copied_as_text: bool = False
    slow: bool = False
    packages: tuple[str, ...] = ()
    extra: str = ""
    draw: Callable[[Sample, ReadContext, str], Drawing | None] | None = None

    def open_or_draw(self, sample: Sample, context: ReadContext) -> Opened:
        """Yield the items of the reader ``open``, or the Drawing of the section asked for."""
        if context.section in (None, EVERY_DRAWING):
            yield from self.open(sample, context)
        elif self.draw is not None and (found := self.draw(sample, context, context.section)):
            yield found

    def fits(self, sample: Sample) -> bool:
        """Return True if ``sample`` has a signature of the format and passes its probe."""
        if self.signatures:
            head = sample.content.head
            for at, signature in self.signatures:
                if head.startswith(signature, at):
                    break
            else:
                return False
        return (self.rank < TEXT_RANK or sample.guess is not None) and self.probe(sample)


#: Section of a content: each picture or page that it has.
EVERY_DRAWING: Final = "*"
#: Rank from which formats are texts.
TEXT_RANK = 50


def container_format(
    kind: str, rank: int, opener: Callable[[Sample, ReadContext], Opened], **declared: Any
) -> Format:
    """Return the Format of zip or OLE files of a ``kind``, which is its name."""
    return Format(
        kind,
        rank,
        opener,
        probe=lambda sample: sample.container_kind == kind,
        signatures=(*_ZIP_SIGNATURES, *_OLE_SIGNATURES),
        **declared,
    )


def unread(reason: str, detail: str, *, lost: bool = True) -> Callable[[Sample, Any], Opened]:
    """Return the reader ``open`` of a format that is only listed: it yields one Trouble.

    ``reason``: its reason code. ``lost``: True if content is missing because of it.
    """

    def open_nothing(sample: Sample, context: Any) -> Opened:
        """Yield one Trouble with the given reason and detail."""
        del context
        yield Trouble(sample.content.member, reason, detail, lost=lost)

    return open_nothing
