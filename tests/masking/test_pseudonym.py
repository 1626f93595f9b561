"""Pseudonyms: the same for the same value, of its shape, and never real."""

from __future__ import annotations

from piiscan.masking.pseudonym import NAME_CHARACTERS, Item, pseudonyms

KEY, OTHER = bytes(32), bytes([1]) * 32


def one(text: str, entity: str, recognizer: str = "", value: str = "", key: bytes = KEY) -> str:
    return pseudonyms([Item(text, entity, recognizer, value or text)], key)[0]


def test_the_ways_a_value_is_written_share_a_pseudonym() -> None:
    plain = one("13800138000", "CN_MOBILE")
    assert len(plain) == 11
    assert plain.startswith("00")
    dashed = one("138-0013-8000", "CN_MOBILE", value="13800138000")
    assert dashed == f"{plain[:3]}-{plain[3:7]}-{plain[7:]}"
    assert one("+86 13800138000", "CN_MOBILE", value="13800138000") == f"+86 {plain}"
    wide = "".join(chr(ord(char) + 0xFEE0) for char in "13800138000")
    assert one(wide, "CN_MOBILE", value="13800138000").startswith("００")


def test_another_key_gives_others() -> None:
    assert one("13800138000", "CN_MOBILE") != one("13800138000", "CN_MOBILE", key=OTHER)
    assert one("张三", "PERSON") != one("李四", "PERSON")


def test_nothing_is_told_of_secrets() -> None:
    assert one("Demo1234", "CREDENTIAL") == "***"
    assert one("123456", "VERIFICATION_CODE") == "***"


def test_made_up_names_can_be_written_in_every_encoding_of_the_field() -> None:
    assert len(set(NAME_CHARACTERS)) == 64
    for encoding in ("gb2312", "big5"):
        assert NAME_CHARACTERS.encode(encoding)
