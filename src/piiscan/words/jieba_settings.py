"""Settings of jieba: no cache file in a shared folder, and no messages."""

from __future__ import annotations

import logging
import os
import warnings
from functools import cache
from typing import Any


@cache
def load_jieba() -> Any:
    """Import jieba and return it; its dictionary is built in each process that needs it.

    By default jieba loads ``jieba.cache`` from the shared temporary folder, where any local user
    can place a file, and does not check it.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*pkg_resources")
        warnings.filterwarnings("ignore", category=SyntaxWarning)
        import jieba

    jieba.setLogLevel(logging.CRITICAL)  # it reports an error about the cache file
    jieba.dt.tmp_dir = os.devnull
    return jieba
