"""Telephone numbers of Hong Kong, Macau and Taiwan, in international form.

``0912-345-678 -> +886912345678``, ``00852-9123 4567 -> +85291234567``
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import canonical_rows, judge_rows
from piiscan.detect.checks.check_numbers import HMT_PHONE_CHECK

#: Write numbers as ``+CCNNNNNNNN``; ``09…`` is a mobile number of Taiwan.
canonical: Final = partial(canonical_rows, HMT_PHONE_CHECK)
#: Judge numbers of Hong Kong, Macau and Taiwan: refuted outside the allotted ranges.
check: Final = partial(judge_rows, HMT_PHONE_CHECK)
