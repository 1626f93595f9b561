"""Where other libraries are right, the checks agree with them; where not, it is said why."""

from __future__ import annotations

import random

import phonenumbers
from stdnum import imei, imsi, luhn
from stdnum.cn import ric

from tests.detect.checks.matrix import judge
from tests.oracles.values import digits

AS_OF = 20261125
#: Allotted since, or to resale, and missing from phonenumbers 9.0 (domain rules 0.2).
UNKNOWN_TO_PHONENUMBERS = ("146", "148", "149")


def test_mobile_prefixes_are_those_of_phonenumbers_and_a_few_more() -> None:
    rng = random.Random(1)
    ours, theirs = set(), set()
    for prefix in range(130, 200):
        for _ in range(4):
            value = f"{prefix}{rng.randint(1, 9)}{digits(rng, 7)}"
            strength = judge("mobile", [value], as_of=AS_OF)[0][2]
            ours |= {str(prefix)} if strength != "LOW" else set()
            number = phonenumbers.PhoneNumber(country_code=86, national_number=int(value))
            theirs |= {str(prefix)} if phonenumbers.is_valid_number(number) else set()
    assert set(UNKNOWN_TO_PHONENUMBERS) <= ours - theirs
    assert theirs - ours == set()


def test_identity_numbers_that_stdnum_accepts_are_verified() -> None:
    rng = random.Random(2)
    regions = ("430104", "110101", "440305", "500101", "310115")
    checked = 0
    for _ in range(400):
        body = f"{rng.choice(regions)}{rng.randint(1996, 2015)}0{rng.randint(1, 9)}15"
        value = body + digits(rng, 3)
        value += ric.calc_check_digit(value + "0")
        if ric.is_valid(value):
            checked += 1
            assert judge("resident_id", [value], as_of=AS_OF) == [("VERIFIED", "", "KEEP")]
    assert checked > 100


def test_devices_that_fail_luhn_are_those_that_stdnum_refuses() -> None:
    rng = random.Random(4)
    bodies = [rng.choice(("86", "35", "01", "77")) + digits(rng, 12) for _ in range(500)]
    values = [body + rng.choice((luhn.calc_check_digit(body), digits(rng, 1))) for body in bodies]
    reasons = [reason for _, reason, _ in judge("imei", values, as_of=AS_OF)]
    assert [reason == "LUHN_FAIL" for reason in reasons] == [not imei.is_valid(v) for v in values]


def test_networks_of_china_in_stdnum_are_known() -> None:
    values = [f"460{network:02}0000000005" for network in range(100)]
    known = [verdict == "PLAUSIBLE" for verdict, _, _ in judge("imsi", values, as_of=AS_OF)]
    ours = {value for value, plausible in zip(values, known, strict=True) if plausible}
    theirs = {value for value in values if imsi.info(value).get("country") == "China"}
    assert theirs <= ours
    assert len(ours) < 20


def test_a_region_younger_than_the_birth_is_no_reason_to_refuse() -> None:
    assert not ric.is_valid("500101190611110023")  # Chongqing's code of 1997
    assert judge("resident_id", ["500101190611110023"], as_of=AS_OF)[0][0] == "VERIFIED"


def test_landline_area_codes_are_those_of_phonenumbers() -> None:
    for area in ("10", "21", "731", "755", "310", "871"):
        for sub in ("66666666", "6666666"):
            number = phonenumbers.PhoneNumber(country_code=86, national_number=int(area + sub))
            if phonenumbers.is_valid_number(number):
                assert judge("landline", [f"0{area}-{sub}"], as_of=AS_OF)[0][1] == ""
    assert judge("landline", ["0199-6666666"], as_of=AS_OF)[0][1] == "AREA_CODE_UNKNOWN"
