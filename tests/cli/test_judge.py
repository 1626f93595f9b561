"""``piiscan judge`` on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def case(count_dump: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the case, beside its dump and its key."""
    monkeypatch.chdir(tmp_path)
    made = count_dump("姓名,手机号\n张小明,19900001200\n王建国,19900001201\n")
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "case"


def test_a_finding_is_marked_and_the_next_count_says_so(case: Path, call: Any) -> None:
    told = call(
        "judge", case, "--row", "1:2", "--kind", "手机号码", "--reason", "空号", "--author", "王检"
    )
    assert (told.code, told.err) == (0, "")
    assert "已登记 1 项认定" in told.out
    counted = call("count", case, "--full").out
    assert "人工认定的误检和漏检" in counted
    assert "记录不再计入" in counted
    assert "19900001200" not in counted


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--row、--sheet 或 --from"),
        (("--row", "1:2"), "须有理由和认定人"),
        (("--row", "1:2", "--as", "wrong"), "false, overlooked, right"),
        (("--row", "1:2", "--as", "overlooked", "--reason", "a", "--author", "b"), "--kind"),
        (("--row", "1:2", "--kind", "鞋码"), "没有这种类型"),
    ],
)
def test_what_cannot_be_done_is_refused(
    case: Path, call: Any, words: tuple[str, ...], told: str
) -> None:
    called = call("judge", case, *words)
    assert called.code == 2
    assert told in called.err
