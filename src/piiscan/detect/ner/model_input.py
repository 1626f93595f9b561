"""Model input: distinct texts of a chunk as code points, with pattern spans marked."""

from __future__ import annotations

from typing import Final, NamedTuple, Self

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8, UInt32
from piiscan.arrow_strings import strings_of_slices
from piiscan.detect.matching.offsets import FoldedTexts
from piiscan.detect.ner.name_kernels import decode_texts, find_readable_texts

#: Most bytes of texts to compare for equality.
_MAX_COMPARED: Final = 1 << 30


class ModelInput(NamedTuple):
    """Distinct texts of a chunk, concatenated as code points without zero-width characters.

    Attributes:
        codes: code points of all distinct texts
        offsets: index in ``codes`` at which each distinct text starts
        position: index of each code point in its own text
        taken: True for code points inside the span of a pattern
        text: numbers of all texts to read
        distinct: number of the distinct text of each of ``text``
    """

    codes: UInt32
    offsets: Int64
    position: Int64
    taken: Bool
    text: Int64
    distinct: Int64

    @classmethod
    def of(cls, texts: FoldedTexts, claimed: Bool, kind: UInt8) -> Self | None:
        """Collect the texts with two Hanzi outside ``claimed``; None without such texts.

        ``claimed``: mask of folded positions inside the span of a pattern.  ``kind``: kind of each
        folded byte.
        """
        readable = np.empty(len(texts.starts) - 1, np.int64)
        count, size_limit = find_readable_texts(texts.folded, texts.starts, claimed, kind, readable)
        if not count:
            return None  # the usual case in tables
        text = readable[:count]
        first, distinct = _distinct_texts(texts.data, texts.offsets, text)
        made = cls(
            np.empty(size_limit, np.uint32),
            np.zeros(len(first) + 1, np.int64),
            np.empty(size_limit, np.int64),
            np.empty(size_limit, np.bool_),
            text,
            distinct,
        )
        size = decode_texts(texts, claimed, first, made)
        codes, ends, position, taken, *_ = made
        return cls(codes[:size], ends, position[:size], taken[:size], text, distinct)


def _distinct_texts(data: UInt8, offsets: Int64, text: Int64) -> tuple[Int64, Int64]:
    """Return (first text of each distinct spelling, spelling number of each of ``text``)."""
    if len(text) < 2 or int((offsets[text + 1] - offsets[text]).sum()) > _MAX_COMPARED:
        return text, np.arange(len(text), dtype=np.int64)
    encoded = strings_of_slices(data, offsets[text], offsets[text + 1]).dictionary_encode()
    spelling = encoded.indices.to_numpy().astype(np.int64)
    first = np.empty(len(encoded.dictionary), np.int64)
    first[spelling[::-1]] = text[::-1]
    return first, spelling


def text_of(codes: UInt32, begin: int, stop: int) -> str:
    """Return ``codes[begin:stop]`` as a string."""
    return codes[begin:stop].tobytes().decode("utf-32-le", "surrogatepass")
