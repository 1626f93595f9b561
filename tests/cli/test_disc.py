"""The folder for a disc on the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def home(count_dump: Callable[[str], Path], tmp_path: Path, monkeypatch: Any) -> Path:
    made = count_dump("姓名,手机号\n张三,13800138000\n李四,13900139000\n")
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_says_what_it_wrote_and_what_is_to_be_filled_in(home: Path, call: Any) -> None:
    called = call("disc", "case", "-o", "盘", "--as", "检察", "--field", "案由=示例")
    assert called.code == 0
    assert "校验清单 SHA-256" in called.out
    assert "一张 CD 可容纳" in called.out
    assert "受理日期" in called.err
    assert "案由" not in called.err
    assert (home / "盘" / "全案" / "检验报告.docx").is_file()


def test_an_unknown_document_is_wrong_usage(home: Path, call: Any) -> None:
    assert call("disc", "case", "-o", "盘", "--as", "法院").code == 2
    assert not (home / "盘").exists()


@pytest.mark.parametrize(("used_as", "title"), [("公安", "电子数据检查笔录"), ("检察", "检验报告")])
def test_a_report_is_written_as_the_document_asked_for(
    home: Path, call: Any, used_as: str, title: str
) -> None:
    called = call("report", "case", "--as", used_as)
    assert called.code == 0
    assert (home / "case" / "reports" / f"{title}.docx").is_file()
    assert call("verify", "case").code == 0
    assert call("report", "case", "--as", used_as, "--format", "csv").code == 2
    assert call("report", "case", "--as", used_as, "--format", "template", "-o", "t.docx").code == 0
