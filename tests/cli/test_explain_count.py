"""``piiscan explain-count`` on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def case(count_dump: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the case, beside its dump and its key."""
    monkeypatch.chdir(tmp_path)
    rows = "张小明,19900001200,甲\n王建国,19900001201,乙\n张小明,19900001200,丙\n"
    shutil.copytree(count_dump("姓名,手机号,城市\n" + rows), tmp_path, dirs_exist_ok=True)
    return tmp_path / "case"


def test_a_row_is_explained_in_words(case: Path, call: Any) -> None:
    told = call("explain-count", case, "--row", "1:4")
    assert (told.code, told.err) == (0, "")
    assert "R5 主体按关键信息去重：不计，关键信息与来源 1 dump/a.csv 第 2 行相同" in told.out
    assert "城市：字 | 字　不同" in told.out
    assert "19900001200" not in told.out
    english = call("explain-count", case, "--row", "1:4", "--lang", "en")
    assert (
        "R5 subjects by distinct key: left out, the same key as source 1 dump/a.csv row 2"
        in english.out
    )


def test_a_value_is_explained_and_shown_in_clear_on_demand(case: Path, call: Any) -> None:
    words = ("explain-count", case, "--key", "19900001200", "--digest-key", "key")
    assert "19900001200" not in call(*words).out
    assert "手机号：19900001200 | 19900001200　相同" in call(*words, "--clear").out
    found = call(*words, "--format", "json").json
    assert [each["row"] for each in found] == [2, 4]
    assert found[1]["steps"][-1]["repeats"]["row"] == 2
    number = found[0]["person"]
    assert "归为一人（估计）的依据" in call("explain-count", case, "--person", number).out


@pytest.mark.parametrize(
    "words", [(), ("--row", "1:2", "--person", "0"), ("--row", "2"), ("--person", "99")]
)
def test_what_cannot_be_done_is_refused(case: Path, call: Any, words: tuple[str, ...]) -> None:
    assert call("explain-count", case, *words).code == 2
