"""Every verb that opens a case of another format says what to do, and changes nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.store import case_format
from piiscan.case.store.case_format import CASE_FORMAT
from tests.cli.conftest import TWO, contents

LOWER, HIGHER = CASE_FORMAT - 1, CASE_FORMAT + 1
VERBS = {
    "compare": ("case", "case"),
    "count": ("case",),
    "delete-list": ("case",),
    "disc": ("case", "-o", "disc", "--as", "公安"),
    "explain-count": ("case", "--row", "1:1"),
    "export": ("case", "-o", "out.csv"),
    "serve": ("case", "--operator", "a"),
    "judge": ("case", "--row", "1:1", "--reason", "r", "--author", "a"),
    "lookup": ("case", "13800138000"),
    "merge": ("case", "-o", "merged", "--key", "key"),
    "overlap": ("case", "case"),
    "replay": ("case", "dump"),
    "report": ("case",),
    "run": ("dump", "-o", "work"),
    "sample": ("case", "-o", "out.xlsx"),
    "scan": ("dump", "--case", "case", "--key", "key", "--as-of", "2026-01-01"),
    "seal": ("case", "-o", "out.zip"),
    "validate": ("case",),
    "verify": ("case",),
}


@pytest.fixture(scope="module", params=[LOWER, HIGHER])
def made(request: pytest.FixtureRequest, count_dump: Callable[[str], Path]) -> tuple[int, Path]:
    """A number, and a scanned and counted case that a version with this number made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case_format, "CASE_FORMAT", request.param)
        return request.param, count_dump(f"{TWO}王五,1370013700{request.param}\n")


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_refuses_a_case_of_another_format(
    verb: str, made: tuple[int, Path], tmp_path: Path, call: Any, monkeypatch: Any
) -> None:
    number, home = made
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    if verb == "run":
        (tmp_path / "work").mkdir()
        (tmp_path / "work" / "drafts.json").write_text("{}")
        (tmp_path / "case").rename(tmp_path / "work" / "案卷")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
    before = contents(tmp_path)
    called = call(verb, *VERBS[verb])
    assert called.code == 2
    told = [line for line in called.err.splitlines() if "案卷格式" in line]
    assert len(told) == 1, called.err
    assert f"案卷格式为 {number}，本版 piiscan 只用格式 {CASE_FORMAT}；" in told[0]
    assert told[0].endswith("请用本版重新扫描，或换用立卷时的版本")
    assert contents(tmp_path) == before


def test_the_verbs_that_open_a_case_are_all_here() -> None:
    folder = Path(case_format.__file__).parents[2] / "cli"
    opening = {
        path.stem
        for path in folder.glob("*.py")
        if 'help="{}.case")'.format(path.stem.replace("_", "-")) in path.read_text("utf-8")
    }
    assert opening - {verb.replace("-", "_") for verb in VERBS} == set()
