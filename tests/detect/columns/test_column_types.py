"""What a column holds: its name where the cells bear it out, else what most of its cells are."""

import random
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from piiscan import find_all
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.columns.header_names import count_header_names
from tests.detect.columns.typed import ENGINE, find_in_column, type_columns

PHONES = [f"1990000{n:04d}" for n in range(20)]
IDS = ["430104190506150016", "110103190808080032", "330113190707079992"] * 5
BAD_IDS = [f"4301041905{n:02d}15001{n % 9}" for n in range(1, 13)]
NUMBERS = [f"1{n % 10}12345678{n % 10}" for n in range(20)]
NAMES = ["张三", "李四", "王小明", "欧阳娜娜", "赵六", "钱七", "孙八", "周九"]
PLACES = [f"湖南省长沙市岳麓区示例路{n}号示例小区{n}栋{n}室" for n in range(1, 9)]


def kinds(*tables: tuple[str | None, Sequence[str | None]]) -> list[tuple[str, ...]]:
    return [column.recognizers for column in type_columns(*tables)]


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
    found = type_columns(
        ("收件人", PHONES), ("寄件人信息", PHONES), ("收货人信息", ["甲", "乙"] * 10)
    )
    assert [column.role for column in found] == ["recipient", "sender", "recipient"]
    assert ["cn.mobile" in column.recognizers for column in found] == [True, True, False]
    assert found[2].recognizers == ()


def test_a_column_of_shops_is_no_column_of_people() -> None:
    shops = ["周大福", "王老吉", "周黑鸭", "康师傅", "金利来", "方记店", "雷士灯", "安踏", "马家铺"]
    assert kinds((None, shops)) == [()]
    assert kinds((None, [*NAMES, "周大福"])) != [()]


def test_parts_of_addresses_are_no_addresses() -> None:
    (column,) = type_columns(("省", ["湖南省", "广东省"]))
    assert column.label is not None
    assert column.label.parts
    assert find_in_column(["湖南省"], column) == []


def test_digits_only_waybills_need_a_carrier_beside_them() -> None:
    bills = [f"3120000000{n:05d}" for n in range(20)]
    alone, together = kinds((None, bills))[0], kinds((None, bills), ("b", ["韵达快递"] * 20))[0]
    assert alone == ()
    assert "waybill.yunda" in together


def test_known_names_are_counted() -> None:
    assert count_header_names(ENGINE.catalog, ["姓名", "手机号", "13800138000", "随便"]) == 2


@pytest.mark.parametrize(
    ("header", "cells", "entities"),
    [
        (
            None,  # masked and damaged forms too
            [*IDS, "430104199003070000", "430104********0016"],
            [*["CN_RESIDENT_ID"] * len(IDS), "DAMAGED", "MASKED"],
        ),
        (
            "证件号码",
            ["430104190506150016", "E00000001", "H00000001", "C000001(7)", "军字第0000001号"],
            ["CN_RESIDENT_ID", "CN_PASSPORT", "CN_TRAVEL_PERMIT", "HK_ID", "CN_MILITARY_ID"],
        ),
    ],
)
def test_a_column_of_several_kinds_holds_them_all(
    header: str | None, cells: list[str], entities: list[str]
) -> None:
    (column,) = type_columns((header, cells))
    assert [row["entity"] for row in find_in_column(cells, column)] == entities


def test_a_carrier_beside_it_makes_no_passports_of_product_codes() -> None:
    codes = [f"E{n:08d}" for n in range(20230000, 20230020)]
    found = kinds(("快递公司", ["中通快递"] * 20), (None, codes))
    assert found[1] == ()


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


MOBILES = ["19900000001", "19900000012", "19900000023", "19900000034", "19900000045"]
MAILS = [f"demo{n}@example.com" for n in range(5)]
QQ = ["9000000002", "123456789", "98765", "876543210", "55667788"]
PASSWORDS = ["abc12345", "Li198807", "qwe!23456", "woaini520", "123456a"]
PERSONS = ["张三", "李四", "王小明", "欧阳娜娜", "赵六"]
ALIASES = ["lilei1988", "wang520", "Summer2008", "zhao_66", "qian77888"]
LOGIN_DATA = [f"62706C6973743030{n:040X}" for n in range(5)]
ANDROID = [f"A{n:015x}" for n in range(7, 12)]


def is_secret(*tables: list[str]) -> list[bool]:
    """Return whether each column is one of secrets; none has a name."""
    found = type_columns(*((None, cells) for cells in tables))
    by_id = ENGINE.catalog.by_id
    entities = [{by_id[each].entity for each in column.recognizers} for column in found]
    assert all(kinds == {"CREDENTIAL"} or "CREDENTIAL" not in kinds for kinds in entities)
    return ["CREDENTIAL" in kinds for kinds in entities]


@pytest.mark.parametrize(
    ("tables", "secret"),
    [
        ((MOBILES, PASSWORDS), [1]),
        ((MAILS, PASSWORDS), [1]),
        ((QQ, PASSWORDS), [1]),
        ((PASSWORDS, MOBILES), []),  # the account is not in front
        ((["x", "y", "zz", "w", "v"], PASSWORDS), []),
        ((PERSONS, MOBILES, ALIASES), []),  # aliases beside names
        ((PERSONS, MOBILES, PASSWORDS), [2]),
        ((MOBILES, ALIASES), [1]),
        ((MOBILES, PASSWORDS, LOGIN_DATA, ANDROID), [1, 2, 3]),
        ((MOBILES, [f"B{n:015x}" for n in range(7, 12)]), []),
        ((MOBILES, [f"SN00000{n}" for n in range(5)]), []),
        ((MOBILES, ["2023-07-12", "2023-07-13", "2023-08-01", "2023-09-30", "2024-01-01"]), []),
        ((MOBILES, ["e10adc3949ba59abbe56e057f20f883e", "d41d8cd98f00b204e9800998ecf8427e"]), []),
        ((MOBILES, ["active", "active", "blocked", "active", "deleted"]), []),
        ((MOBILES, ["A123 B", "B234 C", "C345 D", "D456 E", "E567 F"]), []),
        ((MOBILES, ["13.5", "99.0", "1024.75", "7.5", "120.25"]), []),
        ((MOBILES, ["iPhone12", "iPhone12", "iPhone13", "iPhone12", "iPhone13"]), []),
    ],
)
def test_a_column_of_chosen_secrets_behind_accounts_is_one_of_passwords(
    tables: tuple[list[str], ...], secret: list[int]
) -> None:
    assert [at for at, each in enumerate(is_secret(*tables)) if each] == secret


def test_the_secrets_of_a_line_are_found_behind_the_account() -> None:
    lines = ["13800138000----abc12345", "demo@qq.com:letmein", "demo@example.com----Demo_2023!"]
    secrets = [
        [(each.start, each.end) for each in found if each.entity == "CREDENTIAL"]
        for found in find_all(lines)
    ]
    assert secrets == [[(15, 23)], [(12, 19)], [(20, 30)]]


@pytest.mark.parametrize("headers", [("手机号", "62数据"), (None, None)])
def test_login_data_of_thousands_of_characters_are_found_in_their_column(
    headers: tuple[str | None, str | None],
) -> None:
    data = ["62706C6973743030" + f"{n:064X}" * 45 for n in range(5)]
    (_, column) = type_columns((headers[0], MOBILES), (headers[1], data))
    found = find_in_column(data, column)
    assert {(row["start"], row["end"], row["entity"]) for row in found} == {(0, 2896, "CREDENTIAL")}
    assert [row["value"] for row in found] == data


def test_a_secret_has_two_to_the_sixteen_characters_at_most() -> None:
    edge = pa.array(["A1" * (1 << 15), "A1" * (1 << 15) + "A"])
    found = ENGINE.find_table(edge, label=label_of(ENGINE.catalog, "token"))
    assert found["index"].to_pylist() == [0]


def test_every_cell_of_a_password_column_is_found_unless_it_has_a_name() -> None:
    (_, column) = type_columns((None, MOBILES), (None, PASSWORDS))
    found = find_in_column(PASSWORDS, column)
    assert [(row["index"], row["entity"]) for row in found] == [
        (at, "CREDENTIAL") for at in range(5)
    ]
    assert type_columns(("手机号", MOBILES), ("备注", PASSWORDS))[1].label is None


def test_a_column_called_imei_is_no_column_of_identity_numbers() -> None:
    cells = ["350301560525808", "350301560525816", "350301560525824"]  # Fujian, 1956-05-25
    (column,) = type_columns(("IMEI", cells))
    assert "device.imei" in column.recognizers
    found = find_in_column(cells, column)
    assert [row["entity"] for row in found] == ["IMEI"] * 3
    assert found[0]["score"] == 0.9


def test_coordinates_in_two_columns_are_parts() -> None:
    found = type_columns(("经度", ["112.938812"]), ("纬度", ["28.228209"]))
    assert all(column.label is not None and column.label.parts for column in found)


def found(cells: list[str], header: str | None = None) -> list[tuple[str, float, str | None]]:
    rows = find_in_column(cells, *type_columns((header, cells)), min_score=0.3)
    return [(row["recognizer"], row["score"], row["reason"]) for row in rows]


def tw_like(rng: random.Random) -> str:
    return rng.choice("ABCDEF") + rng.choice("12") + f"{rng.randrange(10**8):08d}"


def hk_like(rng: random.Random) -> str:
    return f"{rng.choice('ABCDEFG')}{rng.randrange(10**6):06d}({rng.randrange(10)})"


def card_like(rng: random.Random) -> str:
    return f"621700{rng.randrange(10**13):013d}"


def passing(
    make: Callable[[random.Random], str], which: str, rng: random.Random, count: int
) -> list[str]:
    good: list[str] = []
    while len(good) < count:
        drawn = [make(rng) for _ in range(200)]
        rows = ENGINE.find_table(pa.array(drawn)).to_pylist()
        good += [row["text"] for row in rows if row["recognizer"] == which]
    return good[:count]


KINDS = [(tw_like, "tw.id"), (hk_like, "hk.id"), (card_like, "cn.bank_card")]


@pytest.mark.parametrize(("make", "which"), KINDS, ids=["taiwan", "hongkong", "cards"])
def test_codes_that_pass_by_chance_are_held_low_and_kept(
    make: Callable[[random.Random], str], which: str
) -> None:
    cells = [make(random.Random(n)) for n in range(400)]
    bare = ENGINE.find_table(pa.array(cells)).to_pylist()
    lucky = [row for row in bare if row["recognizer"] == which]
    assert 15 <= len(lucky) <= 70
    rows = [row for row in found(cells, "料号x") if row[0] == which]
    assert rows == [(which, 0.3, "CHANCE")] * len(lucky)


@pytest.mark.parametrize(("make", "which"), KINDS, ids=["taiwan", "hongkong", "cards"])
@pytest.mark.parametrize("broken", [0, 20, 80])
def test_real_numbers_among_broken_ones_stay(
    make: Callable[[random.Random], str], which: str, broken: int
) -> None:
    rng = random.Random(7)
    cells = passing(make, which, rng, 200 - broken)
    cells += [make(rng) for _ in range(broken)]
    kept = [row for row in found(cells) if row[0] == which and row[1] >= 0.5]
    assert len(kept) >= 200 - broken


def test_identity_numbers_a_tenth_of_them_broken_stay_identity_numbers() -> None:
    good = ["430104190506150016"] * 90
    rows = found([*good, *["430104190506150017"] * 10])
    assert sum(row[1] >= 0.85 for row in rows) == 90
    rows = found([*["430104190506150017"] * 10, *good[:2]])
    assert all(reason != "CHANCE" for _, _, reason in rows)


def test_a_few_codes_are_too_few_to_judge_by() -> None:
    rng = random.Random(3)
    cells = [tw_like(rng) for _ in range(5)] + passing(tw_like, "tw.id", rng, 1)
    assert ("tw.id", 0.6, None) in found(cells)


def test_its_own_name_and_a_word_in_front_say_more_than_chance() -> None:
    cells = [tw_like(random.Random(n)) for n in range(400)]
    own = found(cells, "台湾身份证")
    assert own
    assert all(reason != "CHANCE" for _, _, reason in own)
    (column,) = type_columns((None, cells))
    (good,) = passing(tw_like, "tw.id", random.Random(5), 1)
    word = ENGINE.catalog.by_id["tw.id"].context[0]
    (row,) = find_in_column([f"{word}：{good}"], column)
    assert row["score"] == 0.85
