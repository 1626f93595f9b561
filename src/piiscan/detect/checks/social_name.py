"""Names of social accounts: without @ and the address of the site, at least five characters."""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import SOCIAL_NAME_CHECK

#: Pages of a site and formats of numbers, which are nobody's account (lower case).
PAGES: Final = frozenset(
    b"addemoji addstickers addtheme boost contact download giveaway invoice joinchat login "
    b"proxy setlanguage share socks username".split()
)


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Return the names without the address of the site and ``@``.

    ``https://t.me/demo_88 -> demo_88``; ``@demo_88 -> demo_88``.
    """
    return canonical_rows(SOCIAL_NAME_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge names: plausible; refuted (PLACEHOLDER) if too short or a page of the site.

    >>> import numpy as np
    >>> value = np.frombuffer(b"contact" + b"demo_88", np.uint8).reshape(2, 7)
    >>> check(value, np.full(2, 7, np.int32), as_of=20261231).verdict.tolist()
    [0, 1]
    """
    return judge_rows(SOCIAL_NAME_CHECK, chars, length, as_of)
