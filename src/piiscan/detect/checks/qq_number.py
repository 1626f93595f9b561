"""QQ numbers: no check digit; the first few are accounts of the operator itself."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import QQ_NUMBER_CHECK

#: Judge QQ numbers: plausible; LOW with the reason SYSTEM_ACCOUNT for 10000 and 10001.
check: Final = partial(judge_rows, QQ_NUMBER_CHECK)
