"""Records are mapped to categories by what they hold, and by what a person says they are."""

import itertools

import pytest

from piiscan.case.tiers import NO_COMPOSITION, Composition, categories_of, load_policy

POLICY = load_policy("tier-cn-2017")
LEDGER = Composition({"transaction": frozenset()})
TRACK = Composition({"track": frozenset({"CN_MOBILE", "CN_RESIDENT_ID"})})
CONTACTS = Composition(without=frozenset({"account"}))
UNKNOWN = Composition({"basic": frozenset(), "nothing_known": frozenset()})


@pytest.mark.parametrize(
    ("combination", "categories", "said"),
    [
        *(
            (combination, categories, NO_COMPOSITION)
            for combination, categories in [
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
            ]
        ),
        # a profile adds what the records are
        ("CN_MOBILE+PERSON", "transaction+basic", LEDGER),
        ("CN_MOBILE", "transaction+basic", LEDGER),
        # which may need a kind beside it
        ("CN_MOBILE", "track+basic", TRACK),
        ("CN_PLATE", "basic", TRACK),
        # says what they are not
        ("CN_MOBILE+QQ_NUMBER", "basic", CONTACTS),
        # and gives only what a policy leaves to profiles
        ("CN_USCC", "not_counted", UNKNOWN),
    ],
)
def test_kinds_and_what_is_said_of_them_give_categories(
    combination: str, categories: str, said: Composition
) -> None:
    assert categories_of(POLICY, combination, composition=said) == categories
    assert said != NO_COMPOSITION or categories_of(POLICY, combination) == categories


def test_only_what_is_listed_or_lesser_is_ever_missing() -> None:
    """Whatever two kinds stand together, each is weighed, accompanies another, or is told."""
    entities = sorted(
        set(POLICY.accompanying).union(*(k for c in POLICY.categories for k in c.kinds))
    )
    for pair in itertools.combinations(entities, 2):
        assert "unmapped" not in categories_of(POLICY, "+".join(pair)), pair
