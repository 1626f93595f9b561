"""Weighted sums give published check characters; check steps write their arithmetic out."""

import random

import pytest
from stdnum import ean, luhn
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2, mod_11_10
from stdnum.tw import ubn

from piiscan.detect.arithmetic import weighted_sums
from piiscan.detect.arithmetic.check_steps import CheckSteps, Outcome, Step, decide, luhn_step
from piiscan.detect.checks import biz_licence, load_check, tw_ubn
from piiscan.wording.words import Words
from tests.detect.checks.test_twins import AS_OF, WITH_STEPS, values


@pytest.mark.parametrize(
    ("row", "numbers"),
    [
        # registered companies
        ("GB_11714", ["600037341", "551385082", "192203821", "799655058", "71526726X"]),
        ("HK_ID", ["·A1234563", "AB9876543", "AB1234569", "·G123456A", "·L5555550"]),
        ("TW_ID", ["A123456789", "F131104093", "A100000001", "B120863158", "A800000014"]),
        ("S10", ["473124829", "123456785"]),
        # of tracking_number_data
        ("UPS", ["5R89390357567127", "879E930346834440", "410E7W0392751591", "XX3150YW44070023"]),
        ("FEDEX", ["986578788855", "477179081230", "799531274483", "790535312317"]),
        ("DHL", ["3318810025", "8487135506", "3318810036"]),
        # the specimens of ICAO Doc 9303, parts 3, 4 and 5; the composite of part 4
        (
            "MRZ",
            ["L898902C36", "7408122", "1204159", "ZE184226B<<<<<1", "AB2134<<<5", "D231458907"],
        ),
        ("MRZ", ["L898902C3674081221204159ZE184226B<<<<<10"]),
    ],
)
def test_published_numbers_have_their_check_character(row: str, numbers: list[str]) -> None:
    for number in numbers:
        *body, check = number.replace(" ", "")
        assert getattr(weighted_sums, row).check_char("".join(body)) == check


@pytest.mark.parametrize(
    "number", ["1M8GDM9AXKP042788", "5GZCZ43D13S812715", "JH4KA7650MC002609", "1HGCM82633A004352"]
)
def test_published_vehicles_have_their_check_character(number: str) -> None:
    assert weighted_sums.GB_16735.check_char(number) == number[8]


def test_check_characters_are_those_of_stdnum() -> None:
    rng = random.Random(3)
    for _ in range(500):
        digits = "".join(rng.choices("0123456789", k=17))
        assert weighted_sums.GB_11643.check_char(digits) == mod_11_2.calc_check_digit(digits)
        assert weighted_sums.EAN_13.check_char(digits[:12]) == ean.calc_check_digit(digits[:12])
        code = "".join(rng.choices(list(weighted_sums.GB_32100.values), k=17))
        assert weighted_sums.GB_32100.check_char(code) == uscc.calc_check_digit(code)
        assert luhn_step(digits).passed == luhn.is_valid(digits)
        licence, business = (
            each.steps(digits[:n], as_of=AS_OF).steps[-1].passed
            for each, n in ((biz_licence, 15), (tw_ubn, 8))
        )
        assert licence == mod_11_10.is_valid(digits[:15])
        rest = ubn.calc_checksum(digits[:8]) % 5  # modulo 5 since 2023, 10 before
        assert business == (rest == 0 or (rest == 4 and digits[6] == "7"))


#: Fields of sentences that the attributes of a value fill.
OF_ATTRIBUTES = dict.fromkeys(
    ("place", "country", "courier", "bank", "carrier", "city", "department"), "-"
)


@pytest.mark.parametrize("check", WITH_STEPS)
def test_every_step_fills_its_words_and_writes_its_arithmetic_out(check: str) -> None:
    words = Words("en")
    for value in values(check, 200):
        for step in load_check(check).steps(value, as_of=AS_OF).steps:
            assert words(f"step.{step.name}.title")
            assert words(f"step.{step.name}.told", **OF_ATTRIBUTES, **step.values)
            assert step.values.get("wanted", "") != value
            assert len({len(cells) for _, cells in step.rows}) <= 1
            rows = dict(step.rows)
            if "product" in rows:
                pairs = zip(rows.get("number", rows["character"]), rows["weight"], strict=True)
                products = [int(number) * int(weight) for number, weight in pairs]
                assert list(map(str, products)) == list(rows["product"])
                assert sum(products) == step.values["total"]


@pytest.mark.parametrize("check", WITH_STEPS)
@pytest.mark.parametrize("value", ["", "x", "0" * 40, "９" * 18, "(", "-", ";ext=", "é(1)"])
def test_strange_values_are_answered_too(check: str, value: str) -> None:
    assert isinstance(load_check(check).steps(value, as_of=AS_OF), CheckSteps)


def test_the_first_failed_step_decides_then_the_first_with_an_outcome() -> None:
    low = Step("country", None, reason="COUNTRY_UNKNOWN", strength="LOW")
    wrong, late = (Step("mod_11", False, reason=reason) for reason in ("CHECK_FAIL", "DATE_FUTURE"))
    summed = Step("mod_11", True, rows=(("character", ("1",)),), reason="CHECK_FAIL")
    unsure = Step("issuer_none", None, reason="BIN_UNKNOWN", verdict="PLAUSIBLE")
    assert decide(low, wrong, late).outcome == Outcome("REFUTED", "CHECK_FAIL")
    assert decide(wrong, late, order=(late, wrong)).outcome == Outcome("REFUTED", "DATE_FUTURE")
    assert decide(low, summed).outcome == Outcome("VERIFIED", "COUNTRY_UNKNOWN", "LOW")
    assert decide(unsure, summed).outcome == Outcome("PLAUSIBLE", "BIN_UNKNOWN")
    assert decide(summed).outcome == Outcome("VERIFIED")
    assert decide(Step("no_check_digit", None)).outcome == Outcome("PLAUSIBLE")


def test_a_step_shows_no_value_in_its_repr() -> None:
    assert "4301" not in repr(Step("region", True, {"code": "430104"}))
