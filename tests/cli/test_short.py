"""``report`` and ``count`` fit a terminal: 60 lines of 80 columns, wide characters count 2."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from piiscan.case.register.made_corpus import make_with_register
from piiscan.cli import main

#: Files without a reader: name, first bytes.
UNREADABLE = {
    "合同.cab": b"MSCF\x00\x00\x00\x00",
    "数据.mdb": b"\x00\x01\x00\x00Standard Jet DB\x00",
    "一个名字很长很长的扫描件图片文件夹里的第一张.heic": b"\0\0\0\x18ftypheic",
}


@pytest.fixture(scope="module", params=["three-party", "mixed-folder"])
def made(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scanned case of a shipped recipe, with files that cannot be read."""
    home = tmp_path_factory.mktemp("short")
    corpus = make_with_register(request.param, rows=60, seed=1, out=home / "made")
    for name, head in UNREADABLE.items():
        (corpus.folder / name).write_bytes(head + bytes(200))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        words = ["scan", str(corpus.folder), "--case", "case", "--key", "key"]
        if corpus.register is not None:
            words += ["--register", str(corpus.register)]
        assert main([*words, "--as-of", "2026-01-01"], {"LANG": "zh_CN.UTF-8"}) in (0, 1)
    return home


@pytest.fixture
def case(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made / "case", tmp_path / "case")
    return tmp_path / "case"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_report_and_count_fit_a_terminal(case: Path, call: Any, language: str) -> None:
    for verb in ("count", "report"):
        called = call(verb, "case", "--lang", language)
        assert called.code == 0
        lines = called.out.splitlines()
        assert 20 < len(lines) <= 60
        assert [line for line in lines if cell_len(line) > 80] == []
        whole = call(verb, "case", "--lang", language, "--full")
        assert len(whole.out.splitlines()) > len(lines)


def test_it_says_the_headline_and_what_to_do_with_files_not_read(case: Path, call: Any) -> None:
    call("count", "case")
    told = call("report", "case").out
    assert told.startswith("第 1 次计数：数据行")
    for word in ("R4 ", "R6 ", "U2", "解压到文件夹", "另存为", "piiscan report case --full"):
        assert word in told, word
    assert "压缩包" in told
