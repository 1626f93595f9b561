"""Keyed values: the name of a column and a sign before a value say as much as a header."""

from __future__ import annotations

import datetime

import pytest

import piiscan
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.context.keyed_values import LIKELY_FORM, NO_FORM, SURE_FORM, form_of_name
from piiscan.detect.explain import explain
from piiscan.finding import engine_for

DRESSES = {
    "colon": "{name}：{value}，",
    "json": '{{"a": 1, "{name}": "{value}"}}',
    "query": "a=1&{name}={value}&b=2",
    "xml": "<r><{name}>{value}</{name}></r>",
    "log": "INFO saved {name}={value} in 12 ms",
    "php": "['{name}' => '{value}']",
}


def found(text: str) -> list[tuple[str, str]]:
    """Return entity and text of each finding in ``text``."""
    return [(each.entity, each.text) for each in piiscan.find(text)]


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("value", ["张三", "宁静", "高峰", "马达", "欧阳娜娜", "石磊"])
@pytest.mark.parametrize("name", ["姓名", "name", "realName", "receiver_name", "紧急联系人姓名"])
def test_a_name_behind_the_name_of_its_column_is_found_in_every_dress(
    dress: str, name: str, value: str
) -> None:
    assert ("PERSON", value) in found(DRESSES[dress].format(name=name, value=value))


@pytest.mark.parametrize("dress", DRESSES)
def test_columns_of_every_recognizer_count(dress: str) -> None:
    text = DRESSES[dress].format(name="device_id", value="860000000000009")
    assert found(text) == [("IMEI", "860000000000009")]
    assert found(text.replace("device_id", "batch")) == []


@pytest.mark.parametrize("name", ["数量", "货号", "qty", "序号"])
def test_the_name_of_other_numbers_contradicts(name: str) -> None:
    assert found(f"{name}：13800138000") == []
    assert found(f"{name}：430104190506150016") == [("CN_RESIDENT_ID", "430104190506150016")]


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("name", ["uid", "userId", "from_uid", "traceId", "itemId", "用户编号"])
def test_the_number_of_a_system_is_no_telephone_number(dress: str, name: str) -> None:
    text = DRESSES[dress].format(name=name, value="13800138001")
    assert found(text) == []
    assert found(text + " phone=13800138002") == [("CN_MOBILE", "13800138002")]
    assert found(text.replace(name, "mobile")) == [("CN_MOBILE", "13800138001")]
    assert found(text.replace("13800138001", "wxid_abcdef123456")) == [
        ("WECHAT_ID", "wxid_abcdef123456")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "姓名：请填写",
        "姓名：电话：",
        "姓名：湖南省",
        "host_name=宁静",
        "filename=宁静",
        "</name>宁静",
        "name>宁静",
        "name=管理员",
        '"name": "江苏"',
        "name 宁静",
        "姓名：",
    ],
)
def test_what_is_no_keyed_name_is_left_alone(text: str) -> None:
    assert [each for each in found(text) if each[0] == "PERSON"] == []


def test_the_name_of_the_next_value_ends_a_value() -> None:
    text = "姓名：宁静身份证号：430104190506150016"
    assert found(text) == [("PERSON", "宁静"), ("CN_RESIDENT_ID", "430104190506150016")]


def test_forms_of_address_stay_forms_of_address() -> None:
    assert found("联系人：李先生") == [("NICKNAME", "李先生")]


def test_zero_width_characters_and_full_width_signs_are_read_through() -> None:
    assert found("ｎａｍｅ＝宁静") == [("PERSON", "宁静")]
    assert found("工\u200b号：A\u200b0017") == [("RECORD_NO", "A\u200b0017")]


def test_values_are_found_in_any_batch() -> None:
    texts = ["姓名：宁静", "无", "a=1&xm=高峰&工号=A0017", ""] * 50
    together = piiscan.find_all(texts)
    assert together == [piiscan.find(text) for text in texts]
    assert sum(map(len, together)) == 150


def test_cells_under_a_header_are_read_by_their_header_alone() -> None:
    assert label_of(load(), "数量") is not None
    assert found("name=宁静") != []
    assert piiscan.find("name=宁静", "数量") == []


def test_an_explanation_names_the_column_name_as_the_label() -> None:
    engine = engine_for(datetime.date(2026, 1, 1))
    words = [each.word for each in explain(engine, "工号：A0017").candidates if each.word]
    assert [(each.word, each.nearness, each.start) for each in words] == [("工号", "direct", 0)]


@pytest.mark.parametrize(
    ("value", "form"),
    [("宁静", SURE_FORM), ("管理员", LIKELY_FORM), ("请填写", NO_FORM), ("张三李四王", NO_FORM)],
)
def test_form_of_a_name(value: str, form: int) -> None:
    assert form_of_name(value) == form
