"""Scan positions: positions in folded text where a match may start or a context word may end.

A character and its two neighbours decide both, so one pass finds both. Most positions are neither.

    手机13800138000 -> word end 2 (机), match start 3; position 0 is the BREAK
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8, UInt64
from piiscan.detect.arithmetic.digits import are_digits
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER, Alphabet
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.word_sieve import WordSieve, ends_word
from piiscan.jit import kernel, unaligned_words

#: Characters between the end of a label and an anchored value, at most.
MAX_LABEL_GAP: Final = 8

#: [kind before * 8 + kind]: True if a character continues a run of digits or a word.
_CONTINUES_RUN: Final = np.zeros(64, np.bool_)
for _kind in (KIND_DIGIT, KIND_LETTER, KIND_HAN_DIGIT):
    _CONTINUES_RUN[_kind * 8 + _kind] = True
_CONTINUES_RUN[KIND_DIGIT * 8 + KIND_LETTER] = True


#: [trait * 8 + next kind]: True if a word may end between the two, outside runs of digits and
#: letters.
_WORD_MAY_END: Final = np.repeat([False, True], 64)
_WORD_MAY_END[[64 + KIND_DIGIT * 8 + KIND_DIGIT, 64 + KIND_LETTER * 8 + KIND_LETTER]] = False
_MATCH_START: Final = 1
_WORD_END: Final = 2


def _mark_table() -> UInt8:
    """Build the table of marks (match start, word end) by the traits of three neighbours.

    ``uint8[4096]``: _MATCH_START and _WORD_END are flags of the middle character.
    """
    before, this, after = np.ogrid[:16, :16, :16]
    continues = _CONTINUES_RUN[before % 8 * 8 + this % 8] | (after < 0)
    may_end = _WORD_MAY_END[this * 8 + after % 8] | (before < 0)
    marks = ~continues * np.uint8(_MATCH_START) | may_end * np.uint8(_WORD_END)
    return np.ascontiguousarray(marks, np.uint8).reshape(-1)


_MARKS: Final = _mark_table()

#: Unsigned constants of one type, for the kernel.
_ONE: Final = np.uint64(1)
_SEVEN: Final = np.uint64(7)
_EIGHT: Final = np.uint64(8)
_FOUR: Final = np.uint32(4)
#: Mask of the kinds of two adjacent characters in their traits, and its value for two digits.
_KIND_PAIR: Final = np.uint32(0x77)
_DIGIT_PAIR: Final = np.uint32(KIND_DIGIT << 4 | KIND_DIGIT)


@kernel
def _match_starts_and_word_ends(
    folded: UInt8,
    words: UInt64,
    start_pairs: Bool,
    sieve: WordSieve,
    out_starts: Int64,
    out_ends: Int64,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Write match starts and word ends to the ``out`` arrays; return (starts, ends) written.

    A count is -1 if its array is too short. ``words``: view of ``folded`` with eight bytes per
    element.
    """
    traits, end_pairs = sieve.traits, sieve.end_pairs
    start_count = end_count = 0
    window = np.uint32(traits[folded[0]]) << _FOUR | np.uint32(traits[folded[1]])
    position, last = np.uint64(0), np.uint64(max(len(folded) - 2, 0))
    while position < last:
        position += _ONE
        next_byte = folded[position + _ONE]
        window = (window << _FOUR | np.uint32(traits[next_byte])) & np.uint32(0xFFF)
        mark = _MARKS[window]
        if mark == 0:  # inside a number or a word, the usual case in tables
            if (
                window & _KIND_PAIR == _DIGIT_PAIR
                and position + _EIGHT <= last
                and are_digits(words[position + _ONE])
            ):
                position += _SEVEN  # eight more digits: no mark at the next seven
                window = np.uint32(traits[folded[position]]) << _FOUR
                window |= np.uint32(traits[folded[position + _ONE]])
            continue
        byte = np.uint32(folded[position]) << np.uint32(8)
        if mark & _MATCH_START and start_pairs[byte | next_byte]:
            if start_count == len(out_starts):
                return -1, end_count
            out_starts[start_count] = position
            start_count += 1
        is_end_pair = mark & _WORD_END and end_pairs[byte | folded[position - _ONE]]
        if is_end_pair and ends_word(folded, np.int64(position), sieve.table, sieve.complete):
            if end_count == len(out_ends):
                return start_count, -1
            out_ends[end_count] = position
            end_count += 1
    return start_count, end_count


def match_starts_and_word_ends(
    folded: UInt8, automaton: Automaton, sieve: WordSieve
) -> tuple[Int64, Int64]:
    """Return (positions where a match may start, positions where a context word may end).

    ``folded`` starts and ends with BREAK.
    """
    capacity = np.array([max(64, len(folded) // 4)] * 2)
    while True:
        starts, word_ends = np.empty(capacity[0], np.int64), np.empty(capacity[1], np.int64)
        start_count, end_count = _match_starts_and_word_ends(
            folded, unaligned_words(folded), automaton.start_pairs, sieve, starts, word_ends
        )
        if start_count >= 0 and end_count >= 0:
            return starts[:start_count], word_ends[:end_count]
        capacity[[start_count < 0, end_count < 0]] *= 4


@kernel
def _match_starts(
    folded: UInt8, start_pairs: Bool, kind: UInt8, out: Int64
) -> int:  # pragma: no cover - compiled
    """Write the positions where a match may start to ``out``; return their number.

    Return -1 if ``out`` is too short. A match never starts inside a run of digits or a word.
    """
    count = 0
    kind_before = kind[folded[0]]
    for position in range(1, len(folded) - 1):
        kind_here = kind[folded[position]]
        continues = _CONTINUES_RUN[kind_before * 8 + kind_here]
        kind_before = kind_here
        if (
            continues
            or not start_pairs[(np.uint32(folded[position]) << np.uint32(8)) | folded[position + 1]]
        ):
            continue
        if count == len(out):
            return -1
        out[count] = position
        count += 1
    return count


@kernel
def _match_starts_after_words(
    folded: UInt8,
    word_ends: Int64,
    start_pairs: Bool,
    kind: UInt8,
    gap: Bool,
    out: Int64,
) -> int:  # pragma: no cover - compiled
    """Write the match start after each word end to ``out`` and return their number.

    At most MAX_LABEL_GAP label characters and line ends may come between: ``QQ：12345678 ->
    12345678``.  A bracket among them may also start a match: ``电话：(02) 3234 5678``.
    """
    count = 0
    for number in range(len(word_ends)):
        position = word_ends[number] + 1
        for _ in range(MAX_LABEL_GAP):
            byte = folded[position]
            if byte != 10 and not gap[byte]:
                break
            if (
                byte == 40
                and position + 1 < len(folded)
                and (count == 0 or out[count - 1] < position)
            ):
                bracket = (np.uint32(byte) << np.uint32(8)) | folded[position + 1]
                if start_pairs[bracket]:
                    out[count] = position
                    count += 1
            position += 1
        if position + 1 < len(folded):
            pair = (np.uint32(folded[position]) << np.uint32(8)) | folded[position + 1]
            if (
                start_pairs[pair]
                and not _CONTINUES_RUN[kind[folded[position - 1]] * 8 + kind[folded[position]]]
                and (count == 0 or out[count - 1] < position)
            ):
                out[count] = position
                count += 1
    return count


def match_starts(folded: UInt8, automaton: Automaton, alphabet: Alphabet) -> Int64:
    """Return the positions in ``folded`` where a match may start.

    ``folded`` starts and ends with BREAK.
    """
    found = np.empty(max(64, len(folded) // 4), np.int64)
    while (count := _match_starts(folded, automaton.start_pairs, alphabet.kind, found)) < 0:
        found = np.empty(4 * len(found), np.int64)
    return found[:count]


def match_starts_after_words(
    folded: UInt8, word_ends: Int64, automaton: Automaton, alphabet: Alphabet
) -> Int64:
    """Return the positions directly after a context word where a match may start.

    ``word_ends``: positions where words may end.
    """
    found = np.empty(2 * len(word_ends), np.int64)
    return found[
        : _match_starts_after_words(
            folded, word_ends, automaton.start_pairs, alphabet.kind, alphabet.gap, found
        )
    ]
