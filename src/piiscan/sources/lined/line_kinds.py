"""Kinds of lines, and hash table of the words before a colon that label a line of a record.

    ["电话", "寄件人"], parties {"寄件人"}  ->  hash table for the lines 电话：… and 寄件人：…

The caller supplies the names, as this package has no catalog.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import UInt8, UInt64
from piiscan.sources.lined.line_kernels import fill_label_table

# Kinds of lines.
PLAIN: Final = 0
BLANK: Final = 1
SEPARATOR: Final = 2
LABEL: Final = 3
HEAD: Final = 4
CARD_BEGIN: Final = 5
CARD_END: Final = 6

PARTY: Final = (
    128  # of LABEL: the label names the party to which the following lines belong (寄件人)
)
MORE_IN_LINE: Final = 64  # of LABEL: the line has further labels; of HEAD: it includes its message
KIND_MASK: Final = 63  # the kind without the flags


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
