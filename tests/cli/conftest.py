"""Calls of the command line inside this process."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from piiscan.cli import main


@dataclass(frozen=True)
class Called:
    """What one call gave."""

    code: int
    out: str
    err: str

    def lacks(self, *parts: str) -> list[str]:
        """Return the parts that are neither in the output nor in the errors."""
        return [part for part in parts if part not in self.out + self.err]

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Call = Callable[..., Called]
#: The table of a case whose values do not matter.
TWO = "姓名,手机号\n张三,13800138000\n李四,13900139000\n"


def contents(folder: Path) -> dict[Path, bytes]:
    """Return path -> content of all files below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def count_dump(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """count_dump(text): the folder of a scanned and counted case of one table, with its key.

    It is not to be written to: tests take copies.
    """

    @cache
    def run(text: str) -> Path:
        home = tmp_path_factory.mktemp("counted")
        (home / "dump").mkdir()
        (home / "dump" / "a.csv").write_text(text, "utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(home)
            scan = ("scan", "dump", "--case", "case", "--key", "key", "--as-of", "2026-01-01")
            for words in (scan, ("count", "case")):
                assert main(words, {"LANG": "zh_CN.UTF-8"}) == 0
        return home

    return run


@pytest.fixture
def counted(
    count_dump: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """counted(text): a copy of that folder, which is the current one; return its case."""

    def copy(text: str = TWO) -> Path:
        shutil.copytree(count_dump(text), tmp_path, dirs_exist_ok=True)
        monkeypatch.chdir(tmp_path)
        return tmp_path / "case"

    return copy


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """call("find", "text", stdin=b"…", lang="en"): a Chinese user unless told otherwise."""

    def run(
        *words: object, stdin: bytes = b"", environment: dict[str, str] | None = None
    ) -> Called:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        code = main([str(word) for word in words], environment or {"LANG": "zh_CN.UTF-8"})
        told = capsys.readouterr()
        return Called(code, told.out, told.err)

    return run
