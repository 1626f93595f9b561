"""Tables as redaction reads them: cells as written, searched as what a scan decodes them to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from piiscan.copies.text_map import Change, resolve_changes
from piiscan.detect.columns.header_names import count_header_names
from piiscan.detect.engine import Engine
from piiscan.sources.block import Block, Table
from piiscan.sources.texts.decoded_cells import CellDecoder, Ranges
from piiscan.sources.texts.literals import literal_text
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.typed_table import type_table

#: Signs that a decoded text keeps in the place of its code: none has a meaning in a file format.
_PLAIN: Final = frozenset(" .@_-*：。，、（）")


@dataclass(frozen=True, slots=True)
class ReadTable:
    """Table of a source with the layout that a scan gives it, and the decoder of its cells."""

    table: Table
    layout: TableLayout
    decoder: CellDecoder

    @classmethod
    def of(cls, table: Table, engine: Engine, overrides: ColumnOverrides) -> ReadTable:
        """Return ``table`` with its layout and decoder."""
        decoder = CellDecoder.of(table, partial(count_header_names, engine.catalog))
        shown = replace(table, sample=decoder.block(table.sample))
        return cls(table, type_table(0, 0, shown, engine, overrides).layout, decoder)

    def decoded(self, block: Block) -> Block:
        """Return a block of the table with its cells decoded."""
        return self.decoder.block(block)

    def changes_as_written(self, column: int, cell: str, changes: list[Change]) -> list[Change]:
        """Return the changes of a cell as written for those of its decoded text.

        A code that a change touches is replaced by its text with the change: ``MTM4MDAxMzgwMDA=``
        by ``138****8000``.
        """
        text, ranges = self.decoder.ranges(column, cell)
        written = list(_changes_of_codes(text, ranges, changes))
        if self.decoder.sql and literal_text(cell) is not None:
            return [(start, end, f"'{new}'") for start, end, new in written]
        return written


def _changes_of_codes(text: str, ranges: Ranges, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield changes of the source of a decoded text, each of whole codes."""
    groups: list[tuple[int, int, list[Change]]] = []
    for start, end, new in resolve_changes(changes):
        low, high, inner = start, end, [(start, end, new)]
        while low and ranges.ends[low - 1] > ranges.begins[low]:
            low -= 1
        while high < len(text) and ranges.begins[high] < ranges.ends[high - 1]:
            high += 1
        while groups and groups[-1][1] > low:
            first, last, earlier = groups.pop()
            low, high, inner = min(low, first), max(high, last), [*earlier, *inner]
        groups.append((low, high, inner))
    for low, high, inner in groups:
        parts, at = [], low
        for start, end, new in inner:
            parts += [_plain(text[at:start]), new]
            at = end
        yield ranges.begins[low], ranges.ends[high - 1], "".join([*parts, _plain(text[at:high])])


def _plain(text: str) -> str:
    """Return a text with ``*`` for each sign that can have a meaning in a file format."""
    return "".join(sign if sign.isalnum() or sign in _PLAIN else "*" for sign in text)
