"""Roles of findings in running text: recipient, sender, customer, from the role word before them.

``收：张三 19900000008 … 寄：示例商贸 0731-80000001`` -> recipient for the first two values, sender
for the others.  The next role word, a blank line or the end of the text ends the range of a role
word.  Its range is at most :data:`MAX_ROLE_DISTANCE` characters.

The words are in vocabulary.yaml.  ``text`` words count everywhere.  ``mark`` words (收, 寄, 客户)
count only when separated from other words.  ``mark`` and ``stem`` words count with a noun after
them (收件电话).  ``lead`` words (快递员, also a profession) count with no other word before them.
Layouts: GB/T 41833-2022 (areas of recipient and sender) and printed waybills of couriers.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, Int64, UInt8
from piiscan.detect.context.role_words import ANYWHERE, LEADING, SET_OFF, RoleWords
from piiscan.detect.context.word_trie import WordTrie, retreat, word_before
from piiscan.detect.matching.alphabet import BREAK, KIND_BREAK, KIND_OTHER, SKIP, Alphabet
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import FoldedTexts, Offsets, skip_code_points
from piiscan.jit import inlined, inner, kernel

#: Longest distance from a role word to the start of a finding, in code points.
MAX_ROLE_DISTANCE: Final = 200
#: Flags of a folded byte for role words, as bits.
_WORD: Final = 1
_BLANK: Final = 2
_LINE: Final = 4
_DIGIT: Final = 8
_OPEN: Final = 16
_ROUND_OPEN: Final = 32
_ROUND_CLOSE: Final = 64


class RoleSearch(NamedTuple):
    """Arrays of a search for role words.

    Attributes:
        flags: flags of each folded byte
        trie: trie of the role words
        role, position: role number and required position of each word
        last_pairs: ``bool[byte * 256 + byte before]``, True for the last two bytes of a role word
        without_role: ``bool[recognizer]``, True for values without a role
    """

    flags: UInt8
    trie: WordTrie
    role: Int16
    position: UInt8
    last_pairs: Bool
    without_role: Bool

    @classmethod
    def of(cls, words: RoleWords, alphabet: Alphabet) -> RoleSearch:
        """Return the arrays for ``words`` in texts folded by ``alphabet``."""
        return cls(
            flags=_role_byte_flags(alphabet),
            trie=words.trie,
            role=words.role,
            position=words.position,
            last_pairs=words.sieve(alphabet).end_pairs,
            without_role=words.without_role,
        )


def _role_byte_flags(alphabet: Alphabet) -> UInt8:
    """Return the flags of each folded byte for role words (``uint8[256]``)."""
    flags = np.zeros(256, np.uint8)
    flags[(alphabet.kind != KIND_OTHER) & (alphabet.kind != KIND_BREAK)] |= _WORD
    flags[48:58] |= _DIGIT
    flags[[32, 9, 13, SKIP]] |= _BLANK
    flags[[10, BREAK]] |= _LINE
    flags[[int(alphabet.table[ord(mark)]) for mark in "([{<【〔《「"]] |= _OPEN
    flags[ord("(")] |= _ROUND_OPEN
    flags[ord(")")] |= _ROUND_CLOSE
    return flags


@inlined
def _is_position_allowed(
    folded: UInt8, first: int, last: int, position: int, flags: UInt8
) -> bool:  # pragma: no cover - compiled
    """Return True if role word ``folded[first:last + 1]`` is where ``position`` requires it.

    In ``13900000008(收)`` the bracketed word belongs to the number before it: always False.
    """
    before = flags[folded[first - 1]]
    after = flags[folded[last + 1]]
    if (
        before & _ROUND_OPEN and after & _ROUND_CLOSE
    ):  # 13900000008(收): the word belongs to the number
        place = first - 2
        while flags[folded[place]] & _BLANK:
            place -= 1
        return not flags[folded[place]] & _DIGIT
    if position == ANYWHERE:
        return True
    if position == LEADING:
        return not before & _WORD
    if (before | after) & _WORD:
        return False
    if position == SET_OFF:
        return True
    place = first - 1
    while flags[folded[place]] & _BLANK or flags[folded[place]] & _OPEN:
        place -= 1
    if flags[folded[place]] & _LINE:
        return True
    place = last + 1
    while flags[folded[place]] & _BLANK:
        place += 1
    return not flags[folded[place]] & (_LINE | _WORD)


@inner
def write_roles(  # noqa: C901 - one pass over candidates and places where words may end
    texts: FoldedTexts,
    candidates: Candidates,
    span_offsets: Offsets,
    word_ends: Int64,
    search: RoleSearch,
    role: Int16,
) -> int:  # pragma: no cover - compiled
    """Write to ``role`` the role of candidates after each role word; return their number.

    Candidates are ordered by start.  For each one, the nearest role word before it counts.  A blank
    line, another text or MAX_ROLE_DISTANCE ends the range of a word.

    Args:
        span_offsets: the spans of ``candidates`` as text numbers, code points and bytes
        word_ends: ordered code points at which a word may end
        role: output, one entry a candidate
    """
    folded, data, offsets, starts = texts.folded, texts.data, texts.offsets, texts.starts
    begin, text, byte_start = candidates.start, span_offsets.text, span_offsets.byte_start
    flags, last_pairs = search.flags, search.last_pairs
    role[:] = -1
    count = 0
    next_end = 0  # index of the first word end not yet examined
    row = 0  # the next candidate
    current_text = np.int64(-1)
    role_end = np.int64(-1)  # end of the current role word, -1: none
    scanned = np.int64(0)  # end of the text already searched for a blank line
    current_role = np.int16(-1)
    line_empty = False
    while row < len(begin):
        if role_end < 0:  # no role to assign: go to the next word end
            if next_end == len(word_ends):
                break
            step = 1
            while row + step < len(begin) and begin[row + step] <= word_ends[next_end]:
                row += step
                step *= 2
            while row < len(begin) and begin[row] <= word_ends[next_end]:
                row += 1
            if row == len(begin):
                break
        first = begin[row]
        if text[row] != current_text:
            current_text = text[row]
            role_end = np.int64(-1)
        last = next_end
        while last < len(word_ends) and word_ends[last] < first:
            last += 1
        byte = byte_start[row]
        mapped = first
        for back in range(last - 1, next_end - 1, -1):  # the nearest word counts
            place = word_ends[back]
            if first - place > MAX_ROLE_DISTANCE or place < starts[current_text]:
                break
            if not last_pairs[(np.uint32(folded[place]) << np.uint32(8)) | folded[place - 1]]:
                continue
            byte = retreat(data, byte, offsets[current_text], mapped - place - 1)
            mapped = place + 1
            word, points = word_before(data, byte, offsets[current_text], search.trie)
            if word >= 0 and _is_position_allowed(
                folded, mapped - points, place, search.position[word], flags
            ):
                role_end = scanned = np.int64(place)
                current_role = search.role[word]
                line_empty = False
                break
        next_end = last
        if role_end >= 0 and first - role_end > MAX_ROLE_DISTANCE:
            role_end = np.int64(-1)
        while role_end >= 0 and scanned < first:
            flag = flags[folded[scanned]]
            if flag & _LINE:
                if line_empty:
                    role_end = np.int64(-1)
                line_empty = True
            elif not flag & _BLANK:
                line_empty = False
            scanned += 1
        if role_end >= 0 and not search.without_role[candidates.recognizer[row]]:
            role[row] = current_role
            count += 1
        row += 1
    return count


@kernel
def write_bracketed_roles(
    texts: FoldedTexts,
    candidates: Candidates,
    span_offsets: Offsets,
    search: RoleSearch,
    role: Int16,
) -> int:  # pragma: no cover - compiled
    """Write to ``role`` the roles of ``13900000008(收)``, word after number; return their number.

    The word has at most 8 characters.  ``role``: output, one entry a candidate.
    """
    folded, flags = texts.folded, search.flags
    recognizer, _, finish, _ = candidates
    text, byte_end = span_offsets.text, span_offsets.byte_end
    count = 0
    for at in range(len(finish)):
        end = finish[at]
        if not flags[folded[end]] & _ROUND_OPEN or search.without_role[recognizer[at]]:
            continue
        place = end + 1
        while place - end <= 8 and flags[folded[place]] & _WORD:
            place += 1
        if flags[folded[place]] & _ROUND_CLOSE:
            limit = texts.offsets[text[at] + 1]
            byte = skip_code_points(texts.data, byte_end[at], limit, place - end)
            word, points = word_before(texts.data, byte, byte_end[at], search.trie)
            if word >= 0 and points == place - end - 1:
                role[at] = search.role[word]
                count += 1
    return count


@inner
def any_bracket_closes(
    folded: UInt8, word_ends: Int64, flags: UInt8
) -> bool:  # pragma: no cover - compiled
    """Return True if a bracket closes directly after any of ``word_ends``."""
    for at in word_ends:  # noqa: SIM110 - a kernel has no generators
        if flags[folded[at + 1]] & _ROUND_CLOSE:
            return True
    return False
