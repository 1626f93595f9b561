"""Category mapping: the kinds in a record, and its profile -> the categories of a policy.

``姓名 + 身份证号 + 手机号 -> basic``; ``手机号 + 微信号 -> account+basic``. The mapping is closed:
kinds that a policy does not name are UNMAPPED, which is reported and has no ratio. Categories are
tested in the policy's order. Each one uses up its kinds, so the phone of a phone-and-code pair is
not a phone number as well. All matching categories are returned. The reading decides which of them
the record counts under (:mod:`piiscan.case.tiers.assessment`).
"""

from __future__ import annotations

from collections.abc import Sequence

from piiscan.case.tiers.composition import NO_COMPOSITION, Composition
from piiscan.case.tiers.policy import UNMAPPED, Category, Policy


def categories_of(
    policy: Policy, combination: str, *, composition: Composition = NO_COMPOSITION
) -> str:
    """Return the categories, joined by ``+``, of a record with the kinds ``combination`` (``A+B``).

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
    composed = composition.confirmed_categories(entities) & policy.composed
    unused = entities
    found = []
    for category in policy.categories:
        if category.id in composition.without:
            continue
        by_profile = category.id in composed
        used = () if by_profile else _used_kinds(category, entities, unused, bool(composed))
        if by_profile or used:
            found.append(category.id)
            unused = unused.difference(*used)
    if unused - policy.accompanying or not found:
        found.append(UNMAPPED)
    return "+".join(found)


def _used_kinds(
    category: Category, entities: frozenset[str], unused: frozenset[str], has_profile: bool
) -> Sequence[frozenset[str]]:
    """Return the sets of entities that ``category`` uses up, none if it does not apply.

    ``has_profile``: True if a profile describes the record. Only without one ``category.only``
    applies: it matches a record that consists of nothing but these entities.
    """
    if category.only and not has_profile and entities and entities <= category.only:
        return [entities]
    used = []
    for kinds in category.kinds:
        if kinds <= unused:
            used.append(kinds)
            unused -= kinds
    return used
