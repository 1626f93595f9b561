"""What was found in a block as tables of the case: FINDINGS and CLEAR.

Everything here is arrays; there is no Python object per finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.detect.attributes.coarse import summarise
from piiscan.detect.results.resolved import nullable
from piiscan.masking.mask import SECRET, mask_values
from piiscan.schemas import CLEAR, FINDINGS
from piiscan.sources.block import Block
from piiscan.tabular.hits import Hits, Lexicon, Lexicons
from piiscan.tabular.layout import Frame


def tell_findings(
    block: Block,
    frame: Frame,
    hits: Hits,
    *,
    digests: pa.Array,
    words: Lexicons,
    names: Sequence[tuple[str, str]],
) -> pa.Table:
    """The FINDINGS rows of a block; ``names`` are (entity, id) of each recognizer."""
    masked = whole_text(mask_values(hits.value, hits.recognizer, names=list(names)))
    headers = Lexicon()
    header_of = np.array(
        [_number(headers, frame.column(c).header) for c in range(len(block.columns))] or [-1],
        np.int32,
    )
    groups = np.array([frame.column(c).group for c in range(len(block.columns))] or [0], np.int16)
    lines = None if block.lines is None else block.lines[hits.record]
    type_of = {f.name: f.type for f in FINDINGS}
    rows = pa.array(block.rows[hits.record])
    columns: list[Any] = [
        *_address(frame, len(hits)),
        rows,
        rows if block.records is None else pa.array(block.records[hits.record]),
        pa.array(hits.column + 1 if block.split else hits.column * 0),
        headers.decode(header_of[hits.column], type_of["header"]),
        pa.array(groups[hits.column]),
        pa.nulls(len(hits), pa.int64()) if lines is None else nullable(lines, lines < 0),
        pa.array(hits.start + np.int32(block.piece_start)),
        pa.array(hits.end + np.int32(block.piece_start)),
        nullable(hits.byte_offset, hits.byte_offset < 0),
        words.entity.decode(hits.entity, type_of["entity"]),
        words.recognizer.decode(hits.recognizer, type_of["recognizer"]),
        digests,
        masked,
        summarise(hits.value, hits.recognizer, names=names),
        words.verdict.decode(hits.verdict, type_of["verdict"]),
        pa.array(hits.score),
        words.context.decode(hits.context, type_of["context"]),
        words.reason.decode(hits.reason, type_of["reason"]),
        words.role.decode(hits.role, type_of["role"]),
        hits.alternatives,
    ]
    return pa.Table.from_arrays(columns, schema=FINDINGS)


def tell_clear(
    block: Block, frame: Frame, hits: Hits, *, digests: pa.Array, words: Lexicons
) -> pa.Table:
    """The CLEAR rows of a block: values as they stand; of a credential only that it is there."""
    secret = pa.array(hits.entity == words.entity.numbers.get(SECRET, -2))
    hidden = pa.scalar(None, pa.string())
    type_of = {f.name: f.type for f in CLEAR}
    columns: list[Any] = [
        *_address(frame, len(hits)),
        pa.array(block.rows[hits.record]),
        pa.array(hits.column + 1 if block.split else hits.column * 0),
        pa.array(hits.start + np.int32(block.piece_start)),
        pa.array(hits.end + np.int32(block.piece_start)),
        words.entity.decode(hits.entity, type_of["entity"]),
        words.recognizer.decode(hits.recognizer, type_of["recognizer"]),
        pc.if_else(secret, hidden, whole_text(hits.text)),
        pc.if_else(secret, hidden, whole_text(hits.value)),
        digests,
    ]
    return pa.Table.from_arrays(columns, schema=CLEAR)


def add_place(rows: pa.Table, frame: Frame, schema: pa.Schema) -> pa.Table:
    """The rows (of RECORDS, LEDGER, SENDINGS) with the source and member they are of in front."""
    return pa.Table.from_arrays([*_address(frame, rows.num_rows), *rows.columns], schema=schema)


def _address(frame: Frame, length: int) -> list[pa.Array]:
    """The columns ``source`` and ``member``, the same in every row."""
    member = Lexicon.of([frame.member])
    type_ = FINDINGS.field("member").type
    return [
        pa.array(np.full(length, frame.source, np.int32)),
        member.decode(np.zeros(length, np.int32), type_),
    ]


def _number(words: Lexicon, word: str | None) -> int:
    return -1 if word is None else words.numbers.setdefault(word, len(words.numbers))


def whole_text(texts: pa.Array) -> pa.Array:
    """The texts in valid UTF-8: halves of surrogate pairs in broken UTF-16 become U+FFFD."""
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        repaired = [each.decode("utf-8", "replace") for each in texts.cast(pa.binary()).to_pylist()]
        return pa.array(repaired, pa.string())
    return texts
