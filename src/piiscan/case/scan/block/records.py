"""Which counted kinds stand together in one record: 姓名+身份证号+手机号, the line of a sale list.

Counted are kinds that are a person's, unless refuted; a virtual number or a verification code
counts only beside one (domain.md A.6, guiding case 195).  Masked, damaged, device and
organisation values and names made anonymous (罗某) never make a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt64
from piiscan.detect.attributes.person_names import is_anonymised
from piiscan.detect.catalog.catalog import Catalog
from piiscan.jit import kernel
from piiscan.schemas import RECORDS
from piiscan.tabular.hits import Hits, Lexicon

#: Kinds of whose ``link`` that are worth naming beside a person's.
BESIDE: Final = ("CN_VIRTUAL_NUMBER", "VERIFICATION_CODE")
#: The reason of a name that was made anonymous.
ANONYMISED: Final = "ANONYMISED"
_MOST: Final = 63


@dataclass(frozen=True, slots=True)
class Counting:
    """Which entities are counted.

    ``bits[e]`` is the bit of entity number e, 0 if not counted; ``persons`` those counted alone.
    """

    names: tuple[str, ...]
    bits: UInt64
    persons: np.uint64
    person: int  # the number of the entity whose values are names, -1 if there is none

    @classmethod
    def of(cls, catalog: Catalog) -> Counting:
        """The counting of a catalogue; entities in alphabetical order get bits from 0.

        Beyond 63 counted entities (a user's own rules) the rest shares the last bit, ``OTHER``.
        """
        own = {r.entity for r in catalog.recognizers if r.whose == "person"}
        names = [e for e in catalog.entities if e in own or e in BESIDE]
        if len(names) > _MOST:
            names = [*names[: _MOST - 1], "OTHER"]
        place = {name: number for number, name in enumerate(names)}
        bits = np.zeros(len(catalog.entities), np.uint64)
        persons = 0
        for number, entity in enumerate(catalog.entities):
            if entity in own or entity in BESIDE:
                bit = 1 << place.get(entity, _MOST - 1)
                bits[number] = bit
                persons |= bit if entity in own else 0
        person = catalog.entities.index("PERSON") if "PERSON" in catalog.entities else -1
        return cls(tuple(names), bits, np.uint64(persons), person)

    def name(self, mask: int) -> str:
        """The entities of a bit mask, joined by ``+``."""
        return "+".join(name for bit, name in enumerate(self.names) if mask >> bit & 1)


@dataclass(frozen=True, slots=True)
class Slots:
    """The records of a block: a slot for each of them and each group of side-by-side columns.

    ``rows`` is the row number of each record, ``record`` which of them each row of the block
    belongs to; ``data`` whether a row is data; ``groups`` the group of each column.  ``roles``:
    the words that findings give as role numbers.
    """

    rows: Int64
    record: Int64
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
    ) -> Slots:
        """The slots of rows; equal ``records``, if given, are one record and stand together."""
        if records is None:
            return cls(rows, np.arange(len(rows)), data, groups, roles)
        begins = np.ones(len(records), np.bool_)
        begins[1:] = records[1:] != records[:-1]
        return cls(records[begins], np.cumsum(begins) - 1, data, groups, roles)

    @property
    def width(self) -> int:
        """How many slots a record has."""
        return int(self.groups.max(initial=0)) + 1

    def places(self, chosen: Int64) -> Int64:
        """``int64[row, group]``: which of the ``chosen`` slots a cell is in, -1 for none."""
        place = np.full(len(self.rows) * self.width, -1, np.int64)
        place[chosen] = np.arange(len(chosen))
        cells = place.reshape(-1, self.width)[self.record]
        if self.data is not None:
            cells[~self.data] = -1
        return cells


@dataclass(frozen=True, slots=True)
class Made:
    """Records: RECORDS without source, member, row_digest and doubts; the slot of each."""

    table: pa.Table
    slots: Int64


def mark_anonymous(hits: Hits, counting: Counting, reasons: Lexicon) -> None:
    """Give names made anonymous (罗某) their reason: they are found, but are nobody's."""
    named = np.flatnonzero((hits.entity == counting.person) & (hits.reason < 0))
    if len(named):
        nobody = is_anonymised(hits.value.take(pa.array(named))).to_numpy(zero_copy_only=False)
        if nobody.any():
            number = reasons.numbers.setdefault(ANONYMISED, len(reasons.numbers))
            hits.reason[named[nobody]] = number


def record_rows(
    hits: Hits,
    digests: pa.Array,
    counting: Counting,
    slots: Slots,
    *,
    refuted: int,
    anonymous: int,
) -> Made:
    """The records of a block: one a record of the source (and side-by-side group).

    ``refuted`` is the verdict number of refuted findings, ``anonymous`` the reason number of names
    that are nobody's; neither is of a record.  A record's digest is the sum of its values' digests
    as two 64-bit words, which does not depend on the order of its columns.
    """
    keep = (counting.bits[hits.entity] != 0) & (hits.verdict != refuted)
    keep &= hits.reason != anonymous
    if slots.data is not None:
        keep &= slots.data[hits.record]
    count = slots.width
    slot = slots.record[hits.record[keep]] * count + slots.groups[hits.column[keep]]
    by_role = np.zeros((len(slots.roles) + 1, len(slots.rows) * count), np.uint64)
    sums = np.zeros((by_role.shape[1], 2), np.uint64)
    bits = counting.bits[hits.entity[keep]]
    _collect(slot, hits.role[keep], bits, _words(digests)[keep], by_role, sums)
    masks = np.bitwise_or.reduce(by_role)
    made = np.flatnonzero(masks & counting.persons)
    people = _people(by_role[:, made], counting, slots.roles)
    table = _table(masks[made], sums[made], counting, slots.rows[made // count], made % count)
    return Made(table.add_column(table.schema.get_field_index("digest"), "people", people), made)


@kernel
def _collect(
    slot: Int64, role: Int32, bits: UInt64, words: UInt64, by_role: UInt64, sums: UInt64
) -> None:
    """Kinds by role (the last for none, -1) and sums of digests in each slot."""
    for i in range(len(slot)):
        by_role[role[i], slot[i]] |= bits[i]
        sums[slot[i], 0] += words[i, 0]
        sums[slot[i], 1] += words[i, 1]


def _people(by_role: UInt64, counting: Counting, roles: tuple[str, ...]) -> pa.Array:
    """Which kinds are whose in each record, those of no role last; null where nothing has one."""
    type_ = RECORDS.field("people").type
    if not by_role[:-1].any():
        return pa.nulls(by_role.shape[1], type_)
    which = np.zeros(by_role.shape[1], np.int64)
    for masks in by_role:
        _, code = np.unique(masks, return_inverse=True)
        _, which = np.unique(which * (code.max() + 1) + code, return_inverse=True)
    _, first = np.unique(which, return_index=True)
    order = sorted(range(len(roles)), key=lambda number: roles[number])
    names = []
    for record in by_role[:, first].T.tolist():
        parts = [f"{roles[n]}:{counting.name(record[n])}" for n in order if record[n]]
        rest = [counting.name(record[-1])] if record[-1] else []
        names.append(";".join([*parts, *rest]) if parts else None)
    words = sorted({name for name in names if name is not None})
    place = {name: number for number, name in enumerate(words)}
    numbers = np.array([-1 if name is None else place[name] for name in names], np.int32)[which]
    return pa.DictionaryArray.from_arrays(
        pa.array(numbers, mask=numbers < 0), pa.array(words, pa.string())
    )


def _words(digests: pa.Array) -> UInt64:
    """Digests as ``uint64[n, 2]``."""
    data = np.frombuffer(digests.buffers()[1] or b"", np.uint64)
    return data.reshape(-1, 2)[digests.offset : digests.offset + len(digests)]


def _table(
    masks: UInt64,
    sums: UInt64,
    counting: Counting,
    rows: Int64,
    groups: Int64,
) -> pa.Table:
    distinct, which = np.unique(masks, return_inverse=True)
    names = pa.array([counting.name(int(mask)) for mask in distinct], pa.string())
    combination = pa.DictionaryArray.from_arrays(pa.array(which.astype(np.int32)), names)
    digest = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(sums), [None, pa.py_buffer(np.ascontiguousarray(sums))]
    )
    schema = pa.schema([RECORDS.field(n) for n in ("row", "group", "combination", "digest")])
    columns = [pa.array(rows), pa.array(groups.astype(np.int16)), combination, digest]
    return pa.Table.from_arrays(columns, schema=schema)
