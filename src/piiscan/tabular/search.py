"""Search of one block of a table: labelled columns under their labels, all others together.

Everything here is arrays; there is no Python object per finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from operator import itemgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.detect.catalog.headers import Label
from piiscan.detect.columns.split_fields import Joined, told_of_last
from piiscan.detect.engine import Engine, find_together
from piiscan.sources.block import DATA, HEADER, Block
from piiscan.tabular.byte_offsets import byte_offsets
from piiscan.tabular.hits import Hits, Lexicon, Lexicons, from_found, join
from piiscan.tabular.layout import Column, Frame

#: A column whose cells are asked about without a label: its number, which rows (None for all),
#: and whether names are looked for.
Plain = tuple[int, Int64 | None, bool]


@dataclass(frozen=True, slots=True)
class TableSearch:
    """The engine with the options of a run; used from several threads at once."""

    engine: Engine
    min_score: float = 0.5
    names: bool = True
    reveal: bool = False

    def ask(self, cells: pa.Array, label: Label | None, *, names: bool | None = None) -> pa.Table:
        """What the engine finds in ``cells``: a FOUND table; ``names`` as for the run if None."""
        return self.engine.find_table(
            cells,
            label=label,
            min_score=self.min_score,
            names=self.names if names is None else names,
        )

    def lexicons(self) -> Lexicons:
        """Words for one block, beginning with the catalogue's."""
        recognizers = self.engine.catalog.recognizers
        return Lexicons(
            Lexicon.of(self.engine.catalog.entities), Lexicon.of([r.id for r in recognizers])
        )


def find_hits(block: Block, frame: Frame, search: TableSearch, words: Lexicons) -> Hits:
    """Search ``block``: hits ordered by row, column and start, with texts if ``search.reveal``."""
    asked: list[tuple[int, pa.Table]] = []
    plain: list[Plain] = []
    for number in range(len(block.columns)):
        column = frame.column(number)
        others = _others(block, column)
        if column.label is not None or column.ahead:
            asked.append((number, _labelled(block, number, column, others, search)))
        if block.kinds is not None and len(others):  # names of columns are no names of people
            headers = block.kinds[others] == HEADER
            plain += [(number, others[headers], False), (number, others[~headers], search.names)]
        elif column.label is None and not column.ahead:
            plain.append((number, None, search.names))
    asked += _ask_plain(block, plain, search)
    return join(
        [
            _hits(block, number, frame.column(number), table, words, clear=search.reveal)
            for number, table in sorted(asked, key=itemgetter(0))
        ]
    )


def _others(block: Block, column: Column) -> Int64:
    """The rows that a column's label says nothing of: titles, sums, headers told again."""
    if column.label is None or block.kinds is None:
        return np.zeros(0, np.int64)
    return np.flatnonzero(block.kinds != DATA)


def _labelled(
    block: Block, number: int, column: Column, others: Int64, search: TableSearch
) -> pa.Table:
    """What is found in a column under its label, in all rows but ``others``."""
    cells, joined = block.columns[number], None
    if column.ahead:
        joined = Joined.of([block.columns[at] for at in column.ahead], cells)
        cells = joined.cells
    if len(others):
        data = pa.array(np.isin(np.arange(len(cells)), others, invert=True))
        cells = pc.if_else(data, cells, pa.scalar("", cells.type))
    table = search.ask(cells, column.label)
    return table if joined is None else told_of_last(table, joined)


def _ask_plain(block: Block, plain: list[Plain], search: TableSearch) -> list[tuple[int, pa.Table]]:
    """What is found without a label, column by column; asked all at once, as each call costs."""
    found = []
    for names in (False, True):
        mine = [
            (number, rows)
            for number, rows, named in plain
            if named == names and (rows is None or len(rows))
        ]
        parts = [
            block.columns[number] if rows is None else block.columns[number].take(pa.array(rows))
            for number, rows in mine
        ]
        if not parts:
            continue
        tables = find_together(partial(search.ask, label=None, names=names), parts)
        for (number, rows), table in zip(mine, tables, strict=True):
            place = table["index"].to_numpy()
            back = pa.array(place if rows is None else rows[place])
            found.append((number, table.set_column(0, "index", back)))
    return found


def _hits(
    block: Block, number: int, column: Column, found: pa.Table, words: Lexicons, *, clear: bool
) -> Hits:
    index = found["index"].to_numpy()
    offset = np.full(len(index), -1, np.int64)
    if block.byte_starts is not None:
        offset = byte_offsets(
            block.columns[number],
            block.byte_starts[number],
            width=block.width,
            index=index,
            byte_start=found["byte_start"].to_numpy(),
        )
    hits = from_found(found, words, column=number, byte_offset=offset, clear=clear)
    if block.own is not None:
        own = (hits.start >= block.own[0]) & (hits.start < block.own[1])
        hits = hits.take(np.flatnonzero(own))
    told = column.told or column.header
    if column.label is not None and told not in (None, column.label.header):
        hits.context[hits.context == words.context.numbers.get(column.label.header, -2)] = (
            words.context.numbers.setdefault(told or "", len(words.context.numbers))
        )
    return hits
