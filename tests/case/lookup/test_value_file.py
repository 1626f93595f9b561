"""Lists of values come from any file that has cells or lines."""

from pathlib import Path

import pytest

from piiscan import CaseError
from piiscan.case.lookup.value_queries import read_values


def test_every_cell_is_a_value_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名,手机号\n张三,13800138000\n,13800138000\n", "utf-8")
    (tmp_path / "a.txt").write_text("13800138000\n\n张三 \n", "utf-8")
    assert read_values(tmp_path / "a.csv") == ["张三", "13800138000"]
    assert read_values(tmp_path / "a.txt") == ["13800138000", "张三"]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "b.bin").write_bytes(bytes(range(256)) * 8)
    for name in ("none.csv", "b.bin"):
        with pytest.raises(CaseError):
            read_values(tmp_path / name)
