"""Chats: who sent which file to whom and who paid whom, in every form of a chat, by alias too."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from piiscan import count
from tests.case.dump import scan_dump, write_register
from tests.case.literal_rows import only, steps

LIST = "姓名,手机号\n" + "".join(f"张三,138001380{n:02d}\n" for n in range(1, 13))
ALIASES = (("王某", "昵称", "小芳"), ("王某", "账号", "wx_fang"), ("甲某", "昵称", "阿强"))

SAID = (
    ("小芳", "发你了 客户.csv"), ("小芳", "4元一条，打包2000"), ("阿强", "[转账] ¥4800"),
    ("小芳", "已收款 ¥4800"), ("阿强", "红包200元"), ("小芳", "退你300元"),
    ("阿强", "收到退款300元"),
)  # fmt: skip
TIMED = [(f"2023-05-01 10:0{at}:00", who, text) for at, (who, text) in enumerate(SAID)]
ONE_LINE = "我与小芳的聊天记录\n\n" + "".join(
    f"{time} {who}: {text}\n" for time, who, text in TIMED
)
TWO_LINES = "消息对象:小芳(wx_fang)\n\n" + "".join(
    f"{time} {'我' if who == '阿强' else '小芳(wx_fang)'}\n{text}\n\n" for time, who, text in TIMED
)
#: The same without a title: text behind blanks, in a cell, below a head, behind a dash.
BLANKS, TABS, BELOW, DASHES = (
    "".join(form.format(time, who, text) for time, who, text in TIMED)
    for form in ("{} {} {}\n", "{}\t{}\t{}\n", "{1} {0}\n{2}\n\n", "{} - {}: {}\n")
)
CELLS = "时间,发送人,内容\n" + "".join(f"{time},{who},{text}\n" for time, who, text in TIMED)
TITLED = "与小芳（wx_fang）的聊天记录\n" + BELOW
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


def counted(tmp_path: Path, files: dict[str, str], *, aliases: Any = ALIASES) -> Any:
    """The tables of a case of one list and chats, all on 甲某's laptop; path -> source."""
    dump = tmp_path / "dump"
    dump.mkdir()
    (dump / "客户.csv").write_text(LIST, "utf-8")
    for name, chat in files.items():
        (dump / name).parent.mkdir(parents=True, exist_ok=True)
        (dump / name).write_text(chat, "utf-8")
    rows = [
        {"路径": dump.as_posix(), "嫌疑人": "甲某"},
        {"路径": f"{dump.as_posix()}/客户.csv", "角色": "获取", "来自": "小芳"},
    ]
    register = write_register(tmp_path / "r.xlsx", rows, aliases)
    case = scan_dump([dump], tmp_path / "case")
    tables = count(case, register=register, key=tmp_path / "test.key").tables()
    sources = case.manifest.content["sources"]
    return tables, {
        Path(each["path"]).relative_to(dump).as_posix(): each["source"] for each in sources
    }


#: File -> chat in which 小芳 of the title and 阿强 speak.
CHATS = {
    "1.txt": ONE_LINE, "2.txt": TWO_LINES, "3.csv": TABLE, "4.json": EXPORT, "5.html": PAGE,
    "6.html": QQ_PAGE, "与小芳聊天记录.txt": BLANKS, "与小芳的聊天记录_20230501.txt": TABS,
    "7/与小芳聊天记录.txt": BELOW, "与小芳聊天记录/1.txt": DASHES, "与小芳的聊天.csv": CELLS,
    "8.txt": TITLED,
}  # fmt: skip
#: File -> chat in which 小芳 of the title and 王芳芳 who speaks are not known to be one person.
OTHERS = {
    f"其他/{name}": chat.replace("小芳", "王芳芳") for name, chat in CHATS.items() if "与" in name
} | {"其他/8.txt": f"与小芳的聊天记录\n{BELOW.replace('小芳', '王芳芳')}"}
BARE = "".join(f"{time},{who},{text}\n" for time, who, text in TIMED)
NO_CHAT = "".join(
    f"2023-05-01 10:{n:02d}:00,张{'三四'[n % 2]},1390013800{n % 2}\n" for n in range(9)
)


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tables of a case of all chats, and path -> source."""
    files = {**CHATS, **OTHERS, "9.csv": BARE, "10.csv": NO_CHAT}
    return counted(tmp_path_factory.mktemp("chats"), files)


def money_of(chats: Any, file: str) -> list[tuple[Any, ...]]:
    tables, sources = chats
    columns = ("speaker", "listener", "money_kind", "amount", "payer", "payee")
    rows = only(tables, "chat_money", source=sources[file])
    return [tuple(row[name] for name in columns) for row in rows]


@pytest.mark.parametrize("file", CHATS)
def test_money_has_its_parties(chats: Any, file: str) -> None:
    assert money_of(chats, file) == [
        ("王某", "甲某", "PRICE_EACH", "4.00", None, None),
        ("王某", "甲某", "PRICE_TOTAL", "2000.00", None, None),
        ("甲某", "王某", "TRANSFER", "4800.00", "甲某", "王某"),
        ("王某", "甲某", "RECEIVED", "4800.00", "甲某", "王某"),
        ("甲某", "王某", "RED_PACKET", "200.00", "甲某", "王某"),
        ("王某", "甲某", "REFUND", "300.00", "王某", "甲某"),
        ("甲某", "王某", "REFUNDED", "300.00", "王某", "甲某"),
    ]


@pytest.mark.parametrize("file", OTHERS)
def test_a_partner_under_another_name_is_never_the_holder(chats: Any, file: str) -> None:
    """Right or none."""
    ends = {(payer, payee) for *_, payer, payee in money_of(chats, file) if payer}
    assert ends == {("甲某", None), ("王**", None)}


def test_a_table_without_headers_has_its_speakers_and_no_list_is_one(chats: Any) -> None:
    tables, sources = chats
    assert {row[:2] for row in money_of(chats, "9.csv")} == {("王某", None), ("甲某", None)}
    assert steps(tables, str(sources["10.csv"]), "subjects")[4] == 9


def test_files_have_their_parties(chats: Any) -> None:
    """The register confirms the transfer, the message dates it."""
    tables, sources = chats
    messages: Counter[Any] = Counter()
    for edge in only(tables, "flow_edges", rests_on="FILE_SENT"):
        messages[edge["giver_id"], edge["taker_id"]] += edge["messages"]
        assert edge["distinct"] == 12
    assert messages.pop(("party:王某", "suspect:甲某")) == len(CHATS)
    assert {taker for _, taker in messages} == {"unknown"}
    (line,) = tables["transfers"]
    assert (line["giver"], line["taker"], line["transfer_time"]) == (
        "王某", "甲某", "2023-05-01 10:00:00",
    )  # fmt: skip
    assert (line["message_source"], line["message_row"]) == (sources["1.txt"], 3)
    assert only(tables, "flow_total", suspect="王某")[0]["sold_sum"] == 12


def test_without_aliases_names_are_masked_and_nothing_is_joined(tmp_path: Path) -> None:
    tables, _ = counted(tmp_path, {"a.txt": ONE_LINE.replace("小芳", "老李")}, aliases=())
    (edge,) = only(tables, "flow_edges", rests_on="FILE_SENT")
    assert (edge["giver"], edge["taker"]) == ("老*", "甲某")
    assert {r["suspect"] for r in tables["flow_total"]} == {"甲某", "小芳"}


def test_a_nickname_with_an_account_that_is_nobodys_or_anothers_is_told(tmp_path: Path) -> None:
    aliases = (ALIASES[0], ("李某", "账号", "wx_li"))
    chat = TWO_LINES.replace("wx_fang", "wx_li", 2)
    tables, _ = counted(tmp_path, {"a.txt": chat}, aliases=aliases)
    told = [(r["warning"], r["person"], r["other"]) for r in tables["flow_warnings"]]
    assert ("SAME_PARTY", "王某", "李某") in told
    assert ("NEW_ACCOUNT", "王某") in {each[:2] for each in told}
    assert {r["suspect"] for r in tables["flow_total"]} == {"甲某", "王某"}
