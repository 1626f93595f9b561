"""Flat documents: masked copies of Word 2003 XML and flat OpenDocument files.

Encoded files in it (pictures, objects) are emptied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from piiscan.copies.office.office_blocks import Grid, grid_edits, held_bytes, part_grids
from piiscan.copies.office.package import to_utf8
from piiscan.copies.office.word import word_texts
from piiscan.copies.replacer import Replacer
from piiscan.copies.text_map import apply_edits
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.tabular.column_overrides import ColumnOverrides

_FILE: Final = re.compile(
    rb"(<(?:\w+:)?(?:binData|binaryData|binary-data)\b[^>]*>)[^<]*[^<\s][^<]*(?=</)"
)
_OPENDOCUMENT: Final = b"opendocument:xmlns:office"


def copy_flat(
    content: Content,
    out: BinaryIO,
    replacer: Replacer,
    overrides: ColumnOverrides,
    *,
    is_copy: bool,
) -> Iterator[Trouble]:
    """Write the redacted copy of a document to ``out``; yield a Trouble for embedded files.

    ``is_copy``: ``content`` is a copy already, so replacements in it are no findings.

    Raises SourceError if its bytes are not at hand.
    """
    data, emptied = _FILE.subn(rb"\1", to_utf8(held_bytes(content)))
    grids = _grids(data, content.member, replacer)
    edits = grid_edits(grids, replacer, overrides, is_copy=is_copy)
    out.write(apply_edits(data, edits))
    if emptied:
        yield Trouble(content.member, "NOT_MASKED", f"{emptied} files inside")


def _grids(data: bytes, member: str, replacer: Replacer) -> Iterator[Grid]:
    """Yield the tables and the other texts of a document as Grids."""
    found = word_texts(data, is_odf=_OPENDOCUMENT in data[: 64 << 10])
    yield from part_grids(member, found.texts, found.tables, replacer)
