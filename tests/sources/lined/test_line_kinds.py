"""Every line has the kind that a reader sees in it: blank, separator, label, message head, card."""

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
    LabelNames,
    build_label_names,
)

NAMES = build_label_names(["姓名", "电话", "收件人", "name", "phone_number", "z", "运"], {"收件人"})
PHONE = "13800138000"


def kinds_of(lines: list[str], names: LabelNames = NAMES) -> list[int]:
    """The kinds of lines; only a label has a number of its own."""
    texts = [line.encode() for line in lines]
    offsets = np.array([0, *np.cumsum([len(text) for text in texts])], np.int64)
    data = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
    kinds, labels = np.empty(len(lines), np.uint8), np.empty(len(lines), np.uint64)
    classify_lines(offsets, data, names.table, names.parties, kinds, labels)
    assert ((labels != 0) == (kinds & 63 == LABEL)).all()
    assert len(set(labels.tolist())) == len(set(lines)) or names is NAMES
    return kinds.tolist()


TIME = "2023-07-12 10:05"
DAYS = [f"2023{sign}07{sign}12" for sign in "-/."]
DAYS += ["1999-1-2", "2023年7月12日", "2023年7月12", "2023-7月1"]
TIMES = [f"{day} {clock}" for day in DAYS for clock in ("10:05", "9:05", "23:59:59", "0:00:0")]
BEHIND = [f"{day} {clock}" for day in DAYS for clock in ("10:05", "23:59:59")]
SEVERAL = LABEL | MORE_IN_LINE
#: Claim -> kind, lines of it.
LINES: dict[str, tuple[int, list[str]]] = {
    "blank": (BLANK, ["", " ", "\t \r", "\u3000", "\u00a0", "\ufeff", " \u3000\u00a0\ufeff\r"]),
    "separators": (SEPARATOR, ["---", "====", "****", "____", "####", "~~~", "+++", " ------ \r"]),
    "wide separators": (SEPARATOR, ["———", "－－－", "＝＝＝", "───", "═══", "━━━━"]),
    "no separators": (PLAIN, [
        "--", "-", "aaa", "111", "-=-", "--- a", "---a", "...", "，，，", "——", "张张张", "———-",
        "——\u2014\u2015", "。。。", "————a", "...---", "|||",
    ]),
    "heads begin with a time": (HEAD, [
        *(f"{time} 张三(10000)" for time in TIMES),
        *(f"{mark}{TIMES[0]}] x" for mark in ("[", "(", "【", " [", "\u3000")),
        *(f"2023-07-12{gap}10:05 x" for gap in ("T", "\t", "    ", " T ")),
        "2023年7月12日10:05 x", TIME,
    ]),
    "short lines that end with a time": (HEAD, [
        *(f"张三 {time}" for time in BEHIND if 14 <= len(time.encode()) <= 24),
        *(f"张三({BEHIND[0]}{close}" for close in (")", "]", "):", "]:)", ")\r", ") ")),
        f"{'x' * 103} {TIME}",
    ]),
    "no time": (PLAIN, [
        f"{'x' * 105} {TIME}", "2023-07-12", "2023-07-12 10", "2023-07-12 10:5",
        "2023-07-12 10:5x", "2023-07-12 :05", "2023-07-12 100:05", "2023-07-12 10:055",
        "2023-07-12     10:05", "2023-07-1210:05", "2023-07-12x10:05", "2023年7月12 日10:05",
        "2023-07-123 10:05", "2023_07_12 10:05", "2023-0712 10:05", "2023-xx-12 10:05",
        "2023-07- 10:05", "2123-07-12 10:05", "1823-07-12 10:05", "1099-07-12 10:05",
        "20x3-07-12 10:05", "202-07-12 10:05", "12023-07-12 10:05", "x 12023-07-12 10:05",
        "x 02023-07-12 10:05", "x 92023-07-12 10:05", "x 2023-07-12 10:05.", "[x 2023-07-12",
        "{2023-07-12 10:05 x", "10:05",
    ]),
    "a head with a phone is a message": (HEAD | MORE_IN_LINE, [
        f"{TIME} {PHONE}", f"{TIME} 张三{PHONE}李", f"{TIME} x{PHONE}9",
        f"{TIME} ({PHONE}) {PHONE}",
    ]),
    "a phone of a name is none": (HEAD, [
        f"{TIME} ({PHONE})", f"{TIME} （{PHONE}）", f"{TIME} <{PHONE}>", f"{TIME} 1380013800",
        f"{TIME} 138001 380000", f"{TIME} 138-0013-8000",
    ]),
    "labels": (LABEL, [
        "姓名：张三", "姓名:张三", "姓名=张三", "姓名＝张三", "姓名 张三", "姓名 ：张三",
        "运：张三", "*姓名：张三", "[姓名]：x", "【姓名】：x", " \u3000姓名：", "姓名\u3000张三",
        "姓名 13", "Name: x", "NAME=x", "name 5", "phone_number: 1", "z:1", "电话：",
    ]),
    "labels of parties": (LABEL | PARTY, ["收件人：张三", "收件人 张三", "收件人\t："]),
    "no labels": (PLAIN, [
        "运 张三", "oame: x", "mame: x", "nbme: x", "n`me: x", "nAmE x", "姓吏：x", "姓名",
        "姓名张三：", "姓名、电话：x", "姓，名：x", "名：x", "姓名1：x", "x", "：x", "name x",
        "names: x", "1name: x", "z 1", "姓" * 14 + "：", "“姓名”：x", "张三 李四",
        " " * 3 + "(姓名：x", "/姓名：x", "x" * 41 + ":",
    ]),
    "several labels": (SEVERAL, ["姓名：张三 电话：138", "姓名:张三,电话:1", "姓名：a：b"]),
    "several of a party": (SEVERAL | PARTY, ["收件人：张三 电话：138"]),
    "one label": (LABEL, ["姓名：10:05", "姓名: http://x", "name:1:2:3", "姓名 a:b"]),
    "cards": (CARD_BEGIN, ["BEGIN:VCARD", "begin:vcard", "Begin:vCard\r", "  BEGIN:VCARD x"]),
    "ends of cards": (CARD_END, ["END:VCARD", "end:vcard", "\ufeffEnd:VCARD\n"]),
    "no cards": (PLAIN, ["BEGIN:VCAR", "END:VCAR", "XBEGIN:VCARD", "BEGIN;VCARD", "ENDE:VCARD"]),
}  # fmt: skip


@pytest.mark.parametrize("claim", LINES)
def test_a_line_has_its_kind_whatever_its_neighbours(claim: str) -> None:
    kind, lines = LINES[claim]
    around = [TIME, "9", "姓名：", "-"]  # its neighbours join seamlessly
    for before in around:
        for after in around:
            found = kinds_of([part for line in lines for part in (before, line, after)])[1::3]
            assert dict(zip(lines, found, strict=True)) == dict.fromkeys(lines, kind)


@pytest.mark.parametrize("names", [1, 5, 300, 3000])
def test_every_name_is_found_among_many(names: int) -> None:
    words = [f"label{'abcdefghij'[n % 10]}{chr(0x4E00 + n)}" for n in range(names)]
    table = build_label_names(words, set(words[::3]))
    expected = [LABEL | (PARTY if n % 3 == 0 else 0) for n in range(names)]
    assert kinds_of([*(f"{word}：x" for word in words), "labelx：x"], table) == [*expected, PLAIN]
