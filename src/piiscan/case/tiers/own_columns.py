"""Own columns: the categories that the columns of a record's other persons carry.

``借款人 | 借款金额 | 担保人 | 担保人收入``: credit reaches the guarantor as well. A contact with
name and phone only has no category of the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from piiscan.case.tiers.composition import Composition
from piiscan.case.tiers.policy import Policy
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of, party_of
from piiscan.detect.catalog.role_classes import COMPANION, NUMBER_MARK, OTHER_PERSON, base_role
from piiscan.tabular.table_subjects import written_number

#: Categories that show where a person, a vehicle or a device was.
WHEREABOUTS: Final = frozenset({"track", "trip", "flight", "lodging"})


def composition_of_person(
    composition: Composition, role: str, headers: Sequence[str], policy: Policy
) -> Composition:
    """Return the categories of a record that reach its other person ``role``.

    Of the categories that only a profile assigns, he has those of his own columns, and a companion
    the whereabouts. ``headers``: columns of the table.
    """
    assigned = policy.composed & composition.kinds.keys()
    if not assigned:
        return composition
    reached = {name for name in assigned if _is_own(name, role, headers, policy)}
    kinds = {
        name: any_of
        for name, any_of in composition.kinds.items()
        if name not in assigned or name in reached
    }
    return Composition(kinds, composition.without)


def _is_own(name: str, role: str, headers: Sequence[str], policy: Policy) -> bool:
    """Return True if the category ``name`` describes the person ``role``."""
    category = policy.category(name)
    words = {word for group in category.suggested for word in group} if category else set()
    if base_role(role) == COMPANION and name in WHEREABOUTS:
        return True
    return any(word in fact for fact in _own_facts(role, headers) for word in words)


def _own_facts(role: str, headers: Sequence[str]) -> list[str]:
    """Return the facts that the columns of a person name: ``担保人收入 -> 收入``.

    Names, numbers and addresses identify him, and times tell nothing: they are left out.
    """
    catalog, seen = load(), Counter[str]()
    base, _, number = role.partition(NUMBER_MARK)
    found = []
    for header in headers:
        party, fact = party_of(catalog, header)
        seen[header] += 1
        nth = written_number(header) or seen[header]
        label = label_of(catalog, header)
        tells = (
            label is None
            or label.recognizers == ("biometric.template",)
            or not (label.recognizers or label.other == "time")
        )
        if tells and nth == int(number or 1) and (party or OTHER_PERSON) == base:
            found.append(fact)
    return found
