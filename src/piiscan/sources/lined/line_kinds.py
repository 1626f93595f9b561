"""Label names: hash table of the words before a colon that label a line of a record.

    ["电话", "寄件人"], parties {"寄件人"}  ->  hash table for the lines 电话：… and 寄件人：…

The caller supplies the names, as this package has no catalog.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from piiscan.arrays import UInt8, UInt64
from piiscan.sources.lined.line_kernels import fill_label_table


@dataclass(frozen=True, slots=True)
class LabelNames:
    """Hash table of label names (FNV), with a flag for labels of a party (寄件人)."""

    table: UInt64
    parties: UInt8


def build_label_names(names: Sequence[str], parties: Collection[str]) -> LabelNames:
    """Build the hash table of label names; the labels in ``parties`` name a party (寄件人)."""
    texts = [f"{name}:".encode() for name in names]
    size = 1 << max(len(texts) * 4, 16).bit_length()
    table, found = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    offsets = np.array([0, *np.cumsum([len(text) for text in texts])], np.int64)
    data = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
    party = np.array([name in parties for name in names], np.uint8)
    fill_label_table(offsets, data, party, table, found)
    return LabelNames(table, found)
