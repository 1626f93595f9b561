"""Passwords after an explicit colon or equals sign: any text but a mask, name or message."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import PASSWORD_CHECK
from piiscan.detect.checks.credential import COLUMN_TYPES

#: Words (lower case) that follow ``password:`` in messages and programs.
WORDS: Final = (
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

#: Judge passwords: plausible; refuted (PLACEHOLDER) if a mask, a path, a name or a message.
check: Final = partial(judge_rows, PASSWORD_CHECK)
