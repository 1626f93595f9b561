"""Files that chats say were sent: what is read of a message, and what is not."""

import datetime
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from piiscan import Case, count
from piiscan.case.scan.messages import file_mentions
from piiscan.case.scan.messages.file_mentions import (
    NAME,
    TITLE,
    WORD,
    flag_lines,
    read_details,
    read_mention,
    read_xml_mention,
)
from piiscan.sources.encoding import decoder
from tests.case.dump import content, scan_dump
from tests.case.scanned import query_rows, scan_files
from tests.often import long

SUM = "0cc175b9c0f1b6a831c399e269772661"
#: A line -> name, size range, checksum that it tells.
LINES: dict[str, tuple[str, tuple[int, int] | None, str | None]] = {
    "[文件] 名单.xlsx": ("名单.xlsx", None, None),
    "[文件: 名单.xlsx]": ("名单.xlsx", None, None),
    "[文件：客户 名单 (1).xlsx] 12,345 字节": ("客户 名单 (1).xlsx", (12345, 12345), None),
    "【文件】名单.xlsx (1.5MB)": ("名单.xlsx", (1_400_000, 1_677_722), None),
    f"[File] a.b.csv MD5={SUM.upper()}": ("a.b.csv", None, SUM),
    "成功发送文件“2023 名单.zip”(3KB)": ("2023 名单.zip", (2000, 4096), None),
    '您发送的离线文件"名单.7z"已被对方接收': ("名单.7z", None, None),
    "老王上传了群文件 名单.rar": ("名单.rar", None, None),
    f"文件名：名单.xlsx 大小：10 字节 md5值：{SUM}": ("名单.xlsx", (10, 10), SUM),
    "名单.xlsx": ("名单.xlsx", None, None),
    "2023年7月 名单.xls (12.5K)": ("2023年7月 名单.xls", (12_400, 12_903), None),
    "[2023-07-12 10:08] 张三: 名单.csv": ("名单.csv", None, None),
}
NOTHING = (
    "把文件整理一下发我",
    "名单.xlsx你看了吗",
    "看下 http://example.com/a.zip 这个",
    "[图片]",
    "[文件]",
    "对方取消了文件“名单.xlsx”的接收",
    "收到，1.5MB",
    "文件名单",
    "",
)


def read(text: str) -> tuple[str, tuple[int, int] | None, str | None] | None:
    """What the line tells, by the road that blocks take."""
    bits = int(flag_lines(pa.array([text], pa.string()))[0])
    mark = read_mention(text, bits) if bits & (WORD | NAME | TITLE) else None
    if mark is None:
        return None
    whole = read_details(mark, text[mark.name_end :])
    return whole.name, whole.size, whole.checksum


@pytest.mark.parametrize("text", LINES)
def test_a_line_tells_name_size_and_checksum(text: str) -> None:
    assert read(text) == LINES[text]


@pytest.mark.parametrize("text", NOTHING)
def test_a_name_in_a_sentence_is_no_message(text: str) -> None:
    assert read(text) is None


def test_cards_of_links_are_no_files() -> None:
    card = "<appmsg><title>{}</title><type>{}</type><totallen>12</totallen><md5>{}</md5></appmsg>"
    file = card.format("<![CDATA[名单&amp;.xlsx]]>", 6, SUM)
    escaped = card.format("名单&.xlsx", 6, SUM).replace("<", "&lt;").replace(">", "&gt;")
    for text in (file, escaped):
        mark = read_xml_mention(text)
        assert mark is not None
        assert (mark.name, mark.size, mark.checksum) == ("名单&.xlsx", (12, 12), SUM)
    assert read_xml_mention(card.format("看这个", 5, "")) is None


CHAT = f"""消息对象:老王(10001)
================================

2023-07-12 10:05:30 老王(10001)
要的
2023-07-12 10:06:00 小李(10002)
[文件] 名单.csv
大小：12 字节 MD5：{SUM}

[2023-07-12 10:08] 张三: [文件: 客户.xlsx]
2023-07-12 10:09:00 我
成功发送文件“给乙.csv”(1KB)

消息对象:丙(30003)
2023/7/13 9:00 丙
13800138000.zip
"""
TABLE = (
    "序号,发送者,接收者,发送时间,类型,文件名,文件大小,MD5\n"
    f"1,我,乙某,2023-07-12 10:00:00,文件,名单.csv,12,{SUM.upper()}\n"
    "2,乙某,我,2023-07-12 10:00:01,文本,,,\n"
    "3,乙某(wxid_abc),我,昨天,文件,D:\\x\\b.zip,1 KB,\n"
)


def sent(case: Case) -> list[tuple[Any, ...]]:
    names = "row, own, sender, receiver, peer, time, name, least, most, checksum"
    return query_rows(
        case, f"select {names} from sendings where what <> 'SPEAKER' order by source, row"
    )


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def test_messages_of_a_chat_have_sender_time_and_the_other_side(tmp_path: Path) -> None:
    case = scan_files(tmp_path, {"chat.txt": CHAT})
    none: Any = None
    assert sent(case) == [
        (1, none, none, none, "1***1", none, none, none, none, none),
        (7, none, "1***2", none, none, at("2023-07-12 10:06"), "名单.csv", 12, 12, SUM),
        (10, none, "张*", none, none, at("2023-07-12 10:08"), "客户.xlsx", none, none, none),
        (12, True, none, none, none, at("2023-07-12 10:09"), "给乙.csv", 0, 2048, none),
        (14, none, none, none, "3***3", none, none, none, none, none),
        (16, none, "*", none, none, at("2023-07-13 09:00"), "138****8000.zip", none, none, none),
    ]


def test_rows_of_a_table_of_messages_tell_the_same(tmp_path: Path) -> None:
    case = scan_files(tmp_path, {"messages.csv": TABLE})
    none: Any = None
    assert sent(case) == [
        (2, True, none, "乙*", none, at("2023-07-12 10:00"), "名单.csv", 12, 12, SUM),
        (4, False, "wx****bc", none, none, none, "b.zip", 0, 2048, none),
    ]


def test_a_list_of_files_is_no_chat(tmp_path: Path) -> None:
    listing = f"文件名,大小,MD5\n名单.csv,12,{SUM}\n客户.csv,13,{SUM}\n"
    files = {"listing.csv": listing, "prose.txt": "[文件] 名单.xlsx\n"}
    assert sent(scan_files(tmp_path, files)) == []


def test_a_chat_without_files_is_read_as_ever(tmp_path: Path) -> None:
    case = scan_files(tmp_path, {"a.txt": "2023-07-12 10:05:30 老王(10001)\n13800138000\n"})
    assert sent(case) == []
    assert case.manifest.content["counters"]["unread"] == 0
    assert case.manifest.content["counters"]["hits"] == 1


def test_messages_do_not_depend_on_workers_or_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = TABLE + TABLE.partition("\n")[2] * 40
    one = scan_files(tmp_path, {"chat.txt": CHAT * 40, "messages.csv": table}, workers=1)
    folder = tmp_path / "dump"
    defaults = decoder.read_pieces.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "size", 700)
    other = scan_dump([folder], tmp_path / "other", workers=3)
    assert sent(one) == sent(other)
    assert len(sent(one)) == 6 * 40 + 2 * 41
    third = scan_dump([folder], tmp_path / "third", workers=1)
    assert content(third.path) == content(other.path)


def test_hostile_names_are_told_in_one_short_line(tmp_path: Path) -> None:
    names = ("a\u202ecod.csv", "名\u0000单.csv", "x" * 10_000 + ".csv", "<script>.csv", "=1+1.csv")
    lines = [f"2023-07-12 10:00:{n:02d} 甲(10001)\n[文件] {name}\n" for n, name in enumerate(names)]
    cells = ["发送者,文件名"] + [f"甲{n},{name}" for n, name in enumerate(names)]
    table = "\n".join([*cells, "甲9,b.csv\n"])
    told = [row[6] for row in sent(scan_files(tmp_path, {"a.txt": "".join(lines), "b.csv": table}))]
    assert told[:3] == ["acod.csv", "名单.csv", "=1+1.csv"]
    assert len(told) > 4
    assert all(len(name) <= 300 and name.isprintable() for name in told)


def test_lines_that_only_look_so_cost_no_more_than_their_length() -> None:
    for text in ("文件" * 2000 + ".x", "[文件" * 2000, "x.xls," * 2000, "<title>" * 2000):
        assert read(text) is None
    assert file_mentions.read_xml_mention("<title>" * 10_000) is None


PIECES = (
    *("[文件] ", "[文件: ", "]", "名单.xlsx", "文件名：", "“", "”", "大小", "1.2MB", "12,345 字节"),
    *(f"MD5:{SUM}", "\n2023-07-12 10:05:30 老王(10001)\n", "\n[2023-07-12 10:08] 张三: ", "我"),
    *("<title>", "</title>", "<type>6</type>", "消息对象:", "(", ")", ",", "\0", "\u202e", "😀"),
    *("\u2028", "&lt;title&gt;", "\\", "/", ".csv", " ", "13800138001", "9" * 20 + "MB", ":", "\n"),
)


@pytest.mark.parametrize("encoding", ["utf-8", long("gb18030"), long("utf-16")])
def test_whatever_a_chat_holds_its_blocks_are_read(tmp_path: Path, encoding: str) -> None:
    """A block that fails would cost its findings too."""
    drawn = random.Random(encoding)
    files: dict[str, str | bytes] = {}
    for number in range(12):
        text = "".join(drawn.choice(PIECES) for _ in range(400))
        files[f"{number}.txt"] = text.encode(encoding, "replace")
        cells = ["".join(drawn.choice(PIECES[:-1]) for _ in range(3)) for _ in range(120)]
        lines = [",".join(f'"{cell}"' for cell in cells[n : n + 8]) for n in range(0, 120, 8)]
        table = "\n".join(["发送者,接收者,方向,时间,内容,文件名,大小,MD5", *lines])
        files[f"{number}.csv"] = table.encode(encoding, "replace")
    case = scan_files(tmp_path, files, names=False)
    reasons = {row["reason"] for row in case.stored("errors").to_pylist()}
    assert "SCAN_FAILED" not in reasons
    told = sent(case)
    assert len(told) > 50
    assert all(len(row[6] or "") <= 300 for row in told)
    assert {row["sent_state"] for row in count(case).tables()["flow_sent"]} <= {
        *("FOUND", "NOT_FOUND", "AMBIGUOUS", "DIFFERENT")
    }
