"""Context words: words near a candidate that support it, contradict it or label it directly.

A number alone is weak evidence; a word such as 手机 next to it raises or lowers its score.
``手机号：13800138000`` -> word 手机号, nearness LABEL.

The search reads up to 24 characters backwards from a candidate.  The end of a cell or sentence
stops it.  It also reads 12 characters after the candidate.  There, words in brackets support
it, and words anywhere contradict it.  Batch scans and the Presidio recognizer both use this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8, UInt64
from piiscan.detect.context.word_trie import WINDOW, ContextWords, retreat, word_before
from piiscan.detect.matching.alphabet import BREAK, KIND_DIGIT, KIND_LETTER, SKIP, Alphabet
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets, skip_code_points
from piiscan.jit import inlined, inner, kernel

#: Longest gap between a label and its value, in code points.
MAX_GAP: Final = 6
#: Code points after a candidate in which a word can contradict it, or support it in brackets.
WINDOW_AFTER: Final = 12

#: Nearness of the word that supports a candidate.
NONE: Final = 0
NEAR: Final = 1  # somewhere in the window
NEAREST: Final = 2  # no other known word and no number between
LABEL: Final = 3  # directly before it, only punctuation or 是/为/号码 between


#: Flags of a folded byte for the search, as bits.
_WORD_END: Final = 1
_GAP: Final = 2
_STOP: Final = 4
_DIGIT: Final = 8
_LETTER: Final = 16
_LINE: Final = 32
_SKIPPED: Final = 64


def _byte_flags(alphabet: Alphabet) -> UInt8:
    """Return the flags of each folded byte for the search (``uint8[256]``)."""
    flags = alphabet.hot * np.uint8(_WORD_END) | alphabet.gap * np.uint8(_GAP)
    flags |= alphabet.stop * np.uint8(_STOP) | (alphabet.kind == KIND_DIGIT) * np.uint8(_DIGIT)
    flags |= (alphabet.kind == KIND_LETTER) * np.uint8(_LETTER)
    flags[BREAK] = _STOP
    flags[10] |= _LINE
    flags[SKIP] |= _SKIPPED
    result: UInt8 = flags
    return result


@inlined
def _words_before(
    folded: UInt8,
    data: UInt8,
    begin: int,
    at: int,
    floor: int,
    flags: UInt8,
    table: Int32,
    word_at: Int32,
    found_words: Int32,
    levels: UInt8,
) -> int:  # pragma: no cover - compiled
    """Write the context words before ``begin``, nearest first; return their number (at most 8).

    The search walks over folded text.  The byte offset ``at`` follows only where a word may end.

        window := { word | gap | digit | other }, at most WINDOW code points, no stop byte
        LABEL: only gap bytes, at most MAX_GAP, between the word and ``begin``
        NEAREST: no number of four digits or more between them; otherwise NEAR

    Args:
        begin: code point at which the candidate starts in ``folded``
        at: byte offset of ``begin`` in ``data``
        floor: byte offset at which the text starts
        found_words: output, the number of each word
        levels: output, the nearness of each word
    """
    count = 0
    place = begin - 1
    mapped = begin - 1  # code point that ends at byte ``at``
    gaps = 0
    only_gap = True
    no_number_between = True
    digits = 0
    first_break = True
    while begin - place <= WINDOW and count < 8:
        flag = flags[folded[place]]
        if flag & _WORD_END and not flag & flags[folded[place + 1]] & (_LETTER | _DIGIT):
            at = retreat(data, at, floor, mapped - place)
            mapped = place
            word, points = word_before(data, at, floor, table, word_at)
            if word >= 0:
                found_words[count] = word
                if only_gap and gaps <= MAX_GAP:
                    levels[count] = LABEL
                else:
                    levels[count] = NEAREST if no_number_between else NEAR
                count += 1
                place -= points
                digits = 0
                continue
        if flag & _DIGIT:
            only_gap = False
            digits += 1
            if digits >= 4:
                no_number_between = False
            place -= 1
            continue
        digits = 0
        if flag & _STOP:
            if not (flag & _LINE and only_gap and first_break):
                break
            first_break = False
        elif flag & _GAP:
            gaps += 1
        elif not flag & _SKIPPED:
            only_gap = False
        place -= 1
    return count


@inlined
def _words_after(
    folded: UInt8,
    data: UInt8,
    finish: int,
    at: int,
    limit: int,
    flags: UInt8,
    table: Int32,
    word_at: Int32,
    found_words: Int32,
    levels: UInt8,
    count: int,
) -> int:  # pragma: no cover - compiled
    """Append the context words after ``finish`` to ``found_words``; return the new count.

    The words are appended to ``found_words`` and ``levels`` from index ``count`` on.  Words in
    brackets directly after the candidate are NEAR: ``13800138000（手机）``.  All others are NONE
    and can only contradict.  The count is at most 12.
    """
    place = finish
    mapped = finish
    floor = at
    bracket = folded[place] == 40 or folded[place] == 91
    while place - finish < WINDOW_AFTER and count < 12:
        byte = folded[place]
        flag = flags[byte]
        if flag & _STOP:
            break
        place += 1
        if byte == 41 or byte == 93:
            bracket = False
        if flag & _WORD_END:
            at = skip_code_points(data, at, limit, place - mapped)
            mapped = place
            word, _ = word_before(data, at, floor, table, word_at)
            if word >= 0:
                found_words[count] = word
                levels[count] = NEAR if bracket else NONE
                count += 1
    return count


@inner
def _is_process_id(
    folded: UInt8, data: UInt8, begin: int, finish: int, at: int
) -> bool:  # pragma: no cover - compiled
    """Return True if the label is a program name with a process id: ``QQ[10018]``, ``QQ.10018``.

    The candidate has at most 5 characters, and ``[``, ``(`` or ``.`` follows a Latin letter before
    it.
    """
    before = data[at - 1]
    if finish - begin > 5 or not (before == 91 or before == 40 or before == 46):
        return False
    letter = folded[begin - 2] | 32
    return bool(97 <= letter <= 122)


@kernel
def _find_context(  # noqa: C901 - one pass over candidates
    folded: UInt8,
    data: UInt8,
    offsets: Int64,
    recognizer: Int16,
    begin: Int64,
    finish: Int64,
    text: Int64,
    byte_start: Int64,
    byte_end: Int64,
    word_ends: Int64,
    labelled: Bool,
    flags: UInt8,
    table: Int32,
    word_at: Int32,
    recognizer_bits: UInt64,
    word: Int32,
    nearness: UInt8,
    against: Int32,
    found_words: Int32,
    levels: UInt8,
) -> None:  # pragma: no cover - compiled
    """Write each candidate's context word, its nearness and its contradicting word.

    Candidates are ordered by start.  Those whose recognizer the column header names (``labelled``)
    are skipped, because the header outweighs every word.

    Args:
        begin, finish: span of each candidate in folded code points
        text: text number of each candidate
        byte_start, byte_end: the same span in bytes of ``data``
        word_ends: ordered code points at which a word may end
        recognizer_bits: ``uint64[word, 0 supports | 1 contradicts, group of 64 recognizers]``
        word, nearness, against: outputs, one entry a candidate
        found_words, levels: scratch arrays for the words around one candidate
    """
    before_count = 0
    total = 0
    next_end = 0
    last_begin = last_finish = np.int64(-1)
    for index in range(len(begin)):
        while next_end < len(word_ends) and word_ends[next_end] < begin[index] - WINDOW:
            next_end += 1
        if next_end == len(word_ends) or word_ends[next_end] >= finish[index] + WINDOW_AFTER:
            continue  # no word can end anywhere near: the usual case in tables
        if labelled[recognizer[index]]:
            continue  # the column header outweighs any word
        same_start = last_begin == begin[index]
        if not same_start:
            before_count = _words_before(
                folded, data, begin[index], byte_start[index], offsets[text[index]],
                flags, table, word_at, found_words, levels,
            )  # fmt: skip
        if not same_start or finish[index] != last_finish:
            total = _words_after(
                folded, data, finish[index], byte_end[index], offsets[text[index] + 1],
                flags, table, word_at, found_words, levels, before_count,
            )  # fmt: skip
        last_begin = begin[index]
        last_finish = finish[index]
        group = recognizer[index] // 64
        bit = np.uint64(recognizer[index] % 64)
        for number in range(total):
            current = found_words[number]
            if (recognizer_bits[current, 0, group] >> bit) & np.uint64(1) and levels[number] > 0:
                level = levels[number]
                if number > 0 and level > 1:
                    level = 1 if level == 2 else 4  # another word is nearer
                if level == 3 and _is_process_id(
                    folded, data, begin[index], finish[index], byte_start[index]
                ):
                    level = 2
                if nearness[index] == 0:
                    word[index] = current
                    nearness[index] = level
            if (recognizer_bits[current, 1, group] >> bit) & np.uint64(1) and against[index] < 0:
                against[index] = current


#: A label with another label between it and the value (「微信手机号：」 for 微信).
FAR_LABEL: Final = 4


@dataclass(frozen=True, slots=True)
class Context:
    """Context of each candidate: supporting word, its nearness, and contradicting word.

    ``word`` and ``against`` are word numbers, -1 for none.  ``nearness`` is NONE, NEAR, NEAREST,
    LABEL or FAR_LABEL.
    """

    word: Int32
    nearness: UInt8
    against: Int32


def find_context(
    folded: UInt8,
    data: UInt8,
    offsets: Int64,
    candidates: Candidates,
    span_offsets: Offsets,
    word_ends: Int64,
    labelled: Bool,
    trie: ContextWords,
    alphabet: Alphabet,
) -> Context:
    """Return for each candidate its supporting word, nearness and contradicting word.

    Args:
        folded: folded text, one byte a code point
        data: UTF-8 bytes of all texts
        offsets: byte offset at which each text starts in ``data``
        candidates: spans ordered by start
        span_offsets: the spans of ``candidates`` as text numbers, code points and bytes
        word_ends: ordered code points of ``folded`` at which a word may end
        labelled: ``bool[recognizer]``, True if the column header names the recognizer
        trie: the context words of the catalogue
    """
    count = len(candidates.start)
    found = Context(
        np.full(count, -1, np.int32), np.zeros(count, np.uint8), np.full(count, -1, np.int32)
    )
    if count and trie.words:
        flags = _byte_flags(alphabet)
        _find_context(
            folded, data, offsets, candidates.recognizer, candidates.start, candidates.end,
            span_offsets.text, span_offsets.byte_start, span_offsets.byte_end,
            word_ends, labelled, flags, trie.table, trie.word_at, trie.recognizer_bits,
            found.word, found.nearness, found.against,
            np.empty(12, np.int32), np.empty(12, np.uint8),
        )  # fmt: skip
    return found
