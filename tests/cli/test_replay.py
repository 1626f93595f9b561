"""A replay on the command line."""

from pathlib import Path
from typing import Any


def test_identical_is_0_and_a_difference_is_3(counted: Any, call: Any) -> None:
    counted()
    words = ("replay", "case", "dump", "--key", "key")
    called = call(*words)
    assert (called.code, called.err) == (0, "")
    assert "重演一致：1 个来源" in called.out
    Path("dump/a.csv").write_text("姓名,手机号\n张三,13800138000\n", "utf-8")
    called = call(*words)
    assert (called.code, called.lacks("与立卷时不同")) == (3, [])
