"""``piiscan explain``: what was looked at, and why it was kept or refused."""

from __future__ import annotations

from typing import Any

ID = "430104190506150016"
WRONG_ID = "430104190506150017"


def test_a_finding_is_explained_step_by_step(call: Any) -> None:
    told = call("explain", f"身份证号{ID}", "--lang", "en").out
    assert f"[4-22] {ID}" in told
    assert "Resident identity number (18 digits) (cn.resident_id), worth 0.85" in told
    assert "check resident_id: " in told
    assert "context: 身份证" in told
    assert "reported" in told


def test_a_refused_candidate_tells_its_reason(call: Any) -> None:
    told = call("explain", WRONG_ID).out
    assert "CHECK_FAIL" in told
    assert "由值推出" not in told
    assert "结果：排除" in told


def test_a_label_that_names_nothing_is_said_to_change_nothing(call: Any) -> None:
    assert "changes nothing" in call("explain", ID, "--label", "qwerty", "--lang", "en").out
    assert "cn.resident_id" in call("explain", ID, "--label", "身份证号", "--lang", "en").out


def test_a_text_without_candidates_is_said_to_have_none(call: Any) -> None:
    assert "没有任何候选" in call("explain", "今天天气").out


def test_a_credential_is_explained_without_its_value(call: Any) -> None:
    for text, label in (("密码：Demo1234，电话13800138000", None), ("13900139001", "密码")):
        words = ["--label", label] if label else []
        told = call("explain", text, *words, "--lang", "en").out
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


def test_what_follows_from_the_value_is_told_in_words(call: Any) -> None:
    told = call("explain", f"身份证号{ID}", "--as-of", "2026-11-25").out
    assert "由值推出（截至 2026-11-25）：" in told
    assert "省级地区 湖南省；" in told
    assert "性别 男；年龄（截止日期时周岁） 121；不满十四周岁 否" in told
    english = call("explain", f"身份证号{ID}", "--as-of", "2026-11-25", "--lang", "en").out
    assert "sex male; " in english
    assert "under fourteen no" in english


def test_a_role_is_told(call: Any) -> None:
    assert "角色：寄件人（sender）" in call("explain", "寄件人李四 13900139000").out
    assert (
        "role: recipient"
        in call("explain", "13900139000", "--label", "收件人手机号", "--lang", "en").out
    )
