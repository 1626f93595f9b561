"""Live dictionary: the words of ``jieba.dt`` as arrays, with words that the user adds.

jieba's own dictionary is read from a cache, and ``jieba.dt`` is not loaded for it.
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from typing import Any

import numpy as np

from piiscan.cache import stored_tables
from piiscan.table_file import Arrays
from piiscan.words.jieba_settings import load_jieba
from piiscan.words.word_tree import LAST, WordTree, build_tree

#: Number of words, sum of frequencies, words that are always split, frequencies of those.
_Mark = tuple[int, float, frozenset[str], float]


class LiveDictionary:
    """Prefix tree of the words of ``jieba.dt``, rebuilt when they change.

    Each of jieba's ways to change a word changes the number of words, the sum of frequencies, the
    words that are always split, or the frequency of one of those. A direct change of
    ``jieba.dt.FREQ`` that changes none of these is not seen.
    """

    def __init__(self) -> None:
        """Start without a tree."""
        self._lock = threading.Lock()
        self._built: tuple[Any, _Mark, WordTree] | None = None

    def tree(self) -> WordTree:
        """Return the prefix tree of the present words of ``jieba.dt``."""
        jieba = load_jieba()
        source, forced = jieba.dt, frozenset(jieba.finalseg.Force_Split_Words)
        if not source.initialized:
            if not source.dictionary and not forced:
                return shipped_tree()[0]
            source.initialize()
        words = source.FREQ
        split = sum(words.get(each) or 0 for each in forced) if forced else 0
        mark, built = (len(words), source.total, forced, split), self._built
        if built is None or built[0] is not words or built[1] != mark:
            with self._lock:
                built = words, mark, self._build(words, mark, bool(source.dictionary))
                self._built = built
        return built[2]

    def _build(self, words: dict[str, int], mark: _Mark, other: bool) -> WordTree:
        """Build the tree of ``words``. ``other``: True if they are not jieba's own dictionary."""
        if not other:
            tree, shipped = shipped_tree()
            if shipped == mark:
                return tree
        return build_tree(list(words.items()), mark[1], mark[2])


@cache
def shipped_tree() -> tuple[WordTree, _Mark]:
    """Return (prefix tree of jieba's shipped dictionary, its mark of identity)."""
    jieba = load_jieba()
    with jieba.Tokenizer().get_dict_file() as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    arrays = stored_tables("jieba", digest, _shipped_arrays, fits=_fit)
    tree = WordTree(*(arrays[name] for name in WordTree._fields))
    count, total = arrays["mark"].tolist()
    return tree, (count, total, frozenset(), 0)


def _fit(arrays: Arrays) -> bool:
    """Return True if the arrays are a whole tree in which each node has a score."""
    slots = arrays["slots"]
    nodes = slots & np.uint64(LAST - 1)
    return (
        len(slots) & (len(slots) - 1) == 0
        and not slots.all()  # a search ends at a free slot
        and int(nodes.max()) < len(arrays["scores"])
        and len(arrays["forced"]) in (0, len(arrays["scores"]))
    )


def _shipped_arrays() -> Arrays:
    """Return the arrays of jieba's own dictionary, as its tokenizer reads it."""
    jieba = load_jieba()
    words, total = jieba.Tokenizer.gen_pfdict(jieba.Tokenizer().get_dict_file())
    tree = build_tree(list(words.items()), total)
    return {**tree._asdict(), "mark": np.array([len(words), total])}
