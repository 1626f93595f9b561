"""Chats: who sent which file to whom and who paid whom, in every form of a chat, by alias too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from piiscan import count
from tests.case.dump import scan_dump, write_register
from tests.case.literal_rows import only

LIST = "姓名,手机号\n" + "".join(f"张三,138001380{n:02d}\n" for n in range(1, 13))
ALIASES = (("王某", "昵称", "小芳"), ("王某", "账号", "wx_fang"), ("甲某", "昵称", "阿强"))

SAID = (
    ("小芳", "发你了 客户.csv"), ("小芳", "4元一条，打包2000"), ("阿强", "[转账] ¥4800"),
    ("小芳", "已收款 ¥4800"), ("阿强", "红包200元"),
)  # fmt: skip
TIMED = [(f"2023-05-01 10:0{at}:00", who, text) for at, (who, text) in enumerate(SAID)]
ONE_LINE = "我与小芳的聊天记录\n\n" + "".join(
    f"{time} {who}: {text}\n" for time, who, text in TIMED
)
TWO_LINES = "消息对象:小芳(wx_fang)\n\n" + "".join(
    f"{time} {'我' if who == '阿强' else '小芳(wx_fang)'}\n{text}\n\n" for time, who, text in TIMED
)
TABLE = "时间,发送者,接收者,内容\n" + "".join(
    f"{time},{'我,小芳' if who == '阿强' else '小芳,我'},{text}\n" for time, who, text in TIMED
)
EXPORT = json.dumps(
    {"name": "小芳", "type": "personal_chat", "id": 5, "messages": [
        {"id": at, "date": f"2023-05-01T10:0{at}:00", "from": who, "text": text}
        for at, (who, text) in enumerate(SAID)
    ]},
    ensure_ascii=False,
)  # fmt: skip
PAGE = '<html><body><div class="page_header"><div class="text">小芳</div></div>' + "".join(
    f'<div class="message default"><div class="date" title="01.05.2023 10:0{at}:00">10</div>'
    f'<div class="from_name">{who}</div><div class="text">{text}</div></div>'
    for at, (who, text) in enumerate(SAID)
)
QQ_PAGE = (
    "<html><table><tr><td>消息对象:小芳</td></tr><tr><td>日期: 2023-05-01</td></tr>"
    + "".join(
        f"<tr><td><div><div>{who}</div>10:0{at}:00</div><div>{text}</div></td></tr>"
        for at, (who, text) in enumerate(SAID)
    )
)


def counted(tmp_path: Path, name: str, chat: str, *, aliases: Any = ALIASES) -> Any:
    """The tables of a case of one list and one chat, both on 甲某's laptop."""
    dump = tmp_path / "dump"
    dump.mkdir()
    (dump / "客户.csv").write_text(LIST, "utf-8")
    (dump / name).write_text(chat, "utf-8")
    rows = [
        {"路径": dump.as_posix(), "嫌疑人": "甲某"},
        {"路径": f"{dump.as_posix()}/客户.csv", "角色": "获取", "来自": "小芳"},
    ]
    register = write_register(tmp_path / "r.xlsx", rows, aliases)
    case = scan_dump([dump], tmp_path / "case")
    return count(case, register=register, key=tmp_path / "test.key").tables()


@pytest.mark.parametrize(
    ("name", "chat", "row"),
    [
        ("a.txt", ONE_LINE, 3),
        ("a.txt", TWO_LINES, 4),
        ("a.csv", TABLE, 2),
        ("a.json", EXPORT, 1),
        ("a.html", PAGE, 1),
        ("a.html", QQ_PAGE, 1),
    ],
)
def test_files_and_money_have_their_parties(tmp_path: Path, name: str, chat: str, row: int) -> None:
    tables = counted(tmp_path, name, chat)
    (edge,) = only(tables, "flow_edges", rests_on="FILE_SENT")
    assert (edge["giver"], edge["taker"], edge["distinct"]) == ("王某", "甲某", 12)
    assert (edge["giver_id"], edge["taker_id"]) == ("party:王某", "suspect:甲某")
    told = [
        (r["speaker"], r["listener"], r["money_kind"], r["amount"], r["payer"], r["payee"])
        for r in tables["chat_money"]
    ]
    assert told == [
        ("王某", "甲某", "PRICE_EACH", "4.00", None, None),
        ("王某", "甲某", "PRICE_TOTAL", "2000.00", None, None),
        ("甲某", "王某", "TRANSFER", "4800.00", "甲某", "王某"),
        ("王某", "甲某", "RECEIVED", "4800.00", "甲某", "王某"),
        ("甲某", "王某", "RED_PACKET", "200.00", "甲某", "王某"),
    ]
    # the register confirms the transfer, the message dates it
    (line,) = tables["transfers"]
    assert (line["giver"], line["taker"], line["transfer_time"]) == (
        "王某", "甲某", "2023-05-01 10:00:00",
    )  # fmt: skip
    assert line["message_row"] == row
    assert only(tables, "flow_total", suspect="王某")[0]["sold_sum"] == 12


def test_without_aliases_names_are_masked_and_nothing_is_joined(tmp_path: Path) -> None:
    tables = counted(tmp_path, "a.txt", ONE_LINE.replace("小芳", "老李"), aliases=())
    (edge,) = only(tables, "flow_edges", rests_on="FILE_SENT")
    assert (edge["giver"], edge["taker"]) == ("老*", "甲某")
    assert {r["suspect"] for r in tables["flow_total"]} == {"甲某", "小芳"}


def test_a_nickname_with_an_account_that_is_nobodys_or_anothers_is_told(tmp_path: Path) -> None:
    aliases = (ALIASES[0], ("李某", "账号", "wx_li"))
    chat = TWO_LINES.replace("wx_fang", "wx_li", 2)
    tables = counted(tmp_path, "a.txt", chat, aliases=aliases)
    told = [(r["warning"], r["person"], r["other"]) for r in tables["flow_warnings"]]
    assert ("SAME_PARTY", "王某", "李某") in told
    assert ("NEW_ACCOUNT", "王某") in {each[:2] for each in told}
    assert {r["suspect"] for r in tables["flow_total"]} == {"甲某", "王某"}
