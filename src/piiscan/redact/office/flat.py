"""Flat documents: the masked copy of a Word 2003 or OpenDocument file that is one XML file.

Encoded files in it (pictures, objects) are emptied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from piiscan.errors import SourceError
from piiscan.redact.office.office_blocks import Grid, part_grids
from piiscan.redact.office.package import to_utf8
from piiscan.redact.office.word import word_texts
from piiscan.redact.replacer import Replacer
from piiscan.redact.text_map import apply_edits
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout

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
    """Write the redacted copy of a document to ``out``; yield a Trouble for files inside.

    Raises SourceError if its bytes are not at hand.
    """
    data, emptied = _FILE.subn(rb"\1", _bytes_of(content))
    edits = [
        edit
        for grid in _grids(data, content.member, replacer)
        for some in grid.edits(replacer, overrides, is_copy=is_copy)
        for edit in some
    ]
    out.write(apply_edits(data, edits))
    if emptied:
        yield Trouble(content.member, "NOT_MASKED", f"{emptied} files inside")


def flat_blocks(
    content: Content, replacer: Replacer, overrides: ColumnOverrides
) -> Iterator[tuple[Block, TableLayout, Table] | Trouble]:
    """Yield all searchable blocks of a document, each with its layout and table."""
    for grid in _grids(_bytes_of(content), content.member, replacer):
        yield grid.block, grid.layout(replacer, overrides), grid.table


def _bytes_of(content: Content) -> bytes:
    """Return the bytes of a document in UTF-8."""
    if content.data is None:
        raise SourceError("MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
    return to_utf8(content.data)


def _grids(data: bytes, member: str, replacer: Replacer) -> Iterator[Grid]:
    """Yield the tables and texts of a document."""
    found = word_texts(data, is_odf=_OPENDOCUMENT in data[: 64 << 10])
    yield from part_grids(member, found.texts, found.tables, replacer)
