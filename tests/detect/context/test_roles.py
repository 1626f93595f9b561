"""Whose a finding is, and what the name of a column before a value says."""

import datetime
import random
from itertools import product

import pyarrow as pa
import pytest

import piiscan
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.context.keyed_values import LIKELY_FORM, NO_FORM, SURE_FORM, form_of_name
from piiscan.detect.explain import explain
from piiscan.finding import engine_for
from tests.often import long
from tests.text_table import read_rows

ENGINE = engine_for(datetime.date(2026, 1, 1))
LABEL = """收：张三  19900000008  湖南省长沙市岳麓区示例路0号示例小区0栋0单元000
寄：示例商贸 0731-80000001
运单号 SF0000000000001   托寄物：日用品   2023-07-12 15:30"""
PHONE = "13800138000"
#: Role | words that label it.
WORDS = """
recipient | 收件人 收货人 收件 收 收方 收件电话 收货手机 consignee receiver 收貨人
customer | 顾客 客户 会员电话
borrower | 借款人 债务人
spouse | 配偶 配偶电话
sender | 寄件人 发件人 寄 寄方 发 发货人 寄件电话 shipper sender SHIPPER 發件人
courier | 快递员 派件员 业务员 派件员电话 courier
buyer | 买家 买家支付宝账号 下单人 buyer
account_holder | 户名 开户人 持卡人 收款人
signer | 签收人 签收电话
"""
PIECES = """
收 寄 发 件 人 ： : , ， 、 ( 【 】 。 / 货 方 张三 示例路 x 0
收件人 寄件人 客户 用户电话 收件 收方 快递员 签收人 户名 sender Receiver 收货地址
骑手 患者 司机 王燕 driver= sjrdh: "buyerName":" （ ）
"""
LABELLED = ("{}：张三 {}", "{}: {}", "【{}】{}", "寄件人李四，{}：{}", "x\n{} 张三\t{}", "（{}）{}")


def roles(text: str, label: str | None = None, *, names: bool = False) -> list[str]:
    """Return the findings in a text with their roles: ``13800138000/sender``."""
    found = piiscan.find(text, label, names=names)
    return [f"{each.text}/{each.role or '-'}" for each in found]


def test_a_label_has_two_people_and_a_number_of_both() -> None:
    numbers = ["19900000008/recipient", "0731-80000001/sender", "SF0000000000001/-"]
    address = "湖南省长沙市岳麓区示例路0号示例小区0栋0单元000/recipient"
    assert roles(LABEL) == numbers
    assert roles(LABEL, names=True) == ["张三/recipient", numbers[0], address, *numbers[1:]]


@pytest.mark.parametrize(("role", "words"), read_rows(WORDS))
def test_every_variant_of_a_label(role: str, words: str) -> None:
    for word, form in product(words.split(), LABELLED):
        assert roles(form.format(word, PHONE))[-1] == f"{PHONE}/{role}", (word, form)


@pytest.mark.parametrize(
    ("text", "label", "expected"),
    [
        *((word + PHONE, None, [f"{PHONE}/-"]) for word in ("代收：", "已签收 ", "接收 ")),
        (f"开发：{PHONE}", None, [f"{PHONE}/-"]),
        (f"张三 收 {PHONE}", None, [f"{PHONE}/-"]),  # a mark or the start of a line is needed
        *((word + PHONE, None, [f"{PHONE}/-"]) for word in ("发货时间 ", "收件城市 ")),
        (f"寄件网点 {PHONE}", None, [f"{PHONE}/-"]),
        (f"客户都去试试它好不好 {PHONE}", None, [f"{PHONE}/-"]),
        (f"他是一名快递员，电话{PHONE}", None, [f"{PHONE}/-"]),
        (f"receivership {PHONE}", None, [f"{PHONE}/-"]),
        (f"收件人：\n\n{PHONE}", None, [f"{PHONE}/-"]),  # a blank line ends a block
        (f"收件人：\n \t\r\n{PHONE}", None, [f"{PHONE}/-"]),
        (f"收件人：{'一' * 200}{PHONE}", None, [f"{PHONE}/-"]),  # too far away
        (f"{PHONE} 收件人：张三", None, [f"{PHONE}/-"]),  # behind it
        # a word in brackets behind a number is of that number
        ("13900000008(收) 13800138000（寄件人），13700137000", None,
         ["13900000008/recipient", f"{PHONE}/sender", "13700137000/-"]),
        # a word in a cell says more than its column
        (PHONE, "收件人手机号", [f"{PHONE}/recipient"]),
        (f"{PHONE} 寄件人13900139000", "收件人手机号",
         [f"{PHONE}/recipient", "13900139000/sender"]),
    ],
)  # fmt: skip
def test_a_role_needs_its_word_in_its_place(
    text: str, label: str | None, expected: list[str]
) -> None:
    assert roles(text, label) == expected


#: Text | findings with their roles; ``^``: 13800138000, ``~``: 13900139000, ``@``: an address.
PARTIES = """
客户张三^ | 张三/customer ^/customer
我是客户张三 ^ | 张三/customer ^/customer
说客户权利电话^ | ^/customer
业主张三，^ | 张三/owner ^/owner
患者张三，女，^ | 张三/patient ^/patient
审判长　张三 | 张三/judge
父张三在外务工，母 王燕^ | 张三/father 王燕/mother ^/mother
母 王燕~，住@ | 王燕/mother ~/mother @/-
证人张三，住@ | 张三/witness @/witness
师父张三^ | 张三/- ^/-
寄张三^，收李四~ | 张三/sender ^/sender 李四/recipient ~/recipient
代收张三^ | 张三/- ^/-
联系人1：张三（配偶）^ | 张三/contact_person ^/contact_person
张三（配偶）^ | 张三/spouse ^/spouse
被告人张三、李四和王五 | 张三/defendant 李四/defendant 王五/defendant
被告人张三伙同李四（^） | 张三/defendant 李四/- ^/-
客户张三投诉，李四^ | 张三/customer 李四/- ^/-
收件人：张三 ^ 李四 ~ | 张三/recipient ^/recipient 李四/recipient ~/recipient
收件人要求李四^ | 李四/- ^/-
快递员张三^说客户李四电话~打不通 | 张三/courier ^/courier 李四/customer ~/customer
派件员张三，电话^。李四，~ | 张三/courier ^/courier 李四/- ~/-
由收派员张三（^）派送@ | 张三/courier ^/courier @/-
骑手张三 ^ 送@ 顾客李四（~） | 张三/courier ^/courier @/- 李四/customer ~/customer
医生张三 李四 ^ | 张三/doctor 李四/- ^/-
客服张三登记，~来电 | 张三/clerk ~/-
{"driverName":"张三","driverPhone":"^"} | 张三/driver ^/driver
{"driver":{"name":"张三","phone":"^"},"tel":"~"} | 张三/driver ^/driver ~/driver
{"driver_phone":"^","name":"张三"} | ^/driver 张三/-
sjrxm=张三&sjrdh=^ | 张三/recipient ^/recipient
userName: '张三', buyerphone=^;order.payer.tel=~ | 张三/user ^/buyer ~/payer
"taxpayer":"张三", studio_phone="^" | 张三/- ^/-
门诊日志 张三 ^ | 张三/patient ^/patient
嫌疑人张三（绰号“李四”，微信号wxid_abc123） | 张三/suspect 李四/suspect wxid_abc123/suspect
借款人（甲方）：张三，^ | 张三/borrower ^/borrower
甲方（出租人）：张三 ^ | 张三/landlord ^/landlord
【平安好医生】张三，^ | 张三/- ^/-
老师我换了^ | ^/-
寄 张三 ^ @ 收 李四 ~ | 张三/sender ^/sender @/sender 李四/recipient ~/recipient
我妈叫张三，^ | 张三/mother ^/mother
＠所有人 张三 ^ | 张三/- ^/-
联系^，联系张三~ | ^/- 张三/contact_person ~/contact_person
"""


@pytest.mark.parametrize(("text", "expected"), read_rows(PARTIES))
def test_each_value_belongs_to_the_nearest_party(text: str, expected: str) -> None:
    def full(short: str) -> str:
        for sign, value in ("^", PHONE), ("~", "13900139000"), ("@", "湖南省长沙市示例路1号"):
            short = short.replace(sign, value)
        return short

    assert " ".join(roles(full(text), names=True)) == full(expected)


def test_roles_never_cross_texts() -> None:
    assert [each.role for each in piiscan.find_all(["收件人：", PHONE])[1]] == [None]


def made(count: int, seed: int) -> list[str]:
    """Return lines of role words, marks and numbers, mixed up."""
    draw = random.Random(seed)
    pieces = PIECES.split() + [" ", "\n", "\n\n", "\t", PHONE, " 13900139000 ", "\n13700137000"] * 3
    return ["".join(draw.choices(pieces, k=draw.randint(1, 25))) for _ in range(count)]


@pytest.mark.parametrize("count", [300, long(1000)])
def test_roles_do_not_depend_on_what_else_is_reported(count: int) -> None:
    texts = made(count, 12)
    keys = ("index", "start", "end", "recognizer", "role")
    tables = [
        ENGINE.find_table(pa.array(texts), **asked)
        for asked in ({}, {"min_score": 0.0}, {"rejected": True}, {"chunk": 50})
    ]
    plain, *others = [{tuple(row[k] for k in keys) for row in t.to_pylist()} for t in tables]
    assert len(plain) > count // 2
    for other in others:
        assert plain <= other


#: A name of a column before a value, as files and logs have it.
DRESSES = {
    "colon": "{name}：{value}，",
    "json": '{{"a": 1, "{name}": "{value}"}}',
    "query": "a=1&{name}={value}&b=2",
    "xml": "<r><{name}>{value}</{name}></r>",
    "log": "INFO saved {name}={value} in 12 ms",
    "php": "['{name}' => '{value}']",
}
dressed = pytest.mark.parametrize("dress", DRESSES.values(), ids=DRESSES)


def kinds(text: str, label: str | None = None) -> list[str]:
    """Return the findings in a text with their kinds: ``宁静/PERSON``."""
    return [f"{each.text}/{each.entity}" for each in piiscan.find(text, label)]


@dressed
@pytest.mark.parametrize("name", ["姓名", "name", "realName", "receiver_name", "紧急联系人姓名"])
def test_a_name_behind_the_name_of_its_column_is_found_in_every_dress(
    dress: str, name: str
) -> None:
    for value in ("张三", "宁静", "高峰", "马达", "欧阳娜娜", "石磊"):
        assert f"{value}/PERSON" in kinds(dress.format(name=name, value=value))


@dressed
def test_columns_of_every_recognizer_count(dress: str) -> None:
    for name, expected in (("device_id", ["860000000000009/IMEI"]), ("batch", [])):
        assert kinds(dress.format(name=name, value="860000000000009")) == expected


@dressed
@pytest.mark.parametrize("name", ["uid", "userId", "from_uid", "traceId", "itemId", "用户编号"])
def test_the_number_of_a_system_is_no_telephone_number(dress: str, name: str) -> None:
    text = dress.format(name=name, value="13800138001")
    assert kinds(text) == []
    assert kinds(text + " phone=13800138002") == ["13800138002/CN_MOBILE"]
    assert kinds(text.replace(name, "mobile")) == ["13800138001/CN_MOBILE"]
    wechat = dress.format(name=name, value="wxid_abcdef123456")
    assert kinds(wechat) == ["wxid_abcdef123456/WECHAT_ID"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((f"{name}：13800138000", []) for name in ("数量", "货号", "qty", "序号")),
        *((f"{name}：430104190506150016", ["430104190506150016/CN_RESIDENT_ID"])
          for name in ("数量", "货号", "qty", "序号")),
        # no keyed names
        *((text, []) for text in ("姓名：请填写", "姓名：电话：", "姓名：湖南省", "姓名：")),
        *((text, []) for text in ("host_name=宁静", "filename=宁静", "</name>宁静", "name>平静")),
        *((text, []) for text in ("name=管理员", '"name": "江苏"', "name 宁静")),
        # the name of the next value ends a value
        ("姓名：宁静身份证号：430104190506150016",
         ["宁静/PERSON", "430104190506150016/CN_RESIDENT_ID"]),
        ("联系人：李先生", ["李先生/NICKNAME"]),
        ("ｎａｍｅ＝宁静", ["宁静/PERSON"]),
        ("工\u200b号：A\u200b0017", ["A\u200b0017/RECORD_NO"]),
    ],
)  # fmt: skip
def test_what_a_key_says_of_its_value(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


def test_cells_under_a_header_are_read_by_their_header_alone() -> None:
    assert label_of(ENGINE.catalog, "数量") is not None
    assert kinds("name=宁静") != []
    assert kinds("name=宁静", "数量") == []


def test_an_explanation_names_the_column_name_as_the_label() -> None:
    words = [each.word for each in explain(ENGINE, "工号：A0017").candidates if each.word]
    assert [(each.word, each.nearness, each.start) for each in words] == [("工号", "direct", 0)]


@pytest.mark.parametrize(
    ("value", "form"),
    [("宁静", SURE_FORM), ("管理员", LIKELY_FORM), ("请填写", NO_FORM), ("张三李四王", NO_FORM)],
)
def test_form_of_a_name(value: str, form: int) -> None:
    assert form_of_name(value) == form
