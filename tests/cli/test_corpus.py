"""``piiscan corpus make``: the same name, rows and seed give the same bytes."""

from pathlib import Path
from typing import Any


def test_a_corpus_is_made_again_byte_by_byte_by_its_seed(call: Any, tmp_path: Path) -> None:
    made = []
    for seed in (3, 3, 4):
        out = tmp_path / f"{len(made)}"
        called = call("corpus", "make", "sale-7967", "--rows", 50, "--seed", seed, "-o", out)
        assert (called.code, called.lacks("标准答案")) == (0, [])
        files = [path for path in out.rglob("*") if path.is_file()]
        made.append({path.relative_to(out): path.read_bytes() for path in files})
    assert made[0] == made[1] != made[2]
    assert len(made[0]) >= 2
