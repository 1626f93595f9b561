"""OLE chains: check that the sectors of an OLE file form no ring, in which readers never end."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64

#: Sector numbers from this one on are marks (end of chain, free, table sectors).
_FIRST_MARK: Final = 0xFFFFFFFA
_HEADER: Final = 512
_DIRECTORY: Final = re.compile(
    r"DirEntry|Entry referenced|double reference|directory (?:tree|index)"
)
_ENTRY: Final = 128
#: Streams below this size lie in the small sectors.
_SMALL: Final = 4096


def directory_damage(file: Any) -> str | None:
    """Return the first defect of an opened OLE file's directory as text, None without one.

    Streams that a damaged directory does not lead to are not listed.
    """
    defects = [text for _, text in file.parsing_issues if _DIRECTORY.search(text)]
    return f"ole: {defects[0]}" if defects else None


def has_ring(data: bytes) -> bool:
    """Return True if the sectors of a stream, directory or table of an OLE file form a ring.

    False for a file that is too damaged to say; its reader reports that. The layout is that of
    [MS-CFB], Compound File Binary File Format.
    """
    if len(data) < _HEADER:
        return False
    words = np.frombuffer(data, "<u4", _HEADER // 4)
    shift, small_shift = data[30], data[32]
    if shift not in (9, 12) or small_shift != 6:
        return False
    size = 1 << shift
    tables = words[19:128].astype(np.int64).tolist()
    seen: set[int] = set()
    at = int(words[17])
    while at < _FIRST_MARK:  # the list of table sectors goes on in a chain of its own
        if at in seen:
            return True
        seen.add(at)
        block = _sector(data, at, size)
        if len(block) < size // 4:
            break
        tables += block[:-1].tolist()
        at = int(block[-1])
    table = _join(data, [each for each in tables if each < _FIRST_MARK], size)
    ring = _leads_to_ring(table)
    if _is_on(ring, int(words[12])) or _is_on(ring, int(words[15])):
        return True
    small_ring = _leads_to_ring(_join(data, _chain(table, int(words[15])), size))
    for sector in _chain(table, int(words[12])):
        begin = (sector + 1) * size
        for start in range(begin, min(begin + size, len(data)) - _ENTRY + 1, _ENTRY):
            kind = data[start + 66]
            first = int.from_bytes(data[start + 116 : start + 120], "little")
            length = int.from_bytes(data[start + 120 : start + 124], "little")
            small = kind == 2 and length < _SMALL
            if kind in (2, 5) and _is_on(small_ring if small else ring, first):
                return True
    return False


def _sector(data: bytes, number: int, size: int) -> Int64:
    """Return sector ``number`` of an OLE file as 32-bit words; fewer at the end of the file."""
    part = data[(number + 1) * size : (number + 2) * size]
    return np.frombuffer(part[: len(part) // 4 * 4], "<u4").astype(np.int64)


def _join(data: bytes, sectors: list[int], size: int) -> Int64:
    """Return the 32-bit words of several ``sectors`` of an OLE file, in their order."""
    return np.concatenate([np.zeros(0, np.int64), *(_sector(data, each, size) for each in sectors)])


def _chain(table: Int64, first: int) -> list[int]:
    """Return the numbers of the sectors linked from ``first`` on by ``table``; stop in a ring."""
    found: list[int] = []
    while first < len(table) and len(found) <= len(table):
        found.append(first)
        first = int(table[first])
    return found


def _leads_to_ring(table: Int64) -> Int64:
    """Return 1 for each sector whose chain in ``table`` never ends, else 0.

    It takes as many steps as there are sectors.
    """
    count = len(table)
    following = np.append(np.where(table < count, table, count), count)
    for _ in range(max(count, 1).bit_length()):
        following = following[following]
    found: Int64 = (following != count).astype(np.int64)
    return found


def _is_on(ring: Int64, sector: int) -> bool:
    """Return True if the chain of ``sector`` never ends. ``ring``: result of ``_leads_to_ring``."""
    return sector < len(ring) and bool(ring[sector])
