"""IP addresses: dotted decimal (RFC 791) and IPv6 text (RFC 4291, in the form of RFC 5952).

Four small numbers are as often a version or a section, so an address counts only next to its word.
Private, loopback and link-local addresses lead to no person by themselves.
"""

from __future__ import annotations

import ipaddress
from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.checks.check_kernels import ipv4_reason, judge_ipv4

_COLON: Final = ord(":")
_PRIVATE: Final = REASON["PRIVATE_ADDRESS"]
_RANGE: Final = REASON["OUT_OF_RANGE"]
_NO_HOST: Final = REASON["PLACEHOLDER"]


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Shorten IPv6 addresses to their canonical form (RFC 5952); IPv4 values are unchanged.

    >>> value = np.frombuffer(b"2001:0db8:0:0:0:0:0:1", np.uint8)[None]
    >>> canonical(value, np.array([21], np.int32))[0].tobytes().rstrip(bytes(1))
    b'2001:db8::1'
    """
    rows = _ipv6_rows(chars)
    if rows:
        chars, length = chars.copy(), length.copy()
    for row in rows:
        try:
            short = _shorten(ipaddress.IPv6Address(_row_text(chars, length, row))).encode()
        except ValueError:
            continue
        if len(short) <= chars.shape[1]:
            chars[row] = 0
            chars[row, : len(short)] = np.frombuffer(short, np.uint8)
            length[row] = len(short)
    return chars, length


def _shorten(address: ipaddress.IPv6Address) -> str:
    """Return the shortest form in hexadecimal; Python 3.13 ends mapped IPv4 addresses with dots."""
    if address.ipv4_mapped is None:
        return address.compressed
    return f"::ffff:{int(address) >> 16 & 0xFFFF:x}:{int(address) & 0xFFFF:x}"


def _ipv6_rows(chars: UInt8) -> list[int]:
    """Return the indices of the rows with a colon, which are IPv6 addresses."""
    rows: list[int] = np.flatnonzero((chars == _COLON).any(axis=1)).tolist()
    return rows


def _row_text(chars: UInt8, length: Int32, row: int) -> str:
    """Return the value in row ``row`` of the byte matrix as text."""
    return chars[row, : length[row]].tobytes().decode("latin-1")


def _ipv6_reason(spelt: str) -> int:
    """Return the reason code of an IPv6 text: 0 for none, OUT_OF_RANGE if it is no address."""
    try:
        address = ipaddress.IPv6Address(spelt)
    except ValueError:
        return _RANGE
    if address.is_unspecified:
        return _NO_HOST
    if address.ipv4_mapped is not None:
        return ipv4_reason(int(address.ipv4_mapped))
    unique_local = int(address) >> 121 == 0xFC >> 1
    return _PRIVATE if unique_local or address.is_loopback or address.is_link_local else 0


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge IP addresses: plausible, with reason PRIVATE_ADDRESS inside a network; else refuted.

    >>> value = np.frombuffer(b"198.51.100.23", np.uint8)[None]
    >>> check(value, np.array([13], np.int32), as_of=20261231).verdict.tolist()
    [1]
    """
    del as_of
    judged = Judgement.of(len(chars))
    judge_ipv4(np.ascontiguousarray(chars), length, judged)
    for row in _ipv6_rows(chars):
        reason = _ipv6_reason(_row_text(chars, length, row))
        judged.reason[row] = reason
        none = reason in (_RANGE, _NO_HOST)
        judged.verdict[row] = Verdict.REFUTED if none else Verdict.PLAUSIBLE
    return judged
