"""Which key each candidate has, and whether it passes its check (steps R2 and R3 of the ladder)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt64
from piiscan.case.count.subjects.elements import ACCOUNTS, PHONES, Element
from piiscan.case.count.subjects.key_priority import KINDS, Priority
from piiscan.case.count.subjects.record_batches import Flags


@dataclass(frozen=True, slots=True)
class Elements:
    """What each candidate has: the place of its first sound and first unsound finding, by element.

    Both ``int64[n, TELLING]``, -1 for none.
    """

    sound: Int64
    unsound: Int64

    def has(self, *elements: Element) -> Flags:
        """Which candidates have any of the elements, sound or not."""
        places = [int(each) for each in elements]
        both = np.maximum(self.sound[:, places], self.unsound[:, places])
        found: Flags = np.asarray(both.max(axis=1) >= 0)
        return found

    def first(self, table: Int64, *elements: Element) -> Int64:
        """The place of the first of ``elements`` that ``table`` has, -1 if none."""
        found = np.full(len(table), -1, np.int64)
        for element in elements:
            found = np.where(found < 0, table[:, int(element)], found)
        return found


@dataclass(frozen=True, slots=True)
class Keyed:
    """The outcome for each candidate.

    ``kind`` is a place in KINDS (-1: no key); ``digest`` ``uint64[n, 2]``; ``passes``: the key is
    sound; ``against``: the finding that speaks against it, -1; ``other``: it does not pass, but
    the candidate has another key that would.
    """

    kind: Int32
    digest: UInt64
    passes: Flags
    against: Int64
    other: Flags


#: Kind of key -> the elements it is made of, each the first of several.
_PARTS: Final[dict[str, tuple[tuple[Element, ...], ...]]] = {
    "identity": ((Element.IDENTITY,),),
    "name_phone": ((Element.NAME,), PHONES),
    "phone": (PHONES,),
    "account": (ACCOUNTS,),
    "name_address": ((Element.NAME,), (Element.ADDRESS,)),
    "phone_code": (PHONES, (Element.CODE,)),
}


def identifiable(has: Callable[..., Flags], priority: Priority) -> Flags:
    """Which candidates identify somebody: an identity document, an account, or two elements.

    Elements are name, phone, address (domain.md D.4), and the code sent to a phone or the password
    of an account (guiding cases 194, 195).  What the user put first in the order of keys
    identifies alone.
    """
    groups: list[Flags] = [
        has(Element.NAME),
        has(*PHONES),
        has(Element.ADDRESS),
        has(Element.CODE, Element.SECRET),
    ]
    number = np.sum(groups, axis=0)
    alone = np.ones(len(groups[0]), np.bool_)
    for part in _PARTS[priority.strong]:
        alone = alone & has(*part)
    found: Flags = has(Element.IDENTITY, *ACCOUNTS) | (number >= 2) | alone
    return found


def bare_phones(has: Callable[..., Flags]) -> Flags:
    """Which candidates are a phone number and nothing else (裸号)."""
    others = has(Element.IDENTITY, Element.NAME, Element.ADDRESS, *ACCOUNTS)
    return has(*PHONES) & ~others & ~has(Element.CODE, Element.SECRET)


def keys_of(elements: Elements, digests: UInt64, priority: Priority) -> Keyed:
    """The key of each candidate: the first kind of ``priority`` that is present."""
    count = len(elements.sound)
    kind = np.full(count, -1, np.int32)
    digest = np.zeros((count, 2), np.uint64)
    passes, other = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    against = np.full(count, -1, np.int64)
    for name in priority.kinds:
        parts = _PARTS[name]
        present, sound = np.ones(count, np.bool_), np.ones(count, np.bool_)
        for part in parts:
            present &= elements.has(*part)
            sound &= elements.first(elements.sound, *part) >= 0
        new = present & (kind < 0)
        other |= (kind >= 0) & ~passes & sound
        kind[new] = KINDS.index(name)
        passes |= new & sound
        digest[new] = _sum(elements, digests, parts)[new]
        failed = new & ~sound
        for part in parts:
            wrong = failed & (against < 0) & (elements.first(elements.sound, *part) < 0)
            against[wrong] = elements.first(elements.unsound, *part)[wrong]
    return Keyed(kind, digest, passes, against, other)


def _sum(elements: Elements, digests: UInt64, parts: tuple[tuple[Element, ...], ...]) -> UInt64:
    """The sum of the parts' digests, as two 64-bit words; digests are random, and so is a sum."""
    total = np.zeros((len(elements.sound), 2), np.uint64)
    for part in parts:
        sound = elements.first(elements.sound, *part)
        place = np.where(sound >= 0, sound, elements.first(elements.unsound, *part))
        total += np.where(place[:, None] >= 0, digests[place], np.uint64(0))
    return total
