"""Read tables: cells as written, and the text that a scan decodes each of them to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from piiscan.copies.code_words import encode_word
from piiscan.detect.columns.header_names import count_header_names
from piiscan.detect.engine import Engine
from piiscan.masking.splice import Change, apply_changes, resolve_changes
from piiscan.sources.block import Block, Table
from piiscan.sources.texts.decoded_cells import CellDecoder, Ranges
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.typed_table import type_table


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

        A code that a change touches is written anew: ``MTM4MDAxMzgwMDA= -> MTM4KioqKjgwMDA=``.
        """
        text, ranges = self.decoder.ranges(column, cell)
        return list(_changes_of_codes(cell, text, ranges, resolve_changes(changes)))


def _changes_of_codes(
    cell: str, text: str, ranges: Ranges, changes: list[Change]
) -> Iterator[Change]:
    """Yield the changes of ``cell`` for those of its decoded ``text``, code by code.

    Of a change over several codes the first one gets the new text.
    """
    for low, high in _codes(text, ranges):
        inner = [
            (max(start, low) - low, min(end, high) - low, new if start >= low else "")
            for start, end, new in changes
            if start < high and end > low
        ]
        if inner:
            begin, end = ranges.begins[low], ranges.ends[high - 1]
            changed = apply_changes(text[low:high], inner)
            yield begin, end, encode_word(changed, ranges.views[low], cell[begin:end])


def _codes(text: str, ranges: Ranges) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of each code in a decoded text, and of each character between them."""
    low = 0
    while low < len(text):
        high = low + 1
        while high < len(text) and ranges.begins[high] < ranges.ends[high - 1]:
            high += 1
        yield low, high
        low = high
