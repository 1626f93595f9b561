"""Records of running text in a case: blocks of labels, messages, cards."""

import datetime
from pathlib import Path

from piiscan import count
from tests.case.dump import content, scan_dump
from tests.case.scanned import query_rows, scan_files

ID = "430104190506150016"


LABELS = "".join(
    f"姓名：张三\n电话：1380013800{n}\n身份证号：{ID}\n邮箱：a{n}@b.com\n\n" for n in range(4)
)


def test_one_label_a_line_is_one_record(tmp_path: Path) -> None:
    case = scan_files(tmp_path, {"a.txt": LABELS})
    found = query_rows(case, "select row, combination from records order by row")
    assert found == [(n, "CN_MOBILE+CN_RESIDENT_ID+EMAIL_ADDRESS+PERSON") for n in (1, 6, 11, 16)]
    findings = query_rows(case, "select row, record from findings order by row limit 4")
    assert findings == [(1, 1), (2, 1), (3, 1), (4, 1)]


CHAT = """2023-07-12 10:05:30 老王(10001)
要的
2023-07-12 10:06:00 小李(10002)
13800138000
a@b.com

2023-07-12 10:07:00 在吗 13900139000
[2023-07-12 10:08] 张三: 好
13800138001 一
13800138002 二
张三 2023-07-13 9:00
13700137000
"""


def test_records_of_a_message_have_its_time_and_plain_sender(tmp_path: Path) -> None:
    case = scan_files(tmp_path, {"a.txt": CHAT})
    day = datetime.datetime.fromisoformat
    found = query_rows(case, "select row, time, party, party_kind, status from ledger order by row")
    assert found == [
        (3, day("2023-07-12 10:06"), "1***2", "sender", None),
        (7, day("2023-07-12 10:07"), None, None, None),
        (9, day("2023-07-12 10:08"), None, None, None),
        (10, day("2023-07-12 10:08"), None, None, None),
        (11, day("2023-07-13 09:00"), "张*", "sender", None),
    ]
    assert query_rows(case, "select row, combination from records where row = 3") == [
        (3, "CN_MOBILE+EMAIL_ADDRESS")
    ]


def test_who_wrote_a_message_is_no_buyer_of_what_stands_in_it(tmp_path: Path) -> None:
    tables = count(scan_files(tmp_path, {"a.txt": CHAT})).tables()
    told = [(row["party"], row["party_kind"], row["rows"]) for row in tables["parties"]]
    assert told == [("1***2", "sender", 1), ("张*", "sender", 1)]
    assert tables["flow_edges"] == tables["flow_buyers"] == []


def test_copies_of_a_block_have_one_row_digest(tmp_path: Path) -> None:
    one = f"姓名：张三\n电话：13800138000\n{'-' * 8}\n"
    case = scan_files(tmp_path, {"a.txt": one + one + one.replace("张三", "李四")})
    first, second, other = query_rows(case, "select row_digest from records order by row")
    assert first == second != other


def test_records_do_not_depend_on_workers(tmp_path: Path) -> None:
    scan_files(tmp_path, {"a.txt": (LABELS + CHAT) * 50}, workers=1)
    scan_dump([tmp_path / "dump"], tmp_path / "other", workers=4)
    assert content(tmp_path / "case") == content(tmp_path / "other")
    assert any(name.startswith("ledger/") for name in content(tmp_path / "case"))
