"""``piiscan explain``: what was looked at, and why it was kept or refused."""

from pathlib import Path
from typing import Any

import pytest

ID = "430104190506150016"
WRONG_ID = "430104190506150017"
WIDE_ID = "".join(chr(ord(digit) + 0xFEE0) for digit in ID)


#: What is explained -> words of the call behind it, parts that are told, parts that are not.
EXPLAINED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "a finding, step by step": (
        [f"身份证号{ID}", "--lang", "en"],
        [
            f"text: 身份证号【{ID}】",
            "[4-22], characters 5 to 22",
            "Resident identity number (18 digits) (cn.resident_id)",
            "✓ Check character MOD 11-2 (GB 11643-1999): weighted sum 193, modulo 11 is 6",
            " 7  9 10  5  8  4  2  1  6  3  7  9 10  5  8  4  2  weight",
            "context: “身份证号” directly in front",
            "score: bare 0.85 -> with a word 0.85",
            "outcome: reported, score 0.85",
        ],
        [],
    ),
    "a refused candidate with its reason": (
        [WRONG_ID],
        ["原因：校验码不符（CHECK_FAIL）", "应为 6，实为 7；不符", "结果：排除"],
        ["由值推出"],
    ),
    "a label that names nothing": (
        [ID, "--label", "qwerty", "--lang", "en"],
        ["changes nothing"],
        [],
    ),
    "a label": (
        [ID, "--label", "身份证号", "--lang", "en"],
        ["cn.resident_id"],
        ["changes nothing"],
    ),
    "a text without candidates": (["今天天气"], ["没有任何候选"], []),
    "full-width digits, folded": ([WIDE_ID, "--lang", "en"], [f"folded: {ID}"], []),
    "hanzi, which stay themselves": ([f"身份证号{ID}"], [f"折叠：身份证号{ID}"], []),
    "facts of the value": (
        [f"身份证号{ID}", "--as-of", "2026-11-25"],
        [
            "截止日期：2026-11-25",
            "由值推出：省级地区 湖南省；",
            "性别 男；年龄（截止日期时周岁） 121；不满十四周岁 否",
        ],
        [],
    ),
    "facts of the value in English": (
        [f"身份证号{ID}", "--as-of", "2026-11-25", "--lang", "en"],
        ["sex male; ", "under fourteen no"],
        [],
    ),
    "a hostile text, which cannot steer the terminal": (
        ["\x1b[31m手机\u202e13912345678\x07", "--label", "\x1b]0;x\x07"],
        ["13912345678"],
        ["\x1b", "\x07", "\u202e"],
    ),
    "the role of a context word": (["寄件人李四 13900139000"], ["角色：寄件人（sender）"], []),
    "the role of a label": (
        ["13900139000", "--label", "收件人手机号", "--lang", "en"],
        ["role: recipient"],
        [],
    ),
    "a field of a list by its account": (
        ["13800138000----demo2023----A0123456789abcde", "--lang", "en"],
        ["behind 13800138000 and the separator ----", "behind *** and the separator ----"],
        ["demo2023"],
    ),
    "a field of a list by an account of digits": (
        ["9000000002----ab1234", "--lang", "en"],
        ["behind 9000000002 and"],
        [],
    ),
}


@pytest.mark.parametrize("what", EXPLAINED)
def test_it_is_explained(call: Any, what: str) -> None:
    words, told, untold = EXPLAINED[what]
    called = call("explain", *words)
    assert called.lacks(*told, *untold) == untold


def test_what_lacks_its_word_is_told_in_one_line(call: Any) -> None:
    told = call("explain", f"身份证号{ID}").out
    assert told.count("NO_CONTEXT") == 0
    assert "订单号（cn.order_no）" in told.splitlines()[-1]


@pytest.mark.parametrize("form", [[], ["--json"], ["--html"], ["--html", "--reveal"]])
def test_a_credential_is_explained_without_its_value(
    call: Any, tmp_path: Path, form: list[str]
) -> None:
    page = tmp_path / "page.html"
    if form:
        form = [form[0], *([str(page)] if form[0] == "--html" else []), *form[1:]]
    for text, label in (("密码：Demo1234，电话13800138000", None), ("13900139001", "密码")):
        words = ["--label", label] if label else []
        told = call("explain", text, *words, *form).out
        told += page.read_text("utf-8") if page.exists() else ""
        assert "account.credential" in told or "account.password" in told
        assert "Demo1234" not in told
        assert "13900139001" not in told
    assert "13800138000" in call("explain", "密码：Demo1234，电话13800138000").out


def test_json_is_one_object_with_steps_and_path(call: Any) -> None:
    (told,) = call("explain", f"身份证号{ID}", "--json", "--as-of", "2026-01-01").json
    (found,) = [each for each in told["candidates"] if each["outcome"] == "found"]
    assert (found["start"], found["end"], found["value"]) == (4, 22, ID)
    assert [step["name"] for step in found["steps"]] == ["region", "birth", "mod_11_2"]
    assert found["steps"][2]["values"]["expected"] == "6"
    assert found["path"] == [{"stage": "bare", "score": 0.85}, {"stage": "word", "score": 0.85}]
    assert found["context"] == {"word": "身份证号", "nearness": "direct", "distance": 0}
    assert told["as_of"] == "2026-01-01"


def test_the_page_is_masked_unless_asked_and_for_its_owner_alone(call: Any, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    called = call("explain", f"身份证号{ID}", "--html", page)
    assert called.code == 0
    assert str(page) in called.out
    assert page.stat().st_mode & 0o777 == 0o600
    assert "4301***********016" in page.read_text("utf-8")
    assert ID not in page.read_text("utf-8")
    call("explain", f"身份证号{ID}", "--html", page, "--reveal")
    assert ID in page.read_text("utf-8")


def test_what_rules_changed_of_names_is_printed_last(call: Any) -> None:
    told = call("explain", "王先生来电").out
    assert told.endswith(
        "姓名模型的片段，经规则更正：\n"
        "   「王」（姓名） → 「王先生」（称呼）：姓氏加称谓是称呼，单独的姓氏不是姓名\n"
    )
