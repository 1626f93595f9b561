"""Which texts can match which patterns: all factors of all patterns in one pass over the bytes.

Shift-And (Baeza-Yates and Gonnet, 1992): every byte of every factor is a bit, a set bit says that
the factor matches up to here, and a byte of text moves all of them on at once.  There is nothing
that could explode; 64 bytes of factors cost about a nanosecond a byte of text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Int64, UInt8, UInt64
from piiscan.detect.regex.utf8_sets import BREAK, Factor
from piiscan.jit import kernel


@dataclass(frozen=True, slots=True)
class Prefilter:
    """Bits of factors: ``masks[word, byte]``, first and last bits, last bits by pattern."""

    masks: UInt64
    first: UInt64
    last: UInt64
    of: UInt64  # [pattern, word]

    @classmethod
    def of_factors(cls, patterns: Sequence[Sequence[Factor]]) -> Prefilter:
        """The filter of some patterns, each given by its factors; equal factors share bits."""
        places: dict[Factor, int] = {}
        bit = 0
        for factor in (each for own in patterns for each in own):
            if factor in places:
                continue
            if bit % 64 + len(factor) > 64:
                bit += -bit % 64
            places[factor] = bit
            bit += len(factor)
        words = max(2, -(-bit // 128) * 2)  # taken two at a time
        masks = np.zeros((words, 256), np.uint64)
        first, last = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
        of = np.zeros((len(patterns), words), np.uint64)
        for factor, place in places.items():
            for at, bytes_ in enumerate(factor, place):
                masks[at // 64, sorted(bytes_)] |= np.uint64(1 << at % 64)
            end = place + len(factor) - 1
            first[place // 64] |= np.uint64(1 << place % 64)
            last[end // 64] |= np.uint64(1 << end % 64)
            for number, own in enumerate(patterns):
                if factor in own:
                    of[number, end // 64] |= np.uint64(1 << end % 64)
        return cls(masks, first, last, of)

    def texts(self, data: UInt8, offsets: Int64) -> list[Int64]:
        """For each pattern the numbers of the texts ``data[offsets[i]:offsets[i + 1]]`` to ask.

        >>> few = Prefilter.of_factors([[(frozenset(b'a'), frozenset(b'b'))], [(frozenset(b'c'),)]])
        >>> [t.tolist() for t in few.texts(np.frombuffer(b'xabcab', np.uint8), np.array([0, 3, 6]))]
        [[0, 1], [1]]
        """
        room = 64 + len(offsets) // 8
        while True:
            text, met = np.empty(room, np.int64), np.empty((room, len(self.first)), np.uint64)
            count = _search(data, offsets, self.masks, self.first, self.last, text, met)
            if count >= 0:
                break
            room *= 4
        return [text[:count][(met[:count] & own).any(axis=1)] for own in self.of]


@kernel
def _search(
    data: UInt8,
    offsets: Int64,
    masks: UInt64,
    first: UInt64,
    last: UInt64,
    text: Int64,
    met: UInt64,
) -> int:  # pragma: no cover - compiled
    """Texts with a whole factor and which last bits were reached; -1 if the room is too small."""
    count = 0
    shift = np.uint64(1)
    for number in range(len(offsets) - 1):
        if count == len(text):
            return -1
        any_met = np.uint64(0)
        for word in range(0, len(first), 2):  # two states do not wait for each other
            one_begin, two_begin = first[word], first[word + 1]
            one_mask, two_mask = masks[word], masks[word + 1]
            one = one_begin & one_mask[BREAK]
            two = two_begin & two_mask[BREAK]
            one_met = two_met = np.uint64(0)
            for at in range(offsets[number], offsets[number + 1]):
                byte = data[at]
                one = ((one << shift) | one_begin) & one_mask[byte]
                two = ((two << shift) | two_begin) & two_mask[byte]
                one_met |= one
                two_met |= two
            one = ((one << shift) | one_begin) & one_mask[BREAK]
            two = ((two << shift) | two_begin) & two_mask[BREAK]
            met[count, word] = (one_met | one) & last[word]
            met[count, word + 1] = (two_met | two) & last[word + 1]
            any_met |= met[count, word] | met[count, word + 1]
        if any_met:
            text[count] = number
            count += 1
    return count
