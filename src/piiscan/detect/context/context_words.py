"""Words near a candidate: which speak for it, which against it, which label it directly.

The only place where context is judged, for both doors, on the raw text.  Words are looked for
backwards from a candidate (up to 24 characters, never across a cell or the end of a sentence),
in brackets right behind it, and - for words that speak against - shortly behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8, UInt64
from piiscan.detect.context.word_trie import WINDOW, Words, word_before
from piiscan.detect.matching.alphabet import BREAK, KIND_DIGIT, KIND_LETTER, SKIP, Alphabet
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Places, advance
from piiscan.jit import inner, kernel, woven

#: How wide the gap between a label and its value can be.
GAP: Final = 6
#: How far behind a candidate a word can stand that speaks against it, or for it in brackets.
AHEAD: Final = 12

#: How near the word is that speaks for a candidate.
NONE: Final = 0
NEAR: Final = 1  # somewhere in the window
NEAREST: Final = 2  # no other known word and no number between
LABEL: Final = 3  # directly in front, only punctuation or 是/为/号码 between


#: What a folded byte means to the walk, as bits.
_HOT: Final = 1
_GAP: Final = 2
_STOP: Final = 4
_DIGIT: Final = 8
_LETTER: Final = 16
_LINE: Final = 32
_CROSSED: Final = 64


def _traits(alphabet: Alphabet) -> UInt8:
    traits = alphabet.hot * np.uint8(_HOT) | alphabet.gap * np.uint8(_GAP)
    traits |= alphabet.stop * np.uint8(_STOP) | (alphabet.kind == KIND_DIGIT) * np.uint8(_DIGIT)
    traits |= (alphabet.kind == KIND_LETTER) * np.uint8(_LETTER)
    traits[BREAK] = _STOP
    traits[10] |= _LINE
    traits[SKIP] |= _CROSSED
    result: UInt8 = traits
    return result


@woven
def _back(
    folded: UInt8,
    data: UInt8,
    begin: int,
    at: int,
    floor: int,
    traits: UInt8,
    table: Int32,
    word_at: Int32,
    met: Int32,
    near: UInt8,
) -> int:  # pragma: no cover - compiled
    """Words in front of ``begin``, nearest first, with how near each is; gives how many.

    The walk goes over folded text; the byte offset ``at`` follows only when a word may end.
    """
    count = 0
    place = begin - 1
    known = begin - 1  # the code point whose end is at byte ``at``
    gaps = 0
    only_gap = True
    clear = True
    digits = 0
    fresh_line = True
    while begin - place <= WINDOW and count < 8:
        trait = traits[folded[place]]
        if trait & _HOT and not trait & traits[folded[place + 1]] & (_LETTER | _DIGIT):
            at = _retreat(data, at, floor, known - place)
            known = place
            word, points = word_before(data, at, floor, table, word_at)
            if word >= 0:
                met[count] = word
                if only_gap and gaps <= GAP:
                    near[count] = LABEL
                else:
                    near[count] = NEAREST if clear else NEAR
                count += 1
                place -= points
                digits = 0
                continue
        if trait & _DIGIT:
            only_gap = False
            digits += 1
            if digits >= 4:
                clear = False
            place -= 1
            continue
        digits = 0
        if trait & _STOP:
            if not (trait & _LINE and only_gap and fresh_line):
                break
            fresh_line = False
        elif trait & _GAP:
            gaps += 1
        elif not trait & _CROSSED:
            only_gap = False
        place -= 1
    return count


@inner
def _retreat(data: UInt8, at: int, floor: int, points: int) -> int:  # pragma: no cover - compiled
    """The byte offset ``points`` code points before ``at``."""
    for _ in range(points):
        at -= 1
        while at > floor and (data[at] & 0xC0) == 0x80:
            at -= 1
    return at


@woven
def _ahead(
    folded: UInt8,
    data: UInt8,
    finish: int,
    at: int,
    limit: int,
    traits: UInt8,
    table: Int32,
    word_at: Int32,
    met: Int32,
    near: UInt8,
    count: int,
) -> int:  # pragma: no cover - compiled
    """Words shortly behind ``finish``: NEAR in brackets, else NONE (they only speak against)."""
    place = finish
    known = finish
    floor = at
    bracket = folded[place] == 40 or folded[place] == 91
    while place - finish < AHEAD and count < 12:
        byte = folded[place]
        trait = traits[byte]
        if trait & _STOP:
            break
        place += 1
        if byte == 41 or byte == 93:
            bracket = False
        if trait & _HOT:
            at = advance(data, at, limit, place - known)
            known = place
            word, _ = word_before(data, at, floor, table, word_at)
            if word >= 0:
                met[count] = word
                near[count] = NEAR if bracket else NONE
                count += 1
    return count


@inner
def _process_id(
    folded: UInt8, data: UInt8, begin: int, finish: int, at: int
) -> bool:  # pragma: no cover - compiled
    """``QQ[10018]``, ``QQ(10018)``, ``QQ.10018``: a program with its process id, no label."""
    ahead = data[at - 1]
    if finish - begin > 5 or not (ahead == 91 or ahead == 40 or ahead == 46):
        return False
    letter = folded[begin - 2] | 32
    return bool(97 <= letter <= 122)


@kernel
def _judge(  # noqa: C901 - one pass over candidates
    folded: UInt8,
    data: UInt8,
    offsets: Int64,
    recognizer: Int16,
    begin: Int64,
    finish: Int64,
    text: Int64,
    byte_start: Int64,
    byte_end: Int64,
    hot_at: Int64,
    labelled: Bool,
    traits: UInt8,
    table: Int32,
    word_at: Int32,
    speaks: UInt64,
    word: Int32,
    nearness: UInt8,
    against: Int32,
    met: Int32,
    near: UInt8,
) -> None:  # pragma: no cover - compiled
    """``met`` and ``near`` are room for the words around one candidate."""
    back = 0
    total = 0
    next_hot = 0
    seen = ended = np.int64(-1)
    for index in range(len(begin)):
        while next_hot < len(hot_at) and hot_at[next_hot] < begin[index] - WINDOW:
            next_hot += 1
        if next_hot == len(hot_at) or hot_at[next_hot] >= finish[index] + AHEAD:
            continue  # no word can end anywhere near: the usual case in tables
        if labelled[recognizer[index]]:
            continue  # the column's name says more than any word
        same_start = seen == begin[index]
        if not same_start:
            back = _back(
                folded, data, begin[index], byte_start[index], offsets[text[index]],
                traits, table, word_at, met, near,
            )  # fmt: skip
        if not same_start or finish[index] != ended:
            total = _ahead(
                folded, data, finish[index], byte_end[index], offsets[text[index] + 1],
                traits, table, word_at, met, near, back,
            )  # fmt: skip
        seen = begin[index]
        ended = finish[index]
        group = recognizer[index] // 64
        bit = np.uint64(recognizer[index] % 64)
        for number in range(total):
            this = met[number]
            if (speaks[this, 0, group] >> bit) & np.uint64(1) and near[number] > 0:
                level = near[number]
                if number > 0 and level > 1:
                    level = 1 if level == 2 else 4  # behind another word
                if level == 3 and _process_id(
                    folded, data, begin[index], finish[index], byte_start[index]
                ):
                    level = 2
                if nearness[index] == 0:
                    word[index] = this
                    nearness[index] = level
            if (speaks[this, 1, group] >> bit) & np.uint64(1) and against[index] < 0:
                against[index] = this


#: A label with another label between it and the value (「微信手机号：」 for 微信).
FAR_LABEL: Final = 4


@dataclass(frozen=True, slots=True)
class Context:
    """Per candidate: the word for it (-1: none), how near it is, and the word against it (-1)."""

    word: Int32
    nearness: UInt8
    against: Int32


def judge(
    folded: UInt8,
    data: UInt8,
    offsets: Int64,
    candidates: Candidates,
    places: Places,
    ends: Int64,
    labelled: Bool,
    words: Words,
    alphabet: Alphabet,
) -> Context:
    """The words around each candidate (ordered by start) that its recognizer knows."""
    count = len(candidates.start)
    found = Context(
        np.full(count, -1, np.int32), np.zeros(count, np.uint8), np.full(count, -1, np.int32)
    )
    if count and words.words:
        traits = _traits(alphabet)
        _judge(
            folded, data, offsets, candidates.recognizer, candidates.start, candidates.end,
            places.text, places.byte_start, places.byte_end,
            ends, labelled, traits, words.table, words.word_at, words.speaks,
            found.word, found.nearness, found.against,
            np.empty(12, np.int32), np.empty(12, np.uint8),
        )  # fmt: skip
    return found
