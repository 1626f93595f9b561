"""Settings of jieba: its own folder for each user, and no messages."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any


@cache
def load_jieba() -> Any:
    """Import jieba and return it; set its dictionary folder to one of this user.

    By default jieba loads ``jieba.cache`` from the shared temporary folder, where any local user
    can place a file. If no folder is writable, jieba builds its dictionary in every process.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*pkg_resources")
        warnings.filterwarnings("ignore", category=SyntaxWarning)
        import jieba

    jieba.setLogLevel(logging.WARNING)
    try:
        folder = jieba_cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        jieba.dt.tmp_dir = str(folder)
    except (OSError, RuntimeError):  # RuntimeError: the user has no home folder
        jieba.setLogLevel(logging.CRITICAL)  # silence its error about the cache file
        jieba.dt.tmp_dir = os.devnull
    return jieba


def jieba_cache_folder() -> Path:
    """Return the cache folder of the current user for jieba's dictionary; it may not exist yet."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "piiscan" / "jieba"
