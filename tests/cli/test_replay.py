"""A replay on the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_identical_is_0_and_a_difference_is_3(
    count_dump: Callable[[str], Path], tmp_path: Path, call: Any, monkeypatch: Any
) -> None:
    made = count_dump("姓名,手机号\n张三,13800138000\n李四,13900139000\n")
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    called = call("replay", "case", "dump", "--key", "key")
    assert (called.code, called.err) == (0, "")
    assert "重演一致：1 个来源" in called.out
    (source,) = [path for path in (tmp_path / "dump").rglob("*") if path.is_file()]
    source.write_text("姓名,手机号\n张三,13800138000\n", "utf-8")
    called = call("replay", "case", "dump", "--key", "key")
    assert called.code == 3
    assert "与立卷时不同" in called.out
