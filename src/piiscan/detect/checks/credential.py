"""Passwords after a word of prose or after an account in a list: letters and digits together.

After 密码 without a colon, and after a dash of a list, most words and numbers are no passwords.  A
value with one kind of character only is therefore refuted here; ``password`` accepts it after an
explicit colon or in a column.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.detect.checks import Judgement, Verdict, are_words

_MIN_LENGTH: Final = 6
#: Maximum length of a password, in characters.
MAX_LENGTH: Final = 64
#: Column types of SQL and of programs (lower case): ``微信号 varchar(64)`` describes a column.
COLUMN_TYPES: Final = frozenset(
    b"bigint bigserial blob bool boolean bytea clob datetime decimal enum float geometry int "
    b"integer json jsonb longblob longtext mediumint mediumtext nchar ntext numeric nvarchar "
    b"nvarchar2 serial smallint smallserial string timestamp timestamptz tinyint tinytext "
    b"unsigned uuid varbinary varchar varchar2".split()
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge passwords: plausible with a letter, a digit and 6 characters; else PLACEHOLDER.

    >>> value = np.frombuffer(b"abc12345required", np.uint8).reshape(2, 8)
    >>> check(value, np.full(2, 8, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    del as_of
    digit = ((chars >= 48) & (chars <= 57)).any(axis=1)
    lower = chars | np.uint8(32)
    letter = ((lower >= 97) & (lower <= 122)).any(axis=1)
    good = (
        digit
        & letter
        & ~are_words(chars, COLUMN_TYPES)
        & (length >= _MIN_LENGTH)
        & (length <= MAX_LENGTH)
    )
    judged = Judgement.of(len(chars))
    judged.mark(~good | is_path(chars) | is_masked(chars), "PLACEHOLDER", verdict=Verdict.REFUTED)
    return judged


def is_masked(chars: UInt8) -> Bool:
    """Return a mask of the passwords with three asterisks or more."""
    result: Bool = (chars == ord("*")).sum(axis=1) >= 3
    return result


def is_path(chars: UInt8) -> Bool:
    """Return a mask of the passwords with a slash or backslash: file paths or web addresses."""
    result: Bool = ((chars == ord("/")) | (chars == ord("\\"))).any(axis=1)
    return result
