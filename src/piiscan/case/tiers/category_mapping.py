"""Which categories of a policy a record reaches: the kinds it holds, and what a profile says.

The mapping is closed: what a policy does not name is UNMAPPED, told and never weighed.
Categories are asked in the policy's order and take the values they need, so that the phone of a
phone-and-code pair is no phone number beside it.  All that are reached are kept, joined by ``+``:
which of them the record counts under depends on the reading
(:mod:`piiscan.case.tiers.assessment`).
"""

from __future__ import annotations

from piiscan.case.tiers.composition import NOTHING, Composition
from piiscan.case.tiers.policy import UNMAPPED, Category, Policy


def categories_of(policy: Policy, combination: str, *, composition: Composition = NOTHING) -> str:
    """The categories of a record with the kinds ``combination`` (``A+B``), joined by ``+``.

    >>> from piiscan.case.tiers.policy import load_policy
    >>> policy = load_policy("tier-cn-2017")
    >>> categories_of(policy, "CN_MOBILE+CN_RESIDENT_ID+PERSON")
    'basic'
    >>> categories_of(policy, "CN_MOBILE+PERSON+VERIFICATION_CODE")
    'phone_code'
    >>> categories_of(policy, "CN_MOBILE+WECHAT_ID"), categories_of(policy, "CN_MOBILE")
    ('account+basic', 'bare_phone')
    """
    entities = frozenset(combination.split("+")) if combination else frozenset()
    said = composition.reached(entities) & policy.composed
    rest = set(entities)
    reached = []
    for category in policy.categories:
        if category.id in composition.without:
            continue
        if category.id in said or _takes(category, entities, rest, alone=not said):
            reached.append(category.id)
    if rest - policy.beside or not reached:
        reached.append(UNMAPPED)
    return "+".join(reached)


def _takes(category: Category, entities: frozenset[str], rest: set[str], *, alone: bool) -> bool:
    """Whether the record is of that category; what it consists of is taken from ``rest``.

    ``alone``: nothing else is known of the record, so it may be one of nothing but these kinds.
    """
    if category.only and alone and entities and entities <= category.only:
        rest.clear()
        return True
    taken = False
    for kinds in category.kinds:
        if kinds <= rest:
            rest -= kinds
            taken = True
    return taken
