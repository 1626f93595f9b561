"""Passwords after an explicit colon or equals sign: any text but a mask, name or message."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, Verdict, are_words
from piiscan.detect.checks.credential import COLUMN_TYPES, MAX_LENGTH, is_masked, is_path

#: Words (lower case) that follow ``password:`` in messages and programs.
_WORDS: Final = (
    frozenset(
        b"required incorrect invalid wrong null none nil true false undefined string varchar text "
        b"char changed reset failed failure error expired empty missing hidden masked redacted "
        b"secret plain encrypted hash hashed md5 sha1 sha256 bcrypt default optional password "
        b"passwd input type name value field user username root home var usr tmp etc data self "
        b"this args config getenv environ request params body form object auth login please enter "
        b"must should cannot with from http https bytes unicode integer bool".split()
    )
    | COLUMN_TYPES
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge passwords: plausible; refuted (PLACEHOLDER) if a mask, a path, a name or a message.

    >>> rows = np.array([list(b"woaini"), list(b"******")], np.uint8)
    >>> check(rows, np.full(2, 6, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    del as_of
    upper = (chars >= 65) & (chars <= 90)
    lower = chars + np.uint8(32) * upper
    letter = (lower >= 97) & (lower <= 122)
    digit = (chars >= 48) & (chars <= 57)
    plain = are_words(chars, _WORDS)
    joined = ((chars == ord("_")) | (chars == ord("."))).any(axis=1)
    name = joined & ~digit.any(axis=1)
    nothing = ~(letter | digit).any(axis=1)
    judged = Judgement.of(len(chars))
    bad = plain | name | nothing | is_masked(chars) | is_path(chars) | (length > MAX_LENGTH)
    judged.mark(bad, "PLACEHOLDER", verdict=Verdict.REFUTED)
    return judged
