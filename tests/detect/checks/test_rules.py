"""The rules that were argued about, and where other libraries agree with the checks."""

import datetime
import hashlib
import random
from itertools import product

import phonenumbers
import pytest
from stdnum import imei, imsi, luhn
from stdnum.cn import ric

from piiscan.detect.arithmetic.weighted_sums import MRZ
from piiscan.detect.attributes import attributes
from piiscan.detect.checks import check_numbers, load_check
from piiscan.detect.checks.bank_card import SCHEME_LENGTHS
from piiscan.detect.checks.crypto_address import judge_address, keccak256
from piiscan.detect.checks.foreign_phone import international
from tests.detect.checks.matrix import canonical, judge
from tests.oracles.values import digits

AS_OF = 20261125


@pytest.mark.parametrize(
    ("check", "value", "outcome"),
    [
        ("resident_id", "430104190506150016", "VERIFIED"),
        ("resident_id", "11010519491231002X", "VERIFIED"),
        # A county younger than the table costs a level; a prefecture that never was, more.
        ("resident_id", "430199190506150012", "VERIFIED REGION_UNKNOWN MEDIUM"),
        ("resident_id", "439900190506150012", "VERIFIED REGION_UNKNOWN LOW"),
        # One building permit in eleven passes MOD 11-2 and reads as an infant.
        ("resident_id", "430104202307120207", "VERIFIED BIRTH_RECENT LOW"),
        ("resident_id", "440524188001010014", "PLAUSIBLE DATE_BEFORE_1900 LOW"),
        ("resident_id", "430104209906150012", "REFUTED DATE_FUTURE"),
        ("resident_id", "810000190506150016", "REFUTED PROVINCE_UNKNOWN"),
        ("resident_id_15", "430104000229001", "REFUTED DATE_IMPOSSIBLE"),  # 1900 had no leap day
        ("resident_id_15", "430104040229001", "PLAUSIBLE"),
        ("bank_card", "6217000000000000004", "VERIFIED"),
        ("bank_card", "6217000000000006", "PLAUSIBLE BIN_LENGTH LOW"),
        ("bank_card", "6217000000000000005", "REFUTED LUHN_FAIL"),
        ("bank_card", "1689145200000000", "REFUTED EPOCH_TIME"),
        ("bank_card", "4111111111111111", "VERIFIED BIN_UNKNOWN MEDIUM"),
        ("bank_card", "1234567812345670", "REFUTED EPOCH_TIME"),
        ("bank_card", "7000000000000005", "PLAUSIBLE BIN_UNKNOWN LOW"),
        ("listed_card", "6217000000000000004", "VERIFIED"),  # a broken number needs its issuer
        ("listed_card", "4111111111111111", "VERIFIED BIN_UNKNOWN LOW"),
        ("listed_card", "6217000000000000005", "REFUTED LUHN_FAIL"),
        *(("wechat_alias", each, "REFUTED PLACEHOLDER") for each in ("payment", "Official")),
        *(("wechat_alias", each, "PLAUSIBLE") for each in ("zhangsan", "pay_ment")),
        *(("social_name", each, "REFUTED PLACEHOLDER") for each in ("share", "joinchat", "abc")),
        ("social_name", "demo", "PLAUSIBLE"),
        # names of satellites and models
        *(("alias_alike", each, "REFUTED PLACEHOLDER") for each in ("Beidou-3", "Landsat8")),
        *(("alias_alike", each, "REFUTED PLACEHOLDER") for each in ("abc_1", "RTX3060")),
        ("alias_alike", "a" * 20 + "1", "REFUTED PLACEHOLDER"),
        *(("alias_alike", each, "PLAUSIBLE") for each in ("demo_88", "Demo_8", "demo-88")),
        *(("alias_alike", each, "PLAUSIBLE") for each in ("abc12345", "Aa5566778")),
        ("foreign_pr_id", "911124198108030024", "VERIFIED"),  # published specimen
        # A company code that passes MOD 31-3 and MOD 11-2 both; there is no country 101.
        ("foreign_pr_id", "911101198001011769", "REFUTED COUNTRY_UNKNOWN"),
        ("hk_id", "AB123456(9)", "VERIFIED"),
        ("hk_id", "A123456(3)", "VERIFIED TEST_LIKE LOW"),
        ("tw_id", "A123456789", "VERIFIED"),
        ("tw_id", "D202307124", "VERIFIED LOOKS_LIKE_DATE LOW"),
        ("vin", "1M8GDM9AXKP042788", "VERIFIED"),
        ("vin", "1M8GDM9A0KP042788", "REFUTED CHECK_FAIL"),
        ("vin", "WVWZZZ1KZ7W000000", "PLAUSIBLE CHECK_UNUSED LOW"),
        ("vin", "11111111111111111", "VERIFIED TEST_LIKE"),
    ],
)
def test_a_value_has_the_outcome_of_its_rule(check: str, value: str, outcome: str) -> None:
    told = judge(check, [value], as_of=AS_OF)[0]
    assert [each for each in told if each not in ("", "KEEP")] == outcome.split()


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        (20230711, "DATE_FUTURE"),
        (20230712, "BIRTH_RECENT"),
        (20280711, "BIRTH_RECENT"),
        (20280713, ""),
    ],
)
def test_an_infant_is_one_by_the_day_that_is_given(as_of: int, reason: str) -> None:
    assert judge("resident_id", ["430104202307120207"], as_of=as_of)[0][1] == reason


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


def test_every_compiled_check_has_a_number_of_its_own() -> None:
    names = [name for name in dir(check_numbers) if name.endswith("_CHECK")]
    assert len({getattr(check_numbers, name) for name in names}) == len(names)
    for name in ("no", "python", "region_phone", "nothing"):
        with pytest.raises(ImportError):
            load_check(name)


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


ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
NEIGHBOURS = ["HK", "TW", "MO", "PH", "KH", "MM", "LA", "VN", "TH", "MY", "SG", "JP", "KR"]


def base58check(version: int, body: bytes) -> str:
    """An address in base58 with the right checksum."""
    data = bytes([version]) + body
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, place = divmod(number, 58)
        text = ALPHABET[place] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


@pytest.mark.parametrize(("version", "first"), [(0x00, "1"), (0x05, "3"), (0x41, "T")])
def test_base58_addresses_need_their_checksum_and_version(version: int, first: str) -> None:
    for number in range(40):
        address = base58check(version, hashlib.sha256(bytes([number])).digest()[:20])
        assert address[0] == first
        assert judge_address(address).name == "VERIFIED"
        last = ALPHABET[(ALPHABET.index(address[-1]) + 1) % 58]
        assert judge_address(address[:-1] + last).name == "REFUTED"
    assert judge_address(base58check(version ^ 1, bytes(20))).name == "REFUTED"


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "VERIFIED"),
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "VERIFIED"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "VERIFIED"),
        # BIP-350: version 1 with the checksum of bech32, version 0 with that of bech32m
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "REFUTED"),
        ("BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", "REFUTED"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "REFUTED"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "VERIFIED"),
        ("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "VERIFIED"),
        ("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "VERIFIED"),
        ("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6Fb", "REFUTED"),
        ("0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb", "PLAUSIBLE"),
        ("0x0000000000000000000000000000000000000000", "REFUTED"),
    ],
)
def test_addresses_of_the_standards(address: str, verdict: str) -> None:
    assert judge_address(address).name == verdict
    assert judge("crypto_address", [address], as_of=AS_OF)[0][0] == verdict


def test_keccak_of_known_texts() -> None:
    assert (
        keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    )
    assert keccak256(b"abc").hex().startswith("4e03657aea45a94f")
    assert len({keccak256(bytes(size)) for size in range(130, 280)}) == 150


@pytest.mark.parametrize("region", NEIGHBOURS)
def test_examples_of_libphonenumber_have_their_region(region: str) -> None:
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        number = phonenumbers.example_number_for_type(region, kind)
        value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert international(value[1:], None) == international("00" + value[1:], None) == value
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        assert international("".join(filter(str.isdigit, national)), region) == value
        facts = attributes("PHONE_NUMBER", "phone.foreign", value, as_of=datetime.date(2026, 1, 1))
        assert facts["region"] == region


def test_numbers_of_the_mainland_and_invalid_ones_are_not_foreign() -> None:
    assert not any(international(each, None) for each in ("8613800138000", "639999", "0012345", ""))
    assert not international("5123 4567".replace(" ", ""), "MO")
    assert judge("foreign_phone", ["+63917", "63999"], as_of=AS_OF)[1][0] == "REFUTED"


#: Text without blanks -> value.  Three-digit area codes have eight digits; seven run on into what
#: follows.
LANDLINES = {
    f"{country}{left}{written}{right}{gap}{head}{middle}{tail}{mark}{'801' * bool(mark)}":
    f"{area}-{head}{tail}" + ";ext=801" * bool(mark)
    for country, (area, head), gap, middle, mark, (left, right) in product(
        ("", "+86", "0086-", "(+86)", "86-"),
        (("010", "8550"), ("021", "2009"), ("0731", "855"), ("0755", "8005"), ("0310", "212")),
        ("", "-"), ("", "-"), ("", "转", "-", "*", "#", "ext"), (("", ""), ("(", ")")),
    )
    for written in ((area, area[1:]) if country else (area,))
    for tail in ("0001", "1234")
}  # fmt: skip
VIRTUAL = {
    f"{head}{host}{extension}": f"{host};ext={extension}"
    for head in ("", "0", "86", "0086")
    for host in ("18412000001", "13900000000")
    for extension in ("100", "4321", "999999")
}
MASKS = {
    f"430{sign * count}{gap}21{last}": f"430{'*' * count}21{last.upper()}"
    for sign in "*xX×•●#"
    for count in (3, 9)
    for gap in ("", "-", " ")
    for last in ("", "X", "x")
}
INTERNATIONAL = {
    f"{head}{rest}": f"+{region}{rest}"
    for region, heads, rest in (
        ("886", ("886", "00886", "8860", "0"), "912345678"),
        ("852", ("852", "00852"), "51234567"),
        ("853", ("853", "00853"), "66123456"),
    )
    for head in heads
}
HONG_KONG = {
    "A123456(3)": "A123456(3)",
    "AB123456(9)": "AB123456(9)",
    "A1234563": "A123456(3)",
    "AB1234569": "AB123456(9)",
    "C123456A": "C123456(A)",
}
NAMES = dict.fromkeys(("t.me/demo_88", "@demo_88", "demo_88"), "demo_88") | {
    "weibo.com/u/9900000001": "9900000001"
}


@pytest.mark.parametrize(
    ("check", "values"),
    [
        ("landline", LANDLINES),
        ("virtual_number", VIRTUAL),
        ("masked", MASKS),
        ("masked_id", MASKS),
        ("hmt_phone", INTERNATIONAL),
        ("hk_id", HONG_KONG),
        ("social_name", NAMES),
    ],
)
def test_every_way_to_write_a_number_has_one_value(check: str, values: dict[str, str]) -> None:
    assert canonical(check, list(values)) == list(values.values())


def with_check_char(part: str) -> str:
    return part + MRZ.check_char(part)


@pytest.mark.parametrize("number", ["E00000001", "P1234567<", "EA0000001"])
@pytest.mark.parametrize(
    "rest", ["<" * 14 + "<", *(with_check_char(each) for each in ("<" * 14, "MGLP<<<<<<<<<<"))]
)
def test_a_machine_readable_line_gives_its_number_or_nothing(number: str, rest: str) -> None:
    number, birth, expiry = map(with_check_char, (number, "800615", "360101"))
    line = f"{number}CHN{birth}M{expiry}{rest}"
    line += MRZ.check_char(number + birth + expiry + rest)
    wrong = [
        line[:place] + str((int(line[place].replace("<", "0")) + 1) % 10) + line[place + 1 :]
        for place in (5, 9, 15, 19, 22, 27, 42, 43)
    ]
    values = canonical("passport_mrz", [line, *wrong])
    assert values == [number[:9].rstrip("<"), *wrong]
    verdicts = [verdict for verdict, _, _ in judge("passport_mrz", values, as_of=20261125)]
    assert verdicts == ["VERIFIED"] + ["REFUTED"] * len(wrong)
