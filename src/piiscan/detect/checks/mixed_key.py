"""Random keys (openid, unionid): 28 characters with digits, small and capital letters.

A random key of 27 base64url characters lacks one of the three kinds one time in a hundred.  Names
in programs and addresses nearly always lack one.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import MIXED_KEY_CHECK

#: Judge random keys: plausible; LOW (PLAIN_WORD) without a digit, small letter or capital.
check: Final = partial(judge_rows, MIXED_KEY_CHECK)
