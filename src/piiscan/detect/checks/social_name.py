"""Names of social accounts: without @ and the address of the site, at least five characters."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Verdict, are_words

#: Pages of a site and formats of numbers, which are nobody's account (lower case).
_PAGES: Final = frozenset(
    b"addemoji addstickers addtheme boost contact download giveaway invoice joinchat login "
    b"proxy setlanguage share socks username".split()
)
_SHORTEST: Final = 4


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Return the names without the address of the site and ``@``.

    ``https://t.me/demo_88 -> demo_88``; ``@demo_88 -> demo_88``.
    """
    places = np.arange(chars.shape[1])
    slash = np.where(chars == ord("/"), places, -1).max(axis=1)
    first = np.maximum(slash + 1, chars[:, 0] == ord("@")).astype(np.int32)
    moved = np.minimum(first[:, None] + places, chars.shape[1] - 1)
    kept = np.take_along_axis(chars, moved, axis=1) * (places < (length - first)[:, None])
    return kept.astype(np.uint8), length - first


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge names: plausible; refuted (PLACEHOLDER) if too short or a page of the site.

    >>> value = np.frombuffer(b"contact" + b"demo_88", np.uint8).reshape(2, 7)
    >>> check(value, np.full(2, 7, np.int32), as_of=20261231).verdict.tolist()
    [0, 1]
    """
    del as_of
    judged = Judgement.of(len(chars))
    page = are_words(chars, _PAGES) | (length < _SHORTEST)
    judged.mark(page, "PLACEHOLDER", verdict=Verdict.REFUTED)
    return judged
