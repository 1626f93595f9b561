"""Block -> engine -> FINDINGS: what is found in one block, with its place, digest and mask.

Everything here is arrays; there is no Python object per finding.  A block is examined by itself,
in any thread, so results do not depend on how many workers there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.detect.attributes.summary import summarise
from piiscan.detect.engine import Engine
from piiscan.detect.joins import Joined, told_of_last
from piiscan.detect.labels import Label
from piiscan.evidence.digest import digest_values
from piiscan.evidence.mask import SECRET, mask_values
from piiscan.run.hits import Counts, Hits, Lexicon, Lexicons, count, from_found, join
from piiscan.run.offsets import byte_offsets
from piiscan.run.records import Counting, Slots, record_rows
from piiscan.schemas import CLEAR, FINDINGS
from piiscan.sources.block import DATA, HEADER, Block


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its label, its side-by-side group, its header as it may be shown.

    ``ahead`` are the columns whose cells belong in front of its own (see ``detect.joins``), and
    ``told`` is what all of them are called, as it may be shown.
    """

    label: Label | None = None
    group: int = 0
    header: str | None = None
    ahead: tuple[int, ...] = ()
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What all blocks of one table share; ``part`` is its number in the source, from 0."""

    source: int
    part: int
    member: str
    columns: tuple[Column, ...]

    def column(self, number: int) -> Column:
        """The column's description; one beyond the table's own (a wider row) has no label."""
        if number < len(self.columns):
            return self.columns[number]
        return Column(group=self.columns[-1].group if self.columns else 0)


@dataclass(frozen=True, slots=True)
class Kit:
    """What all blocks of a run are examined with; used from several threads at once."""

    engine: Engine
    secret: bytes = field(repr=False)
    counting: Counting
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


@dataclass(frozen=True, slots=True)
class Examined:
    """One block's findings (FINDINGS), records (RECORDS), clear values (CLEAR, if wanted).

    ``rows`` is the number of data rows; ``reached`` how far into the member's bytes the block
    goes, 0 where that is not known.
    """

    part: int
    findings: pa.Table
    records: pa.Table
    clear: pa.Table | None
    counts: Counts
    rows: int
    reached: int


def examine(block: Block, frame: Frame, kit: Kit) -> Examined:
    """Everything found in ``block``, ordered by row, column and start."""
    words = kit.lexicons()
    found = [_find(block, c, frame.column(c), kit, words) for c in range(len(block.columns))]
    hits = join([hits for column in found for hits in column])
    digests = digest_values(
        hits.value, hits.entity, entities=list(words.entity.numbers), key=kit.secret
    )
    groups = [frame.column(c).group for c in range(len(block.columns))]
    data = None if block.kinds is None else block.kinds == DATA
    records = record_rows(
        hits,
        digests,
        kit.counting,
        Slots(block.rows, data, np.array(groups or [0], np.int16), tuple(words.role.numbers)),
        refuted=words.verdict.numbers.get("refuted", -2),
    )
    rows = len(block.rows) if data is None else int(data.sum())
    return Examined(
        frame.part,
        _findings(block, frame, hits, digests, words, kit),
        _placed(records, frame),
        _clear(block, frame, hits, digests, words) if kit.reveal else None,
        count(hits, words),
        rows if block.piece_start == 0 else 0,
        _reached(block),
    )


def _find(block: Block, number: int, column: Column, kit: Kit, words: Lexicons) -> list[Hits]:
    """What is found in one column; its label speaks of data rows only, not of titles or sums."""
    cells, joined = block.columns[number], None
    if column.ahead:
        joined = Joined.of([block.columns[at] for at in column.ahead], cells)
        cells = joined.cells
    others = np.zeros(0, np.int64)
    if column.label is not None and block.kinds is not None:
        others = np.flatnonzero(block.kinds != DATA)
    if not len(others):
        table = kit.ask(cells, column.label)
        table = table if joined is None else told_of_last(table, joined)
        return [_hits(block, number, column, table, words, clear=kit.reveal)]
    hidden = pc.if_else(pa.array(block.kinds != DATA), pa.scalar("", cells.type), cells)
    labelled = kit.ask(hidden, column.label)
    labelled = labelled if joined is None else told_of_last(labelled, joined)
    tables = [labelled]
    headers = (
        np.zeros(len(others), np.bool_) if block.kinds is None else block.kinds[others] == HEADER
    )
    for rows, names in ((others[headers], False), (others[~headers], kit.names)):
        if len(rows):  # names of columns are no names of people
            plain = kit.ask(block.columns[number].take(pa.array(rows)), None, names=names)
            back = pa.array(rows[plain["index"].to_numpy()])
            tables.append(plain.set_column(0, "index", back))
    return [_hits(block, number, column, table, words, clear=kit.reveal) for table in tables]


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


def _findings(
    block: Block, frame: Frame, hits: Hits, digests: pa.Array, words: Lexicons, kit: Kit
) -> pa.Table:
    """The FINDINGS rows of a block."""
    names = [(r.entity, r.id) for r in kit.engine.catalog.recognizers]
    masked = whole_text(mask_values(hits.value, hits.recognizer, names=names))
    headers = Lexicon()
    header_of = np.array(
        [_number(headers, frame.column(c).header) for c in range(len(block.columns))] or [-1],
        np.int32,
    )
    groups = np.array([frame.column(c).group for c in range(len(block.columns))] or [0], np.int16)
    lines = None if block.lines is None else block.lines[hits.record]
    type_of = {f.name: f.type for f in FINDINGS}
    columns: list[Any] = [
        *_address(frame, len(hits)),
        pa.array(block.rows[hits.record]),
        pa.array(hits.column + 1 if block.split else hits.column * 0),
        headers.decode(header_of[hits.column], type_of["header"]),
        pa.array(groups[hits.column]),
        pa.nulls(len(hits), pa.int64()) if lines is None else pa.array(lines, mask=lines < 0),
        pa.array(hits.start + np.int32(block.piece_start)),
        pa.array(hits.end + np.int32(block.piece_start)),
        pa.array(hits.byte_offset, mask=hits.byte_offset < 0),
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


def _clear(block: Block, frame: Frame, hits: Hits, digests: pa.Array, words: Lexicons) -> pa.Table:
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


def _placed(records: pa.Table, frame: Frame) -> pa.Table:
    """RECORDS rows with the source and member they are of."""
    source, member = _address(frame, records.num_rows)
    return records.add_column(0, "source", source).add_column(1, "member", member)


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


def _reached(block: Block) -> int:
    """The place of the block's last cell in the member's bytes."""
    if not block.byte_starts or not len(block.rows):
        return 0
    return int(max(starts[-1] for starts in block.byte_starts))
