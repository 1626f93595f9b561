"""Addresses of cryptocurrencies, foreign telephone numbers and names of accounts."""

from __future__ import annotations

import datetime
import hashlib

import phonenumbers
import pytest

from piiscan.detect.attributes import attributes
from piiscan.detect.checks.crypto_address import judge_address, keccak256
from piiscan.detect.checks.foreign_phone import international
from tests.detect.checks.matrix import canonical, judge

AS_OF = 20261125
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


def test_names_are_read_without_site_and_sign() -> None:
    texts = ["t.me/demo_88", "@demo_88", "demo_88", "weibo.com/u/9900000001"]
    assert canonical("social_name", texts) == ["demo_88", "demo_88", "demo_88", "9900000001"]
    judged = judge("social_name", ["share", "joinchat", "abc", "demo"], as_of=AS_OF)
    assert [verdict for verdict, *_ in judged] == ["REFUTED", "REFUTED", "REFUTED", "PLAUSIBLE"]


def test_names_of_satellites_and_models_are_no_aliases() -> None:
    bad = ["Beidou-3", "Landsat8", "abc_1", "RTX3060", "a" * 20 + "1"]
    assert {each[0] for each in judge("alias_alike", bad, as_of=AS_OF)} == {"REFUTED"}
    good = ["demo_88", "Demo_8", "demo-88", "abc12345", "Aa5566778"]
    assert {each[0] for each in judge("alias_alike", good, as_of=AS_OF)} == {"PLAUSIBLE"}
