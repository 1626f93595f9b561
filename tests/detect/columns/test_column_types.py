"""What a column holds: its name where the cells bear it out, else what most of its cells are."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pyarrow as pa
import pytest

from piiscan.detect.catalog import catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.columns import column_types
from piiscan.detect.columns.header_names import count_header_names
from piiscan.detect.engine import Engine

ENGINE = Engine(catalog.load(), as_of=datetime.date(2026, 1, 1))
PHONES = [f"1990000{n:04d}" for n in range(20)]
IDS = ["430104190506150016", "110103190808080032", "330113190707079992"] * 5
BAD_IDS = [f"4301041905{n:02d}15001{n % 9}" for n in range(1, 13)]
NUMBERS = [f"1{n % 10}12345678{n % 10}" for n in range(20)]
NAMES = ["张三", "李四", "王小明", "欧阳娜娜", "赵六", "钱七", "孙八", "周九"]
PLACES = [f"湖南省长沙市岳麓区示例路{n}号示例小区{n}栋{n}室" for n in range(1, 9)]


def kinds(*tables: tuple[str | None, Sequence[str | None]]) -> list[tuple[str, ...]]:
    longest = max(len(cells) for _, cells in tables)
    arrays = [pa.array([*cells, *[None] * (longest - len(cells))]) for _, cells in tables]
    found = column_types.infer_column_types(ENGINE, [header for header, _ in tables], arrays)
    return [column.recognizers for column in found]


@pytest.mark.parametrize(
    ("header", "cells", "recognizer"),
    [
        ("手机号", PHONES, "cn.mobile"),
        (" 联系电话(必填)*", PHONES, "cn.mobile"),
        ("收件人手机1", PHONES, "cn.mobile"),
        ("sj", PHONES, "cn.mobile"),
        (None, PHONES, "cn.mobile"),
        ("data", PHONES, "cn.mobile"),
        ("身份证号码", IDS, "cn.resident_id"),
        (None, IDS, "cn.resident_id"),
        (None, BAD_IDS, "cn.resident_id"),
        ("身份证号码", BAD_IDS, "cn.resident_id"),
        ("姓名", NAMES, "name.person"),
        (None, NAMES, "name.person"),
        ("收货地址 ", PLACES, "name.address"),
        (None, PLACES, "name.address"),
        ("订单编号", IDS, "cn.order_no"),
        ("订单编号", PHONES, "cn.order_no"),
    ],
)
def test_a_column_is_typed(header: str | None, cells: list[str], recognizer: str) -> None:
    assert recognizer in kinds((header, cells))[0]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("金额", ["12.50", "99.00"]),
        ("sj", ["2023-01-01 10:00:00"] * 5),
        ("备注", ["请放门口", "送货上门", "13800138000"]),
        (None, ["王者荣耀", "英雄联盟", "和平精英", "原神"]),
        (None, []),
        ("", ["1", "2", "3"]),
    ],
)
def test_a_column_of_something_else_names_no_recognizer(
    header: str | None, cells: list[str]
) -> None:
    assert kinds((header, cells)) == [()]


@pytest.mark.parametrize(
    ("role", "headers"),
    [  # export shapes of shops, telecom shops and courier back offices
        ("recipient", "收货人 收货人姓名 收货地址 修改后的收货地址 收件人手机号 收件电话 收方电话"),
        (
            "recipient",
            "收货人电话号码 收件省份 consignee_phone receiverMobile ship_to_name sjrdh shdz",
        ),
        (
            "sender",
            "寄件人 寄件电话 寄件客户 发货人电话 寄方姓名 shipper_name senderPhone jjrxm jjdh",
        ),
        ("courier", "派件员 派件员电话 快递员姓名 收派员 揽件员 courier_phone pjydh"),
        ("buyer", "买家会员名 买家支付宝账号 订购人姓名 下单帐号 buyer_phone buyer_nick"),
        ("customer", "客户姓名 会员手机号 customer_phone"),
        ("borrower", "借款人姓名 债务人电话 欠款人"),
        ("contact", "紧急联系人电话 第一联系人姓名"),
        ("account_holder", "户名 持卡人手机号 收款账号 开户人 cardholder"),
        ("user", "入网用户姓名 入网手机号 入网身份证号"),
        ("signer", "签收人 签收电话"),
        ("recipient", "收件人信息 收货信息 receiver_info"),
        (None, "手机 联系电话 身份证姓名 运单号 发货单号 收货时间 发货时间 taxpayer_id 买家留言"),
    ],
)
def test_a_name_says_whose_the_cells_are(role: str | None, headers: str) -> None:
    for header in headers.split():
        label = label_of(ENGINE.catalog, header)
        assert (label.role if label else None) == role, header


def test_a_role_stays_whatever_the_cells_turn_out_to_be() -> None:
    arrays = [pa.array(PHONES), pa.array(PHONES), pa.array(["甲", "乙"] * 10)]
    found = column_types.infer_column_types(ENGINE, ["收件人", "寄件人信息", "收货人信息"], arrays)
    assert [column.role for column in found] == ["recipient", "sender", "recipient"]
    assert "cn.mobile" in found[0].recognizers
    assert "cn.mobile" in found[1].recognizers
    assert found[2].recognizers == ()


def test_a_column_of_shops_is_no_column_of_people() -> None:
    shops = ["周大福", "王老吉", "周黑鸭", "康师傅", "金利来", "方记店", "雷士灯", "安踏", "马家铺"]
    assert kinds((None, shops)) == [()]
    assert kinds((None, [*NAMES, "周大福"])) != [()]


def test_parts_of_addresses_are_no_addresses() -> None:
    (column,) = column_types.infer_column_types(ENGINE, ["省"], [pa.array(["湖南省", "广东省"])])
    assert column.label is not None
    assert column.label.parts
    assert ENGINE.find_table(pa.array(["湖南省"]), label=column.label).num_rows == 0


def test_digits_only_waybills_need_a_carrier_beside_them() -> None:
    bills = [f"3120000000{n:05d}" for n in range(20)]
    alone, together = kinds((None, bills))[0], kinds((None, bills), ("b", ["韵达快递"] * 20))[0]
    assert alone == ()
    assert "waybill.yunda" in together


def test_roles_come_from_names() -> None:
    found = column_types.infer_column_types(
        ENGINE, ["收件人电话", "寄件人电话"], [pa.array(PHONES), pa.array(PHONES)]
    )
    assert [column.role for column in found] == ["recipient", "sender"]


def test_known_names_are_counted() -> None:
    assert count_header_names(ENGINE.catalog, ["姓名", "手机号", "13800138000", "随便"]) == 2


def test_a_column_without_a_name_holds_masked_and_damaged_forms_too() -> None:
    cells = [*IDS, "430104199003070000", "430104********0016"]
    (column,) = column_types.infer_column_types(ENGINE, None, [pa.array(cells)])
    assert {"damaged.resident_id", "masked.resident_id"} <= set(column.recognizers)
    found = ENGINE.find_table(pa.array(cells[-2:]), label=column.label)
    assert found["entity"].to_pylist() == ["DAMAGED", "MASKED"]


def test_a_carrier_beside_it_makes_no_passports_of_product_codes() -> None:
    codes = [f"E{n:08d}" for n in range(20230000, 20230020)]
    found = kinds(("快递公司", ["中通快递"] * 20), (None, codes))
    assert found[1] == ()


def test_a_column_of_any_documents_holds_them_all() -> None:
    cells = ["430104190506150016", "E00000001", "H00000001", "C000001(7)", "军字第0000001号"]
    label = column_types.infer_column_types(ENGINE, ["证件号码"], [pa.array(cells)])[0].label
    found = ENGINE.find_table(pa.array(cells), label=label)
    assert found["entity"].to_pylist() == [
        "CN_RESIDENT_ID",
        "CN_PASSPORT",
        "CN_TRAVEL_PERMIT",
        "HK_ID",
        "CN_MILITARY_ID",
    ]


def test_a_column_of_system_numbers_is_what_most_of_its_cells_are() -> None:
    found = kinds(("uid", PHONES), ("user_id", IDS))
    assert ["cn.mobile" in found[0], "cn.resident_id" in found[1]] == [True, True]
    assert kinds(("uid", NUMBERS)) == [()]
    label = label_of(ENGINE.catalog, "uid")
    assert label is not None
    assert label.other == "system"
    cells = pa.array([PHONES[8], IDS[0], "wxid_abcdef123456"])
    table = ENGINE.find_table(cells, label=label)
    assert table["recognizer"].to_pylist() == ["cn.resident_id", "wechat.wxid"]
    low = ENGINE.find_table(cells, label=label, min_score=0.3)
    assert low["reason"].to_pylist() == ["NOT_LABELLED", None, None]
