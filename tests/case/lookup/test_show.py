"""The spot of an answer: its place in words, its row and the rows around it, no clear value."""

import io
import json
from typing import Any, Final

import openpyxl
import pytest

from piiscan import Case, lookup
from piiscan.case.lookup.answers import answer_block
from piiscan.case.store.audit_log import line_hashes
from piiscan.wording.words import Words
from tests.case.lookup.places import slide_file, word_file
from tests.case.scanned import scan_files
from tests.sources.formats.document import planted
from tests.sources.formats.pdf import made

CHAT: Final = """2023-05-06 12:00:00 张三
早【中通快递】
2023-05-06 12:01:00 李四
收件人王五明
电话13800138001 地址湖南省长沙市岳麓区人民路1号
2023-05-06 12:02:00 张三
收到13900139001
2023-05-06 12:03:00 张三
再见
"""
#: File -> the number in it, the place of the number in words, the rows that are shown.
PLACES: Final[dict[str, tuple[str, str, list[int]]]] = {
    "chat.txt": ("13800138001", "第 5 行", [1, 2, 3, 4, 5, 6, 7]),
    "a.docx": ("13800138002", "正文 第 2 行", [1, 2, 3]),
    "notes.docx": ("13800138003", "批注 第 1 行", [1]),
    "a.pptx": ("13800138004", "幻灯片 1 第 2 行", [2]),
    "a.pdf": ("13800138005", "第 2 页 第 2 行", [1, 2, 3]),
    "a.xlsx": ("13800138006", "工作表 名单 单元格 B2", [2]),
    "a.eml": ("13800138007", "邮件正文 第 1 行", [1]),
    "a.csv": ("13800138008", "第 3 行", [3]),
}
NUMBERS: Final = {name: number for name, (number, _, _) in PLACES.items()}
SECRETS: Final = ("王五明", "人民路", "孙六顺", "S3cret")


def _workbook() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].title = "名单"
    book.worksheets[0].append(["姓名", "手机号", "密码"])
    book.worksheets[0].append(["孙六顺", NUMBERS["a.xlsx"], "S3cret!99"])
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    texts = ("前一段", f"电话：{NUMBERS['a.docx']} 孙六顺", "后一段")
    note = f"<w:comment>{planted.runs('电话：' + NUMBERS['notes.docx'])}</w:comment>"
    comments = {"comments.xml": f"<w:comments {planted.W}>{note}</w:comments>"}
    pages = [made.lined("first"), made.lined("before", f"phone {NUMBERS['a.pdf']}", "after")]
    mail = (
        "From: a@example.com\nTo: b@example.com\nSubject: x\nDate: Sat, 6 May 2023 12:00:00 +0800\n"
        f"MIME-Version: 1.0\nContent-Type: text/plain\n\nphone {NUMBERS['a.eml']}\n"
    )
    files: dict[str, str | bytes] = {
        "chat.txt": CHAT,
        "a.docx": word_file("".join(map(planted.runs, texts))),
        "notes.docx": word_file(planted.runs("无"), **comments),
        "a.pptx": slide_file(planted.slide_table([["电话", NUMBERS["a.pptx"]]])),
        "a.pdf": made.document(pages),
        "a.xlsx": _workbook(),
        "a.eml": mail,
        "a.csv": f"姓名,手机号\n张伟,13900139002\n孙六顺,{NUMBERS['a.csv']}\n",
    }
    return scan_files(tmp_path_factory.mktemp("show"), files)


def spots(case: Case, name: str, **options: Any) -> Any:
    """The one answer for the number of a file, and its lines as printed."""
    found = lookup(case, [NUMBERS[name]], key=case.path.parent / "test.key", show=True, **options)
    (row,) = found.rows
    assert row["path"].endswith(name)
    return row, "\n".join(answer_block(row, found.queries, Words("zh")))


@pytest.mark.parametrize("name", PLACES)
def test_the_place_is_told_in_words_and_nothing_is_clear(case: Case, name: str) -> None:
    number, place, shown = PLACES[name]
    row, printed = spots(case, name)
    assert f"所在位置：{place}\n" in printed
    assert [line.row for line in row["spot"].lines] == shown
    assert [line.row for line in row["spot"].lines if line.asked] == [row["row"]]
    assert printed.count("【") == printed.count("】") == 1
    assert f"【{number[:3]}****{number[-4:]}】" in printed
    clear = [*NUMBERS.values(), "13900139001", "13900139002", *SECRETS]
    assert [value for value in clear if value in printed] == []


@pytest.mark.parametrize("name", PLACES)
def test_clear_texts_are_those_of_the_source_without_passwords(case: Case, name: str) -> None:
    _, printed = spots(case, name, clear=True)
    assert f"【{NUMBERS[name]}】" in printed
    assert "S3cret" not in printed


def test_a_message_stands_between_two(case: Case) -> None:
    row, _ = spots(case, "chat.txt", clear=True)
    assert [line.cells[0][1] for line in row["spot"].lines][1:5] == [
        "早[中通快递]",
        "2023-05-06 12:01:00 李四",
        "收件人王五明",
        "电话【13800138001】 地址湖南省长沙市岳麓区人民路1号",
    ]


def test_times_and_labels_stay_visible_in_a_masked_spot(case: Case) -> None:
    _, printed = spots(case, "chat.txt")
    assert "2023-05-06 12:01:00 李*" in printed
    assert "收件人王**" in printed


def test_each_showing_is_logged(case: Case) -> None:
    log = case.path / "log.jsonl"
    before = len(line_hashes(log))
    spots(case, "a.csv")
    spots(case, "a.csv", clear=True)
    entries = [json.loads(line) for line in log.read_text("utf-8").splitlines()[before:]]
    facts = [{key: each[key] for key in ("event", "reveal", "shown", "rows")} for each in entries]
    assert facts == [
        {"event": "lookup", "reveal": clear, "shown": True, "rows": 1} for clear in (False, True)
    ]
