"""Identity numbers that a spreadsheet has rounded: ``4.30104E+17``, or fifteen digits and 000.

The last digits are lost for good: such a value is evidence of a number and is never counted.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import DAMAGED_ID_CHECK

#: Judge rounded identity numbers: plausible (DAMAGED_…); refuted if impossible or intact.
check: Final = partial(judge_rows, DAMAGED_ID_CHECK)
