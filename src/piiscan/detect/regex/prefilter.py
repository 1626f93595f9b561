"""Prefilter: select the texts that contain a required literal of each pattern, in one pass.

Algorithm: Shift-And (Baeza-Yates and Gonnet, 1992). Every byte of every literal is a bit. A set bit
means that the literal matches up to that byte, and each byte of text shifts all bits at once. The
cost is linear in the text.

    literal HY + six digits -> 会员HY123456 is selected, 会员123456 is not
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Int64, UInt8, UInt64
from piiscan.detect.regex.utf8_sets import BREAK, RequiredLiteral
from piiscan.jit import kernel


@dataclass(frozen=True, slots=True)
class Prefilter:
    """Bit masks of all literals, 64 bits per word.

    ``masks[word, byte]``: bits that the byte allows. ``first``, ``last``: first and last bit of
    each literal. ``last_by_pattern``: last bits of each pattern's literals.
    """

    masks: UInt64
    first: UInt64
    last: UInt64
    last_by_pattern: UInt64  # [pattern, word]

    @classmethod
    def of_literals(cls, patterns: Sequence[Sequence[RequiredLiteral]]) -> Prefilter:
        """Build the filter from the required literals of each pattern.

        Equal literals share bits.
        """
        first_bits: dict[RequiredLiteral, int] = {}
        bit = 0
        for literal in (entry for literals in patterns for entry in literals):
            if literal in first_bits:
                continue
            if bit % 64 + len(literal) > 64:
                bit += -bit % 64
            first_bits[literal] = bit
            bit += len(literal)
        words = max(2, -(-bit // 128) * 2)  # the kernel reads two words at a time
        masks = np.zeros((words, 256), np.uint64)
        first, last = np.zeros(words, np.uint64), np.zeros(words, np.uint64)
        last_by_pattern = np.zeros((len(patterns), words), np.uint64)
        for literal, first_bit in first_bits.items():
            for at, bytes_ in enumerate(literal, first_bit):
                masks[at // 64, sorted(bytes_)] |= np.uint64(1 << at % 64)
            end = first_bit + len(literal) - 1
            first[first_bit // 64] |= np.uint64(1 << first_bit % 64)
            last[end // 64] |= np.uint64(1 << end % 64)
            for number, literals in enumerate(patterns):
                if literal in literals:
                    last_by_pattern[number, end // 64] |= np.uint64(1 << end % 64)
        return cls(masks, first, last, last_by_pattern)

    def candidate_texts(self, data: UInt8, offsets: Int64) -> list[Int64]:
        """Return, for each pattern, the numbers of the texts that contain one of its literals.

        Texts are ``data[offsets[i]:offsets[i + 1]]``.

        >>> ab, c = (frozenset(b'a'), frozenset(b'b')), (frozenset(b'c'),)
        >>> data, offsets = np.frombuffer(b'xabcab', np.uint8), np.array([0, 3, 6])
        >>> found = Prefilter.of_literals([[ab], [c]]).candidate_texts(data, offsets)
        >>> [numbers.tolist() for numbers in found]
        [[0, 1], [1]]
        """
        capacity = 64 + len(offsets) // 8
        while True:
            text, reached = (
                np.empty(capacity, np.int64),
                np.empty((capacity, len(self.first)), np.uint64),
            )
            count = _search(data, offsets, self.masks, self.first, self.last, text, reached)
            if count >= 0:
                break
            capacity *= 4
        return [
            text[:count][(reached[:count] & pattern_bits).any(axis=1)]
            for pattern_bits in self.last_by_pattern
        ]


@kernel
def _search(
    data: UInt8,
    offsets: Int64,
    masks: UInt64,
    first: UInt64,
    last: UInt64,
    text: Int64,
    reached: UInt64,
) -> int:  # pragma: no cover - compiled
    """Write the texts with a required literal to ``text``, its bits to ``reached``; count them.

    Return -1 if ``text`` is too short. BREAK is read before and after every text.
    """
    count = 0
    shift = np.uint64(1)
    for number in range(len(offsets) - 1):
        if count == len(text):
            return -1
        any_reached = np.uint64(0)
        for word in range(0, len(first), 2):  # two independent states run in parallel
            one_first, two_first = first[word], first[word + 1]
            one_mask, two_mask = masks[word], masks[word + 1]
            one = one_first & one_mask[BREAK]
            two = two_first & two_mask[BREAK]
            one_reached = two_reached = np.uint64(0)
            for at in range(offsets[number], offsets[number + 1]):
                byte = data[at]
                one = ((one << shift) | one_first) & one_mask[byte]
                two = ((two << shift) | two_first) & two_mask[byte]
                one_reached |= one
                two_reached |= two
            one = ((one << shift) | one_first) & one_mask[BREAK]
            two = ((two << shift) | two_first) & two_mask[BREAK]
            reached[count, word] = (one_reached | one) & last[word]
            reached[count, word + 1] = (two_reached | two) & last[word + 1]
            any_reached |= reached[count, word] | reached[count, word + 1]
        if any_reached:
            text[count] = number
            count += 1
    return count
