"""Dealings in chats that the register confirms: files, payments, phones with a code, accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from piiscan import count_records
from piiscan.case.flow.parties import FlowSettings
from piiscan.case.pipeline import PipelineResult, run
from piiscan.case.register import Dealing, GroupMember
from piiscan.parsing.party_names import digest_parties
from piiscan.schemas import FILE_TRANSFERS
from tests.case.literal_rows import RULES, only, plain_rows, register_of, source, steps

NOON = datetime.fromisoformat("2024-03-05 12:00:00")


def said(*messages: tuple[int, str, str]) -> str:
    """A chat of messages: minutes after noon, speaker, text."""
    return "".join(f"{NOON + timedelta(minutes=at)} {who}: {text}\n" for at, who, text in messages)


def confirm(form: Path) -> list[str]:
    """Confirm all dealings of a draft; a file was sold. Return the kinds of the dealings."""
    book = openpyxl.load_workbook(form)
    cells = {"嫌疑人": ("检材登记表", "", "甲某"), "角色": ("检材登记表", "客户.csv", "出售"),
             "邮箱、账号本身被获取": ("检材登记表", "小芳聊天记录.txt", "是"),
             "确认": ("聊天往来", "", "是")}  # fmt: skip
    for heading, (name, path, text) in cells.items():
        head, *rows = book[name].iter_rows()
        column = [cell.value for cell in head].index(heading)
        for row in rows:
            if str(row[0].value or "").endswith(path):
                row[column].value = text
    kinds = [str(row[3].value) for row in book["聊天往来"].iter_rows(min_row=2)]
    book.save(form)
    return kinds


def parts(done: PipelineResult, entry: str) -> Any:
    (row,) = only(done.count.tables(), "by_suspect", scope_kind="suspect", entry=entry)
    return row["beside"]["parts"]


def test_chats_are_drafted_confirmed_and_in_the_statement(tmp_path: Path) -> None:
    phones = [(60 * n, "卡商", f"1501234{n:04d}") for n in range(20)]
    codes = [(at + 1 + n % 10, who, f"验证码{482900 + n}") for n, (at, who, _) in enumerate(phones)]
    late = (3000, "卡商", "15099990000"), (3011, "卡商", "验证码778899")
    # two phones, then two codes: the first code is of the last phone
    two = [(3100 + n, "卡商", text) for n, text in enumerate(("15099990001", "15099990002"))]
    two += [
        (3102, "卡商", "验证码112233"),
        (3103, "卡商", "验证码445566"),
    ]  # of the last phone, once
    # newest first; the code in 乙's conversation has no phone there
    table = [("甲群", 3, "验证码482913"), ("乙群", 2, "验证码593027"), ("甲群", 1, "15099990003")]
    table += [("甲群", 0, "在吗")]
    deal = (
        (0, "小芳", "4元一条"), (1, "小芳", "[转账] ¥4800"), (2, "甲某", "[已收款] ¥4800"),
        (3, "甲某", "[文件] 客户.csv"), (4, "小芳", "[红包] ¥900"), (5, "甲某", "[退款] ¥300"),
    )  # fmt: skip
    dump = tmp_path / "dump"
    dump.mkdir()
    names = "".join(f"张三,1391234{n:04d}\n" for n in range(10))
    for name, text in {
        "客户.csv": f"姓名,手机号\n{names}",
        "与小芳聊天记录.txt": said(*deal),
        "与卡商聊天记录.txt": said(*sorted([*phones, *codes, *late, *two])),
        "会话.csv": "会话,发送时间,发送者,消息内容\n"
        + "".join(f"{talk},2024-03-05 13:0{n}:00,卡商,{text}\n" for talk, n, text in table),
    }.items():
        (dump / name).write_text(text, "utf-8")
    first = run(dump, tmp_path / "out", key=tmp_path / "k")
    tables = first.count.tables()
    assert (len(tables["code_pairs"]), tables["transfers"]) == (22, [])
    assert steps(tables)[2] == 10  # nobody has confirmed a phone and its code
    kinds = confirm(first.files["register"])
    assert Counter(kinds) == {
        "手机号＋验证码": 22, "转账": 1, "说已收到": 1, "文件": 1, "红包": 1, "退款": 1,
    }  # fmt: skip
    again = run(dump, tmp_path / "out", key=tmp_path / "k")
    tables = again.count.tables()
    assert steps(tables)[2] == 32
    assert only(tables, "flow_total", suspect="甲某")[0]["sold_sum"] == 10
    assert parts(again, "received") == [["rests_on.CHAT", "5,400.00"]]
    assert parts(again, "code_pairs") == [["by_suspect.confirmed", 22]]
    (gross,) = {row["ratio"] for row in only(tables, "dealing_money", money_reading="gross")}
    assert gross == "1.08"
    assert only(tables, "tier_crossings", scope="甲某", crossing_line=1)[0]["crossed"] == "all"
    assert tables["flow_warnings"] == []
    assert (first.open_categories, again.open_categories) == (1, 2)  # contents of the account


Told = tuple[str, str | None, str | None, int, int]  # kind, speaker, listener, yuan, minutes


def counted(
    chats: Iterable[Iterable[Told]], *lines: str, members: Iterable[str] = (), **sides: str
) -> Any:
    """The tables of payments in chats that are all confirmed; N.csv is a list of two persons."""
    lists = [line.partition(",")[0] for line in lines if ".csv" in line]
    sources = [source(n, ["id:1", "id:2"], name) for n, name in enumerate(lists, 100)]
    dealings = []
    for number, chat in enumerate(chats, 1):
        rows = []
        for row, (kind, speaker, listener, yuan, minutes) in enumerate(chat, 1):
            rows.append(
                {"source": number, "member": "", "row": row, "what": "MONEY", "money_kind": kind,
                 "amount": yuan, "time": NOON + timedelta(minutes=minutes)}
            )  # fmt: skip
            for side, name in (("sender", speaker), ("receiver", listener)):
                if name is not None:
                    digest = digest_parties([name], bytes(32))[0]
                    rows[-1] |= {side: name, f"{side}_digest": digest}
            dealings.append(Dealing(f"{number}.txt", "", row, kind, **sides))
        messages = plain_rows(FILE_TRANSFERS, rows)
        sources.append(replace(source(number, (), f"{number}.txt"), messages=messages))
    joint = tuple(GroupMember("一组", "joint", name, None, None) for name in members)
    flow = FlowSettings((), joint, lambda names: digest_parties(names, bytes(32)), False, dealings)
    heading = "路径,嫌疑人,角色,来自,去向,价格,履职或服务中获得"
    register = replace(register_of(heading, *lines), members=joint)
    return count_records(sources, register, replace(RULES, flow=flow))


def yuan_of(tables: Any, scope: str, entry: str = "received") -> str | None:
    rows = only(tables, "by_suspect", scope=scope, entry=entry)
    sums = [text.replace(",", "") for row in rows for _, text in row["beside"]["parts"]]
    return str(sum(map(Decimal, sums))) if sums else None


def paid(yuan: int, who: str = "小芳", minutes: int = 0) -> Told:
    return "TRANSFER", who, "甲", yuan, minutes


TAKEN: Told = ("RECEIVED", "甲", "小芳", 4800, 9)
#: Chats, buyers and price in the register, what the seller got.
SALES: Sequence[tuple[Sequence[Sequence[Told]], str, str]] = (
    ([[paid(4800), TAKEN]], "小芳,", "4800.00"),
    ([[paid(4800)], [paid(4800), TAKEN]], "小芳,", "4800.00"),  # the chats of both sides
    ([[paid(4800), paid(4800)]], "小芳,", "9600.00"),
    ([[paid(4800)], [("TRANSFER", "小芳", None, 4800, 1)]], "小芳,", "4800.00"),
    ([[paid(4800)]], "小芳,5000", "5000.00"),
    ([[paid(4800)]], "小芳,3000,是", "4800.00"),
    ([[paid(4800)]], ",5000", "5000.00"),  # the buyer may be she
    ([[paid(4800)]], "老王,5000", "9800.00"),
    ([[paid(4800)]], "小芳、老王,5000", "5000.00"),  # the price is that of both
    ([[paid(4800), paid(3000, "老王")]], "小芳、老王,5000", "7800.00"),
    ([[paid(4800), ("REFUND", "甲", "小芳", 800, 5)]], "小芳,", "4000.00"),
)


def test_money_is_counted_once() -> None:
    """Each sale has its own people, 甲0 and 小芳0."""

    def own(name: str | None, at: int) -> str | None:
        return name and f"{name}{at}"

    chats = [
        [(kind, own(who, at), own(whom, at), *rest) for kind, who, whom, *rest in chat]
        for at, (said_, *_) in enumerate(SALES)
        for chat in said_
    ]
    lines = [
        f"{at}.csv,甲{at},出售,,{line.replace('小芳', f'小芳{at}').replace('老王', f'老王{at}')}"
        for at, (_, line, _) in enumerate(SALES)
    ]
    tables = counted(chats, *lines)  # type: ignore[arg-type]
    assert [yuan_of(tables, f"甲{at}") for at in range(len(SALES))] == [y for *_, y in SALES]
    assert only(tables, "flow_warnings", warning="NO_MESSAGE") == []
    duty = only(tables, "dealing_money", scope="甲5", money_reading="duty")
    assert {row["amount"] for row in duty} == {"4800.00"}


def test_payments_inside_a_group_are_nobodys_and_the_group_has_a_row() -> None:
    chats = [[paid(4800), paid(7000, "乙")]]
    lines = "0.csv,甲,出售,,小芳,", "1.txt,乙,,,,"
    alone, joint = (counted(chats, *lines, members=members) for members in ((), ("甲", "乙")))
    assert [yuan_of(alone, "甲"), yuan_of(alone, "乙", "paid")] == ["11800.00", "7000.00"]
    assert [yuan_of(joint, "甲"), yuan_of(joint, "乙", "paid")] == ["4800.00", None]
    assert yuan_of(joint, "一组") == "4800.00"
    assert {row["amount"] for row in only(joint, "dealing_money", scope="一组")} == {"4800.00"}


def test_the_register_names_sides_that_messages_leave_open() -> None:
    chats: list[list[Told]] = [[("TRANSFER", None, None, 500, 0)]]
    named = counted(chats, "0.csv,甲,出售,,小芳,", giver="老王", taker="甲")
    assert [row["taker"] for row in only(named, "transfers", rests_on="CHAT")] == ["老王"]
    assert yuan_of(counted(chats, "0.csv,甲,出售,,小芳,"), "甲") is None


def test_who_writes_is_a_person_of_an_account_that_was_obtained() -> None:
    rows = ["wechat:a@speaker wechat:b@listener", "wechat:a@speaker id:1"]
    register = register_of("路径,邮箱、账号本身被获取", "1,是", "2,", "3,是")
    sources = []
    for number, kind in ((1, "chat"), (2, "chat"), (3, "sheet")):
        one = source(number, rows, str(number))
        sources.append(replace(one, parts=one.parts.set_column(2, "kind", [[kind]])))
    tables = count_records(sources, register, RULES)
    units = {row["scope"]: row["U2"] for row in only(tables, "units", scope_kind="source")}
    assert units == {"1": 3, "2": 1, "3": 3}
    assert [row["path"] for row in tables["proposals"]] == ["1"]  # an attached list has no messages
