"""Material facts: facts of the table around a record that make its values identify a person.

``车牌 + 过车时间 -> traced``; ``病历号 + 诊断 -> described``; a part that a person's profile calls
tracks ``-> confirmed``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt64
from piiscan.case.count.subjects.elements import Element
from piiscan.case.count.subjects.record_batches import (
    ColumnCodes,
    FindingBatch,
    Flags,
    Part,
    WordCodes,
)

#: Elements that are added to a combination: RECORDS names only kinds of a person's own values.
_ADDED: Final = (
    Element.NUMBER, Element.PLATE, Element.CHASSIS, Element.DEVICE, Element.POSITION,
)  # fmt: skip

#: Last bit of a set of entities.
_MAX_BIT: Final = 63


@dataclass(frozen=True, slots=True)
class Material:
    """Parts of sources by the proposals of their headers or the profile of a person.

    Attributes:
        traced: parts whose headers propose whereabouts or trips
        described: parts whose headers propose any kind of information about a person
        confirmed: part -> entities, of which a record needs one (empty: any record)
        forms: part -> digest of its headers (16 bytes), the issuer of its numbers
        firms: parts that are lists of firms, by their headers or a person's profile
        private: parts of which a person says that they are no public business information
        obtained: parts of a mailbox or account that was obtained itself
        pairs: part and row of each phone that a person confirmed with its code
    """

    traced: frozenset[Part] = frozenset()
    described: frozenset[Part] = frozenset()
    confirmed: Mapping[Part, frozenset[str]] = field(default_factory=dict)
    forms: Mapping[Part, bytes] = field(default_factory=dict)
    firms: frozenset[Part] = frozenset()
    private: frozenset[Part] = frozenset()
    obtained: frozenset[Part] = frozenset()
    pairs: frozenset[tuple[Part, int]] = frozenset()

    @classmethod
    def joined(cls, materials: Sequence[Material]) -> Material:
        """Return the material of several sources as one."""
        if len(materials) == 1:
            return materials[0]
        maps = ("confirmed", "forms")
        sets = (each.name for each in fields(cls) if each.name not in maps)
        found: dict[str, Any] = {
            name: frozenset().union(*(getattr(each, name) for each in materials)) for name in sets
        }
        for name in maps:
            found[name] = {p: v for each in materials for p, v in getattr(each, name).items()}
        return cls(**found)

    def issuers(self, members: Int32, codes: ColumnCodes) -> UInt64:
        """Return the digest of the headers of each part, given as codes (``uint64[n, 2]``)."""
        parts = codes.member.parts()
        found, inverse = np.unique(members, return_inverse=True)
        digests = [self.forms.get(parts[code], bytes(16)) for code in found.tolist()]
        return np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)[inverse]


NO_MATERIAL: Final = Material()


@dataclass(frozen=True, slots=True)
class MaterialFacts:
    """Facts per record (``bool[records]``). A coordinate in the record makes it traced as well."""

    traced: Flags
    described: Flags
    confirmed: Flags


def in_parts(members: Int32, parts: Iterable[Part], codes: ColumnCodes) -> Flags:
    """Return True where the part, given as code, is one of ``parts``."""
    known = codes.member.codes
    chosen = np.zeros(max(len(known), 1), np.bool_)
    chosen[[known[part] for part in parts if part in known]] = True
    found: Flags = chosen[members]
    return found


def find_material_facts(
    material: Material,
    batch: FindingBatch,
    element: Int64,
    usable: Flags,
    codes: ColumnCodes,
    record_starts: Int64,
) -> MaterialFacts:
    """Return the :class:`MaterialFacts` of the records of ``batch``.

    ``element``: the element of each finding. ``usable``: findings that may be counted.
    """
    of_record = batch.member[record_starts]

    def within(parts: Iterable[Part]) -> Flags:
        """Return True per record in one of ``parts``."""
        return in_parts(of_record, parts, codes)

    traced = within(material.traced)
    position = usable & (element == Element.POSITION)
    if position.any():
        traced |= np.logical_or.reduceat(position, record_starts)
    confirmed = np.zeros(len(record_starts), np.bool_)
    by_entities: dict[frozenset[str], list[Part]] = {}
    for part, entities in material.confirmed.items():
        by_entities.setdefault(entities, []).append(part)
    for entities, parts in by_entities.items():
        found = within(parts)
        if found.any():
            wanted = [codes.entity.codes[each] for each in entities if each in codes.entity.codes]
            fits = usable & np.isin(batch.entity, wanted) if entities else usable
            confirmed |= found & np.logical_or.reduceat(fits, record_starts)
    return MaterialFacts(traced, within(material.described), confirmed)


def complete_combinations(
    kinds: Int32,
    combinations: WordCodes,
    batch: FindingBatch,
    element: Int64,
    usable: Flags,
    record_starts: Int64,
    *,
    chosen: Flags,
    confirmed: Flags,
    entities: Sequence[str],
) -> Int32:
    """Return each record's combination code with the entities added that RECORDS leaves out.

    ``PERSON`` of 姓名 + 车架号 ``-> PERSON+VIN``.

    Args:
        kinds: code of the combination of each record, -1 for none.
        combinations: codes of combinations. New combinations are added.
        batch: the findings.
        element: the element of each finding.
        usable: findings that may be counted.
        record_starts: index of the first finding of each record.
        chosen: identifiable records.
        confirmed: records that a profile confirms; all their entities are added.
        entities: names of the entities of ``batch``, by code.
    """
    added = usable & np.isin(element, _ADDED)
    whole = chosen & confirmed & (kinds < 0)
    if not (added.any() or whole.any()):
        return kinds
    record = np.repeat(np.arange(len(record_starts)), np.diff(np.append(record_starts, len(batch))))
    taken = np.flatnonzero((added & chosen[record]) | (usable & whole[record]))
    present = np.unique(batch.entity[taken])
    bit = np.minimum(np.searchsorted(present, batch.entity), _MAX_BIT)  # rare ones share a bit
    bits = np.zeros(len(batch), np.uint64)
    bits[taken] = np.uint64(1) << bit[taken].astype(np.uint64)
    masks = np.bitwise_or.reduceat(bits, record_starts)
    changed = np.flatnonzero(masks)
    pairs = np.column_stack([kinds[changed].astype(np.int64).view(np.uint64), masks[changed]])
    distinct, inverse = np.unique(pairs, axis=0, return_inverse=True)
    words = combinations.words()
    numbers = []
    for kind, mask in zip(
        distinct[:, 0].view(np.int64).tolist(), distinct[:, 1].tolist(), strict=True
    ):
        own = {
            entities[code]
            for at, code in enumerate(present.tolist())
            if mask >> min(at, _MAX_BIT) & 1
        }
        own.update(words[kind].split("+") if kind >= 0 else ())
        numbers.append(
            combinations.codes.setdefault("+".join(sorted(own)), len(combinations.codes))
        )
    found = kinds.copy()
    found[changed] = np.array(numbers, np.int32)[inverse.reshape(-1)]
    return found


def identifying_values(
    batch: FindingBatch, usable: Flags, codes: ColumnCodes, record_starts: Int64
) -> Flags:
    """Return the usable findings that are the key of a confirmed record: biometrics, else all."""
    biometric = usable & (batch.entity == codes.entity.codes.get("BIOMETRIC", -1))
    if not biometric.any():
        return usable
    lengths = np.diff(np.append(record_starts, len(batch)))
    has_any = np.repeat(np.logical_or.reduceat(biometric, record_starts), lengths)
    return np.where(has_any, biometric, usable)


def value_digests(batch: FindingBatch, usable: Flags, record_starts: Int64) -> tuple[UInt64, Flags]:
    """Return per record the sum of its usable findings' digests, and if it has any."""
    words = np.where(usable[:, None], batch.digest, np.uint64(0))
    return np.add.reduceat(words, record_starts), np.logical_or.reduceat(usable, record_starts)
