"""Batches of texts, and the chunks of them that are folded and settled at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.detect.matching.alphabet import SKIP
from piiscan.detect.matching.fold import fold_texts
from piiscan.detect.matching.offsets import Laid
from piiscan.detect.matching.scan_positions import marks

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import Plan

#: Bytes of text folded and scanned at a time.
CHUNK = 10 << 20


@dataclass(frozen=True, slots=True)
class Texts:
    """A batch as one byte buffer: text i is ``data[offsets[i]:offsets[i + 1]]``."""

    data: UInt8
    offsets: Int64

    @classmethod
    def of(cls, array: pa.Array) -> Texts:
        """A view of a string array without copying its bytes; a null is an empty text."""
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if pa.types.is_null(array.type):
            array = array.cast(pa.string())
        wide = pa.types.is_large_string(array.type)
        if not wide and not pa.types.is_string(array.type):
            raise TypeError(f"an array of texts is expected, not of {array.type}")
        if array.null_count:  # Arrow may leave bytes behind a null
            array = array.fill_null("")
        _, offset_buffer, data_buffer = array.buffers()
        width = np.int64 if wide else np.int32
        if offset_buffer is None:
            return cls(np.empty(0, np.uint8), np.zeros(1, np.int64))
        offsets = np.frombuffer(offset_buffer, width)[array.offset : array.offset + len(array) + 1]
        data = np.frombuffer(data_buffer or b"", np.uint8)
        data.flags.writeable = False  # kernels are compiled for this one kind of array
        return cls(data, offsets.astype(np.int64))

    def chunks(self, size: int) -> Iterator[tuple[int, Int64]]:
        """(number of the first text, offsets) of consecutive runs of about ``size`` bytes."""
        first, count = 0, len(self.offsets) - 1
        while first < count:
            wanted = self.offsets[first] + size
            last = int(np.searchsorted(self.offsets, wanted, "right")) - 1
            last = min(max(last, first + 1), count)
            yield first, self.offsets[first : last + 1]
            first = last


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some texts, folded: text i begins at ``starts[i]`` of ``folded`` and is ASCII at its end.

    That tail has ``tail[i]`` characters.

    ``opening`` are the places where something may be found, ``near`` those where words may end.
    Where there are zero-width characters only the places ``seen`` are looked at, and both are
    places among those; ``ends`` are those of words in ``folded``.
    """

    data: UInt8
    offsets: Int64
    folded: UInt8
    starts: Int64
    tail: Int32
    seen: Int64 | None
    opening: Int64
    near: Int64
    ends: Int64

    @property
    def laid(self) -> Laid:
        """How the texts lie."""
        return self.data, self.offsets, self.starts, self.tail

    @classmethod
    def of(cls, data: UInt8, offsets: Int64, plan: Plan) -> Chunk:
        """The texts ``data[offsets[i]:offsets[i + 1]]`` folded."""
        folded, starts, tail, crossed = fold_texts(data, offsets, plan.alphabet.table)
        seen = np.flatnonzero(folded != SKIP) if crossed else None
        text = folded if seen is None else folded[seen]
        opening, near = marks(text, plan.anywhere, plan.sieve)
        ends = near if seen is None else seen[near]
        return cls(data, offsets, folded, starts, tail, seen, opening, near, ends)
