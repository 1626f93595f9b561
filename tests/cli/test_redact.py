"""Masked copies on the command line, in Chinese."""

from pathlib import Path
from typing import Any

import pytest

ROWS = "姓名,手机号\n张三,13800138000\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    return tmp_path / "a.csv"


def test_what_was_replaced_and_that_it_was_checked_is_said(source: Path, call: Any) -> None:
    called = call("redact", "a.csv", "-o", "out")
    assert (called.code, called.err) == (0, "")
    line = "a.csv → a.csv：替换 2 处（手机号码 1，姓名 1）；复查：无遗留"
    assert called.lacks(line, "已重新扫描全部副本") == []
    assert Path("out/a.csv").read_text("utf-8") == "姓名,手机号\n张*,138****8000\n"


def test_what_is_not_copied_is_code_1(source: Path, call: Any) -> None:
    source.with_name("b.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")
    called = call("redact", "a.csv", "b.rar", "-o", "out")
    assert (called.code, called.lacks("b.rar：未生成副本", "此格式不能脱敏")) == (1, [])


def test_what_is_left_is_code_3(source: Path, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_cell_edits", "_to_byte_edits"):
        monkeypatch.setattr(f"piiscan.copies.text.text_files.{name}", lambda *_: iter(()))
    called = call("redact", "a.csv", "-o", "out")
    assert called.lacks("仍在：2:1（姓名）", "逐字节核查仍有：2（手机号码）") == []
    assert called.code == 3
    assert "已重新扫描全部副本" not in called.out
    assert "13800138000" not in called.out + called.err


def test_kinds_are_named_in_the_language_of_the_user(source: Path, call: Any) -> None:
    call("redact", "a.csv", "-o", "out", "--operator", "replace")
    assert Path("out/a.csv").read_text("utf-8") == "姓名,手机号\n[姓名],[手机号码]\n"
    call("redact", "a.csv", "-o", "two", "--operator", "replace", "--lang", "en")
    assert Path("two/a.csv").read_text("utf-8").endswith("[Personal name],[Mobile number]\n")
