"""The rules that were argued about: what lowers a number, and what never removes it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from piiscan.detect.checks import check_numbers
from piiscan.detect.checks.bank_card import SCHEME_LENGTHS
from tests.detect.checks.matrix import judge

AS_OF = 20261125


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("430104190506150016", ("VERIFIED", "", "KEEP")),
        ("11010519491231002X", ("VERIFIED", "", "KEEP")),
        # A county younger than the table costs a level; a prefecture that never was, more.
        ("439900190506150012", ("VERIFIED", "REGION_UNKNOWN", "LOW")),
        # One building permit in eleven passes MOD 11-2 and reads as an infant.
        ("430104202307120207", ("VERIFIED", "BIRTH_RECENT", "LOW")),
        ("440524188001010014", ("PLAUSIBLE", "DATE_BEFORE_1900", "LOW")),
        ("430104209906150012", ("REFUTED", "DATE_FUTURE", "KEEP")),
        ("810000190506150016", ("REFUTED", "PROVINCE_UNKNOWN", "KEEP")),
    ],
)
def test_identity_numbers(value: str, outcome: tuple[str, str, str]) -> None:
    assert judge("resident_id", [value], as_of=AS_OF) == [outcome]


def test_an_infant_is_one_by_the_day_that_is_given() -> None:
    value = ["430104202307120207"]
    assert judge("resident_id", value, as_of=20280711)[0][1] == "BIRTH_RECENT"
    assert judge("resident_id", value, as_of=20280713) == [("VERIFIED", "", "KEEP")]
    assert judge("resident_id", value, as_of=20230712)[0][1] == "BIRTH_RECENT"
    assert judge("resident_id", value, as_of=20230711)[0][1] == "DATE_FUTURE"


def test_an_unknown_county_of_a_known_prefecture_costs_one_level() -> None:
    from stdnum.iso7064 import mod_11_2

    body = "43019919050615001"
    value = body + mod_11_2.calc_check_digit(body)
    assert judge("resident_id", [value], as_of=AS_OF) == [("VERIFIED", "REGION_UNKNOWN", "MEDIUM")]


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("6217000000000000004", ("VERIFIED", "", "KEEP")),
        ("6217000000000006", ("PLAUSIBLE", "BIN_LENGTH", "LOW")),
        ("6217000000000000005", ("REFUTED", "LUHN_FAIL", "KEEP")),
        ("1689145200000000", ("REFUTED", "EPOCH_TIME", "KEEP")),
        ("4111111111111111", ("VERIFIED", "BIN_UNKNOWN", "MEDIUM")),
        ("1234567812345670", ("REFUTED", "EPOCH_TIME", "KEEP")),
        ("7000000000000005", ("PLAUSIBLE", "BIN_UNKNOWN", "LOW")),
    ],
)
def test_cards(value: str, outcome: tuple[str, str, str]) -> None:
    assert judge("bank_card", [value], as_of=AS_OF) == [outcome]


def test_card_schemes_begin_and_end_where_their_ranges_do() -> None:
    ranges = {
        14: ((3000, 3059), (3600, 3699), (3800, 3899)),
        15: ((3400, 3499), (3700, 3799)),
        16: ((2221, 2720), (3528, 3589), (4000, 4999), (5100, 5599), (6011, 6011), (6440, 6599)),
        17: (), 18: (), 19: (),
    }  # fmt: skip
    heads = {n: {*range(6200, 6300)} if n >= 16 else set() for n in ranges}
    for length, listed in ranges.items():
        heads[length].update(*(range(first, last + 1) for first, last in listed))
    for head, lengths in enumerate(SCHEME_LENGTHS.tolist()):
        assert lengths == sum(1 << n for n in heads if head in heads[n])


def test_words_of_prose_are_no_aliases() -> None:
    got = judge("wechat_alias", ["payment", "Official", "zhangsan", "pay_ment"], as_of=AS_OF)
    assert [reason for _, reason, _ in got] == ["PLACEHOLDER", "PLACEHOLDER", "", ""]


def test_a_leap_day_is_a_day_only_in_leap_years() -> None:
    got = judge("resident_id_15", ["430104000229001", "430104040229001"], as_of=AS_OF)
    assert [reason for _, reason, _ in got] == ["DATE_IMPOSSIBLE", ""]


@pytest.mark.parametrize(
    ("check", "value", "outcome"),
    [
        ("foreign_pr_id", "911124198108030024", ("VERIFIED", "", "KEEP")),  # published specimen
        # A company code that passes MOD 31-3 and MOD 11-2 both; there is no country 101.
        ("foreign_pr_id", "911101198001011769", ("REFUTED", "COUNTRY_UNKNOWN", "KEEP")),
        ("hk_id", "AB123456(9)", ("VERIFIED", "", "KEEP")),
        ("hk_id", "A123456(3)", ("VERIFIED", "TEST_LIKE", "LOW")),
        ("tw_id", "A123456789", ("VERIFIED", "", "KEEP")),
        ("tw_id", "D202307124", ("VERIFIED", "LOOKS_LIKE_DATE", "LOW")),
        ("vin", "1M8GDM9AXKP042788", ("VERIFIED", "", "KEEP")),
        ("vin", "1M8GDM9A0KP042788", ("REFUTED", "CHECK_FAIL", "KEEP")),
        ("vin", "WVWZZZ1KZ7W000000", ("PLAUSIBLE", "CHECK_UNUSED", "LOW")),
        ("vin", "11111111111111111", ("VERIFIED", "TEST_LIKE", "KEEP")),
    ],
)
def test_documents_and_vehicles(check: str, value: str, outcome: tuple[str, str, str]) -> None:
    assert judge(check, [value], as_of=AS_OF) == [outcome]


def test_a_broken_card_number_needs_a_listed_issuer() -> None:
    values = ["6217000000000000004", "4111111111111111", "6217000000000000005"]
    assert judge("listed_card", values, as_of=AS_OF) == [
        ("VERIFIED", "", "KEEP"),
        ("VERIFIED", "BIN_UNKNOWN", "LOW"),
        ("REFUTED", "LUHN_FAIL", "KEEP"),
    ]


def test_every_compiled_check_has_a_module() -> None:
    names = [name for name in dir(check_numbers) if name.endswith("_CHECK")]
    general = {"PYTHON_CHECK", "NO_CHECK", "REGION_PHONE_CHECK"}
    for name in set(names) - general:
        module = name.removesuffix("_CHECK").lower()
        assert find_spec(f"piiscan.detect.checks.{module}") is not None
    assert len({getattr(check_numbers, name) for name in names}) == len(names) > len(general)
