"""Block scanner: the findings, records and transactions of one block, as tables of the case.

Everything is arrays: no Python object is made per finding.  A block is scanned by itself, in any
thread, so results do not depend on the number of workers.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.scan.block.doubts import LOWEST, KnownValues, Settled, settle_doubts
from piiscan.case.scan.block.findings import add_source_columns, build_clear_values, build_findings
from piiscan.case.scan.block.holder_flags import build_conflicts, cover_birthdays, find_minors
from piiscan.case.scan.block.records import (
    ANONYMISED,
    CountedKinds,
    DigestSlots,
    RecordSlots,
    build_records,
    digest_rows,
    mark_anonymised,
)
from piiscan.case.scan.block.row_transactions import build_transactions
from piiscan.case.scan.implausible_columns import ColumnNumbers, collect_numbers
from piiscan.case.scan.joined_blocks import join_blocks, split_at, split_numbers, split_rows
from piiscan.case.scan.messages.file_transfers import build_file_transfers
from piiscan.case.scan.messages.message_times import build_message_times
from piiscan.case.scan.messages.text_persons import with_text_persons
from piiscan.case.scan.settings import Settings
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.engine import Engine
from piiscan.hashing.digest import digest_values
from piiscan.schemas import FILE_TRANSFERS, RECORDS, SOURCE_DOUBTS, TRANSACTIONS
from piiscan.sources.block import BLANK, DATA, KINDS, Block
from piiscan.tabular.hits import CodeBooks, Counts, Hits, count_hits
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.search import TableSearch, find_hits

#: Most rows of a block that is scanned together with others.
_MOST_ROWS: Final = 1024
#: Halves of a record that may stand in two messages.
_HALVES: Final = {"CODE": "VERIFICATION_CODE", "PHONE": "CN_MOBILE"}


@dataclass(frozen=True, slots=True)
class ScanContext:
    """Settings that all blocks of a scan share; threads may share the object.

    ``known``: doubts that other places of the case settle, None to leave all doubts as they are.
    ``min_score``: least score of a finding, if ``search`` finds doubtful values as well.
    """

    search: TableSearch
    secret: bytes = field(repr=False)
    counted_kinds: CountedKinds
    known: KnownValues | None = None
    min_score: float = 0.5

    @classmethod
    def of(
        cls,
        search: TableSearch,
        secret: bytes,
        *,
        whole_case: bool = False,
        known: pa.Table | None = None,
    ) -> Self:
        """Return the context of a scan with the options of ``search``.

        ``whole_case``: collect what is in doubt, and settle it by ``known`` (DOUBTS).
        """
        counted, least = CountedKinds.of(search.engine.catalog), search.min_score
        if not whole_case:
            return cls(search, secret, counted)
        values = KnownValues() if known is None else KnownValues.of(known)
        return cls(replace(search, min_score=min(least, LOWEST)), secret, counted, values, least)

    @classmethod
    def by_settings(cls, settings: Settings, catalog: Catalog, secret: bytes) -> Self:
        """Return the context of a scan with ``settings``, before its second pass."""
        engine = Engine(catalog, as_of=datetime.date.fromisoformat(settings.as_of))
        search = TableSearch(engine, settings.min_score, settings.names, settings.reveal)
        return cls.of(search, secret, whole_case=settings.whole_case)

    @classmethod
    def as_scanned(cls, case: Case, engine: Engine, secret: bytes, *, reveal: bool) -> Self:
        """Return the context with which ``case`` was scanned, by ``engine`` and its own key."""
        settings = case.manifest.content["settings"]
        return cls.of(
            TableSearch(engine, settings["min_score"], settings["names"], reveal),
            secret,
            whole_case=bool(settings.get("whole_case")),
            known=case.stored("known"),
        )

    @property
    def engine(self) -> Engine:
        """Return the detection engine with which all blocks are scanned."""
        return self.search.engine

    @property
    def reveal(self) -> bool:
        """Return True if clear values are written to the case as well."""
        return self.search.reveal


@dataclass(frozen=True, slots=True)
class ScannedBlock:
    """Tables of one scanned block: findings, records, clear values, transactions, counts.

    ``transactions``: TRANSACTIONS rows, None without transaction columns.  ``rows``: number of data
    rows; ``other_rows``: numbers of the other kinds of rows.  ``end_offset``: last byte of the
    member that was scanned, 0 if unknown.  ``file_transfers``: FILE_TRANSFERS rows of its messages.
    ``doubts``: SOURCE_DOUBTS rows, None without a second pass.  ``column_numbers``: input of the
    alarms, in memory only.
    """

    part: int
    findings: pa.Table
    records: pa.Table
    transactions: pa.Table | None
    clear: pa.Table | None
    counts: Counts
    rows: int
    other_rows: tuple[int, ...]
    end_offset: int
    file_transfers: pa.Table | None = None
    doubts: pa.Table | None = None
    column_numbers: list[ColumnNumbers] = field(default_factory=list, repr=False)


def scan_block(block: Block, layout: TableLayout, context: ScanContext) -> ScannedBlock:
    """Scan one block; return its findings, records, transactions and counts as tables."""
    return scan_blocks([block], [layout], context)[0]


def scan_blocks(
    blocks: Sequence[Block], layouts: Sequence[TableLayout], context: ScanContext
) -> list[ScannedBlock]:
    """Scan blocks of tables with equal columns in one pass; return the tables of each.

    Several blocks must have equal :func:`block_form`.
    """
    block, layout = join_blocks(blocks), layouts[0]
    books = context.search.code_books()
    hits = find_hits(block, layout, context.search, books)
    doubts: Sequence[pa.Table | None] = [None] * len(blocks)
    digests = None
    if context.known is not None:
        settled = settle_doubts(
            hits,
            block,
            books,
            context.known,
            min_score=context.min_score,
            counted=context.counted_kinds,
            key=context.secret,
        )
        hits, digests = settled.hits, settled.digests
        doubts = _doubts_of_tables(settled, block.tables, layouts)
    hits = with_text_persons(hits, block, layout, books, context.counted_kinds)
    hits = mark_anonymised(hits, context.counted_kinds, books.reason)
    if digests is None:
        digests = digest_values(
            hits.value, hits.entity, entities=list(books.entity.codes), key=context.secret
        )
    names = [(r.entity, r.id) for r in context.engine.catalog.recognizers]
    day = int(f"{context.engine.as_of:%Y%m%d}")
    records = _build_records(block, layout, hits, digests, books, context)
    transactions = build_transactions(
        block, layout, terms=context.engine.catalog.transaction_terms, key=context.secret
    )
    if not block.split:
        transactions = build_message_times(block, records["row"].to_numpy(), key=context.secret)
    file_transfers = build_file_transfers(
        block,
        layout,
        engine=context.engine,
        key=context.secret,
        coded=_code_messages(block, hits, books),
    )
    tables = {
        "findings": build_findings(
            block, layout, hits, digests=digests, books=books, names=names, as_of=day
        ),
        "records": add_source_columns(records, layout, RECORDS),
        "transactions": None
        if transactions is None
        else add_source_columns(transactions, layout, TRANSACTIONS),
        "clear": build_clear_values(block, layout, hits, digests=digests, books=books)
        if context.reveal
        else None,
        "file_transfers": None
        if file_transfers is None
        else add_source_columns(file_transfers, layout, FILE_TRANSFERS),
    }
    split = {name: split_rows(table, layouts) for name, table in tables.items()}
    counts = count_hits(hits, books, block.tables[hits.record], len(blocks))
    numbers = collect_numbers(hits, books, rows=block.rows, split=block.split)
    scanned = []
    for at, (one, of_table) in enumerate(zip(blocks, layouts, strict=True)):
        rows, *other_rows = _count_row_kinds(one)
        scanned.append(
            ScannedBlock(
                of_table.part,
                counts=counts[at],
                rows=rows,
                other_rows=tuple(other_rows),
                end_offset=_end_offset(one),
                doubts=doubts[at],
                column_numbers=split_numbers(numbers, at, len(blocks)),
                **{name: parts[at] for name, parts in split.items()},
            )
        )
    return scanned


def _doubts_of_tables(
    settled: Settled, tables: Int64, layouts: Sequence[TableLayout]
) -> list[pa.Table]:
    """Return the doubts of each table of ``layouts`` as SOURCE_DOUBTS rows."""
    numbers = tables[settled.rows]
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    sources = np.array([layout.source for layout in layouts], np.int32)[numbers]
    doubts = settled.doubts.take(pa.array(order))
    doubts = doubts.add_column(0, SOURCE_DOUBTS.field(0), pa.array(sources))
    return split_at(doubts, numbers, len(layouts))


def block_form(block: Block, layout: TableLayout) -> object | None:
    """Return a value that is equal for blocks which can be scanned in one pass.

    None if the block is scanned alone: a piece of a record, messages, or large.
    """
    if (
        block.own_range is not None
        or block.message_starts is not None
        or layout.message_columns
        or len(block.rows) > _MOST_ROWS
    ):
        return None
    return (
        [column.type for column in block.columns],
        block.split,
        block.lines is None,
        block.byte_starts is None,
        block.record_starts is None,
        block.encoding,
        block.extra_headers,
        block.keys,
        layout.columns,
        layout.line_label,
    )


def _code_messages(block: Block, hits: Hits, books: CodeBooks) -> dict[int, str]:
    """Return index of a record's first line or row -> CODE or PHONE; empty without a code.

    A record with both is left out: it is whole.
    """
    starts = block.rows if block.record_starts is None else block.record_starts
    found: dict[str, set[int]] = {}
    for what, entity in _HALVES.items():
        chosen = hits.record[hits.entity == books.entity.codes.get(entity, -1)]
        found[what] = set(np.searchsorted(block.rows, starts[chosen]).tolist())
        if not found["CODE"]:
            return {}
    both = found["CODE"] & found["PHONE"]
    return {at: what for what, places in found.items() for at in places - both}


def _build_records(
    block: Block,
    layout: TableLayout,
    hits: Hits,
    digests: pa.Array,
    books: CodeBooks,
    context: ScanContext,
) -> pa.Table:
    """Build the RECORDS rows of a block, without the columns source and member."""
    groups = [layout.column(c).group for c in range(len(block.columns))]
    data = None if block.kinds is None else block.kinds == DATA
    slots = RecordSlots.of(
        block.rows,
        block.record_starts,
        data=data,
        groups=np.array(groups or [0], np.int16),
        roles=tuple(books.role.codes),
    )
    refuted = books.verdict.codes.get("refuted", -2)
    anonymous = books.reason.codes.get(ANONYMISED, -2)
    built = build_records(
        hits, digests, context.counted_kinds, slots, refuted=refuted, anonymous=anonymous
    )
    digest_slots = DigestSlots(slots.digest_slots(built.slots), len(built.slots))
    hashes = digest_rows(block, layout, hits, digest_slots=digest_slots, key=context.secret)
    numbered = [(n, layout.column(n)) for n in range(len(block.columns))]
    traits = [(n, column.group, column.trait) for n, column in numbered if column.trait is not None]
    conflicts = build_conflicts(
        block.columns,
        traits,
        hits,
        books=books,
        digest_slots=digest_slots,
        catalog=context.engine.catalog,
        as_of=context.engine.as_of,
    )
    minors, birthdays = find_minors(
        block.columns,
        traits,
        hits,
        books=books,
        digest_slots=digest_slots,
        groups=groups or [0],
        as_of=context.engine.as_of,
    )
    added = {
        "row_digest": hashes.rows,
        "content_digest": hashes.compared,
        "facts": hashes.facts,
        "doubts": conflicts,
        "under_14": minors,
        "birthdays": cover_birthdays(birthdays, hashes.rows, context.secret),
    }
    table = built.table
    for name, column in added.items():
        table = table.append_column(name, column)
    return table


def _count_row_kinds(block: Block) -> list[int]:
    """Return the number of rows of each kind in KINDS: data, header, blank, title and others.

    A record in pieces counts with its first piece.
    """
    if block.piece_start:
        return [0] * len(KINDS)
    if block.kinds is None:
        numbers = [len(block.rows)] + [0] * (len(KINDS) - 1)
    else:
        numbers = np.bincount(block.kinds, minlength=len(KINDS)).tolist()
    numbers[BLANK] += block.blank_rows
    return numbers


def _end_offset(block: Block) -> int:
    """Return the byte offset of the block's last cell, 0 if unknown."""
    if not block.byte_starts or not len(block.rows):
        return 0
    return max(0, *(int(starts[-1]) for starts in block.byte_starts))
