"""verify on the command line: by key, by a noted head, by signature."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.case.integrity.test_anchors import write_keys

GROUPS = re.compile(r"(?:[0-9A-Z]{4} ){8}[0-9A-Z]{4}")


@pytest.fixture
def home(counted: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", "nobody")
    return counted().parent


def noted(called: Any) -> str:
    """The groups that a call printed, as somebody writes them down."""
    match = GROUPS.search(called.out + called.err)
    assert match is not None, called.out
    return match[0]


def test_the_head_is_printed_at_the_end_and_accepted_later(home: Path, call: Any) -> None:
    head = noted(call("report", "case"))
    assert head == noted(call("report", "case", "--format", "csv"))
    called = call("verify", "case", "--expect", head.lower().replace(" ", "-"))
    assert (called.code, called.lacks("核对码相符")) == (0, [])
    assert "案卷增加" not in called.out
    later = noted(call("report", "case", "--format", "xlsx"))
    assert later != head
    called = call("verify", "case", "--expect", head)
    assert called.code == 0
    assert "此后案卷增加 1 行日志，此前各行未变" in called.out
    assert "  第 7 行：写成报告  report.xlsx" in called.out


def test_another_head_is_a_difference_and_a_mistyped_one_is_not(home: Path, call: Any) -> None:
    head = noted(call("report", "case"))
    called = call("verify", "case", "--expect", "00" * 32)
    assert (called.code, called.lacks("日志中没有这个核对码")) == (3, [])
    typed = head[:-1] + ("0" if head[-1] != "0" else "1")
    called = call("verify", "case", "--expect", typed)
    assert (called.code, called.lacks("这不表示案卷有变")) == (2, [])


def test_the_key_says_how_far_it_reaches(home: Path, call: Any) -> None:
    words = ("verify", "case", "--key", "key")
    unkeyed = "写入时没有密钥的各行（其内容无人担保）：5、6\n"
    called = call(*words)
    told = "counts-0001/count.json\n  日志第 5 行，写入时没有密钥"
    assert called.lacks("日志前 4 行（共 6 行）受密钥保护", unkeyed, told) == []
    assert called.code == 3
    call("report", "case", "--format", "xlsx", "--key", "key")
    called = call(*words)
    assert called.lacks("日志前 7 行（共 7 行）受密钥保护", unkeyed) == []
    assert "report.xlsx" not in called.out
    (home / "case" / "log.mac").write_bytes(b"")
    called = call(*words)
    assert (called.code, called.lacks("没有密钥校验值：被删去  log.mac")) == (3, [])


def test_a_signed_seal_verifies_folder_and_zip(home: Path, call: Any) -> None:
    write_keys(home / "sign.pem", home / "public.pem")
    called = call("seal", "case", "--sign", "sign.pem", "--timestamp", "--key", "key")
    assert called.code == 0, called.err
    assert (home / "case.zip.head.txt.tsq").is_file()
    head = noted(called)
    assert head in (home / "case.zip.head.txt").read_text()
    options = ("--signature", "case.zip.head.txt.sig", "--public-key", "public.pem")
    for place in ("case", "case.zip"):
        called = call("verify", place, *options)
        assert (called.code, called.lacks("签名有效")) == (0, [])
    (home / "case.zip").chmod(0o600)
    (home / "case.zip").write_bytes(b"")
    called = call("verify", "case.zip", *options)
    assert (called.code, called.lacks("封存的 zip 已变  case.zip")) == (3, [])
    (home / "case.zip").unlink()
    (home / "case.zip.sha256").unlink()
    called = call("seal", "case", "--sign", "sign.pem")
    assert (called.code, called.lacks("case.zip.head.txt")) == (2, [])
    assert not (home / "case.zip").exists()
