"""Opener for documents: texts, tables and all other parts of docx, pptx, odt and odp.

A document in one XML file (Word 2003, flat OpenDocument) is read by the same reader.
"""

from __future__ import annotations

import re
from typing import Final

from piiscan.sources.format import Format, Opened, ReadContext, Sample
from piiscan.sources.formats.document.flow_reader import FlowReader
from piiscan.sources.formats.document.flow_tables import FlowTables
from piiscan.sources.formats.document.package_parts import open_package
from piiscan.sources.spool import seekable_content

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


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables, members and troubles of a zipped document."""
    yield from open_package(seekable_content(sample.content), context)


def _open_flat(sample: Sample, context: ReadContext) -> Opened:
    """Yield the tables, members and troubles of a document in one XML file."""
    content = sample.content
    tables, reader = FlowTables(content, context), FlowReader("text", lambda _: None)
    with content.open() as stream:
        yield from tables.read(stream, reader, "text", context.budget.sheet)
    yield from tables.open(reader, "other texts", lambda _: False)
    yield from tables.open_files(reader, "text")


FORMATS: Final = (
    *(
        Format(
            name,
            15,
            _open,
            probe=lambda sample, name=name: sample.container_kind == name,  # type: ignore[misc]
            extensions=extensions,
        )
        for name, extensions in _EXTENSIONS.items()
    ),
    Format(
        "flat document",
        41,
        _open_flat,
        probe=lambda sample: _FLAT.search(sample.content.head[: 16 << 10]) is not None,
        extensions=("xml", "doc", "fodt", "fodp"),
    ),
)
