"""IP addresses: dotted decimal (RFC 791) and IPv6 text (RFC 4291, in the form of RFC 5952).

Four small numbers are as often a version or a section, so an address counts only next to its word.
Private, loopback and link-local addresses lead to no person by themselves.
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import IP_CHECK


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Shorten IPv6 addresses to their canonical form (RFC 5952); IPv4 values are unchanged.

    >>> import numpy as np
    >>> value = np.frombuffer(b"2001:0db8:0:0:0:0:0:1", np.uint8)[None]
    >>> canonical(value, np.array([21], np.int32))[0].tobytes().rstrip(bytes(1))
    b'2001:db8::1'
    """
    return canonical_rows(IP_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge IP addresses: plausible, with reason PRIVATE_ADDRESS inside a network; else refuted.

    >>> import numpy as np
    >>> value = np.frombuffer(b"198.51.100.23", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    return judge_rows(IP_CHECK, chars, length, as_of)
