"""Long records: a record above the block size is read as overlapping pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.packed_state import packable
from piiscan.sources.block import Block
from piiscan.sources.encoding.decoder import character_boundary
from piiscan.sources.rows.column_builder import string_array
from piiscan.sources.rows.tokenizer import TextFormat

#: Overlap in code points on each side of the border between two pieces: longer than any
#: identifier with its context.
OVERLAP: Final = 512


class PendingText(Protocol):
    """Protocol: text not yet yielded, with byte offset, row and line number of its start."""

    text: UInt8
    byte_offsets: Int64 | None
    base: int
    row: int
    line: int


@packable
@dataclass(slots=True)
class LongRecord:
    """State of one long record that is read in pieces."""

    row: int
    line: int
    size: int  # bytes of a piece, approximately
    start: int = 0  # code point of the record at which the rest of the text begins
    overlap: int = 0  # code points at the start of the rest that belong to the piece before
    ended: bool = False

    def read_pieces(
        self, pending: PendingText, text_format: TextFormat, *, final: bool = False
    ) -> Iterator[Block]:
        """Yield the record's next pieces as Blocks; leave the overlap in ``pending``.

        ``final``: no more text follows ``pending``.
        """
        ends = np.flatnonzero(pending.text == (13 if text_format.dialect.cr else 10))  # CR or LF
        whole = bool(ends.size) or final
        stop = int(ends[0]) if ends.size else pending.text.size
        while stop > self.size or (whole and not self.ended):
            last = whole and stop <= self.size
            size = stop if last else character_boundary(pending.text, self.size)
            yield self._piece(pending, text_format, size, last)
            if last:
                drop_text(pending, min(stop + 1, pending.text.size))
                pending.row, pending.line = self.row + 1, self.line + 1
                self.ended = True
                return
            stop -= self._advance(pending, size)

    def _piece(self, pending: PendingText, text_format: TextFormat, size: int, last: bool) -> Block:
        """Build the Block of a piece: the first ``size`` bytes of ``pending``."""
        text = pending.text[:size]
        code_points = int(np.count_nonzero((text & 0xC0) != 0x80))
        own_range = (self.overlap, code_points if last else code_points - OVERLAP)
        byte_offset = (
            pending.base
            if pending.byte_offsets is None
            else int(pending.byte_offsets[0])
            if size
            else -1
        )
        offsets = np.array([0, size], np.int32)
        return Block(
            [string_array(offsets, text.copy(), None)],
            np.array([self.row]),
            np.array([self.line]),
            [np.array([max(byte_offset, -1)])],
            text_format.encoding,
            self.start,
            own_range,
            np.zeros(1, np.int8),
            split=False,
        )

    def _advance(self, pending: PendingText, size: int) -> int:
        """Drop yielded text except the overlap with the next piece. Return the bytes dropped."""
        text = pending.text[:size]
        firsts = np.flatnonzero((text & 0xC0) != 0x80)
        drop = int(firsts[-2 * OVERLAP])
        self.start += firsts.size - 2 * OVERLAP
        self.overlap = OVERLAP
        drop_text(pending, drop)
        return drop


def drop_text(pending: PendingText, count: int) -> None:
    """Drop the first ``count`` bytes of ``pending``; add them to its byte offset."""
    pending.text = pending.text[count:]
    pending.byte_offsets = None if pending.byte_offsets is None else pending.byte_offsets[count:]
    pending.base += count
