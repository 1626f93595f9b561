"""Opener for documents: texts, tables and all other parts of docx, pptx, odt, odp and rtf.

A document in one file (Word 2003 XML, flat OpenDocument, rich text) is read by the same reader.
"""

from __future__ import annotations

import re
from typing import Final

from piiscan.sources.block import Trouble
from piiscan.sources.containers.ole_packages import unpack_object, unpack_package
from piiscan.sources.content import read_whole
from piiscan.sources.format import Format, Opened, Sample, container_format
from piiscan.sources.formats.document.flow_reader import FlowReader
from piiscan.sources.formats.document.flow_tables import FlowTables
from piiscan.sources.formats.document.old_files import open_object, open_old_slides, open_old_word
from piiscan.sources.formats.document.package_parts import open_package
from piiscan.sources.formats.document.rich_text import RichTextReader
from piiscan.sources.read_context import ReadContext

#: Documents in one XML file: Word 2003, a package in XML, flat OpenDocument.
_FLAT: Final = re.compile(
    rb"<(?:\w+:)?(?:wordDocument\b[^>]*wordml|package\b[^>]*/xmlPackage"
    rb"|document\b[^>]*opendocument:xmlns:office[^>]*office:mimetype=[\"'][^\"']*\.(?:text|"
    rb"presentation|graphics))"
)
_EXTENSIONS: Final = {
    "docx": ("docx", "docm", "dotx", "dotm", "wps"),
    "pptx": ("pptx", "pptm", "ppsx", "potx", "dps"),
    "odt": ("odt", "ott", "odp", "odg"),
}


def _open_flat(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables, members and troubles of a document in one XML file."""
    content = sample.content
    tables, reader = FlowTables(content, context), FlowReader("text", lambda _: None)
    with content.open() as stream:
        yield from tables.read(stream, reader, "text", context.budget.sheet)
    yield from tables.open(reader, "other texts", lambda _: False)
    yield from tables.open_files(reader, "text")


def _open_rich(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables, members and troubles of a rich text."""
    content, data = sample.content, read_whole(sample.content, context.budget.in_memory)
    files: list[tuple[str, bytes]] = []
    tables, reader = FlowTables(content, context), FlowReader("text", lambda _: None)
    text = RichTextReader(reader, lambda kind, data: files.append((kind, data)))
    text.read(data)
    reader.close()
    if text.depth_exceeded or not data.rstrip(b"\0\r\n ").endswith(b"}"):
        yield Trouble(content.member, "CORRUPT", "rtf: its groups do not end")
    yield from tables.open(reader, "other texts", lambda _: False)
    for number, (kind, stored) in enumerate(files, 1):
        name = f"{'picture' if kind == 'pict' else 'object'} {number}"
        inner = unpack_object(stored)[1] if kind == "objdata" else stored
        packed = unpack_package(inner) if kind == "objdata" else None
        if packed is not None:
            yield from tables.open_file(f"{name}/{packed[0]}", packed[1])
        else:
            yield from tables.open_file(name, inner)


FORMATS: Final = (
    *(
        container_format(name, 15, open_package, extensions=extensions)
        for name, extensions in _EXTENSIONS.items()
    ),
    *(
        container_format(
            name, 15, opener, packages=("olefile",), extra="office", extensions=extensions
        )
        for name, opener, extensions in (
            ("doc", open_old_word, ("doc", "dot", "wps")),
            ("ppt", open_old_slides, ("ppt", "pps", "dps")),
            ("ole", open_object, ()),
        )
    ),
    Format("rtf", 40, _open_rich, signatures=((0, b"{\\rtf"),), extensions=("rtf", "doc", "wps")),
    Format(
        "flat document",
        41,
        _open_flat,
        probe=lambda sample: _FLAT.search(sample.content.head[: 16 << 10]) is not None,
        extensions=("xml", "doc", "fodt", "fodp"),
    ),
)
