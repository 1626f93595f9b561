"""Eight digits after a label (台胞证) that must not be a date: a date is likelier than a number."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import NOT_A_DAY_CHECK

#: Judge labelled numbers (台胞证): plausible; refuted (PLACEHOLDER) if a day of 1900 to 2099.
check: Final = partial(judge_rows, NOT_A_DAY_CHECK)
