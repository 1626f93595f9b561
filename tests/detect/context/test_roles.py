"""Whose a finding is: every label variant of a waybill, and a naive twin on made-up texts."""

from __future__ import annotations

import datetime
import random

import pyarrow as pa
import pytest

from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.engine import Engine
from tests.often import long
from tests.oracles.roles import role_at

LABEL = """收：张三  19900000008  湖南省长沙市岳麓区示例路0号示例小区0栋0单元000
寄：示例商贸 0731-80000001
运单号 SF0000000000001   托寄物：日用品   2023-07-12 15:30"""
PHONE = "13800138000"
PIECES = """
收 寄 发 件 人 ： : , ， 、 ( 【 】 。 / 货 方 张三 示例路 x 0
收件人 寄件人 客户 用户电话 收件 收方 快递员 签收人 户名 sender Receiver 收货地址
"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load(), as_of=datetime.date(2026, 1, 1))


def found(engine: Engine, *texts: str, **asked) -> list[list[tuple[str, str | None]]]:
    rows: list[list[tuple[str, str | None]]] = [[] for _ in texts]
    for row in engine.find_table(pa.array(texts), **{"names": False, **asked}).to_pylist():
        rows[row["index"]].append((row["text"], row["role"]))
    return rows


def test_a_label_has_two_people_and_a_number_of_both(engine: Engine) -> None:
    assert found(engine, LABEL) == [
        [("19900000008", "recipient"), ("0731-80000001", "sender"), ("SF0000000000001", None)]
    ]


def test_names_and_addresses_have_the_roles_of_their_lines(engine: Engine) -> None:
    assert found(engine, LABEL, names=True) == [
        [
            ("张三", "recipient"),
            ("19900000008", "recipient"),
            ("湖南省长沙市岳麓区示例路0号示例小区0栋0单元000", "recipient"),
            ("0731-80000001", "sender"),
            ("SF0000000000001", None),
        ]
    ]


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("recipient", "收件人 收货人 收件 收 收方 收件电话 收货手机 consignee receiver 收貨人"),
        ("customer", "顾客 客户 会员电话"),
        ("borrower", "借款人 债务人"),
        ("spouse", "配偶 配偶电话"),
        ("sender", "寄件人 发件人 寄 寄方 发 发货人 寄件电话 shipper sender SHIPPER 發件人"),
        ("courier", "快递员 派件员 业务员 派件员电话 courier"),
        ("buyer", "买家 买家支付宝账号 下单人 buyer"),
        ("account_holder", "户名 开户人 持卡人 收款人"),
        ("signer", "签收人 签收电话"),
    ],
)
def test_every_variant_of_a_label(engine: Engine, role: str, words: str) -> None:
    forms = (
        "{}：张三 {}",
        "{}: {}",
        "【{}】{}",
        "寄件人李四，{}：{}",
        "x\n{} 张三\t{}",
        "（{}）{}",
    )
    for word in words.split():
        texts = [form.format(word, PHONE) for form in forms]
        assert found(engine, *texts) == [[(PHONE, role)]] * len(texts), word


@pytest.mark.parametrize(
    "text",
    [
        f"代收：{PHONE}",  # another word
        f"已签收 {PHONE}",
        f"接收 {PHONE}",
        f"开发：{PHONE}",
        f"张三 收 {PHONE}",  # one character needs a mark or the start of a line
        f"发货时间 {PHONE}",
        f"收件城市 {PHONE}",
        f"我是客户张三 {PHONE}",
        f"他是一名快递员，电话{PHONE}",
        f"receivership {PHONE}",
        f"寄件网点 {PHONE}",
        f"收件人：\n\n{PHONE}",  # a blank line ends a block
        f"收件人：\n \t\r\n{PHONE}",
        f"收件人：{'一' * 200}{PHONE}",  # too far away
        f"{PHONE} 收件人：张三",  # behind it
    ],
)
def test_no_role_where_no_word_says_so(engine: Engine, text: str) -> None:
    assert found(engine, text) == [[(PHONE, None)]]


def test_a_word_in_brackets_behind_a_number_is_of_that_number(engine: Engine) -> None:
    text = "13900000008(收) 13800138000（寄件人），13700137000"
    assert found(engine, text) == [
        [("13900000008", "recipient"), (PHONE, "sender"), ("13700137000", None)]
    ]


def test_a_word_in_a_cell_says_more_than_its_column(engine: Engine) -> None:
    label = label_of(engine.catalog, "收件人手机号")
    cells = found(engine, PHONE, f"{PHONE} 寄件人13900139000", label=label)
    assert cells == [[(PHONE, "recipient")], [(PHONE, "recipient"), ("13900139000", "sender")]]


def test_roles_never_cross_texts(engine: Engine) -> None:
    assert found(engine, "收件人：", PHONE) == [[], [(PHONE, None)]]


def made(count: int, seed: int) -> list[str]:
    """Lines of role words, marks and numbers, mixed up."""
    draw = random.Random(seed)
    pieces = [
        *PIECES.split(),
        *[" ", "\n", "\n\n", "\t", PHONE, " 13900139000 ", "\n13700137000"] * 3,
    ]
    return ["".join(draw.choices(pieces, k=draw.randint(1, 25))) for _ in range(count)]


@pytest.mark.parametrize("count", [1000, long(4000)])
def test_a_naive_twin_gives_the_same_roles(engine: Engine, count: int) -> None:
    texts = made(count, 11)
    roles = engine.catalog.vocabulary["roles"]
    rows = engine.find_table(pa.array(texts), names=False).to_pylist()
    kinds = {role for row in rows if (role := row["role"])}
    assert {"recipient", "sender", "courier", "user", "signer", "account_holder"} <= kinds
    for row in rows:
        text = texts[row["index"]]
        assert text[row["start"] : row["end"]] == row["text"]
        nobodys = row["entity"] in engine.catalog.vocabulary["without_role"]["entities"]
        expected = None if nobodys else role_at(text, row["start"], roles)
        assert row["role"] == expected, (text, row["start"])


@pytest.mark.parametrize("count", [300, long(1000)])
def test_roles_do_not_depend_on_what_else_is_reported(engine: Engine, count: int) -> None:
    texts = made(count, 12)
    keys = ("index", "start", "end", "recognizer", "role")
    tables = [
        engine.find_table(pa.array(texts), **asked)
        for asked in ({}, {"min_score": 0.0}, {"rejected": True}, {"chunk": 50})
    ]
    plain, *others = [{tuple(row[k] for k in keys) for row in t.to_pylist()} for t in tables]
    assert len(plain) > count // 2
    for other in others:
        assert plain <= other
