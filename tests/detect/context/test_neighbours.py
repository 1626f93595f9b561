"""Numbers beside others: series behind one label, names of keys, units that touch them."""

import datetime

import pytest

import piiscan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("QQ号900000001、900000002和900000003", "QQ_NUMBER QQ_NUMBER QQ_NUMBER"),
        ("尾号1234、5678的手机", "PHONE_TAIL PHONE_TAIL"),
        ("QQ号900000001。900000002", "QQ_NUMBER"),
        ("900000001----demo1234----张三", "QQ_NUMBER CREDENTIAL PERSON"),
        ("202301----13800138001----张三", "CN_MOBILE PERSON"),
        ("滞留件300000000001、300000000002", "CN_WAYBILL CN_WAYBILL"),
        ("张三 430104050615001 13800138001", "PERSON CN_RESIDENT_ID CN_MOBILE"),
        ("430104050615001 共13800138001", "CN_MOBILE"),
        ('"lastLoginIp":"198.51.100.23"', "IP_ADDRESS"),
        ('"waybillCode":"300000000001"', "CN_WAYBILL"),
        ("dh13800138001xm张三", "CN_MOBILE PERSON"),
        ("文件13800138001字节，下载13800138001人次", ""),
        ("条码1002381773 联系13800138001", "CN_MOBILE"),
        ("商品条码13800138001", ""),
        ("439900000000001 张三", "CN_WAYBILL PERSON"),
        ("460003900712123 430104900712123", ""),
    ],
)
def test_numbers_are_read_beside_others(text: str, expected: str) -> None:
    found = piiscan.find(text, as_of=datetime.date(2026, 11, 1))
    assert " ".join(each.entity for each in found) == expected


def test_the_last_keycap_is_whole() -> None:
    number = "".join(f"{digit}\ufe0f\u20e3" for digit in "13800138001")
    (found,) = piiscan.find(f"手机{number}。")
    assert (found.text, found.value) == (number, "13800138001")


def test_series_do_not_depend_on_other_texts() -> None:
    text = "QQ号900000001、900000002和900000003"
    others = [
        "13800138000----abc12345",
        'pwd"9111、0000600037341L62，',
        "尾号1234、5678",
        "a\u200b",
        text,
        "QQ号900000001",
        "QQ 900001/900002",
    ]
    together = piiscan.find_all([*others, text, *others])
    assert together == [*map(piiscan.find, [*others, text, *others])]
    assert [each.value for each in together[4]] == ["900000001", "900000002", "900000003"]
