"""A case of two databases of chats and a phone report alone: flow and money are the naive truth."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from pyarrow.parquet import read_table

from piiscan import count
from tests.case.dump import scan_dump, write_register
from tests.often import often
from tests.sources.chat_databases import Message, wechat_android, wechat_pc

OWN: Final = "wxid_aqiang99aqiang"
FANG, WANG = "wxid_fang123fangfang", "wxid_wang45wangwang"
ACCOUNTS: Final = {FANG: "小芳", WANG: "老王"}
GROUP: Final = "24680135@chatroom"
#: Whom the register knows under which account or nickname; nobody knows 老王.
KNOWN: Final = {OWN: "甲某", FANG: "王某"}
ALIASES: Final = [("甲某", "账号", OWN), ("王某", "账号", FANG), ("王某", "昵称", "小芳")]
CHINA: Final = timezone(timedelta(hours=8))
NAMES: Final = ["张伟", "王芳", "李娜", "刘洋", "陈静", "杨帆", "赵磊", "黄敏", "周杰", "吴刚"]
XML: Final = (
    "<msg><appmsg><title>微信转账</title><type>2000</type><wcpayinfo><paysubtype>{kind}</paysubtype>"
    "<feedesc><![CDATA[￥{fen}]]></feedesc></wcpayinfo></appmsg></msg>"
)
Money = tuple[str, str]  # kind, amount


def said(draw: random.Random, pool: list[str]) -> tuple[str, str | None, Money | None]:
    """A text, the phone in it, the money in it."""
    kind, fen = draw.randrange(6), draw.randrange(100, 900_000)
    yuan = f"{Decimal(fen) / 100:.2f}"
    if kind == 0:
        return f"[转账] ¥{yuan}", None, ("TRANSFER", yuan)
    if kind == 1:
        return XML.format(kind=1, fen=yuan), None, ("TRANSFER", yuan)
    if kind == 2:
        return XML.format(kind=3, fen=yuan), None, ("RECEIVED", yuan)
    if kind == 3:
        return f"{fen % 9 + 1}元一条", None, ("PRICE_EACH", f"{fen % 9 + 1}.00")
    phone = draw.choice(pool)
    return f"收件人{NAMES[int(phone) % 10]} 电话{phone}", phone, None


def conversation(draw: random.Random, pool: list[str], size: int) -> list[Any]:
    """Messages with the phone and the money in each."""
    found = []
    for at in range(size):
        chat = draw.choice((FANG, WANG, GROUP))
        own = draw.random() < 0.5
        speaker = OWN if own else draw.choice((FANG, WANG)) if chat == GROUP else chat
        text, phone, money = said(draw, pool)
        found.append((Message(1_683_345_601 + 60 * at, chat, speaker, own, text), phone, money))
    return found


def report(path: Path, messages: Iterable[Message]) -> None:
    """A phone report: the holder, and a sheet of chats with accounts and nicknames."""
    book = openpyxl.Workbook()
    book.active.title = "本机信息"
    for row in (["项目", "内容"], ["本机号码", "13700137999"], ["微信账号", OWN]):
        book.active.append(row)
    sheet = book.create_sheet("微信")
    sheet.append(["微信聊天记录"])
    sheet.append(["应用", "机主账号", "会话", "发送者昵称", "发送者账号", "发送时间", "消息内容"])
    for m in messages:
        nick = "阿强" if m.own else ACCOUNTS[m.speaker]
        sheet.append(["微信", OWN, m.chat, nick, m.speaker, moment(m), m.text])
    book.save(path)


def moment(message: Message) -> str:
    return datetime.fromtimestamp(message.time, CHINA).strftime("%Y-%m-%d %H:%M:%S")


def paid(message: Message, money: Money) -> tuple[Any, ...]:
    """Time, who is known of speaker, payer and payee; kind and amount of the money."""
    here = KNOWN.get(message.speaker)
    other = "甲某" if not message.own else KNOWN.get(message.chat)
    ends = {"TRANSFER": (here, other), "RECEIVED": (other, here)}.get(money[0], (None, None))
    return (moment(message), here, *money, *ends)


@pytest.mark.parametrize("seed", often(range(3), (0,)))
def test_flow_and_money_are_the_naive_truth(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    pool = [f"1390013{n:04d}" for n in draw.sample(range(9999), 60)]
    talks = [conversation(draw, pool, 60) for _ in range(3)]
    first, second, third = ([m for m, *_ in talk] for talk in talks)
    dump = tmp_path / "dump"
    wechat_android(dump / "手机" / "EnMicroMsg.db", first, ACCOUNTS, OWN)
    wechat_pc(dump / f"电脑/WeChat Files/{OWN}/Msg/MSG0.db", second, ACCOUNTS, OWN)
    report(dump / "报告.xlsx", third)
    said = {
        "手机/EnMicroMsg.db": {"角色": "获取", "来自": "小芳"},
        f"电脑/WeChat Files/{OWN}/Msg/MSG0.db": {"角色": "出售", "去向": "丙某"},
        "报告.xlsx": {"角色": "获取", "来自": "小芳"},
    }
    rows = [{"路径": (dump / file).as_posix(), "嫌疑人": "甲某", **said[file]} for file in said]
    register = write_register(tmp_path / "r.xlsx", rows, ALIASES)
    case = scan_dump([dump], tmp_path / "case")
    tables = count(case, register=register, key=tmp_path / "test.key").tables()

    known = {*KNOWN.values(), None}
    found = [
        (
            *(row[end] if row[end] in known else None for end in ("speaker", "payer", "payee")),
            *(row[name] for name in ("sent_time", "money_kind", "amount")),
        )
        for row in tables["chat_money"]
    ]
    wanted = [
        (speaker, payer, payee, time, kind, amount)
        for talk in talks
        for message, _, money in talk
        if money is not None
        for time, speaker, kind, amount, payer, payee in [paid(message, money)]
    ]
    assert sorted(map(str, found)) == sorted(map(str, wanted))

    bought, sold, more = ({phone for _, phone, _ in talk if phone} for talk in talks)
    acquired = bought | more  # the lists of contacts of the databases are his own
    totals = {row["suspect"]: row for row in tables["flow_total"]}
    assert totals["甲某"]["acquired"] == len(acquired)
    assert totals["甲某"]["sold_sum"] == len(sold)
    assert totals["甲某"]["flow_total"] == len(sold) + len(acquired - sold)
    assert totals["王某"]["sold_sum"] == len(acquired)
    edges = {
        (row["giver"], row["taker"]): row["distinct"]
        for row in tables["flow_edges"]
        if row["rests_on"] == "REGISTER" and row["distinct"]
    }
    assert edges["甲某", "丙某"] == len(sold)
    own = [
        r for s in case.shards("findings") for r in read_table(s).to_pylist() if r["role"] == "own"
    ]
    assert {row["entity"] for row in own} == {"CN_MOBILE", "WECHAT_ID"}
    (row,) = case.tables()["holder_accounts"]
    assert (row["platform"], row["files"]) == ("WeChat", 1)
    assert {row["member"] for row in own} == {"#userinfo", "#本机信息#transposed", "#微信"}
