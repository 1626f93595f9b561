"""Marks in folded text: where a match may begin, and where a context word may end.

Both are told by a character and its neighbours, and most places are neither; one pass finds both.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int32, Int64, UInt8, UInt64
from piiscan.detect.arithmetic.digits import are_digits
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_HAN_DIGIT, KIND_LETTER, Alphabet
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.word_sieve import Sieve, ends_word
from piiscan.jit import eights, kernel

#: How far in front of an anchored value its word can end: the widest gap of a label and a bit.
REACH: Final = 8

#: [kind before * 8 + kind]: whether a character goes on with a run of digits or a word.
_INSIDE: Final = np.zeros(64, np.bool_)
for _kind in (KIND_DIGIT, KIND_LETTER, KIND_HAN_DIGIT):
    _INSIDE[_kind * 8 + _kind] = True
_INSIDE[KIND_DIGIT * 8 + KIND_LETTER] = True


#: [trait * 8 + next kind]: whether a word may end between the two; not inside a run of digits
#: or letters.
_ENDS: Final = np.repeat([False, True], 64)
_ENDS[[64 + KIND_DIGIT * 8 + KIND_DIGIT, 64 + KIND_LETTER * 8 + KIND_LETTER]] = False
_OPENS: Final = 1
_CLOSES: Final = 2


def _marks() -> UInt8:
    """What a place may be, by the traits of three characters, four bits each."""
    before, this, after = np.ogrid[:16, :16, :16]
    inside = _INSIDE[before % 8 * 8 + this % 8] | (after < 0)
    ends = _ENDS[this * 8 + after % 8] | (before < 0)
    marks = ~inside * np.uint8(_OPENS) | ends * np.uint8(_CLOSES)
    return np.ascontiguousarray(marks, np.uint8).reshape(-1)


_MARKS: Final = _marks()

#: Numbers of one kind without a sign, for the kernel.
_ONE: Final = np.uint64(1)
_SEVEN: Final = np.uint64(7)
_EIGHT: Final = np.uint64(8)
_FOUR: Final = np.uint32(4)
#: The kinds of a place and the next in their traits, and those of two digits.
_BOTH: Final = np.uint32(0x77)
_DIGITS: Final = np.uint32(KIND_DIGIT << 4 | KIND_DIGIT)


@kernel
def _mark(
    folded: UInt8,
    words: UInt64,
    opens: Bool,
    traits: UInt8,
    pairs: Bool,
    table: Int32,
    whole: Bool,
    opening: Int64,
    ending: Int64,
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Every place where a match may begin, and every one where a word may end; -1: no room."""
    begins = ends = 0
    seen = np.uint32(traits[folded[0]]) << _FOUR | np.uint32(traits[folded[1]])
    place, last = np.uint64(0), np.uint64(max(len(folded) - 2, 0))
    while place < last:
        place += _ONE
        behind = folded[place + _ONE]
        seen = (seen << _FOUR | np.uint32(traits[behind])) & np.uint32(0xFFF)
        mark = _MARKS[seen]
        if mark == 0:  # inside a number or a word: the usual case in tables
            if (
                seen & _BOTH == _DIGITS
                and place + _EIGHT <= last
                and are_digits(words[place + _ONE])
            ):
                place += _SEVEN  # eight more digits: nothing can be at the next seven of them
                seen = np.uint32(traits[folded[place]]) << _FOUR
                seen |= np.uint32(traits[folded[place + _ONE]])
            continue
        byte = np.uint32(folded[place]) << np.uint32(8)
        if mark & _OPENS and opens[byte | behind]:
            if begins == len(opening):
                return -1, ends
            opening[begins] = place
            begins += 1
        paired = mark & _CLOSES and pairs[byte | folded[place - _ONE]]
        if paired and ends_word(folded, np.int64(place), table, whole):
            if ends == len(ending):
                return begins, -1
            ending[ends] = place
            ends += 1
    return begins, ends


def marks(folded: UInt8, automaton: Automaton, sieve: Sieve) -> tuple[Int64, Int64]:
    """Where a match may begin in ``folded`` (BREAK … BREAK), and where a word may end."""
    room = np.array([max(64, len(folded) // 4)] * 2)
    while True:
        opening, ending = np.empty(room[0], np.int64), np.empty(room[1], np.int64)
        begins, ends = _mark(
            folded, eights(folded), automaton.opens, sieve.traits, sieve.pairs, sieve.table,
            sieve.whole, opening, ending,
        )  # fmt: skip
        if begins >= 0 and ends >= 0:
            return opening[:begins], ending[:ends]
        room[[begins < 0, ends < 0]] *= 4


@kernel
def _openings(
    folded: UInt8, opens: Bool, kind: UInt8, found: Int64
) -> int:  # pragma: no cover - compiled
    """Every place where a match may begin: never inside a run of digits or a word."""
    count = 0
    before = kind[folded[0]]
    for place in range(1, len(folded) - 1):
        this = kind[folded[place]]
        inside = _INSIDE[before * 8 + this]
        before = this
        if inside or not opens[(np.uint32(folded[place]) << np.uint32(8)) | folded[place + 1]]:
            continue
        if count == len(found):
            return -1
        found[count] = place
        count += 1
    return count


@kernel
def _behind(
    folded: UInt8,
    ends: Int64,
    opens: Bool,
    kind: UInt8,
    gap: Bool,
    found: Int64,
) -> int:  # pragma: no cover - compiled
    """The place behind each word end, label punctuation skipped, where a match may begin."""
    count = 0
    for number in range(len(ends)):
        place = ends[number] + 1
        for _ in range(REACH):
            byte = folded[place]
            if byte != 10 and not gap[byte]:
                break
            place += 1
        if place + 1 < len(folded):
            pair = (np.uint32(folded[place]) << np.uint32(8)) | folded[place + 1]
            if (
                opens[pair]
                and not _INSIDE[kind[folded[place - 1]] * 8 + kind[folded[place]]]
                and (count == 0 or found[count - 1] < place)
            ):
                found[count] = place
                count += 1
    return count


def openings(folded: UInt8, automaton: Automaton, alphabet: Alphabet) -> Int64:
    """Where a match may begin in ``folded`` (which begins and ends with BREAK)."""
    found = np.empty(max(64, len(folded) // 4), np.int64)
    while (count := _openings(folded, automaton.opens, alphabet.kind, found)) < 0:
        found = np.empty(4 * len(found), np.int64)
    return found[:count]


def openings_behind(folded: UInt8, ends: Int64, automaton: Automaton, alphabet: Alphabet) -> Int64:
    """Where a match may begin directly behind a context word; ``ends``: where words may end."""
    found = np.empty(len(ends), np.int64)
    return found[: _behind(folded, ends, automaton.opens, alphabet.kind, alphabet.gap, found)]
