"""Records are mapped to categories by what they hold, and by what a person says they are."""

from __future__ import annotations

import itertools

import pytest

from piiscan.case.tiers import NO_COMPOSITION, Composition, Policy, categories_of, load_policy

POLICY = load_policy("tier-cn-2017")


@pytest.mark.parametrize(
    ("combination", "categories"),
    [
        ("CN_MOBILE+CN_RESIDENT_ID+PERSON", "basic"),
        ("CN_MOBILE", "bare_phone"),
        ("CN_LANDLINE+CN_MOBILE", "bare_phone"),
        ("CN_MOBILE+PERSON", "basic"),
        ("PERSON", "name_only"),
        ("NICKNAME+PERSON", "name_only"),
        ("CN_MOBILE+VERIFICATION_CODE", "phone_code"),
        ("CN_MOBILE+PERSON+VERIFICATION_CODE", "phone_code"),
        ("CN_MOBILE+CN_RESIDENT_ID+VERIFICATION_CODE", "phone_code+basic"),
        ("CN_BANK_CARD", "bank_card"),
        ("CN_BANK_CARD+CN_MOBILE+PERSON", "bank_card+basic"),
        ("CN_BANK_CARD+CREDENTIAL", "payment_credential"),
        ("WECHAT_ID", "account"),
        ("CREDENTIAL+WECHAT_ID", "account_password"),
        ("CREDENTIAL+QQ_NUMBER+WECHAT_ID", "account_password+account"),
        ("CREDENTIAL+EMAIL_ADDRESS", "account_password"),
        ("CREDENTIAL", "account_password"),
        ("CN_ADDRESS+CN_MOBILE+CN_WAYBILL+PERSON", "waybill+basic"),
        ("CN_PLATE+PERSON", "basic"),
        ("CN_USCC+ORGANIZATION", "not_counted"),
        ("MASKED", "not_counted"),
        ("SOMETHING_ELSE", "unmapped"),
        ("CN_MOBILE+SOMETHING_ELSE", "basic+unmapped"),
        ("", "unmapped"),
    ],
)
def test_kinds_alone_give_categories(combination: str, categories: str) -> None:
    assert categories_of(POLICY, combination) == categories


def test_only_what_is_listed_or_lesser_is_ever_missing() -> None:
    """Whatever two kinds stand together, each is weighed, accompanies another, or is told."""
    entities = sorted(
        set(POLICY.accompanying).union(*(k for c in POLICY.categories for k in c.kinds))
    )
    for pair in itertools.combinations(entities, 2):
        assert "unmapped" not in categories_of(POLICY, "+".join(pair)), pair


def test_a_profile_adds_what_the_records_are() -> None:
    said = Composition({"transaction": frozenset()})
    assert categories_of(POLICY, "CN_MOBILE+PERSON", composition=said) == "transaction+basic"
    assert categories_of(POLICY, "CN_MOBILE", composition=said) == "transaction+basic"


def test_what_is_said_may_need_a_kind_beside_it() -> None:
    said = Composition({"track": frozenset({"CN_MOBILE", "CN_RESIDENT_ID"})})
    assert categories_of(POLICY, "CN_MOBILE", composition=said) == "track+basic"
    assert categories_of(POLICY, "CN_PLATE", composition=said) == "basic"


def test_a_profile_may_say_what_records_are_not() -> None:
    contacts = Composition(without=frozenset({"account"}))
    assert categories_of(POLICY, "CN_MOBILE+QQ_NUMBER", composition=contacts) == "basic"


def test_a_profile_gives_only_what_a_policy_leaves_to_profiles() -> None:
    said = Composition({"basic": frozenset(), "nothing_known": frozenset()})
    assert categories_of(POLICY, "CN_USCC", composition=said) == "not_counted"


def test_nothing_is_said_by_default() -> None:
    assert Composition() == NO_COMPOSITION
    assert isinstance(POLICY, Policy)
