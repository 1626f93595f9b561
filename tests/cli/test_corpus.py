"""``piiscan corpus make``: the same name, rows and seed give the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def content(folder: Path) -> dict[str, bytes]:
    return {
        each.relative_to(folder).as_posix(): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


def test_a_corpus_is_made_again_byte_by_byte(call: Any, tmp_path: Path) -> None:
    for name in ("one", "two"):
        called = call(
            "corpus", "make", "sale-7967", "--rows", 50, "--seed", 3, "-o", tmp_path / name
        )
        assert called.code == 0
        assert "标准答案" in called.out
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert one == two
    assert len(one) >= 2


def test_another_seed_gives_another_corpus(call: Any, tmp_path: Path) -> None:
    for seed in (3, 4):
        call(
            "corpus", "make", "sale-7967", "--rows", 50, "--seed", seed, "-o", tmp_path / str(seed)
        )
    assert content(tmp_path / "3") != content(tmp_path / "4")
