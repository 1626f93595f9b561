"""Every line has the kind that a reader sees in it: blank, separator, label, message head, card."""

from __future__ import annotations

import numpy as np
import pytest

from piiscan.sources.lined.line_kernels import classify_lines
from piiscan.sources.lined.line_kinds import (
    BLANK,
    CARD_BEGIN,
    CARD_END,
    HEAD,
    LABEL,
    MORE_IN_LINE,
    PARTY,
    PLAIN,
    SEPARATOR,
    build_label_names,
)

NAMES = build_label_names(["姓名", "电话", "收件人", "name", "phone_number", "z", "运"], {"收件人"})
PHONE = "13800138000"


def kinds_of(lines: list[str]) -> list[int]:
    """The kinds of lines; none depends on what stands before or behind its line."""
    texts = [line.encode() for line in lines]
    offsets = np.array([0, *np.cumsum([len(text) for text in texts])], np.int64)
    data = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
    kinds, labels = np.empty(len(lines), np.uint8), np.empty(len(lines), np.uint64)
    classify_lines(offsets, data, NAMES.table, NAMES.parties, kinds, labels)
    assert ((labels != 0) == (kinds & 63 == LABEL)).all()
    return kinds.tolist()


def check(lines: list[str], kind: int) -> None:
    around = ["2023-07-12 10:05", "9", "姓名：", "-"]  # its neighbours join seamlessly
    for before in around:
        for after in around:
            found = kinds_of([part for line in lines for part in (before, line, after)])[1::3]
            assert dict(zip(lines, found, strict=True)) == dict.fromkeys(lines, kind)


def test_blank_lines() -> None:
    check(["", " ", "\t \r", "\u3000", "\u00a0", "\ufeff", " \u3000\u00a0\ufeff\r"], BLANK)


def test_separators() -> None:
    check(["---", "====", "****", "____", "####", "~~~", "+++", " ------ \r"], SEPARATOR)
    check(["———", "－－－", "＝＝＝", "───", "═══", "━━━━"], SEPARATOR)


def test_what_separates_nothing() -> None:
    check(["--", "-", "aaa", "111", "-=-", "--- a", "---a", "...", "，，，", "——", "张张张"], PLAIN)
    check(["———-", "——\u2014\u2015", "。。。", "————a", "...---", "|||"], PLAIN)


DAYS = [
    "2023-07-12",
    "2023/7/1",
    "2023.12.31",
    "1999-1-2",
    "2023年7月12日",
    "2023年7月12",
    "2023-7月1",
]
CLOCKS = ["10:05", "9:05", "23:59:59", "0:00:0"]


def test_heads_begin_with_a_time() -> None:
    times = [f"{day} {clock}" for day in DAYS for clock in CLOCKS]
    check([f"{time} 张三(10000)" for time in times], HEAD)
    check([f"{open_}{times[0]}] x" for open_ in ("[", "(", "【", " [", "\u3000")], HEAD)
    check([f"2023-07-12{gap}10:05 x" for gap in ("T", "\t", "    ", " T ")], HEAD)
    check(["2023年7月12日10:05 x", "2023-07-12 10:05"], HEAD)


def test_short_lines_that_end_with_a_time_are_heads() -> None:
    times = [f"{day} {clock}" for day in DAYS for clock in ("10:05", "23:59:59")]
    check([f"张三 {time}" for time in times if 14 <= len(time.encode()) <= 24], HEAD)
    check([f"张三({times[0]}{close}" for close in (")", "]", "):", "]:)", ")\r", ") ")], HEAD)
    check(["x" * 103 + " 2023-07-12 10:05"], HEAD)
    check(["x" * 105 + " 2023-07-12 10:05"], PLAIN)


def test_what_is_no_time_is_no_head() -> None:
    check(
        [
            "2023-07-12",
            "2023-07-12 10",
            "2023-07-12 10:5",
            "2023-07-12 10:5x",
            "2023-07-12 :05",
            "2023-07-12 100:05",
            "2023-07-12 10:055",
            "2023-07-12     10:05",
            "2023-07-1210:05",
            "2023-07-12x10:05",
            "2023年7月12 日10:05",
            "2023-07-123 10:05",
            "2023_07_12 10:05",
            "2023-0712 10:05",
            "2023-xx-12 10:05",
            "2023-07- 10:05",
            "2123-07-12 10:05",
            "1823-07-12 10:05",
            "1099-07-12 10:05",
            "20x3-07-12 10:05",
            "202-07-12 10:05",
            "12023-07-12 10:05",
            "x 12023-07-12 10:05",
            "x 02023-07-12 10:05",
            "x 92023-07-12 10:05",
            "x 2023-07-12 10:05.",
            "[x 2023-07-12",
            "{2023-07-12 10:05 x",
            "10:05",
        ],
        PLAIN,
    )


def test_a_head_with_a_phone_is_its_own_message() -> None:
    head = "2023-07-12 10:05"
    check([f"{head} {PHONE}", f"{head} 张三{PHONE}李", f"{head} x{PHONE}9"], HEAD | MORE_IN_LINE)
    check([f"{head} {text}" for text in (f"({PHONE})", f"（{PHONE}）", f"<{PHONE}>")], HEAD)
    check([f"{head} 1380013800", f"{head} 138001 380000", f"{head} 138-0013-8000"], HEAD)
    check([f"{head} ({PHONE}) {PHONE}"], HEAD | MORE_IN_LINE)


def test_labels() -> None:
    check(["姓名：张三", "姓名:张三", "姓名=张三", "姓名＝张三", "姓名 张三", "姓名 ：张三"], LABEL)
    check(["*姓名：张三", "[姓名]：x", "【姓名】：x", " \u3000姓名：", "姓名\u3000张三"], LABEL)
    check(["姓名 13", "Name: x", "NAME=x", "name 5", "phone_number: 1", "z:1", "电话："], LABEL)
    check(["收件人：张三", "收件人 张三", "收件人\t："], LABEL | PARTY)


def test_what_labels_nothing() -> None:
    check(["运 张三", "oame: x", "mame: x", "nbme: x", "n`me: x", "nAmE x", "姓吏：x"], PLAIN)
    check(["运：张三"], LABEL)
    check(
        ["姓名", "姓名张三：", "姓名、电话：x", "姓，名：x", "名：x", "姓名1：x", "x", "：x"], PLAIN
    )
    check(
        ["name x", "names: x", "1name: x", "z 1", "姓" * 14 + "：", "“姓名”：x", "张三 李四"], PLAIN
    )
    check([" " * 3 + "(姓名：x", "/姓名：x", "x" * 41 + ":"], PLAIN)


def test_a_line_with_several_labels_says_so() -> None:
    several = LABEL | MORE_IN_LINE
    check(["姓名：张三 电话：138", "姓名:张三,电话:1", "姓名：a：b"], several)
    check(["收件人：张三 电话：138"], several | PARTY)
    check(["姓名：10:05", "姓名: http://x", "name:1:2:3", "姓名 a:b"], LABEL)


def test_cards() -> None:
    check(["BEGIN:VCARD", "begin:vcard", "Begin:vCard\r", "  BEGIN:VCARD x"], CARD_BEGIN)
    check(["END:VCARD", "end:vcard", "\ufeffEnd:VCARD\n"], CARD_END)
    check(["BEGIN:VCAR", "END:VCAR", "XBEGIN:VCARD", "BEGIN;VCARD", "ENDE:VCARD"], PLAIN)


@pytest.mark.parametrize("names", [1, 5, 300, 3000])
def test_every_name_is_found_among_many(names: int) -> None:
    words = [f"label{'abcdefghij'[n % 10]}{chr(0x4E00 + n)}" for n in range(names)]
    table = build_label_names(words, set(words[::3]))
    lines = [f"{word}：x" for word in words] + ["labelx：x"]
    texts = [line.encode() for line in lines]
    offsets = np.array([0, *np.cumsum([len(text) for text in texts])], np.int64)
    data = np.frombuffer(b"".join(texts), np.uint8)
    kinds, labels = np.empty(len(lines), np.uint8), np.empty(len(lines), np.uint64)
    classify_lines(offsets, data, table.table, table.parties, kinds, labels)
    expected = [LABEL | (PARTY if n % 3 == 0 else 0) for n in range(names)]
    assert kinds.tolist() == [*expected, PLAIN]
    assert len(set(labels.tolist())) == names + 1
