"""The flow of the case of three parties is what plain Python makes of rows, register and files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.count.count import count
from piiscan.case.register.made_corpus import make_with_register
from piiscan.case.store.count_store import Count
from piiscan.synth import MadeCorpus, recipe
from tests.case.dump import scan_dump
from tests.case.flow.naive_flow import Message, counted, edges, files_of, matched, matrix, transfers
from tests.case.flow.naive_transfers import UNNAMED, figures
from tests.case.naive import Truth
from tests.case.test_three_party import ROWS, numbered

#: Holders of the two chats, and how accounts and names in them are shown.
JIA, YI = "甲/手机/聊天.txt", "乙/手机/消息.csv"
SHOWN = {"乙": "2***2", "丙": "3***3", "甲": "1***1"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeCorpus:
    return make_with_register("three-party", rows=ROWS, seed=3, out=tmp_path_factory.mktemp("made"))


def write_chats(folder: Path) -> list[Message]:
    """Two chats beside the corpus's files: what they tell, in their order."""
    files = files_of(folder)
    sold = hashlib.md5(files["甲/电脑/已售/给乙.csv"]).hexdigest()
    inner = hashlib.md5(files["丙/硬盘/名单.zip!一月.csv"]).hexdigest()
    archive, bare = len(files["丙/硬盘/名单.zip"]), len(files["甲/手机/裸号.csv"])
    other = folder / "丙/硬盘/备份"
    other.mkdir()
    (other / "台账.csv").write_text("序号,备注\n1,无\n2,无\n", "utf-8")
    lines = f"""消息对象:乙(20002)

2022-05-01 09:00:00 乙(20002)
发过来
2022-05-01 09:00:30 我
[文件] 新名单.csv
大小：1字节 MD5：{sold.upper()}

消息对象:丙(30003)

2022-06-11 10:00:00 丙(30003)
[文件: 名单.zip] {archive} 字节
2022-06-11 10:01:00 我
成功发送文件“一月份.csv” md5值 {inner}
2022-06-11 10:02:00 我
[文件] 没有这个.csv
2022-06-11 10:03:00 我
[文件] 台账.csv
2022-06-11 10:04:00 我
[文件] 裸号.csv ({bare + 1} 字节)
2022-06-11 10:05:00 我
再发一次：把裸号.csv看一下
2022-06-11 10:06:00 我
[文件] 一月份(2).csv MD5:{inner}
"""
    (folder / JIA).write_text(lines, "utf-8")
    rows = ["发送者,接收者,时间,消息类型,内容,文件名,文件大小,MD5"]
    rows += ["甲(10001),我,昨天,文件,,给乙.csv,,", "我,甲(10001),2022-05-02,文本,收到,,,"]
    (folder / YI).write_text("\n".join(rows) + "\n", "utf-8")
    yi, bing, jia = SHOWN["乙"], SHOWN["丙"], SHOWN["甲"]
    return [
        Message(JIA, 6, "甲某", yi, "新名单.csv", 1, sold, "2022-05-01 09:00:30"),
        Message(JIA, 12, bing, "甲某", "名单.zip", archive, None, "2022-06-11 10:00:00"),
        Message(JIA, 14, "甲某", bing, "一月份.csv", None, inner, "2022-06-11 10:01:00"),
        Message(JIA, 16, "甲某", bing, "没有这个.csv", None, None, "2022-06-11 10:02:00"),
        Message(JIA, 18, "甲某", bing, "台账.csv", None, None, "2022-06-11 10:03:00"),
        Message(JIA, 20, "甲某", bing, "裸号.csv", bare + 1, None, "2022-06-11 10:04:00"),
        Message(JIA, 24, "甲某", bing, "一月份(2).csv", None, inner, "2022-06-11 10:06:00"),
        Message(YI, 2, jia, "乙某", "给乙.csv"),
    ]


class Made3:
    """The case with its chats, counted, and the truth."""

    def __init__(self, made: MadeCorpus, home: Path) -> None:
        assert made.truth_rows is not None
        folder = made.folder
        self.messages = write_chats(folder)
        case = scan_dump([folder], home / "case", workers=1)
        self.sources = numbered(case, folder)
        said = recipe.load_recipe("three-party").register
        self.truth = Truth(made.truth_rows, sources=self.sources, register=said)
        self.files = files_of(folder)
        self.count: Count = count(case, register=made.register)

    def table(self, name: str) -> list[dict[str, Any]]:
        return self.count.tables()[name]

    def place(self, file: str) -> tuple[int, str]:
        top, _, inner = file.partition("!")
        return self.sources[top], inner


@pytest.fixture(scope="module")
def three(made: MadeCorpus, tmp_path_factory: pytest.TempPathFactory) -> Made3:
    return Made3(made, tmp_path_factory.mktemp("flow"))


def in_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=str)


def test_the_total_and_its_terms_are_those_of_sets(three: Made3) -> None:
    wanted = figures(transfers(three.truth))
    told = {row["suspect"]: dict(row) for row in three.table("flow_total")}
    assert {who for who, row in told.items() if row.pop("registered")} == {"甲某", "乙某", "丙某"}
    assert {row.pop("lost_records") for row in told.values()} == {0}
    assert told == wanted["flow_total"]
    buyers = {(row["suspect"], row["buyer"]): row["distinct"] for row in three.table("flow_buyers")}
    masked = {"李四": "李*", "王五": "王*", UNNAMED: None}  # whom a ledger names or nobody
    assert buyers == {(who, masked.get(b, b)): n for (who, b), n in wanted["flow_buyers"].items()}
    assert sum(row["flow_total"] for row in told.values()) > 100


def test_the_matrix_is_that_of_sets(three: Made3) -> None:
    assert in_order(three.table("flow_matrix")) == in_order(matrix(three.truth))


def test_edges_are_what_register_ledger_and_overlaps_say(three: Made3) -> None:
    names = ("giver", "taker", "rests_on", "item", "distinct", "confirmed")
    told = [tuple(row[n] for n in names) for row in three.table("flow_edges")]
    assert in_order([row for row in told if row[2] != "FILE_SENT"]) == in_order(edges(three.truth))


def test_each_message_has_the_outcome_that_bytes_and_names_give(three: Made3) -> None:
    told = sorted(three.table("flow_sent"), key=lambda row: int(row["number"]))
    wanted = []
    for message in sorted(three.messages, key=lambda m: (three.sources[m.chat], m.row)):
        state, how, files = matched(message, three.files)
        first = min(map(three.place, files)) if state == "FOUND" else (None, None)
        wanted.append(
            {
                "source": three.sources[message.chat],
                "row": message.row,
                "giver": message.giver,
                "taker": message.taker,
                "name": message.name,
                "sent_time": message.time,
                "checksum": message.md5,
                "sent_state": state,
                "matched_by": how,
                "fits": len({three.files[file] for file in files}),
                "file_source": first[0],
                "file_member": first[1],
            }
        )
    assert [{name: row[name] for name in wanted[0]} for row in told] == wanted
    assert {row["sent_state"] for row in told} == {"FOUND", "NOT_FOUND", "AMBIGUOUS", "DIFFERENT"}
    assert {row["matched_by"] for row in told} == {"MD5", "NAME_SIZE", "NAME", None}


def test_messages_whose_file_is_there_are_proposed_once_for_each_file(three: Made3) -> None:
    wanted: dict[tuple[str, str, tuple[int, str]], list[Any]] = {}
    for message in three.messages:
        state, how, files = matched(message, three.files)
        if state == "FOUND":
            place = min(map(three.place, files))
            keys = {
                key
                for row in counted(three.truth)
                for key in row.keys
                if three.place(row.file) == place
                or (not place[1] and three.place(row.file)[0] == place[0])
            }
            row = [how, message.time, three.sources[message.chat], message.row, len(keys), 1]
            known = wanted.setdefault((message.giver, message.taker, place), row)
            if known is not row:
                known[-1] += 1
    told = {
        (row["giver"], row["taker"], (row["file_source"], row["file_member"])): [
            row[n] for n in ("matched_by", "sent_time", "source", "row", "distinct", "messages")
        ]
        for row in three.table("flow_edges")
        if row["rests_on"] == "FILE_SENT"
    }
    assert told == wanted
    assert len(told) == 4
    assert all(not r["confirmed"] for r in three.table("flow_edges") if r["matched_by"])


def test_nodes_and_edges_are_one_graph(three: Made3) -> None:
    nodes = {row["node_id"]: row for row in three.table("flow_nodes")}
    assert len(nodes) == len(three.table("flow_nodes"))
    for row in three.table("flow_edges"):
        assert {row["giver_id"], row["taker_id"]} <= nodes.keys()
    assert {row["belongs_to"] for row in nodes.values()} - {None} <= nodes.keys()
    rows = [row for row in counted(three.truth) if row.scopes["suspect"] == "甲某"]
    keys = {key for row in rows for key in row.keys}
    assert nodes["suspect:甲某"]["distinct"] == len(keys)
    assert nodes["device:乙某/手机"]["belongs_to"] == "suspect:乙某"
    number = three.sources["甲/电脑/已售/给乙.csv"]
    rows = [row for row in counted(three.truth) if row.file == "甲/电脑/已售/给乙.csv"]
    own = {key for row in rows for key in row.keys}
    file = nodes[f"source:{number}"]
    assert (file["node_kind"], file["belongs_to"]) == ("source", "item:JC-001")
    assert file["distinct"] == len(own)
