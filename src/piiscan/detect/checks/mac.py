"""MAC addresses (IEEE 802): twelve hexadecimal digits that identify one device.

Null, broadcast and group addresses identify none.  Pairs of digits can also be a day and a time.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import canonical_rows, judge_rows
from piiscan.detect.checks.check_numbers import MAC_CHECK

#: Format MAC addresses as twelve hexadecimal digits with a colon after each pair.
canonical: Final = partial(canonical_rows, MAC_CHECK)
#: Judge MACs: plausible; refuted for null and broadcast; LOW for group addresses and times.
check: Final = partial(judge_rows, MAC_CHECK)
