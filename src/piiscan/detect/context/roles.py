"""Whose a finding in running text is: the role word before it, in the same block of lines.

``收：张三 19900000008 … 寄：示例商贸 0731-80000001`` is a recipient and a sender.  A role word
holds for what follows, up to the next role word, a blank line or the end of the text, for at most
:data:`REACH` characters.  Words stand in vocabulary.yaml: ``text`` counts wherever it stands,
``mark`` (收, 寄, 客户 …) only set off from other words, and both it and ``stem`` with a noun behind
it (收件电话); ``lead`` (快递员, also a profession) with no other word in front.
Layouts: GB/T 41833-2022 (areas of recipient and sender) and what couriers print.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8
from piiscan.detect.context.role_words import ANYWHERE, LEADING, SET_OFF, RoleWords
from piiscan.detect.context.word_trie import word_before
from piiscan.detect.matching.alphabet import BREAK, KIND_BREAK, KIND_OTHER, SKIP, Alphabet
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Places, advance
from piiscan.jit import inner, kernel, woven

#: How far behind a role word a finding can begin, in characters.
REACH: Final = 200
#: What a folded byte is to a role word, as bits.
_WORD: Final = 1
_BLANK: Final = 2
_LINE: Final = 4
_DIGIT: Final = 8
_OPEN: Final = 16
_ROUND_OPEN: Final = 32
_ROUND_CLOSE: Final = 64


def _traits(alphabet: Alphabet) -> UInt8:
    traits = np.zeros(256, np.uint8)
    traits[(alphabet.kind != KIND_OTHER) & (alphabet.kind != KIND_BREAK)] |= _WORD
    traits[48:58] |= _DIGIT
    traits[[32, 9, 13, SKIP]] |= _BLANK
    traits[[10, BREAK]] |= _LINE
    traits[[int(alphabet.table[ord(mark)]) for mark in "([{<【〔《「"]] |= _OPEN
    traits[ord("(")] |= _ROUND_OPEN
    traits[ord(")")] |= _ROUND_CLOSE
    return traits


@woven
def _stands(
    folded: UInt8, first: int, last: int, how: int, traits: UInt8
) -> bool:  # pragma: no cover - compiled
    """Whether the role word in ``folded[first:last + 1]`` stands as it must."""
    ahead = traits[folded[first - 1]]
    behind = traits[folded[last + 1]]
    if ahead & _ROUND_OPEN and behind & _ROUND_CLOSE:  # 13900000008(收): its own number's
        place = first - 2
        while traits[folded[place]] & _BLANK:
            place -= 1
        return not traits[folded[place]] & _DIGIT
    if how == ANYWHERE:
        return True
    if how == LEADING:
        return not ahead & _WORD
    if (ahead | behind) & _WORD:
        return False
    if how == SET_OFF:
        return True
    place = first - 1
    while traits[folded[place]] & _BLANK or traits[folded[place]] & _OPEN:
        place -= 1
    if traits[folded[place]] & _LINE:
        return True
    place = last + 1
    while traits[folded[place]] & _BLANK:
        place += 1
    return not traits[folded[place]] & (_LINE | _WORD)


@inner
def _back_by(data: UInt8, at: int, floor: int, points: int) -> int:  # pragma: no cover - compiled
    """The byte offset ``points`` code points before ``at``."""
    for _ in range(points):
        at -= 1
        while at > floor and (data[at] & 0xC0) == 0x80:
            at -= 1
    return at


@kernel
def _assign(  # noqa: C901 - one pass over candidates and places where words may end
    folded: UInt8,
    data: UInt8,
    offsets: Int64,
    starts: Int64,
    recognizer: Int16,
    begin: Int64,
    text: Int64,
    byte_start: Int64,
    ends: Int64,
    pairs: Bool,
    traits: UInt8,
    table: Int32,
    word_at: Int32,
    role_of: Int16,
    how: UInt8,
    without: Bool,
    role: Int16,
) -> int:  # pragma: no cover - compiled
    """Give ``role`` to what follows each role word; how many times that was."""
    count = 0
    number = 0  # the first place that is not dealt with
    at = 0  # the candidate behind it
    here = np.int64(-1)
    said = np.int64(-1)  # where the last role word ends, -1: there is none that still holds
    clear = np.int64(0)  # no blank line from there to here
    current = np.int16(-1)
    fresh = False
    while at < len(begin):
        if said < 0:  # nothing to give: on to the next place
            if number == len(ends):
                break
            step = 1
            while at + step < len(begin) and begin[at + step] <= ends[number]:
                at += step
                step *= 2
            while at < len(begin) and begin[at] <= ends[number]:
                at += 1
            if at == len(begin):
                break
        first = begin[at]
        if text[at] != here:
            here = text[at]
            said = np.int64(-1)
        last = number
        while last < len(ends) and ends[last] < first:
            last += 1
        byte = byte_start[at]
        known = first
        for back in range(last - 1, number - 1, -1):  # the nearest word counts
            place = ends[back]
            if first - place > REACH or place < starts[here]:
                break
            if not pairs[(np.uint32(folded[place]) << np.uint32(8)) | folded[place - 1]]:
                continue
            byte = _back_by(data, byte, offsets[here], known - place - 1)
            known = place + 1
            word, points = word_before(data, byte, offsets[here], table, word_at)
            if word >= 0 and _stands(folded, known - points, place, how[word], traits):
                said = clear = np.int64(place)
                current = role_of[word]
                fresh = False
                break
        number = last
        if said >= 0 and first - said > REACH:
            said = np.int64(-1)
        while said >= 0 and clear < first:
            trait = traits[folded[clear]]
            if trait & _LINE:
                if fresh:
                    said = np.int64(-1)
                fresh = True
            elif not trait & _BLANK:
                fresh = False
            clear += 1
        if said >= 0 and not without[recognizer[at]]:
            role[at] = current
            count += 1
        at += 1
    return count


@kernel
def _assign_behind(
    folded: UInt8,
    data: UInt8,
    offsets: Int64,
    recognizer: Int16,
    finish: Int64,
    text: Int64,
    byte_end: Int64,
    traits: UInt8,
    table: Int32,
    word_at: Int32,
    role_of: Int16,
    without: Bool,
    role: Int16,
) -> int:  # pragma: no cover - compiled
    """Give ``role`` to what has a role word in brackets right behind it: ``13900000008(收)``."""
    count = 0
    for at in range(len(finish)):
        end = finish[at]
        if not traits[folded[end]] & _ROUND_OPEN or without[recognizer[at]]:
            continue
        place = end + 1
        while place - end <= 8 and traits[folded[place]] & _WORD:
            place += 1
        if traits[folded[place]] & _ROUND_CLOSE:
            byte = advance(data, byte_end[at], offsets[text[at] + 1], place - end)
            word, points = word_before(data, byte, byte_end[at], table, word_at)
            if word >= 0 and points == place - end - 1:
                role[at] = role_of[word]
                count += 1
    return count


def roles_of(
    folded: UInt8,
    data: UInt8,
    offsets: Int64,
    starts: Int64,
    ends: Int64,
    candidates: Candidates,
    places: Places,
    words: RoleWords,
    pairs: Bool,
    alphabet: Alphabet,
) -> Int16 | None:
    """The role number of each candidate (ordered by start), -1 for none; None if all have none.

    ``ends``: where words may end in ``folded``, in order; ``pairs``: the last two of a
    role word, folded, as in a :class:`Sieve`.
    """
    if not len(ends):
        return None
    role = np.full(len(candidates.start), -1, np.int16)
    traits = _traits(alphabet)
    given = _assign(
        folded, data, offsets, starts, candidates.recognizer, candidates.start, places.text,
        places.byte_start, ends, pairs, traits, words.table, words.word_at, words.role,
        words.how, words.without, role,
    )  # fmt: skip
    if (traits[folded[ends + 1]] & _ROUND_CLOSE).any():
        given += _assign_behind(
            folded, data, offsets, candidates.recognizer, candidates.end, places.text,
            places.byte_end, traits, words.table, words.word_at, words.role,
            words.without, role,
        )  # fmt: skip
    return role if given else None
