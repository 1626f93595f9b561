"""Numbers in any dress: grouped, spelt, with letters for digits; never part of a longer row."""

from __future__ import annotations

import datetime

import pytest

import piiscan

AS_OF = datetime.date(2026, 1, 1)


def found(text: str) -> list[tuple[str, str]]:
    return [(each.recognizer, each.value) for each in piiscan.find(text, as_of=AS_OF, names=False)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("电话1990 000 0008", "cn.mobile_grouped", "19900000008"),
        ("张三 1990 000 0008 长沙", "cn.mobile_grouped", "19900000008"),
        ("(199)0000-0008", "cn.mobile_grouped", "19900000008"),
        ("电话1️⃣9️⃣9️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣8️⃣", "cn.mobile", "19900000008"),
        ("①19900000008", "cn.mobile", "19900000008"),
        ("电话①❾⑼⁰₀⓪⓪⓪⓪⓪⑧", "cn.mobile_spelt", "19900000008"),
        ("电话199零零零零0008", "cn.mobile_spelt", "19900000008"),
        ("电话l99OOOOOOO8", "cn.mobile_lookalike", "19900000008"),
        ("电话199😊0000😊0008", "cn.mobile_strewn", "19900000008"),
        ("4301 0419 8811 2217 10", "cn.resident_id_dressed", "430104198811221710"),
        ("43010419050615😊0016", "cn.resident_id_dressed", "430104190506150016"),
        ("6217/0000/0000/0000/004", "cn.bank_card_dressed", "6217000000000000004"),
        ("138 0013 8001 139 0013 9001", "cn.mobile", "13800138001"),
    ],
)
def test_a_number_is_read_in_its_dress(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "138-0013-8001-1390",
        "料号 138-4567-8901-22",
        "138 0013 8001 1234 5678",
        "4301 0419 8811 2217 1",
        "193.110.106.11",
        "4800.935999999999",
        "13800.138000",
        "①②③④⑤⑥⑦⑧⑨",
        "199😊0000😊0008",
    ],
)
def test_a_row_of_groups_is_no_number(text: str) -> None:
    entities = {each.entity for each in piiscan.find(text, as_of=AS_OF, names=False)}
    assert entities <= {"IP_ADDRESS"}
