"""Chains of FAT: clusters in use to which no name leads, as behind a damaged entry of a folder."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from piiscan.arrays import Int64
from piiscan.sources.formats.disk_image.medium import Medium

#: Type of the file system in The Sleuth Kit -> bits of an entry of its table.
BITS: Final = {2: 12, 4: 16, 8: 32}
_MOST: Final = 1 << 30  # bytes of the table of the largest FAT32


def lost_bytes(medium: Medium, start: int, bits: int, used: tuple[Int64, Int64]) -> int:
    """Return the bytes of clusters in use outside of the byte ranges ``used`` of files and folders.

    ``start``: first byte of the volume in the medium; ``used``: starts and ends in the volume.
    """
    boot = medium.read(start, 512)
    sector, cluster, reserved, tables, root, _, _, short = struct.unpack_from("<HBHBHHBH", boot, 11)
    size = (short or struct.unpack_from("<I", boot, 36)[0]) * sector
    heap = reserved * sector + tables * size + -(-root * 32 // sector) * sector
    table = np.frombuffer(medium.read(start + reserved * sector, min(size, _MOST)), np.uint8)
    if bits == 12:
        low, middle, high = table[: len(table) // 3 * 3].reshape(-1, 3).T.astype(np.uint32)
        entries = np.stack([low | (middle & 15) << 8, middle >> 4 | high << 4], 1).ravel()
    else:
        entries = table[: len(table) // 4 * 4].view(f"<u{bits // 8}") & np.uint32(0x0FFFFFFF)
    unit, bad = sector * cluster, (1 << min(bits, 28)) - 9
    in_use = (entries != 0) & (entries != bad)
    in_use[:2] = False
    marks = np.zeros(len(entries) + 1, np.int32)  # +1 where a range begins, -1 behind its end
    firsts, ends = ((each - heap) // unit + 2 for each in (used[0], used[1] + unit - 1))
    np.add.at(marks, np.clip(firsts, 0, len(entries)), 1)
    np.add.at(marks, np.clip(ends, 0, len(entries)), -1)
    lost = int(np.count_nonzero(in_use & (np.cumsum(marks)[:-1] <= 0)))
    return int(lost * sector * cluster)
