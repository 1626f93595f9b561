"""Login data of traded WeChat accounts: 62 data, A16 data, and similar keys.

62 data is a property list of an iOS client in hexadecimal (62706C697374 spells bplist).  A16 data
is the device number of an Android client: an A and 15 hexadecimal digits.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import LOGIN_DATA_CHECK

#: Judge login data: verified for a property list, plausible for a mixed key, else refuted. A mixed
#: key has letters and digits.
check: Final = partial(judge_rows, LOGIN_DATA_CHECK)
