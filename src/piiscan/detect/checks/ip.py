"""IP addresses: dotted decimal (RFC 791) and IPv6 text (RFC 4291, in the form of RFC 5952).

Four small numbers are as often a version or a section, so an address counts only next to its word.
Private, loopback and link-local addresses lead to no person by themselves.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import canonical_rows, judge_rows
from piiscan.detect.checks.check_numbers import IP_CHECK

#: Shorten IPv6 addresses to their canonical form (RFC 5952); IPv4 values are unchanged.
canonical: Final = partial(canonical_rows, IP_CHECK)
#: Judge IP addresses: plausible, with reason PRIVATE_ADDRESS inside a network; else refuted.
check: Final = partial(judge_rows, IP_CHECK)
