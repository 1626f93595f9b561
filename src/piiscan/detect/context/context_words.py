"""Context words: words near a candidate that support it, contradict it or label it directly.

A number alone is weak evidence; a word such as 手机 next to it raises or lowers its score.
``手机号：13800138000`` -> word 手机号, nearness LABEL.

The search reads up to 24 characters backwards from a candidate.  The end of a cell or sentence
stops it.  It also reads 12 characters after the candidate.  There, words in brackets support
it, and words anywhere contradict it.  Batch scans and the Presidio recognizer both use this module.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8, UInt64
from piiscan.detect.context.word_trie import (
    WINDOW,
    AccountWords,
    ContextWords,
    WordTrie,
    retreat,
    word_before,
)
from piiscan.detect.matching.alphabet import BREAK, KIND_DIGIT, KIND_LETTER, SKIP, Alphabet
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import FoldedTexts, Offsets, skip_code_points
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
FAR_LABEL: Final = 4  # a label, with another label between (「微信手机号：」 for 微信)
KEYED: Final = 5  # the name of a column of its recognizer, with a sign between: ``name=张三``
#: [nearness]: nearness of the same word if another context word is between it and the value.
_BEHIND_A_WORD: Final = np.array([NONE, NEAR, NEAR, FAR_LABEL, FAR_LABEL], np.uint8)

#: Flags of a folded byte for the search, as bits.
_WORD_END: Final = 1
_GAP: Final = 2
_STOP: Final = 4
_DIGIT: Final = 8
_LETTER: Final = 16
_LINE: Final = 32
_SKIPPED: Final = 64


class Context(NamedTuple):
    """Context of each candidate; word numbers and the like are -1 for none.

    Attributes:
        word: supporting word
        nearness: its nearness: NONE, NEAR, NEAREST, LABEL, FAR_LABEL or KEYED
        against: contradicting word
        implied: recognizer of the account that the value is as well (``13800138000微信同号``)
        label: code point at which the label of an account directly before the candidate starts
    """

    word: Int32
    nearness: UInt8
    against: Int32
    implied: Int16
    label: Int64


class ContextSearch(NamedTuple):
    """Arrays of a search for context words.

    Attributes:
        flags: flags of each folded byte
        recognizer_bits: ``uint64[word, 0 supports | 1 contradicts, group of 64 recognizers]``
        endings: ``bool[recognizer, folded byte]``, True for last bytes of words that support it
    """

    flags: UInt8
    trie: WordTrie
    recognizer_bits: UInt64
    accounts: AccountWords
    endings: Bool

    @classmethod
    def of(cls, words: ContextWords, alphabet: Alphabet) -> ContextSearch:
        """Return the arrays for ``words`` in texts folded by ``alphabet``."""
        return cls(
            _byte_flags(alphabet),
            words.trie,
            words.recognizer_bits,
            words.accounts,
            _endings(words, alphabet),
        )


class FoundWords(NamedTuple):
    """Numbers, nearness and first code points of the words around one candidate, at most 12."""

    number: Int32
    level: UInt8
    begin: Int64

    @classmethod
    def empty(cls) -> FoundWords:
        """Return the scratch arrays of a search."""
        return cls(np.empty(12, np.int32), np.empty(12, np.uint8), np.empty(12, np.int64))


def _endings(words: ContextWords, alphabet: Alphabet) -> Bool:
    """Return ``bool[recognizer, folded byte]``: last bytes of the words that support it."""
    support = words.recognizer_bits[:, 0]
    bits = np.unpackbits(support.view(np.uint8), axis=1, bitorder="little").astype(np.bool_)
    endings = np.zeros((bits.shape[1], 256), np.bool_)
    for number, texts in enumerate(words.endings_by_word()):
        forms = {form for text in texts for form in text[-1].lower() + text[-1].upper()}
        endings[np.ix_(bits[number], [alphabet.byte_of(form) for form in forms])] = True
    return endings


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
    texts: FoldedTexts, begin: int, at: int, floor: int, search: ContextSearch, found: FoundWords
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
        found: output
    """
    folded, data, flags = texts.folded, texts.data, search.flags
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
            word, points = word_before(data, at, floor, search.trie)
            if word >= 0:
                found.number[count] = word
                if only_gap and gaps <= MAX_GAP:
                    found.level[count] = LABEL
                else:
                    found.level[count] = NEAREST if no_number_between else NEAR
                place -= points
                found.begin[count] = place + 1
                count += 1
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
    texts: FoldedTexts,
    finish: int,
    at: int,
    limit: int,
    search: ContextSearch,
    found: FoundWords,
    count: int,
) -> int:  # pragma: no cover - compiled
    """Append the context words after ``finish`` to ``found_words``; return the new count.

    The words are appended to ``found`` from index ``count`` on.  Words in
    brackets directly after the candidate are NEAR: ``13800138000（手机）``.  All others are NONE
    and can only contradict.  The count is at most 12.
    """
    folded, data, flags = texts.folded, texts.data, search.flags
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
            word, points = word_before(data, at, floor, search.trie)
            if word >= 0:
                found.number[count] = word
                found.begin[count] = place - points
                found.level[count] = NEAR if bracket else NONE
                count += 1
    return count


@kernel
def mark_labelled(
    folded: UInt8, candidates: Candidates, search: ContextSearch, out: Bool
) -> None:  # pragma: no cover - compiled
    """Set ``out[row]`` to False if no word of its recognizer can end directly before a candidate.

    The bytes are read as :func:`write_context` reads them for a LABEL, but no word is looked up.
    """
    flags, endings = search.flags, search.endings
    recognizer, begin, _, _ = candidates
    for row in range(len(begin)):
        place, gaps, first_break = begin[row] - 1, 0, True
        out[row] = False
        while begin[row] - place <= WINDOW and gaps <= MAX_GAP:
            byte = folded[place]
            if endings[recognizer[row], byte]:
                out[row] = True
                break
            if flags[byte] & _STOP:
                if not (flags[byte] & _LINE and first_break):
                    break
                first_break = False
            elif flags[byte] & _GAP:
                gaps += 1
            elif not flags[byte] & _SKIPPED:
                break
            place -= 1


@inner
def _is_process_id(
    folded: UInt8, data: UInt8, begin: int, finish: int, at: int
) -> bool:  # pragma: no cover - compiled
    """Return True if the label is a program name: ``QQ[10018]``, ``QQ.10018``, ``wx.request``.

    The candidate has at most 5 characters and ``[``, ``(`` or ``.`` follows a Latin letter before
    it, or it is a word of letters behind such a ``.``.
    """
    before = data[at - 1]
    letter = folded[begin - 2] | 32
    if not (97 <= letter <= 122 and (before == 91 or before == 40 or before == 46)):
        return False
    if finish - begin <= 5:
        return True
    for place in range(begin, finish):
        if not 97 <= folded[place] | 32 <= 122:
            return False
    return bool(before == 46)


@inlined
def _implied_account(
    folded: UInt8,
    finish: int,
    found: FoundWords,
    before_count: int,
    total: int,
    accounts: AccountWords,
    group: int,
    bit: Any,
    flags: UInt8,
) -> int:  # pragma: no cover - compiled
    """Return the recognizer of the account that a number is as well, -1 for none.

    A label of the account is directly before the number, or says so directly before or after it:
    ``微信：13800138000``, ``13800138000（微信同号）``.  ``group``, ``bit``: recognizer of the
    number.
    """
    for number in range(total):
        is_before = number < before_count
        if is_before and found.level[number] != LABEL:
            continue
        account = accounts.implied[found.number[number], 0 if is_before else 1]
        if account < 0 or not (accounts.numbers[account, group] >> bit) & np.uint64(1):
            continue
        if is_before:
            return int(account)
        only_gap = found.begin[number] - finish <= MAX_GAP
        for place in range(finish, found.begin[number]):
            only_gap = only_gap and flags[folded[place]] & (_GAP | _SKIPPED) != 0
        if only_gap:
            return int(account)
    return -1


@kernel
def write_context(  # noqa: C901 - one pass over candidates
    texts: FoldedTexts,
    candidates: Candidates,
    span_offsets: Offsets,
    word_ends: Int64,
    labelled: Bool,
    search: ContextSearch,
    found: FoundWords,
    out: Context,
) -> None:  # pragma: no cover - compiled
    """Write the context of each candidate.

    Candidates are ordered by start.  Those whose recognizer the column header names (``labelled``)
    get no word, because the header outweighs every word.

    Args:
        span_offsets: the spans of ``candidates`` as text numbers, code points and bytes
        word_ends: ordered code points at which a word may end
        found: scratch arrays for the words around one candidate
        out: output
    """
    folded, data, offsets = texts.folded, texts.data, texts.offsets
    recognizer, begin, finish, _ = candidates
    text, byte_start, byte_end = span_offsets.text, span_offsets.byte_start, span_offsets.byte_end
    recognizer_bits, accounts = search.recognizer_bits, search.accounts
    for index in range(len(begin)):
        out.word[index] = out.against[index] = out.implied[index] = out.label[index] = -1
        out.nearness[index] = NONE
    if len(recognizer_bits) == 0:
        return  # a catalogue without context words
    before_count = 0
    total = 0
    next_end = 0
    last_begin = last_finish = np.int64(-1)
    for index in range(len(begin)):
        while next_end < len(word_ends) and word_ends[next_end] < begin[index] - WINDOW:
            next_end += 1
        if next_end == len(word_ends) or word_ends[next_end] >= finish[index] + WINDOW_AFTER:
            continue  # no word can end anywhere near: the usual case in tables
        same_start = last_begin == begin[index]
        if not same_start:
            before_count = _words_before(
                texts, begin[index], byte_start[index], offsets[text[index]], search, found
            )
        if not same_start or finish[index] != last_finish:
            total = _words_after(
                texts, finish[index], byte_end[index], offsets[text[index] + 1],
                search, found, before_count,
            )  # fmt: skip
        last_begin = begin[index]
        last_finish = finish[index]
        group = recognizer[index] // 64
        bit = np.uint64(recognizer[index] % 64)
        out.implied[index] = _implied_account(
            folded, finish[index], found, before_count, total, accounts, group, bit, search.flags
        )
        if before_count > 0 and found.level[0] == LABEL and accounts.is_label[found.number[0]]:
            out.label[index] = found.begin[0]
        if labelled[recognizer[index]]:
            continue  # the column header outweighs any word
        for number in range(total):
            current, level = found.number[number], found.level[number]
            if (recognizer_bits[current, 0, group] >> bit) & np.uint64(1) and level > NONE:
                if number > 0:
                    level = _BEHIND_A_WORD[level]
                if level == LABEL and _is_process_id(
                    folded, data, begin[index], finish[index], byte_start[index]
                ):
                    level = NEAREST
                if out.nearness[index] == NONE:
                    out.word[index] = current
                    out.nearness[index] = level
            if (recognizer_bits[current, 1, group] >> bit) & np.uint64(1) and out.against[
                index
            ] < 0:
                out.against[index] = current
