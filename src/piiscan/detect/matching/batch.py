"""Text batches: many texts as one byte buffer, and chunks of it that the engine searches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8

#: Bytes of text folded and scanned at a time.
CHUNK_BYTES = 10 << 20


@dataclass(frozen=True, slots=True)
class TextBatch:
    """Batch of texts in one byte buffer: text i is ``data[offsets[i]:offsets[i + 1]]``."""

    data: UInt8
    offsets: Int64

    @classmethod
    def of(cls, array: pa.Array) -> TextBatch:
        """Wrap an Arrow string array as a TextBatch without a copy; a null is an empty text.

        Raise TypeError if ``array`` is no array of strings.
        """
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if pa.types.is_null(array.type):
            array = array.cast(pa.string())
        wide = pa.types.is_large_string(array.type)
        if not wide and not pa.types.is_string(array.type):
            raise TypeError(f"an array of texts is expected, not of {array.type}")
        if array.null_count:  # Arrow may leave bytes in a null
            array = array.fill_null("")
        _, offset_buffer, data_buffer = array.buffers()
        width = np.int64 if wide else np.int32
        if offset_buffer is None:
            return cls(np.empty(0, np.uint8), np.zeros(1, np.int64))
        offsets = np.frombuffer(offset_buffer, width)[array.offset : array.offset + len(array) + 1]
        data = np.frombuffer(data_buffer or b"", np.uint8)
        data.flags.writeable = False  # kernels are compiled for this one kind of array
        return cls(data, offsets.astype(np.int64))

    @classmethod
    def of_strings(cls, texts: Sequence[str]) -> TextBatch:
        """Encode ``texts`` as one batch; unpaired surrogates are kept."""
        if len(texts) == 1:
            data = texts[0].encode("utf-8", "surrogatepass")
            return cls(np.frombuffer(data, np.uint8), np.array([0, len(data)], np.int64))
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        offsets = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(list(map(len, encoded)), out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def chunks(self, size: int) -> Iterator[tuple[int, Int64]]:
        """Yield (first text number, byte offsets) of each run of texts of about ``size`` bytes."""
        first, count = 0, len(self.offsets) - 1
        if count > 0 and self.offsets[count] - self.offsets[0] <= size:
            first = count
            yield 0, self.offsets
        while first < count:
            limit = self.offsets[first] + size
            last = int(np.searchsorted(self.offsets, limit, "right")) - 1
            last = min(max(last, first + 1), count)
            yield first, self.offsets[first : last + 1]
            first = last
