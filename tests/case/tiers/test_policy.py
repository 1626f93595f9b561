"""Policies are read strictly, name a basis for every line, and say what they do not settle."""

from fractions import Fraction
from typing import Any

import pytest

from piiscan.case.tiers.policy import (
    Policy,
    choose_policies,
    load_policy,
    policy_folder,
    policy_names,
    shipped_policies,
)
from piiscan.detect.catalog import catalog

SHIPPED = shipped_policies()
RATIOS, LEVELS = choose_policies(SHIPPED, ())


@pytest.fixture(params=SHIPPED)
def policy(request: Any) -> Policy:
    return load_policy(request.param)


def test_lines_of_2017_are_50_500_5000_with_halves_and_tenfold() -> None:
    policy = load_policy("tier-cn-2017")
    assert [line.threshold for line in policy.lines] == [50, 500, 5000]
    assert [line.singly for line in policy.lines] == [True, True, False]
    assert policy.insider is not None
    assert policy.multiple is not None
    assert policy.money is not None
    assert policy.insider.share == Fraction(1, 2)
    assert (policy.multiple.times, policy.money.threshold) == (10, 5000)
    assert {key: basis.basis for key, basis in policy.bases.items()} == {
        "sum": "法释〔2017〕10号第五条第一款第（六）项",
        "insider": "法释〔2017〕10号第五条第一款第（八）项",
        "multiple": "法释〔2017〕10号第五条第二款第（三）项",
        "money": "法释〔2017〕10号第五条第一款第（七）项",
    }
    assert "第六条" in next(each.basis for each in policy.remarks if each.id == "lawful_business")


def test_lines_of_2019_are_tenfold_without_insiders_or_money() -> None:
    policy = load_policy("platform-cn-2019")
    assert [line.threshold for line in policy.lines] == [500, 5000, 50000]
    assert (policy.insider, policy.multiple, policy.money) == (None, None, None)


def test_every_line_has_a_basis_and_what_is_contested_has_a_note(policy: Policy) -> None:
    bases = [*policy.lines, *policy.categories, *policy.bases.values(), *policy.remarks]
    assert all(basis.basis for basis in bases)
    assert all(basis.note for basis in bases if basis.contested)
    assert all(bool(each.also) == each.contested for each in policy.categories)


def test_both_rules_take_the_same_records_for_the_same_categories() -> None:
    one, other = (
        [(c.id, c.kinds, c.only, c.composed, c.line, c.also) for c in load_policy(name).categories]
        for name in [each.id for each in RATIOS]
    )
    assert one == other


LINES = {
    ("closed", False): "track content property",
    ("closed", True): "credit",
    ("safety", False): "lodging call_records health full_id_card biometric_face",
    ("safety", True): "transaction flight biometric_other",
    ("other", True): "business_public order trip bank_card house car account_password account "
    "phone_code bare_phone",
    ("other", False): "basic",
}


def test_what_domain_calls_contested_is_and_stands_at_the_line_it_says() -> None:
    lines = {c.id: (c.line, c.contested) for c in load_policy("tier-cn-2017").categories}
    for line, names in LINES.items():
        assert {name: lines[name] for name in names.split()} == dict.fromkeys(names.split(), line)


@pytest.mark.parametrize("policy", RATIOS, ids=lambda policy: policy.id)
def test_every_entity_of_the_catalogue_has_a_place(policy: Policy) -> None:
    named = set(policy.accompanying).union(*(k for c in policy.categories for k in c.kinds))
    known = set(catalog.load().entities) - {"WATCHLIST"}
    assert known - named == set()
    assert named - set(catalog.load().vocabulary["entities"]) == set()


def test_names_are_kept_for_everything_that_rows_refer_to(policy: Policy) -> None:
    words = policy_names(policy)
    for part in (*policy.lines, *policy.categories):
        assert words[f"{policy.id}.{part.id}"] == part.title
        if part.note:
            assert words[f"{policy.id}.{part.id}.note"] == part.note
    assert all(set(each) == {"zh", "en"} for each in words.values())


def test_no_rule_file_pronounces_a_verdict() -> None:
    for path in [
        *policy_folder().glob("*.toml"),
        *(policy_folder().parent / "sensitivity").glob("*.toml"),
    ]:
        text = path.read_text("utf-8")
        for word in ("构成", "情节", "有罪", "应当认定", "guilty", "offence"):
            assert word not in text, path.name


def test_a_line_that_is_not_there_is_a_key_error() -> None:
    policy = load_policy("tier-cn-2017")
    assert policy.line(policy.lines[0].id) == policy.lines[0]
    with pytest.raises(KeyError):
        policy.line("no_such_line")
