"""Sections: further tables below the first one in a text, each with its own header.

姓名,电话 / 张三,138… / (blank) / 订单号,收货人,地址 / … -> two tables, the second one a sibling
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from piiscan.arrays import UInt8
from piiscan.sources.block import (
    BLANK,
    HEADER,
    TITLE,
    Block,
    CountNames,
    Table,
    Trouble,
    with_blocks,
)
from piiscan.sources.rows.delimiter import record_cells
from piiscan.sources.rows.header_row import (
    HeaderLayout,
    could_be_header,
    filled_cells,
    layout_of_header,
)
from piiscan.sources.rows.tokenizer import Dialect, tokenize

_MAX_SECTIONS: Final = 50
#: Rows of a text that are looked at because their number of cells is another one.
_MAX_CANDIDATES: Final = 500
#: Most rows of one cell above a header that belong to its table.
_MAX_TITLES: Final = 3
_SAMPLE_ROWS: Final = 300
#: Least share of known names in a header.
_LEAST_SHARE: Final = 0.75
_LEAST_SHARE_BELOW_TITLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Section:
    """Further table in a text: number of its first row (maybe a title), and its header."""

    start: int
    layout: HeaderLayout


def find_sections(
    text: UInt8, dialect: Dialect, first: HeaderLayout, count_names: CountNames
) -> list[Section]:
    """Find the further tables in the first part of a text, by their headers.

    A header has two known names or more, a half of its names below a blank row or a title, and
    three quarters below a row with another number of cells.
    """
    cells = tokenize(text, dialect, final=True)
    widths, data = np.diff(cells.firsts), text.tobytes()
    changed = np.flatnonzero((widths[1:] > 1) & (widths[1:] != widths[:-1])) + 1
    sections: list[Section] = []
    last = first
    for record in changed[:_MAX_CANDIDATES].tolist():
        if record + 1 <= (last.header_row or 0) or record + 1 >= cells.records:
            continue
        (row,), start = record_cells(data, cells, range(record, record + 1)), record
        while start > record - _MAX_TITLES:
            above = record_cells(data, cells, range(start - 1, start)) if start > 0 else [[]]
            if len(filled_cells(*above)) > 1:
                break  # neither blank nor a title
            start -= 1
        names, layout = filled_cells(row), layout_of_header(row, record + 1)
        known = count_names(names) if could_be_header(names) else 0
        share = _LEAST_SHARE_BELOW_TITLE if start < record else _LEAST_SHARE
        if known < 2 or known < share * len(names) or layout.raw == last.raw:
            continue
        sections.append(Section(start + 1, layout))
        last = layout
        if len(sections) == _MAX_SECTIONS:
            break
    return sections


def with_sections(table: Table, first: HeaderLayout, sections: list[Section]) -> Table:
    """Return ``table`` with the header ``first``, and the sections below it as siblings."""
    layouts = [first, *(each.layout for each in sections)]
    starts = [each.start for each in sections]
    table = with_blocks(table, lambda blocks, _: _split_blocks(blocks, starts, layouts))
    samples = _samples(table.blocks(), len(sections) + 1)
    tables = [
        replace(
            table,
            member=f"{table.member}#table-{number}" if number > 1 else table.member,
            headers=layout.headers,
            header_row=layout.header_row,
            groups=layout.groups,
            sample=samples[number - 1] or table.sample,
        )
        for number, layout in enumerate(layouts, 1)
    ]
    siblings = (replace(each, blocks=lambda: iter(()), resume=None) for each in tables[1:])
    return replace(tables[0], siblings=tuple(siblings))


def _samples(blocks: Iterator[Block | Trouble], number: int) -> list[Block | None]:
    """Return the first rows of each of ``number`` tables as a Block; None without rows."""
    samples: list[Block | None] = [None] * number
    for each in blocks:
        if isinstance(each, Block) and samples[each.table] is None:
            samples[each.table] = replace(each.slice(0, _SAMPLE_ROWS), table=0)
            if all(samples):
                break
    return samples


def _split_blocks(
    blocks: Iterable[Block | Trouble], starts: list[int], layouts: list[HeaderLayout]
) -> Iterator[Block | Trouble]:
    """Yield the rows of each section as blocks of its own table.

    ``starts``: number of each section's first row.
    """
    for block in blocks:
        if isinstance(block, Trouble):
            yield block
            continue
        bounds = np.searchsorted(block.rows, np.array(starts, np.int64)).tolist()
        for number, (begin, end) in enumerate(pairwise((0, *bounds, len(block.rows)))):
            if begin < end:
                yield _of_table(block.slice(begin, end), number, layouts[number])


def _of_table(block: Block, number: int, layout: HeaderLayout) -> Block:
    """Return ``block`` as one of table ``number``, cut to the columns of ``layout``."""
    filled = (at for at, each in enumerate(block.columns, 1) if each.null_count < len(each))
    width = max(*filled, len(layout.groups), 0, 0)
    starts = None if block.byte_starts is None else block.byte_starts[:width]
    kinds = block.kinds
    if number and kinds is not None:
        kinds, header = kinds.copy(), layout.header_row or 0
        kinds[(block.rows < header) & (kinds != BLANK)] = TITLE
        kinds[block.rows == header] = HEADER
    return replace(
        block, columns=block.columns[:width], byte_starts=starts, kinds=kinds, table=number
    )
