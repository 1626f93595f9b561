"""Which counted kinds stand together in one record: 姓名+身份证号+手机号, the line of a sale list.

Counted are kinds that are a person's, unless refuted; a virtual number or a verification code
counts only beside one (domain.md A.6, guiding case 195).  Masked, damaged, device and
organisation values and names made anonymous (罗某) never make a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.detect.attributes.names import is_anonymised
from piiscan.detect.catalog import Catalog
from piiscan.run.hits import Hits, Int64
from piiscan.schemas import RECORDS

#: Kinds of whose ``link`` that are worth naming beside a person's.
BESIDE: Final = ("CN_VIRTUAL_NUMBER", "VERIFICATION_CODE")
_MOST: Final = 63


@dataclass(frozen=True, slots=True)
class Counting:
    """Which entities are counted.

    ``bits[e]`` is the bit of entity number e, 0 if not counted; ``persons`` those counted alone.
    """

    names: tuple[str, ...]
    bits: npt.NDArray[np.uint64]
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
    """The records of a block: row number of each, whether it is data; the group of each column.

    ``roles``: the words that findings give as role numbers.
    """

    rows: Int64
    data: npt.NDArray[np.bool_] | None
    groups: npt.NDArray[np.int16]
    roles: tuple[str, ...] = ()


def record_rows(
    hits: Hits, digests: pa.Array, counting: Counting, slots: Slots, *, refuted: int
) -> pa.Table:
    """A RECORDS table without source and member: one row a record (and side-by-side group).

    ``refuted`` is the verdict number of refuted findings.  A record's digest is the sum of its
    values' digests as two 64-bit words, which does not depend on the order of its columns.
    """
    keep = (counting.bits[hits.entity] != 0) & (hits.verdict != refuted)
    if slots.data is not None:
        keep &= slots.data[hits.record]
    named = np.flatnonzero(keep & (hits.entity == counting.person))
    if len(named):  # 罗某 is nobody
        nobody = is_anonymised(hits.value.take(pa.array(named)))
        keep[named] &= ~nobody.to_numpy(zero_copy_only=False)
    count = int(slots.groups.max(initial=0)) + 1
    slot = hits.record[keep] * count + slots.groups[hits.column[keep]]
    roles = hits.role[keep]
    by_role = np.zeros((len(slots.roles) + 1, len(slots.rows) * count), np.uint64)
    np.bitwise_or.at(by_role, (roles, slot), counting.bits[hits.entity[keep]])  # -1: no role
    masks = np.bitwise_or.reduce(by_role)
    words = _words(digests)[keep]
    sums = np.zeros((len(masks), 2), np.uint64)
    for lane in (0, 1):
        np.add.at(sums[:, lane], slot, words[:, lane])
    made = np.flatnonzero(masks & counting.persons)
    people = _people(by_role[:, made], counting, slots.roles)
    table = _table(masks[made], sums[made], counting, slots.rows[made // count], made % count)
    return table.add_column(RECORDS.get_field_index("people") - 2, "people", people)


def _people(
    by_role: npt.NDArray[np.uint64], counting: Counting, roles: tuple[str, ...]
) -> pa.Array:
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


def _words(digests: pa.Array) -> npt.NDArray[np.uint64]:
    """Digests as ``uint64[n, 2]``."""
    data = np.frombuffer(digests.buffers()[1] or b"", np.uint64)
    return data.reshape(-1, 2)[digests.offset : digests.offset + len(digests)]


def _table(
    masks: npt.NDArray[np.uint64],
    sums: npt.NDArray[np.uint64],
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
    schema = pa.schema([f for f in RECORDS if f.name not in ("source", "member", "people")])
    columns = [pa.array(rows), pa.array(groups.astype(np.int16)), combination, digest]
    return pa.Table.from_arrays(columns, schema=schema)
