"""jieba reads and writes no cache file, is not loaded without need, and nothing is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_CUT = "from piiscan.words.word_cut import cut; assert cut('快递单号') == ['快递', '单', '号']"


@pytest.mark.parametrize(
    "code",
    [
        "assert not jieba.dt.initialized",
        "jieba.add_word('快递单'); assert cut('快递单') == ['快递单']",
    ],
)
def test_no_cache_file_of_jieba_is_read_or_written(tmp_path: Path, code: str) -> None:
    (tmp_path / "jieba.cache").write_bytes(b"anything")
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", f"{_CUT}; import jieba; {code}"],
        env={**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["jieba.cache"]
    assert (tmp_path / "jieba.cache").read_bytes() == b"anything"
