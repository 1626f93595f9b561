"""Codes after a label (验证码, 订单号): a value without digits is a word, not a code."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import SOME_DIGITS_CHECK

#: Judge codes (验证码, 订单号): plausible with at least two digits, else refuted (PLACEHOLDER).
check: Final = partial(judge_rows, SOME_DIGITS_CHECK)
