"""Shared hosts: separate privacy numbers from phone numbers with a remark, by all cells.

``13800138000-1234`` is a host with an extension if others share the host, and a phone number with a
remark (an amount, a year, a door) if every cell has another one.  One cell does not show which.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from piiscan.detect.catalog.headers import Label

#: Recognizers of ``host-NNNN`` and ``host,NNNN``: any host, and hosts of segments for rent.
_ANY_HOST: Final = "cn.virtual_number_joined"
_RENTED_HOST: Final = "cn.virtual_number_rented"
_MOBILE: Final = "cn.mobile"
#: Fewest distinct pairs of host and extension that show hosts to be shared, or not.
_MIN_SHARED: Final = 8
_MIN_SINGLE: Final = 20
#: Mean number of extensions of a shared host, at least; of a phone number, at most.
_SHARED: Final = 2.0
_SINGLE: Final = 1.05
#: Share of segments (seven digits) among phone numbers, at least; hosts are rented by the segment.
_SEGMENTS: Final = 0.5
_JOINED: Final = re.compile("(?<![0-9])(1[3-9][0-9]{9})[-,]([0-9]{3,6})(?![0-9]|[-./:][0-9])")


def hosts_are_shared(cells: Sequence[str]) -> bool | None:
    """Return True if phone numbers in ``cells`` have many extensions each, False if one.

    None if the cells do not show it: fewer than 8 (20) distinct pairs, a mean between, or single
    numbers of few segments.

    >>> hosts_are_shared([f"13800138000-{n}" for n in range(1000, 1010)])
    True
    """
    pairs = {
        found.groups()
        for cell in cells
        for found in _JOINED.finditer(
            cell if cell.isascii() else unicodedata.normalize("NFKC", cell)
        )
    }
    hosts, segments = (len({host[:width] for host, _ in pairs}) for width in (11, 7))
    if len(pairs) >= _MIN_SHARED and len(pairs) >= _SHARED * hosts:
        return True
    single = len(pairs) >= _MIN_SINGLE and len(pairs) <= _SINGLE * hosts
    return False if single and segments >= _SEGMENTS * hosts else None


def with_hosts(label: Label | None, cells: Sequence[str], header: str) -> Label | None:
    """Return ``label`` with the recognizers of privacy numbers raised or lowered by ``cells``.

    The label itself if the cells do not show which.  ``header``: name of a column without label.
    """
    shared = hosts_are_shared(cells)
    if shared is None:
        return label
    label = label or Label(header)
    if shared:
        named = (_ANY_HOST,) if _MOBILE in label.recognizers else ()
        names = tuple(sorted({*label.recognizers, *named}))
        return dataclasses.replace(label, recognizers=names, raised=(_ANY_HOST,))
    return dataclasses.replace(label, lowered=(_RENTED_HOST,))
