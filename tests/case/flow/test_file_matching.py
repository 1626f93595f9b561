"""Files that chats name, matched to those of the case: checksums, copies, archives, limits."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, count
from piiscan.case.flow import file_matching
from tests.case.dump import scan_dump
from tests.case.literal_rows import only

LIST = "姓名,手机号\n张三,13800138001\n李四,13800138002\n"


def chat(*lines: str) -> str:
    """A chat of messages, one a minute, all by the holder."""
    told = [f"2023-07-12 10:{n:02d}:00 我\n{line}\n" for n, line in enumerate(lines)]
    return "消息对象:老王(10001)\n\n" + "".join(told)


def scanned(tmp_path: Path, files: dict[str, bytes]) -> Case:
    for name, data in files.items():
        path = tmp_path / "dump" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return scan_dump([tmp_path / "dump"], tmp_path / "case")


def told(case: Case) -> list[tuple[Any, ...]]:
    names = ("sent_state", "matched_by", "fits", "copies", "file_source", "file_member")
    rows = sorted(count(case).tables()["flow_sent"], key=lambda row: int(row["number"]))
    return [tuple(row[name] for name in names) for row in rows]


def test_copies_of_one_content_are_one_file(tmp_path: Path) -> None:
    copies = {f"{n}/名单.csv": LIST.encode() for n in range(10)}
    others = {"a/台账.csv": "序号\n1\n".encode(), "b/台账.csv": b"x\n"}
    size = len(LIST.encode())
    lines = [
        "[文件] 名单.csv",
        "[文件] 名单(3).csv",
        f"[文件] 名单.csv {size}字节",
        f"[文件] 名单.csv ({size + 1} 字节)",
        "[文件] 台账.csv",
        "[文件] 没有这个.csv",
        "再发一次：把名单.csv看一下",
    ]
    case = scanned(tmp_path, {**copies, **others, "chat.txt": chat(*lines).encode()})
    assert told(case) == [
        ("FOUND", "NAME", 1, 10, 1, ""),
        ("FOUND", "NAME", 1, 10, 1, ""),
        ("FOUND", "NAME_SIZE", 1, 10, 1, ""),
        ("DIFFERENT", None, 0, None, None, None),
        ("AMBIGUOUS", "NAME", 2, None, None, None),
        ("NOT_FOUND", None, 0, None, None, None),
    ]
    tables = count(case).tables()
    places = [row["file_source"] for row in tables["flow_sent_places"]]
    assert places == [*range(1, 11), *range(1, 11), 11, 12]
    (edge,) = only(tables, "flow_edges", rests_on="FILE_SENT")
    assert (edge["messages"], edge["distinct"], edge["confirmed"]) == (3, 2, False)
    assert edge["sent_time"] == "2023-07-12 10:00:00"


def nested(inner: bytes) -> bytes:
    """An archive in an archive, with ``inner`` as 内.csv."""
    for name in ("内.csv", "里.zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(name, inner)
        inner = packed.getvalue()
    return inner


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_a_checksum_finds_a_file_whatever_it_is_called_now(tmp_path: Path, name: str) -> None:
    sums = [hashlib.new(name, data).hexdigest() for data in (LIST.encode(), b"x,y\n1,2\n")]
    lines = [f"[文件] 原名{n}.csv {name.upper()}: {told}" for n, told in enumerate(sums)]
    files = {"a.csv": LIST.encode(), "b.zip": nested(b"x,y\n1,2\n"), "原名2.csv": b"z\n"}
    other = f"[文件] 原名2.csv {name}:{'0' * len(sums[0])}"
    case = scanned(tmp_path, {**files, "chat.txt": chat(*lines, other).encode()})
    by = name.upper()
    assert told(case) == [
        ("FOUND", by, 1, 1, 1, ""),
        ("FOUND", by, 1, 1, 2, "里.zip!内.csv"),
        ("DIFFERENT", None, 0, None, None, None),
    ]


def test_a_source_that_is_gone_has_no_checksum_and_the_rest_is_told(tmp_path: Path) -> None:
    case = scanned(tmp_path, {"a.csv": LIST.encode(), "b.txt": b"13800138000\n"})
    assert case.stored("files").num_rows == 0  # nothing asks for them
    (tmp_path / "dump" / "a.csv").unlink()
    later = tmp_path / "later.txt"
    told_sum = hashlib.md5(LIST.encode()).hexdigest()
    later.write_text(chat(f"[文件] a.csv MD5:{told_sum}", "[文件] b.txt"), "utf-8")
    case = scan_dump([later], tmp_path / "case")
    assert {row["md5"] for row in case.stored("files").to_pylist() if row["source"] == 1} == {None}
    # its name still fits, and no checksum speaks against it
    assert [row[:2] for row in told(case)] == [("FOUND", "NAME"), ("FOUND", "NAME")]


def test_messages_that_are_too_many_are_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_matching, "MOST_LISTED", 3)
    lines = [f"[文件] 没有{n}.csv" for n in range(5)] + ["[文件] a.csv"]
    case = scanned(tmp_path, {"a.csv": LIST.encode(), "chat.txt": chat(*lines).encode()})
    rows = count(case).tables()["flow_sent"]
    assert [row["number"] for row in rows] == [6, 1, 2, None]
    assert rows[0]["sent_state"] == "FOUND"


def test_without_a_chat_there_are_no_messages(tmp_path: Path) -> None:
    tables = count(scanned(tmp_path, {"a.csv": LIST.encode()})).tables()
    assert tables["flow_sent"] == tables["flow_sent_places"] == tables["flow_edges"] == []
    assert [row["node_id"] for row in tables["flow_nodes"]] == ["source:1"]


def test_chats_of_json_lines_and_dumps_are_read_too(tmp_path: Path) -> None:
    card = "<msg><appmsg><title>a.csv</title><type>6</type><appattach><totallen>{}</totallen>"
    card = card.format(len(LIST.encode())) + "</appattach></appmsg></msg>"
    lines = "".join(
        f'{{"sender":"老王","createTime":"2023-07-12 10:00:0{n}","fileName":"a.csv"}}\n'
        for n in range(3)
    )
    dump = (
        "CREATE TABLE msg (id int, talker text, is_sender int, create_time int, content text);\n"
        f"INSERT INTO msg VALUES (1,'wxid_abc',1,1689127200,'{card}'),"
        "(2,'wxid_abc',0,1689127300,'好');\n"
    )
    files = {"a.csv": LIST.encode(), "m.jsonl": lines.encode(), "m.sql": dump.encode()}
    case = scanned(tmp_path, files)
    assert [row[:2] for row in told(case)] == [("FOUND", "NAME")] * 3 + [("FOUND", "NAME_SIZE")]
    (row,) = [r for r in count(case).tables()["flow_sent"] if r["matched_by"] == "NAME_SIZE"]
    assert row["sent_time"] == "2023-07-12 10:00:00"
