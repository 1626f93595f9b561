"""Passwords after a word of prose or after an account in a list: letters and digits together.

After 密码 without a colon, and after a dash of a list, most words and numbers are no passwords.  A
value with one kind of character only is therefore refuted here; ``password`` accepts it after an
explicit colon or in a column.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import CREDENTIAL_CHECK

#: Column types of SQL and of programs (lower case): ``微信号 varchar(64)`` describes a column.
COLUMN_TYPES: Final = frozenset(
    b"bigint bigserial blob bool boolean bytea clob datetime decimal enum float geometry int "
    b"integer json jsonb longblob longtext mediumint mediumtext nchar ntext numeric nvarchar "
    b"nvarchar2 serial smallint smallserial string timestamp timestamptz tinyint tinytext "
    b"unsigned uuid varbinary varchar varchar2".split()
)

#: Judge passwords: plausible with a letter, a digit and 6 characters; else PLACEHOLDER.
check: Final = partial(judge_rows, CREDENTIAL_CHECK)
