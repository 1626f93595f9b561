"""Sensitivity is a matter of dated profiles, and changes between them."""

import pytest

from piiscan.case.tiers import classify, load_policy, load_sensitivity
from piiscan.case.tiers.sensitivity import sensitivity_names, shipped_sensitivities
from piiscan.detect.catalog import catalog

LAW, OLD, NEW = (load_sensitivity(n) for n in ("pipl", "gbt35273-2020", "gbt45574-2025"))


def test_an_identity_number_was_sensitive_in_2020_and_is_not_in_2025() -> None:
    told = {profile.id: next(classify({"CN_RESIDENT_ID": 7967}, profile)) for profile in (OLD, NEW)}
    assert told["gbt35273-2020"].class_ is not None
    assert told["gbt45574-2025"].class_ is None
    assert told["gbt45574-2025"].dropped
    photo = NEW.class_of("full_id_card")
    assert photo is not None
    assert photo.id == "id_photo"


def test_the_law_names_accounts_tracks_health_and_children() -> None:
    for kind, name in (
        ("CN_BANK_CARD", "financial_account"),
        ("track", "track"),
        ("health", "health"),
    ):
        class_ = LAW.class_of(kind)
        assert class_ is not None
        assert (class_.id, class_.contested) == (name, False)
    assert LAW.class_of("CN_MOBILE") is LAW.class_of("CN_RESIDENT_ID") is None
    assert LAW.under_14 is not None


def test_those_under_fourteen_are_told_beside_their_kind() -> None:
    found = list(classify({"CN_RESIDENT_ID": 10}, LAW, under_14={"CN_RESIDENT_ID": 3}))
    assert [(each.count, each.class_ and each.class_.id) for each in found] == [
        (10, None),
        (3, "under_14"),
    ]


@pytest.mark.parametrize("name", shipped_sensitivities())
def test_profiles_name_only_what_there_is(name: str) -> None:
    profile = load_sensitivity(name)
    known = set(catalog.load().vocabulary["entities"])
    known |= {each.id for each in load_policy("tier-cn-2017").categories}
    assert {kind for each in profile.classes for kind in each.kinds} <= known
    assert all(each.basis for each in profile.classes)
    assert f"{name}.{profile.classes[0].id}" in sensitivity_names(profile)
