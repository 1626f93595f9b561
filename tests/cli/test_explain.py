"""``piiscan explain``: what was looked at, and why it was kept or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ID = "430104190506150016"
WRONG_ID = "430104190506150017"


def test_a_finding_is_explained_step_by_step(call: Any) -> None:
    told = call("explain", f"身份证号{ID}", "--lang", "en").out
    assert f"text: 身份证号【{ID}】" in told
    assert "[4-22], characters 5 to 22" in told
    assert "Resident identity number (18 digits) (cn.resident_id)" in told
    assert "✓ Check character MOD 11-2 (GB 11643-1999): weighted sum 193, modulo 11 is 6" in told
    assert " 7  9 10  5  8  4  2  1  6  3  7  9 10  5  8  4  2  weight" in told
    assert "context: “身份证号” directly in front" in told
    assert "score: bare 0.85 -> with a word 0.85" in told
    assert "outcome: reported, score 0.85" in told


def test_a_refused_candidate_tells_its_reason(call: Any) -> None:
    told = call("explain", WRONG_ID).out
    assert "原因：校验码不符（CHECK_FAIL）" in told
    assert "应为 6，实为 7；不符" in told
    assert "由值推出" not in told
    assert "结果：排除" in told


def test_a_label_that_names_nothing_is_said_to_change_nothing(call: Any) -> None:
    assert "changes nothing" in call("explain", ID, "--label", "qwerty", "--lang", "en").out
    assert "cn.resident_id" in call("explain", ID, "--label", "身份证号", "--lang", "en").out


def test_a_text_without_candidates_is_said_to_have_none(call: Any) -> None:
    assert "没有任何候选" in call("explain", "今天天气").out


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


def test_a_field_of_a_list_is_explained_by_its_account(call: Any) -> None:
    told = call("explain", "13800138000----demo2023----A0123456789abcde", "--lang", "en").out
    assert "behind 13800138000 and the separator ----" in told
    assert "behind *** and the separator ----" in told
    assert "demo2023" not in told
    assert "behind 9000000002 and" in call("explain", "9000000002----ab1234", "--lang", "en").out


def test_full_width_digits_are_shown_folded(call: Any) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in ID)
    assert f"folded: {ID}" in call("explain", wide, "--lang", "en").out


def test_hanzi_stay_themselves_when_folded(call: Any) -> None:
    assert f"折叠：身份证号{ID}" in call("explain", f"身份证号{ID}").out


def test_what_follows_from_the_value_is_told_in_words(call: Any) -> None:
    told = call("explain", f"身份证号{ID}", "--as-of", "2026-11-25").out
    assert "截止日期：2026-11-25" in told
    assert "由值推出：省级地区 湖南省；" in told
    assert "性别 男；年龄（截止日期时周岁） 121；不满十四周岁 否" in told
    english = call("explain", f"身份证号{ID}", "--as-of", "2026-11-25", "--lang", "en").out
    assert "sex male; " in english
    assert "under fourteen no" in english


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


def test_a_page_in_a_folder_that_is_not_there_is_refused(call: Any, tmp_path: Path) -> None:
    called = call("explain", ID, "--html", tmp_path / "nowhere" / "x.html")
    assert (called.code, "nowhere" in called.err) == (2, True)


@pytest.mark.parametrize("words", [["--reveal"], ["--json", "--html", "x.html"]])
def test_options_that_do_not_go_together_are_refused(call: Any, words: list[str]) -> None:
    assert call("explain", ID, *words).code == 2


def test_a_hostile_text_cannot_steer_the_terminal(call: Any) -> None:
    told = call("explain", "\x1b[31m手机\u202e13912345678\x07", "--label", "\x1b]0;x\x07").out
    assert not {"\x1b", "\x07", "\u202e"} & set(told)
    assert "13912345678" in told


def test_a_role_is_told(call: Any) -> None:
    assert "角色：寄件人（sender）" in call("explain", "寄件人李四 13900139000").out
    assert (
        "role: recipient"
        in call("explain", "13900139000", "--label", "收件人手机号", "--lang", "en").out
    )


def test_what_rules_changed_of_names_is_printed_last(call: Any) -> None:
    told = call("explain", "王先生来电").out
    assert told.endswith(
        "姓名模型的片段，经规则更正：\n"
        "   「王」（姓名） → 「王先生」（称呼）：姓氏加称谓是称呼，单独的姓氏不是姓名\n"
    )
