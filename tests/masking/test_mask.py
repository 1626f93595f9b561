"""Masks follow Chinese habits and never give a value back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from piiscan.masking.mask import RULES, mask_addresses, mask_value, mask_values

HABITS = [
    ("13800138000", "CN_MOBILE", "", "138****8000"),
    ("430104190506150016", "CN_RESIDENT_ID", "", "4301***********016"),
    ("430104050615001", "CN_RESIDENT_ID", "", "4301********001"),
    ("张三", "PERSON", "", "张*"),
    ("欧阳小三", "PERSON", "", "欧***"),
    ("张", "PERSON", "", "*"),
    ("abc@example.com", "EMAIL_ADDRESS", "", "a***@example.com"),
    ("a@example.com", "EMAIL_ADDRESS", "", "***@example.com"),
    ("6217000000000000004", "CN_BANK_CARD", "", "621700*********0004"),
    ("18412000001;ext=1234", "CN_VIRTUAL_NUMBER", "", "184****0001;********"),
    ("0731-85551234;ext=801", "CN_LANDLINE", "", "0731*****1234;*******"),
    ("wxid_abcd1234efgh12", "WECHAT_ID", "wechat.wxid", "wxid_ab**********12"),
    ("SF0000000000001", "CN_WAYBILL", "", "SF00*******0001"),
    ("12345", "QQ_NUMBER", "", "1***5"),
    ("12345678@chatroom", "WECHAT_GROUP", "", "123*****@chatroom"),
    ("湘A12345", "CN_PLATE", "", "湘A****5"),
    ("hunter2", "CREDENTIAL", "", "***"),
    ("9981", "VERIFICATION_CODE", "", "***"),
    ("400-000-0001", "CN_SERVICE_NUMBER", "", "400-000-0001"),
    ("138****8000", "MASKED", "masked.mobile", "138****8000"),
    ("1380013****", "MASKED", "masked.mobile", "138********"),
    ("430104********0016", "MASKED", "masked.resident_id", "4301***********016"),
    ("张*", "MASKED", "masked.name", "张*"),
    ("something-else", "USERS_OWN_KIND", "", "so**********se"),
]


@pytest.mark.parametrize(("value", "entity", "recognizer", "shown"), HABITS)
def test_a_habit(value: str, entity: str, recognizer: str, shown: str) -> None:
    assert mask_value(value, entity, recognizer) == shown


def test_many_kinds_in_one_call_equal_one_by_one() -> None:
    names = [(entity, recognizer) for _, entity, recognizer, _ in HABITS]
    values = pa.array([value for value, *_ in HABITS] * 3)
    kinds = np.tile(np.arange(len(HABITS)), 3)
    got = mask_values(values[1:], kinds[1:], names=names).to_pylist()
    assert got == ([shown for *_, shown in HABITS] * 3)[1:]


PERSONAL = sorted(
    {entity for entity in RULES if entity.isupper()}
    - {
        "CN_SERVICE_NUMBER",
        "PHONE_TAIL",
        "CN_ADDRESS",
        "EMAIL_ADDRESS",
        "WECHAT_GROUP",
        "CN_VIRTUAL_NUMBER",
    }
)


@given(
    st.text(st.sampled_from("0123456789AZa张三é😀_"), min_size=1, max_size=40),
    st.sampled_from(PERSONAL),
)
def test_at_least_four_or_half_of_the_characters_stay_hidden(value: str, entity: str) -> None:
    shown = mask_value(value, entity)
    visible = len(shown) - shown.count("*")
    assert len(value) - visible >= (4 if len(value) >= 11 else (len(value) + 1) // 2)
    head = shown.split("*", 1)[0]
    tail = shown.rsplit("*", 1)[-1]
    assert value.startswith(head)
    assert value.endswith(tail)


ADDRESSES = [
    ("湖南省长沙市岳麓区示例路0号示例小区0栋", "湖南省长沙市岳麓区***"),
    ("长沙市示例小区0栋", "长沙市***"),
    ("北京市朝阳区 示例路0号", "北京市朝阳区***"),
    ("湖南省 长沙市 长沙县示例镇", "湖南省 长沙市 长沙县***"),
    ("新疆维吾尔自治区伊犁哈萨克自治州伊宁市示例路", "新疆维吾尔自治区伊犁哈萨克自治州伊宁市***"),
    ("浙江省金华市义乌市示例街道", "浙江省金华市义乌市***"),
    ("香港特别行政区示例道0号", "香港特别行政区***"),
    ("内蒙古自治区呼伦贝尔市鄂温克族自治旗示例镇", "内蒙古自治区呼伦贝尔市鄂温克族自治旗***"),
    ("示例路0号", "***"),
    ("No. 5 Example Road", "***"),
    ("", "***"),
]


@pytest.mark.parametrize(("address", "shown"), ADDRESSES)
def test_an_address_is_shown_down_to_its_district(address: str, shown: str) -> None:
    assert mask_value(address, "CN_ADDRESS", "name.address") == shown


def test_addresses_in_a_slice() -> None:
    got = mask_addresses(pa.array([a for a, _ in ADDRESSES])[2:])
    assert got.to_pylist() == [shown for _, shown in ADDRESSES][2:]


def test_addresses_among_other_kinds() -> None:
    got = mask_values(
        pa.array(["13800138000", "北京市朝阳区示例路", "张三"]),
        np.array([1, 0, 2]),
        names=[("CN_ADDRESS", ""), ("CN_MOBILE", ""), ("PERSON", "")],
    )
    assert got.to_pylist() == ["138****8000", "北京市朝阳区***", "张*"]
