"""jieba's dictionary is kept per user, is not loaded without need, and nothing is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from piiscan.jit import cache_folder
from piiscan.words.jieba_settings import jieba_cache_folder

_CUT = "from piiscan.words.word_cut import cut; assert cut('快递单号') == ['快递', '单', '号']"


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("assert not jieba.dt.initialized", []),
        ("jieba.add_word('快递单'); assert cut('快递单') == ['快递单']", ["jieba.cache"]),
    ],
)
def test_the_dictionary_is_kept_per_user_and_nothing_is_said(
    tmp_path: Path, code: str, kept: list[str]
) -> None:
    shared, own = tmp_path / "shared", tmp_path / "own"
    shared.mkdir()
    folders = {"TMPDIR": str(shared), "TEMP": str(shared), "XDG_CACHE_HOME": str(own)}
    compiled = cache_folder()  # no kernel need be compiled anew for this
    folders |= {"NUMBA_CACHE_DIR": str(compiled.parent)} if compiled else {}
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", f"{_CUT}; import jieba; {code}"],
        env={**os.environ, **folders},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert list(shared.glob("jieba*")) == []
    assert [each.name for each in own.glob("piiscan/jieba/*")] == kept
    assert (own / "piiscan" / "jieba").stat().st_mode & 0o777 == 0o700


def test_the_cache_lies_below_the_users_own_folder() -> None:
    assert jieba_cache_folder().parts[-2:] == ("piiscan", "jieba")
