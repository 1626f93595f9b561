"""Block -> engine -> FINDINGS: what is found in one block, with its place, digest and mask.

Everything here is arrays; there is no Python object per finding.  A block is examined by itself,
in any thread, so results do not depend on how many workers there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64
from piiscan.case.scan.block.conflicts import tell_doubts
from piiscan.case.scan.block.findings import add_place, tell_clear, tell_findings
from piiscan.case.scan.block.records import ANONYMISED, Counting, Slots, mark_anonymous, record_rows
from piiscan.case.scan.block.row_digests import Wanted, digest_rows
from piiscan.case.scan.block.row_transactions import tell_trades
from piiscan.case.scan.implausible_columns import Numbers, take_numbers
from piiscan.case.scan.messages.file_transfers import tell_sendings
from piiscan.case.scan.messages.message_times import tell_messages
from piiscan.detect.catalog.headers import Label
from piiscan.detect.columns.split_fields import Joined, told_of_last
from piiscan.detect.engine import Engine, find_together
from piiscan.hashing.digest import digest_values
from piiscan.hashing.row_hash import row_key
from piiscan.schemas import LEDGER, RECORDS, SENDINGS
from piiscan.sources.block import BLANK, DATA, HEADER, KINDS, Block
from piiscan.tabular.byte_offsets import byte_offsets
from piiscan.tabular.hits import Counts, Hits, Lexicon, Lexicons, count, from_found, join
from piiscan.tabular.layout import Column, Frame

#: A column whose cells are asked about without a label: its number, which rows (None for all),
#: and whether names are looked for.
Plain = tuple[int, Int64 | None, bool]


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

    ``ledger``: what its columns say of trades (LEDGER), None where no column does.  ``rows`` is
    the number of data rows, ``others`` those of the other kinds by their number; ``reached`` how
    far into the member's bytes the block goes, 0 where that is not known.  ``sendings``: files
    that its messages name (SENDINGS).  ``numbers`` are what alarms are told from, in memory only.
    """

    part: int
    findings: pa.Table
    records: pa.Table
    ledger: pa.Table | None
    clear: pa.Table | None
    counts: Counts
    rows: int
    others: tuple[int, ...]
    reached: int
    sendings: pa.Table | None = None
    numbers: list[Numbers] = field(default_factory=list, repr=False)


def examine(block: Block, frame: Frame, kit: Kit) -> Examined:
    """Everything found in ``block``, ordered by row, column and start."""
    words = kit.lexicons()
    hits = find_hits(block, frame, kit, words)
    mark_anonymous(hits, kit.counting, words.reason)
    digests = digest_values(
        hits.value, hits.entity, entities=list(words.entity.numbers), key=kit.secret
    )
    names = [(r.entity, r.id) for r in kit.engine.catalog.recognizers]
    rows, *others = _kinds(block)
    records = _records(block, frame, hits, digests, words, kit)
    trades = tell_trades(block, frame, ledger=kit.engine.catalog.ledger, key=kit.secret)
    if not block.split:
        trades = tell_messages(block, records["row"].to_numpy(), key=kit.secret)
    sendings = tell_sendings(block, frame, engine=kit.engine, key=kit.secret)
    return Examined(
        frame.part,
        tell_findings(block, frame, hits, digests=digests, words=words, names=names),
        add_place(records, frame, RECORDS),
        None if trades is None else add_place(trades, frame, LEDGER),
        tell_clear(block, frame, hits, digests=digests, words=words) if kit.reveal else None,
        count(hits, words),
        rows,
        tuple(others),
        _reached(block),
        None if sendings is None else add_place(sendings, frame, SENDINGS),
        take_numbers(hits, words, rows=block.rows, split=block.split),
    )


def find_hits(block: Block, frame: Frame, kit: Kit, words: Lexicons) -> Hits:
    """What is found in a block, ordered by row, column and start; with texts if ``kit.reveal``."""
    asked: list[tuple[int, pa.Table]] = []
    plain: list[Plain] = []
    for number in range(len(block.columns)):
        column = frame.column(number)
        others = _others(block, column)
        if column.label is not None or column.ahead:
            asked.append((number, _labelled(block, number, column, others, kit)))
        if block.kinds is not None and len(others):  # names of columns are no names of people
            headers = block.kinds[others] == HEADER
            plain += [(number, others[headers], False), (number, others[~headers], kit.names)]
        elif column.label is None and not column.ahead:
            plain.append((number, None, kit.names))
    asked += _ask_plain(block, plain, kit)
    return join(
        [
            _hits(block, number, frame.column(number), table, words, clear=kit.reveal)
            for number, table in sorted(asked, key=itemgetter(0))
        ]
    )


def _records(
    block: Block, frame: Frame, hits: Hits, digests: pa.Array, words: Lexicons, kit: Kit
) -> pa.Table:
    """The RECORDS rows of a block, without source and member."""
    groups = [frame.column(c).group for c in range(len(block.columns))]
    data = None if block.kinds is None else block.kinds == DATA
    slots = Slots.of(
        block.rows,
        block.records,
        data=data,
        groups=np.array(groups or [0], np.int16),
        roles=tuple(words.role.numbers),
    )
    refuted = words.verdict.numbers.get("refuted", -2)
    anonymous = words.reason.numbers.get(ANONYMISED, -2)
    made = record_rows(hits, digests, kit.counting, slots, refuted=refuted, anonymous=anonymous)
    wanted = Wanted(slots.places(made.slots), len(made.slots))
    digest = digest_rows(block, frame, hits, wanted=wanted, key=row_key(kit.secret))
    numbered = [(n, frame.column(n)) for n in range(len(block.columns))]
    doubts = tell_doubts(
        block.columns,
        [(n, column.group, column.trait) for n, column in numbered if column.trait is not None],
        hits,
        words=words,
        wanted=wanted,
        catalog=kit.engine.catalog,
        as_of=kit.engine.as_of,
    )
    return made.table.append_column("row_digest", digest).append_column("doubts", doubts)


def _kinds(block: Block) -> list[int]:
    """How many rows of each kind; those of a record in pieces count with its first piece."""
    if block.piece_start:
        return [0] * len(KINDS)
    if block.kinds is None:
        numbers = [len(block.rows)] + [0] * (len(KINDS) - 1)
    else:
        numbers = np.bincount(block.kinds, minlength=len(KINDS)).tolist()
    numbers[BLANK] += block.passed
    return numbers


def _others(block: Block, column: Column) -> Int64:
    """The rows that a column's label says nothing of: titles, sums, headers told again."""
    if column.label is None or block.kinds is None:
        return np.zeros(0, np.int64)
    return np.flatnonzero(block.kinds != DATA)


def _labelled(block: Block, number: int, column: Column, others: Int64, kit: Kit) -> pa.Table:
    """What is found in a column under its label, in all rows but ``others``."""
    cells, joined = block.columns[number], None
    if column.ahead:
        joined = Joined.of([block.columns[at] for at in column.ahead], cells)
        cells = joined.cells
    if len(others):
        data = pa.array(np.isin(np.arange(len(cells)), others, invert=True))
        cells = pc.if_else(data, cells, pa.scalar("", cells.type))
    table = kit.ask(cells, column.label)
    return table if joined is None else told_of_last(table, joined)


def _ask_plain(block: Block, plain: list[Plain], kit: Kit) -> list[tuple[int, pa.Table]]:
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
        tables = find_together(partial(kit.ask, label=None, names=names), parts)
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


def _reached(block: Block) -> int:
    """The place of the block's last cell in the member's bytes."""
    if not block.byte_starts or not len(block.rows):
        return 0
    return max(0, *(int(starts[-1]) for starts in block.byte_starts))
