"""Findings of a block as tables of the case: FINDINGS and CLEAR_VALUES.

Everything is arrays: no Python object is made per finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.detect.attributes.coarse_summary import summarise
from piiscan.detect.results.arrow_columns import dictionary_array, nullable_array
from piiscan.masking.mask import SECRET, mask_values
from piiscan.schemas import CLEAR_VALUES, FINDINGS
from piiscan.sources.block import DATA, KINDS, Block
from piiscan.tabular.hits import CodeBook, CodeBooks, Hits
from piiscan.tabular.layout import TableLayout


def build_findings(
    block: Block,
    layout: TableLayout,
    hits: Hits,
    *,
    digests: pa.Array,
    books: CodeBooks,
    names: Sequence[tuple[str, str]],
    as_of: int,
) -> pa.Table:
    """Build the FINDINGS rows of a block, one per finding, with masked values.

    Args:
        block: the cells.
        layout: layout of its table.
        hits: its findings.
        digests: keyed digest of each finding.
        books: code books of the findings.
        names: (entity, id) of each recognizer.
        as_of: day on which ages are counted, YYYYMMDD.
    """
    masked = mask_values(hits.value, hits.recognizer, names=list(names))
    headers = CodeBook()
    header_of = np.array(
        [_code_of(headers, layout.column(c).header) for c in range(len(block.columns))] or [-1],
        np.int32,
    )
    groups = np.array([layout.column(c).group for c in range(len(block.columns))] or [0], np.int16)
    lines = None if block.lines is None else block.lines[hits.record]
    type_of = {f.name: f.type for f in FINDINGS}
    rows = pa.array(block.rows[hits.record])
    no_kinds = np.zeros(len(hits), np.int16)
    kinds = no_kinds if block.kinds is None else block.kinds[hits.record]
    columns: list[Any] = [
        *_source_columns(layout, len(hits)),
        rows,
        rows if block.record_starts is None else pa.array(block.record_starts[hits.record]),
        dictionary_array(kinds, pa.array(KINDS), absent=DATA),
        pa.array(hits.column + 1 if block.split else hits.column * 0),
        headers.decode(header_of[hits.column], type_of["header"]),
        pa.array(groups[hits.column]),
        pa.nulls(len(hits), pa.int64()) if lines is None else nullable_array(lines, lines < 0),
        pa.array(hits.start + np.int32(block.piece_start)),
        pa.array(hits.end + np.int32(block.piece_start)),
        nullable_array(hits.byte_offset, hits.byte_offset < 0),
        books.entity.decode(hits.entity, type_of["entity"]),
        books.recognizer.decode(hits.recognizer, type_of["recognizer"]),
        digests,
        masked,
        summarise(hits.value, hits.recognizer, names=names, as_of=as_of),
        books.verdict.decode(hits.verdict, type_of["verdict"]),
        pa.array(hits.score),
        books.context.decode(hits.context, type_of["context"]),
        books.reason.decode(hits.reason, type_of["reason"]),
        books.role.decode(hits.role, type_of["role"]),
        hits.alternatives,
    ]
    return pa.Table.from_arrays(columns, schema=FINDINGS)


def build_clear_values(
    block: Block, layout: TableLayout, hits: Hits, *, digests: pa.Array, books: CodeBooks
) -> pa.Table:
    """Build the CLEAR_VALUES rows of a block, one per finding; passwords become null."""
    secret = pa.array(hits.entity == books.entity.codes.get(SECRET, -2))
    hidden = pa.scalar(None, pa.string())
    type_of = {f.name: f.type for f in CLEAR_VALUES}
    columns: list[Any] = [
        *_source_columns(layout, len(hits)),
        pa.array(block.rows[hits.record]),
        pa.array(hits.column + 1 if block.split else hits.column * 0),
        pa.array(hits.start + np.int32(block.piece_start)),
        pa.array(hits.end + np.int32(block.piece_start)),
        books.entity.decode(hits.entity, type_of["entity"]),
        books.recognizer.decode(hits.recognizer, type_of["recognizer"]),
        pc.if_else(secret, hidden, hits.text),
        pc.if_else(secret, hidden, hits.value),
        digests,
    ]
    return pa.Table.from_arrays(columns, schema=CLEAR_VALUES)


def add_source_columns(rows: pa.Table, layout: TableLayout, schema: pa.Schema) -> pa.Table:
    """Return ``rows`` with ``source`` and ``member`` as first columns (RECORDS …).

    ``schema``: RECORDS, TRANSACTIONS or FILE_TRANSFERS.
    """
    return pa.Table.from_arrays(
        [*_source_columns(layout, rows.num_rows), *rows.columns], schema=schema
    )


def _source_columns(layout: TableLayout, length: int) -> list[pa.Array]:
    """Return the constant columns ``source`` and ``member`` for ``length`` rows."""
    member = CodeBook.of([layout.member])
    type_ = FINDINGS.field("member").type
    return [
        pa.array(np.full(length, layout.source, np.int32)),
        member.decode(np.zeros(length, np.int32), type_),
    ]


def _code_of(book: CodeBook, word: str | None) -> int:
    """Return the code of ``word`` in ``book``, added if it is new; -1 for None."""
    return -1 if word is None else book.codes.setdefault(word, len(book.codes))
