"""Waybill numbers of no known form: plausible, with a remark (SHAPE_UNUSUAL)."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import UNKNOWN_WAYBILL_CHECK

#: Judge waybill numbers of no known form: plausible, with the reason SHAPE_UNUSUAL.
check: Final = partial(judge_rows, UNKNOWN_WAYBILL_CHECK)
