"""Block -> engine -> FINDINGS: what is found in one block, with its place, digest and mask.

Everything here is arrays; there is no Python object per finding.  A block is examined by itself,
in any thread, so results do not depend on how many workers there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from piiscan.case.scan.block.conflicts import tell_doubts
from piiscan.case.scan.block.findings import add_place, tell_clear, tell_findings
from piiscan.case.scan.block.records import ANONYMISED, Counting, Slots, mark_anonymous, record_rows
from piiscan.case.scan.block.row_digests import Wanted, digest_rows
from piiscan.case.scan.block.row_transactions import tell_trades
from piiscan.case.scan.implausible_columns import Numbers, take_numbers
from piiscan.case.scan.messages.file_transfers import tell_sendings
from piiscan.case.scan.messages.message_times import tell_messages
from piiscan.detect.engine import Engine
from piiscan.hashing.digest import digest_values
from piiscan.hashing.row_hash import row_key
from piiscan.schemas import LEDGER, RECORDS, SENDINGS
from piiscan.sources.block import BLANK, DATA, KINDS, Block
from piiscan.tabular.hits import Counts, Hits, Lexicons, count
from piiscan.tabular.layout import Frame
from piiscan.tabular.search import TableSearch, find_hits


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that all blocks of a scan share; used from several threads at once."""

    search: TableSearch
    secret: bytes = field(repr=False)
    counting: Counting

    @property
    def engine(self) -> Engine:
        """The engine of the search."""
        return self.search.engine

    @property
    def reveal(self) -> bool:
        """True if clear values are wanted too."""
        return self.search.reveal


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
    words = kit.search.lexicons()
    hits = find_hits(block, frame, kit.search, words)
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


def _reached(block: Block) -> int:
    """The place of the block's last cell in the member's bytes."""
    if not block.byte_starts or not len(block.rows):
        return 0
    return max(0, *(int(starts[-1]) for starts in block.byte_starts))
