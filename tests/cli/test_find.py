"""``piiscan find``: JSON lines with exactly these keys, from a text or from lines."""

import sys
from typing import Any

import pytest

from tests.own_rules import write_member

ID = "430104190506150016"
WRONG_ID = "430104190506150017"
KEYS = (
    *("line", "start", "end", "entity", "recognizer", "text", "value"),
    *("verdict", "score", "context", "role", "alternatives"),
)


def test_a_text_gives_one_json_line_a_finding(call: Any) -> None:
    called = call("find", "-e", f"机主身份证号{ID}")
    (found,) = called.json
    assert (called.code, called.err) == (0, "")
    assert tuple(found) == KEYS
    assert (found["line"], found["start"], found["end"]) == (1, 6, 24)
    assert (found["entity"], found["recognizer"]) == ("CN_RESIDENT_ID", "cn.resident_id")
    assert "身份证" in called.out  # UTF-8 in any locale
    assert found["text"] == found["value"] == ID
    assert found["verdict"] == "verified"
    assert found["context"].startswith("身份证")


def test_lines_are_counted_from_one_and_their_ends_are_not_text(call: Any) -> None:
    found = call("find", "-", stdin=f"\ufeff{ID}\r\n\r\n无\n身份证{ID}".encode()).json
    places = [(each["line"], each["start"], each["end"]) for each in found]
    assert places == [(1, 0, 18), (4, 3, 21)]


def test_lines_in_utf8_and_gb18030_may_be_mixed(call: Any) -> None:
    stdin = f"身份证{ID}\n".encode() + f"身份证{ID}\n".encode("gb18030")
    first, second = call("find", stdin=stdin).json
    assert first["context"] == second["context"] == "身份证"
    assert (first["line"], second["line"]) == (1, 2)


def test_a_line_that_is_neither_is_read_and_reported_with_code_1(call: Any) -> None:
    called = call("find", stdin=b"a\n\xff\xff\xff " + ID.encode() + b"\n")
    assert (called.code, called.lacks("第一处在第 2 行")) == (1, [])
    assert [each["line"] for each in called.json] == [2]


def test_of_a_credential_only_its_presence_is_printed(call: Any) -> None:
    called = call("find", "-e", "账号13800138000 密码：Demo1234", "--rejected")
    secrets = [each for each in called.json if each["entity"] == "CREDENTIAL"]
    assert secrets
    assert {(each["text"], each["value"]) for each in secrets} == {(None, None)}
    assert "Demo1234" not in called.out + called.err


def test_a_loser_does_not_tell_the_password_it_lost_to(call: Any) -> None:
    for text in ("13900139001", "430104190506150016", "demo@example.com"):
        asked = ("--label", "密码", "--rejected", "--min-score", "0", "--attributes")
        called = call("find", "-e", text, *asked)
        assert len(called.json) > 1
        assert all(each["attributes"] == {} for each in called.json)
        assert text not in called.out + called.err


def test_context_does_not_cross_lines(call: Any) -> None:
    (found,) = call("find", stdin=f"身份证号\n{ID}\n".encode()).json
    assert found["context"] is None


def test_a_label_is_a_column_name(call: Any) -> None:
    assert (
        call("find", "-e", WRONG_ID).json == call("find", "-e", ID, "--min-score", "0.9").json == []
    )
    (found,) = call("find", "-e", WRONG_ID, "--label", "身份证号").json
    assert (found["verdict"], found["score"], found["context"]) == ("refuted", 0.5, "身份证号")


def test_rejected_candidates_come_with_their_reason(call: Any) -> None:
    rejected = call("find", "-e", WRONG_ID, "--rejected").json
    assert {tuple(each) for each in rejected} == {(*KEYS, "reason")}
    (found,) = [each for each in rejected if each["recognizer"] == "cn.resident_id"]
    assert (found["score"], found["reason"]) == (0.0, "CHECK_FAIL")


def test_births_after_the_day_given_are_impossible(call: Any) -> None:
    born_2020 = "430104202001010011"
    (found,) = call("find", "-e", born_2020, "--label", "身份证号", "--as-of", "2019-12-31").json
    assert found["verdict"] == "refuted"


def test_own_rules_are_found_too(call: Any, tmp_path: Any) -> None:
    write_member(tmp_path)
    (found,) = call("find", "-e", "HY12345678", "--recognizers", tmp_path).json
    assert found["recognizer"] == "shop.member"


def test_a_lone_surrogate_still_gives_valid_json(call: Any) -> None:
    (found,) = call("find", "-e", f"\udc80{ID}").json
    assert (found["start"], found["text"]) == (1, ID)


@pytest.mark.parametrize("stdin", [b"", b"\n", b"\n\n"])
def test_nothing_in_is_nothing_out(stdin: bytes, call: Any) -> None:
    called = call("find", stdin=stdin)
    assert (called.code, called.out, called.err) == (0, "", "")


def test_attributes_are_added_when_asked_for(call: Any) -> None:
    (plain,) = call("find", "-e", f"身份证{ID}").json
    asked = ("find", "-e", f"身份证{ID}", "--attributes", "--as-of", "2026-11-25")
    (found,) = call(*asked).json
    told = found.pop("attributes")
    assert found == plain
    assert (told["county"], told["birth_date"], told["age"]) == ("岳麓区", "1905-06-15", 121)
    assert told["under_14"] is False
    (later,) = call(*asked[:-1], "2030-11-25").json
    assert later["attributes"]["age"] == 125
    stdin = "无\n13800138000\n".encode()
    (mobile,) = call("find", "--attributes", stdin=stdin).json
    assert (mobile["line"], mobile["attributes"]["carrier"]) == (2, "中国移动")


def test_files_are_read_by_their_formats_and_counted(call: Any, tmp_path: Any) -> None:
    (tmp_path / "a.csv").write_text("姓名,手机号\n张三,13800138000\n李四,无\n", "utf-8")
    (tmp_path / "b.txt").write_text(f"甲\r\n乙 {ID} 密码：Demo1234\r\n", "utf-8")
    called = call("find", tmp_path / "a.csv", tmp_path / "b.txt")
    places = [(each["line"], each["column"], each["entity"]) for each in called.json]
    assert places == [
        (2, "姓名", "PERSON"), (2, "手机号", "CN_MOBILE"), (3, "姓名", "PERSON"),
        (2, None, "CN_RESIDENT_ID"), (2, None, "CREDENTIAL"),
    ]  # fmt: skip
    assert "Demo1234" not in called.out
    assert call("find", tmp_path / "a.csv", "--count", "-e", ID).out == "4\n"
    assert call("find", tmp_path / "a.csv", "--label", "QQ").code == 2


def test_a_terminal_has_colours_unless_they_are_not_wanted(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "\x1b[" in call("find", "-e", "13800138000").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in call("find", "-e", "13800138000").out


def test_the_exit_code_tells_findings_if_asked(call: Any) -> None:
    assert call("find", "-e", ID, "--exit-code", "--count").code == 4
    assert call("find", "-e", "无", "--exit-code").code == call("find", "-e", ID).code == 0
