"""Record keys: the key of each subject, and if it passes its check (steps R2 and R3).

``姓名 + 身份证号 + 手机号 -> key kind identity``; ``姓名 + 手机号 -> name_phone``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from piiscan.arrays import Int32, Int64, UInt64
from piiscan.case.count.subjects.elements import ACCOUNTS, PHONES, THINGS, VEHICLES, Element
from piiscan.case.count.subjects.key_priority import KEY_KINDS, VALUES, KeyPriority
from piiscan.case.count.subjects.record_batches import Flags


@dataclass(frozen=True, slots=True)
class SubjectElements:
    """First valid and first invalid finding of each subject, by element.

    Both are ``int64[n, N_IDENTIFYING]`` with -1 for none. A valid finding is not refuted and has a
    score of at least the minimum. ``present``: bit per element of which the subject has any.
    """

    valid: Int64
    invalid: Int64
    present: Int64 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compute ``present``, which is asked for many times."""
        places = 1 << np.arange(self.valid.shape[1])
        found = (self.valid >= 0) | (self.invalid >= 0)
        object.__setattr__(self, "present", found @ places)

    def has(self, *elements: Element) -> Flags:
        """Return True per subject that has a finding, valid or not, of any of ``elements``."""
        wanted = sum(1 << int(each) for each in set(elements))
        found: Flags = (self.present & wanted) != 0
        return found

    def first(self, table: Int64, *elements: Element) -> Int64:
        """Return per subject its finding of the first element present in ``table``, -1 for none.

        ``table``: ``self.valid`` or ``self.invalid``, an index of a finding by subject and
        element.
        """
        found = np.full(len(table), -1, np.int64)
        for element in elements:
            found = np.where(found < 0, table[:, int(element)], found)
        return found


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """Keys of the subjects.

    ``kind``: index in KEY_WORDS, -1 for no key. ``digest``: ``uint64[n, 2]``. ``passes``: True if
    the key is valid. ``failing_finding``: finding that makes the key invalid, -1 for none.
    ``other_key``: True if the key is invalid and another key of the subject would pass. ``digest``
    is then that of the other key.
    """

    kind: Int32
    digest: UInt64
    passes: Flags
    failing_finding: Int64
    other_key: Flags


#: Kind of key -> its parts; each part is the first element present in a tuple.
_KEY_ELEMENTS: Final[dict[str, tuple[tuple[Element, ...], ...]]] = {
    "identity": ((Element.IDENTITY,),),
    "name_phone": ((Element.NAME,), PHONES),
    "phone": (PHONES,),
    "account": (ACCOUNTS,),
    "name_address": ((Element.NAME,), (Element.ADDRESS,)),
    "phone_code": (PHONES, (Element.CODE,)),
    "number": ((Element.NUMBER,),),
    "vehicle": (VEHICLES,),
    "device": ((Element.DEVICE,),),
}
#: Kinds of key by number, with the one of rows that only a profile makes identifiable.
KEY_WORDS: Final = (*KEY_KINDS, VALUES)


def find_identifiable(
    has: Callable[..., Flags], priority: KeyPriority, *, traced: Flags, described: Flags
) -> Flags:
    """Return True per subject with an identity document, an account or two different elements.

    Elements are name, phone, address, secret, number and thing. A secret is the code sent to a
    phone or the password of an account (guiding cases 194 and 195). A number is given by an issuer
    (学号), a thing is a vehicle or a device. The first kind of ``priority`` identifies alone.

    Args:
        has: see ``SubjectElements.has``.
        priority: order of the key kinds.
        traced: subjects of records with whereabouts; a thing identifies there.
        described: subjects in tables about a person; a number identifies there.
    """
    groups: list[Flags] = [
        has(Element.NAME),
        has(*PHONES),
        has(Element.ADDRESS),
        has(Element.CODE, Element.SECRET),
        has(Element.NUMBER),
        has(*THINGS),
    ]
    number = np.sum(groups, axis=0)
    alone = np.ones(len(groups[0]), np.bool_)
    for part in _KEY_ELEMENTS[priority.first_kind]:
        alone = alone & has(*part)
    found: Flags = has(Element.IDENTITY, *ACCOUNTS) | (number >= 2) | alone
    return found | (has(*THINGS) & traced) | (has(Element.NUMBER) & described)


def find_bare_phones(has: Callable[..., Flags]) -> Flags:
    """Return True for subjects with a phone number and no other element (裸号; ``bool[n]``)."""
    others = has(Element.IDENTITY, Element.NAME, Element.ADDRESS, *ACCOUNTS)
    others |= has(Element.NUMBER, *THINGS)
    return has(*PHONES) & ~others & ~has(Element.CODE, Element.SECRET)


def choose_keys(elements: SubjectElements, digests: UInt64, priority: KeyPriority) -> SubjectKeys:
    """Return kind and digest of each subject's key: the first kind in ``priority`` that it has.

    A number is a key with the name beside it. Without a name it needs its issuer, which is added
    later. ``digests``: digest of each finding (``uint64[f, 2]``).
    """
    count = len(elements.valid)
    kind = np.full(count, -1, np.int32)
    digest = np.zeros((count, 2), np.uint64)
    passes, other_key = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    failing_finding = np.full(count, -1, np.int64)
    for name in priority.kinds:
        parts = _KEY_ELEMENTS[name]
        present, valid = np.ones(count, np.bool_), np.ones(count, np.bool_)
        for part in parts:
            present &= elements.has(*part)
            valid &= elements.first(elements.valid, *part) >= 0
        new = present & (kind < 0)
        other = (kind >= 0) & ~passes & valid & ~other_key
        other_key |= other
        kind[new] = KEY_KINDS.index(name)
        passes |= new & valid
        keyed = new | other
        digest[keyed] = _sum_digests(elements, digests, parts)[keyed]
        if name == "number" and keyed.any():
            named = elements.first(elements.valid, Element.NAME)
            named_subjects = keyed & (named >= 0)
            digest[named_subjects] += digests[named[named_subjects]]
        invalid_key = new & ~valid
        for part in parts:
            failing = (
                invalid_key & (failing_finding < 0) & (elements.first(elements.valid, *part) < 0)
            )
            failing_finding[failing] = elements.first(elements.invalid, *part)[failing]
    return SubjectKeys(kind, digest, passes, failing_finding, other_key)


def is_nameless_number(keys: SubjectKeys, elements: SubjectElements) -> Flags:
    """Return True per subject whose key is an issuer's number without a name beside it."""
    found: Flags = keys.kind == KEY_WORDS.index("number")
    return found & (elements.valid[:, Element.NAME] < 0)


def add_value_keys(keys: SubjectKeys, chosen: Flags, digests: UInt64, usable: Flags) -> SubjectKeys:
    """Return ``keys`` with all values of the record as key of ``chosen`` subjects without another.

    ``digests``: sum of the digests of its record for each subject. ``usable``: False if it has no
    value.
    """
    new = chosen & (keys.kind < 0)
    if not new.any():
        return keys
    kind = np.where(new, np.int32(KEY_WORDS.index(VALUES)), keys.kind)
    digest = np.where(new[:, None], digests, keys.digest)
    return replace(keys, kind=kind, digest=digest, passes=keys.passes | (new & usable))


def _sum_digests(
    elements: SubjectElements, digests: UInt64, parts: tuple[tuple[Element, ...], ...]
) -> UInt64:
    """Return per subject the sum of its key elements' digests, as two 64-bit words.

    The shape is ``uint64[n, 2]``. Digests are random, so their sums are as well.
    """
    total = np.zeros((len(elements.valid), 2), np.uint64)
    for part in parts:
        valid = elements.first(elements.valid, *part)
        place = np.where(valid >= 0, valid, elements.first(elements.invalid, *part))
        total += np.where(place[:, None] >= 0, digests[place], np.uint64(0))
    return total
