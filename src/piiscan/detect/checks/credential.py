"""Passwords after a word of prose or after an account in a list: letters and digits together.

After 密码 without a colon, and after a dash of a list, most words and numbers are no passwords.  A
value with one kind of character only is therefore refuted here; ``password`` accepts it after an
explicit colon or in a column.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import CREDENTIAL_CHECK

#: Column types of SQL and of programs (lower case): ``微信号 varchar(64)`` describes a column.
COLUMN_TYPES: Final = frozenset(
    b"bigint bigserial blob bool boolean bytea clob datetime decimal enum float geometry int "
    b"integer json jsonb longblob longtext mediumint mediumtext nchar ntext numeric nvarchar "
    b"nvarchar2 serial smallint smallserial string timestamp timestamptz tinyint tinytext "
    b"unsigned uuid varbinary varchar varchar2".split()
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge passwords: plausible with a letter, a digit and 6 characters; else PLACEHOLDER.

    >>> import numpy as np
    >>> value = np.frombuffer(b"abc12345required", np.uint8).reshape(2, 8)
    >>> check(value, np.full(2, 8, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    return judge_rows(CREDENTIAL_CHECK, chars, length, as_of)
