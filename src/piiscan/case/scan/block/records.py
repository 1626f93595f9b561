"""Records: the counted entities of one row together: 姓名+身份证号+手机号 of a sale list.

Counted are kinds that belong to a person, unless refuted or of a dealer, staff or a speaker.  A
virtual number or a verification code counts only next to one of those.  Masked, damaged, device and
organisation values and anonymised names (罗某) never make a record.  See ``docs/counting.md``.

A record has two row digests, equal for copies of a row in any column order.  The digest of the
whole row covers every cell that is not empty (逐字重复).  The other is of parsed values, and leaves
out the cells of bookkeeping columns without a finding: row numbers, import times, remarks
(信息重复).  If a table has columns of several people (收件人 …, 寄件人 …), a cell counts with its
role: a row with sender and recipient exchanged is another row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int16, Int64, UInt64
from piiscan.arrow_strings import string_buffers
from piiscan.case.scan.scan_kernels import collect_digests
from piiscan.detect.attributes.person_names import is_anonymised
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.role_classes import RoleClasses
from piiscan.hashing.digest_rows import digest_words
from piiscan.hashing.row_hash import NO_TIME, Found, RowColumn, RowHashes, hash_rows
from piiscan.parsing.time_kernels import NOT_PLAIN, parse_cells
from piiscan.parsing.times import parse_times
from piiscan.schemas import RECORDS
from piiscan.sources.block import Block
from piiscan.tabular.hits import CodeBook, Hits
from piiscan.tabular.layout import TableLayout

#: Kinds of owner class ``link`` that are listed next to those of a person.
LINK_KINDS: Final = ("CN_VIRTUAL_NUMBER", "VERIFICATION_CODE")
#: Reason code of an anonymised name.
ANONYMISED: Final = "ANONYMISED"
_MAX_BITS: Final = 63


@dataclass(frozen=True, slots=True)
class CountedKinds:
    """Entities that records count, each with a bit of a 64-bit mask.

    ``bits[e]``: bit of entity number e, 0 if not counted.  ``person_bits``: entities that make a
    record alone.  ``person_entity``: number of the entity PERSON, -1 if there is none.
    ``role_classes``: classes of the roles.
    """

    names: tuple[str, ...]
    bits: UInt64
    person_bits: np.uint64
    person_entity: int  # number of PERSON, -1 if there is none
    role_classes: RoleClasses

    @classmethod
    def of(cls, catalog: Catalog) -> CountedKinds:
        """Return the entities counted in records, each with a bit of a 64-bit mask.

        Entities in alphabetical order get bits from 0. Beyond 63 counted entities (own
        recognizers) the others share the last bit, ``OTHER``.
        """
        personal = {r.entity for r in catalog.recognizers if r.whose == "person"}
        names = [e for e in catalog.entities if e in personal or e in LINK_KINDS]
        if len(names) > _MAX_BITS:
            names = [*names[: _MAX_BITS - 1], "OTHER"]
        bit_of = {name: number for number, name in enumerate(names)}
        bits = np.zeros(len(catalog.entities), np.uint64)
        persons = 0
        for number, entity in enumerate(catalog.entities):
            if entity in personal or entity in LINK_KINDS:
                bit = 1 << bit_of.get(entity, _MAX_BITS - 1)
                bits[number] = bit
                persons |= bit if entity in personal else 0
        person = catalog.entities.index("PERSON") if "PERSON" in catalog.entities else -1
        return cls(tuple(names), bits, np.uint64(persons), person, RoleClasses.of(catalog))

    def name(self, mask: int) -> str:
        """Return the entities of a bit mask joined by ``+``: ``CN_MOBILE+PERSON``."""
        return "+".join(name for bit, name in enumerate(self.names) if mask >> bit & 1)


@dataclass(frozen=True, slots=True)
class RecordSlots:
    """Slots of a block: one per record and group of side-by-side columns.

    ``rows``: row number of each record.  ``record_of_row``: record that each row of the block
    belongs to.  ``data``: mask of data rows.  ``groups``: group of each column.  ``roles``: role
    words by code.
    """

    rows: Int64
    record_of_row: Int64
    data: Bool | None
    groups: Int16
    roles: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        rows: Int64,
        records: Int64 | None = None,
        *,
        data: Bool | None,
        groups: Int16,
        roles: tuple[str, ...] = (),
    ) -> RecordSlots:
        """Build the slots of the hits' rows; rows with equal ``records`` are one record."""
        if records is None:
            return cls(rows, np.arange(len(rows)), data, groups, roles)
        begins = np.ones(len(records), np.bool_)
        begins[1:] = records[1:] != records[:-1]
        return cls(records[begins], np.cumsum(begins) - 1, data, groups, roles)

    @property
    def width(self) -> int:
        """Return the number of column groups, and so of slots, per record."""
        return int(self.groups.max(initial=0)) + 1

    def digest_slots(self, chosen: Int64) -> Int64:
        """Return, per row and group, the index in ``chosen`` of its slot, -1 if not chosen.

        The shape is ``int64[row, group]``.
        """
        index_of_slot = np.full(len(self.rows) * self.width, -1, np.int64)
        index_of_slot[chosen] = np.arange(len(chosen))
        cells = index_of_slot.reshape(-1, self.width)[self.record_of_row]
        if self.data is not None:
            cells[~self.data] = -1
        return cells


@dataclass(frozen=True, slots=True)
class RecordTable:
    """RECORDS rows of a block, and the slot number of each.

    ``table`` has the columns of RECORDS without source, member, row_digest and doubts.
    """

    table: pa.Table
    slots: Int64


def mark_anonymised(hits: Hits, counted: CountedKinds, reasons: CodeBook) -> Hits:
    """Return the hits with reason ANONYMISED for anonymised names (罗某), which identify nobody."""
    unmarked = (hits.entity == counted.person_entity) & (hits.reason < 0)
    anonymised = unmarked & is_anonymised(hits.value)
    if not anonymised.any():
        return hits
    number = reasons.codes.setdefault(ANONYMISED, len(reasons.codes))
    return replace(hits, reason=np.where(anonymised, np.int32(number), hits.reason))


def build_records(
    hits: Hits,
    digests: pa.Array,
    counted: CountedKinds,
    slots: RecordSlots,
    *,
    refuted: int,
    anonymous: int,
) -> RecordTable:
    """Build the RECORDS rows of a block: one per record and group with a personal entity.

    ``refuted`` is the verdict code of refuted findings, ``anonymous`` the reason code of anonymised
    names; neither make a record.  A record's digest is the sum of its values' digests as two 64-bit
    words, which does not depend on the order of its columns.
    """
    count = slots.width
    people = [counted.role_classes.is_counted(role) for role in slots.roles]
    by_role = np.zeros((len(slots.roles) + 1, len(slots.rows) * count), np.uint64)
    sums = np.zeros((by_role.shape[1], 2), np.uint64)
    collect_digests(
        (hits.entity, hits.verdict, hits.reason, hits.role, hits.record, hits.column),
        counted.bits,
        np.array([*people, True]),
        digest_words(digests),
        (slots.record_of_row, np.zeros(0, np.bool_) if slots.data is None else slots.data,
         slots.groups),
        (refuted, anonymous),
        by_role,
        sums,
    )  # fmt: skip
    masks = np.bitwise_or.reduce(by_role)
    found = np.flatnonzero(masks & counted.person_bits)
    people_words = _people_words(by_role[:, found], counted, slots.roles)
    table = _table(masks[found], sums[found], counted, slots.rows[found // count], found % count)
    return RecordTable(
        table.add_column(table.schema.get_field_index("digest"), "people", people_words), found
    )


def _people_words(by_role: UInt64, counted: CountedKinds, roles: tuple[str, ...]) -> pa.Array:
    """Return the entities by role of each record: ``recipient:CN_MOBILE+PERSON;sender:PERSON``.

    Entities without a role come last. A record is null if none of its entities has a role.
    """
    type_ = RECORDS.field("people").type
    if not by_role[:-1].any():
        return pa.nulls(by_role.shape[1], type_)
    set_of_record = np.zeros(by_role.shape[1], np.int64)
    for masks in by_role:
        _, code = np.unique(masks, return_inverse=True)
        _, set_of_record = np.unique(set_of_record * (code.max() + 1) + code, return_inverse=True)
    _, first = np.unique(set_of_record, return_index=True)
    order = sorted(range(len(roles)), key=lambda number: roles[number])
    names = []
    for record in by_role[:, first].T.tolist():
        parts = [f"{roles[n]}:{counted.name(record[n])}" for n in order if record[n]]
        rest = [counted.name(record[-1])] if record[-1] else []
        names.append(";".join([*parts, *rest]) if parts else None)
    words = sorted({name for name in names if name is not None})
    code_of = {name: number for number, name in enumerate(words)}
    numbers = np.array([-1 if name is None else code_of[name] for name in names], np.int32)[
        set_of_record
    ]
    return pa.DictionaryArray.from_arrays(
        pa.array(numbers, mask=numbers < 0), pa.array(words, pa.string())
    )


def _table(
    masks: UInt64,
    sums: UInt64,
    counted: CountedKinds,
    rows: Int64,
    groups: Int64,
) -> pa.Table:
    """Return the RECORDS columns row, group, combination and digest as a table."""
    distinct, mask_number = np.unique(masks, return_inverse=True)
    names = pa.array([counted.name(int(mask)) for mask in distinct], pa.string())
    combination = pa.DictionaryArray.from_arrays(pa.array(mask_number.astype(np.int32)), names)
    digest = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(sums), [None, pa.py_buffer(np.ascontiguousarray(sums))]
    )
    schema = pa.schema([RECORDS.field(n) for n in ("row", "group", "combination", "digest")])
    columns = [pa.array(rows), pa.array(groups.astype(np.int16)), combination, digest]
    return pa.Table.from_arrays(columns, schema=schema)


@dataclass(frozen=True, slots=True)
class DigestSlots:
    """Rows to digest. ``slots[row, group]``: number of the row's digest, -1 for no digest."""

    slots: Int64
    count: int


def digest_rows(
    block: Block, layout: TableLayout, hits: Hits, *, digest_slots: DigestSlots, key: bytes
) -> RowHashes:
    """Return the keyed digests of each record's cells and values in ``digest_slots``.

    A bookkeeping cell with a finding is compared, except parts of addresses (地区).
    """
    columns = [layout.column(number) for number in range(len(block.columns))]
    joined = {at: n for n, column in enumerate(columns) for at in column.prefix_columns}
    parts = []
    for number, (cells, column) in enumerate(zip(block.columns, columns, strict=True)):
        if cells.null_count == len(cells):
            continue
        slots = np.ascontiguousarray(digest_slots.slots[:, column.group])
        if cells.null_count:
            slots = np.where(cells.is_valid().to_numpy(zero_copy_only=False), slots, -1)
        at = np.flatnonzero(hits.column == number)
        found = Found(hits.record[at], hits.start[at], hits.end[at], hits.value.take(pa.array(at)))
        left_out = np.full(len(slots), column.is_bookkeeping)
        label = column.label
        if label is None or not label.parts or column.prefix_columns:
            left_out[found.rows] = False
        if number in joined:  # its text is in the value of another column
            left_out[hits.record[hits.column == joined[number]]] = True
        role = column.role or "" if column.is_side else ""
        seconds = parse_seconds(cells, is_time=column.is_time)
        parts.append(RowColumn(cells, slots, role, left_out, found, seconds))
    return hash_rows(parts, count=digest_slots.count, key=key)


def parse_seconds(cells: pa.Array, *, is_time: bool) -> Int64:
    """Return the time of each cell in seconds since 1970, NO_TIME for other cells.

    ``is_time``: it is a column of times, so digits alone (20230102) are one.
    """
    if is_time:
        return parse_times(cells)
    seconds = np.empty(len(cells), np.int64)
    offsets, data = string_buffers(cells)
    parse_cells(np.ascontiguousarray(offsets, np.int64), data, seconds)
    seconds[seconds == NOT_PLAIN] = NO_TIME
    timed = np.flatnonzero(seconds != NO_TIME)
    if len(timed):
        digits = pc.utf8_is_digit(cells.take(pa.array(timed)))
        seconds[timed[digits.fill_null(True).to_numpy(zero_copy_only=False)]] = NO_TIME
    return seconds
