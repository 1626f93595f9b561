"""Transaction numbers that contain their day: Pinduoduo orders, WeChat Pay, Alipay.

They are recognised so that no part of them is reported as another kind.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import TRADE_NO_CHECK

#: Judge transaction numbers: plausible with a day of this century, else refuted. The form yymmdd-…
#: is MEDIUM.
check: Final = partial(judge_rows, TRADE_NO_CHECK)
