"""A validation on the command line."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.validation import validate as module
from tests.case.report.docx.test_statement import lines


@pytest.fixture
def home(counted: Any, monkeypatch: Any) -> Path:
    monkeypatch.setattr(module, "run_self_test", lambda catalog: [])
    monkeypatch.setattr(module, "recipe_names", lambda: ["prose"])
    return counted().parent


def test_it_prints_the_tables_and_writes_the_record(home: Path, call: Any) -> None:
    shutil.copytree(home / "dump", home / "moved" / "dump")
    called = call("validate", "case", "--key", "key", "--evidence", "moved", "-o", "记录.docx")
    assert called.code == 0
    assert called.lacks("识别规则的反例", "检出率", "逐字节相同", "piiscan sample") == []
    assert "软件功能验证记录" in lines((home / "记录.docx").read_bytes())
    assert call("validate", "case", "--key", "key", "--sources", "0").code == 0
    assert (home / "case" / "reports" / "软件功能验证记录.docx").is_file()
    assert call("verify", "case").code == 0


def test_something_wrong_is_exit_code_3(home: Path, call: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "conservation_failures", lambda tables: (7, 1))
    called = call("validate", "case", "--key", "key", "--sources", "0")
    assert called.code == 3
    assert "不应使用" in called.out
