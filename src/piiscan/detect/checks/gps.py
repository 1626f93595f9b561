"""Coordinate pairs: four or more decimals each, inside the box around the mainland.

Longitudes (73.4 to 135.1) and latitudes (3.8 to 53.6) of China never overlap, so the numbers show
their order.  They do not show their datum (WGS-84, GCJ-02, BD-09).
pair := number [separator] number, e.g. ``28.2282;112.9388 -> 112.9388,28.2282``
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import canonical_rows, judge_rows
from piiscan.detect.checks.check_numbers import GPS_CHECK

#: Return coordinate pairs as ``longitude,latitude`` with all decimals, from either order.
canonical: Final = partial(canonical_rows, GPS_CHECK)
#: Judge coordinate pairs ``longitude,latitude``: plausible in the mainland, else OUT_OF_RANGE.
check: Final = partial(judge_rows, GPS_CHECK)
