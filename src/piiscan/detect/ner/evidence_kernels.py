# mypy: ignore-errors
# cython: infer_types=True
"""Kernel of the evidence of names that are words: ``业主高原 138…`` -> 高原, its evidence, points.

It reads all texts once. Words that are not bounded as names are, or have few points, cost nothing
more.
"""

from typing import TYPE_CHECKING

import cython
import numpy as np
from cython.cimports.libc.stdint import int64_t, uint32_t
from cython.cimports.piiscan.detect.ner.model.network_numbers import ADDRESS, PERSON
from cython.cimports.piiscan.detect.ner.name_evidence import *
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

if TYPE_CHECKING:
    from piiscan.detect.ner import name_evidence

#: Most signs and blanks between a label and a name, or a name and the next value.
_MAX_GAP = cython.declare(int64_t, 4)


#: Longest label and word behind a name.
_MAX_LABEL = cython.declare(int64_t, 12)
_UNDERSCORE = cython.declare(int64_t, 95)
_MAX_FOLLOWER = cython.declare(int64_t, 4)
#: Score from which a person stands without evidence.
_SURE = cython.declare(cython.double, 0.5)
_VERY_SURE = cython.declare(cython.double, 0.95)
#: Code points on each side of a word in which a value counts.
_NEAR = cython.declare(int64_t, 24)
#: More points than any evidence has.
_MOST_POINTS = cython.declare(int64_t, 10_000)
_LINE_FEED = cython.declare(uint32_t, 10)
_FULL_STOP = cython.declare(uint32_t, 0x3002)
_OF = cython.declare(uint32_t, 0x7684)  # 的 in 一个叫高原的人
_LIST_SIGN = cython.declare(uint32_t, 0x3001)
_OPENING = cython.declare(uint32_t, 0x3010)  # 【 of the sender of a message
_CLOSING = cython.declare(uint32_t, 0x3011)
_ROUND = cython.declare(uint32_t, 0xFF08)


Texts = cython.struct(
    codes=UInt32,
    offsets=Int64,
    taken=Bool,
    begin=Int64,
    stop=Int64,
    kind=Int8,
    score=Float64,
    text_count=int64_t,
    span_count=int64_t,
)
Word = cython.struct(
    at=int64_t,  # first character
    stop=int64_t,
    evidence=int64_t,
    points=int64_t,
    first=int64_t,  # of its text
    last=int64_t,
    floor=int64_t,  # end of the span before it, or start of its text
    limit=int64_t,  # start of the span behind it, or end of its text
    before=int64_t,  # span before it, -1 for none
    after=int64_t,
)


#: Facts about a text, -1 for one that is not known yet.
Facts = cython.struct(has_stop=cython.int, has_value=cython.int)


@cython.cclass
class EvidenceSearch:
    """Search for words that evidence makes names, in texts with their spans."""

    arrays: object  # keeps the arrays of all pointers below
    tables: EvidenceTables

    def __init__(self, tables: name_evidence.EvidenceTables):
        """Take the tables of a catalogue."""
        self.arrays = tables
        self.tables = evidence_tables_of(tables)

    def label_length(self, codes: arrays.UInt32, at: int64_t, floor: int64_t) -> int:
        """Return the length of the longest label of a person that ends at ``at``, 0 for none."""
        points: UInt32 = uint32(codes)
        return _ends_label(cython.address(self.tables), points, at, floor)

    def find(
        self,
        codes: arrays.UInt32,
        offsets: arrays.Int64,
        taken: arrays.Bool,
        begin: arrays.Int64,
        stop: arrays.Int64,
        kind: arrays.Int8,
        score: arrays.Float64,
    ) -> list[list[int]]:
        """Return (begin, stop, evidence, points) of each word with enough points.

        Points are those of the evidence without that of the word's form.

        Args:
            codes: code points of all texts
            offsets: index at which each text starts, and the end
            taken: True for code points inside the span of a pattern
            begin, stop, kind, score: spans in text order
        """
        texts: Texts
        texts.text_count, texts.span_count = len(offsets) - 1, len(begin)
        texts.codes, texts.offsets, texts.taken = uint32(codes), int64(offsets), boolean(taken)
        texts.begin, texts.stop, texts.kind = int64(begin), int64(stop), int8(kind)
        texts.score = float64(score)
        few: int64_t[FEW_NUMBERS]
        count: int64_t
        with cython.nogil:
            count = _find_all(cython.address(self.tables), cython.address(texts), few, FEW_WORDS)
        if count <= FEW_WORDS:
            return [[few[4 * row + each] for each in range(4)] for row in range(count)]
        found = np.empty((count, 4), np.int64)
        out: Int64Out = int64_out(found)
        with cython.nogil:
            _find_all(cython.address(self.tables), cython.address(texts), out, count)
        return found.tolist()


@cython.cfunc
@cython.nogil
def _find_all(
    tables: cython.pointer[EvidenceTables],
    texts: cython.pointer[Texts],
    out: Int64Out,
    room: int64_t,
) -> int64_t:
    """Write the first ``room`` words with enough points to ``out``; return the number of all."""
    points: UInt32 = texts.codes
    count: int64_t = 0
    row: int64_t = 0  # first span that ends behind the place
    last_row: int64_t = -1  # last span before it that is not dropped
    facts: Facts
    first: int64_t
    last: int64_t
    at: int64_t
    ahead: int64_t
    word: Word
    for text in range(texts.text_count):
        first, last = texts.offsets[text], texts.offsets[text + 1]
        facts.has_stop = facts.has_value = -1
        at = first
        while at < last - 1:
            if not tables.flags[min(points[at], 65535)] & SURNAME:
                at += 1
                continue
            while row < texts.span_count and (texts.stop[row] <= at or _is_absent(texts, row)):
                if not _is_absent(texts, row):
                    last_row = row
                row += 1
            if row < texts.span_count and texts.begin[row] <= at:
                at = texts.stop[row]
                continue
            if not texts.taken[at]:
                word.at, word.first, word.last = at, first, last
                ahead = row
                while ahead < texts.span_count and _is_absent(texts, ahead):
                    ahead += 1
                word.before, word.after = last_row, ahead
                word.floor = max(first, texts.stop[last_row]) if last_row >= 0 else first
                word.limit = min(last, texts.begin[ahead]) if ahead < texts.span_count else last
                word.points, word.stop, word.evidence = -_MOST_POINTS, at, 0
                _judge(tables, texts, cython.address(word), cython.address(facts))
                if word.points >= tables.limits[0]:
                    if count < room:
                        out[4 * count] = at
                        out[4 * count + 1] = word.stop
                        out[4 * count + 2] = word.evidence
                        out[4 * count + 3] = word.points
                    count += 1
                    at = word.stop
                    continue
            at += 1
    return count


@cython.cfunc
@cython.nogil
def _judge(
    tables: cython.pointer[EvidenceTables],
    texts: cython.pointer[Texts],
    word: cython.pointer[Word],
    facts: cython.pointer[Facts],
) -> cython.void:
    """Set stop, evidence and points of the best word that begins at ``word.at``, if it has any."""
    points: UInt32 = texts.codes
    at: int64_t = word.at
    edge: int64_t = at
    stop: int64_t
    left: int64_t
    evidence: int64_t
    total: int64_t
    follower: int64_t
    surname: int64_t = 1
    bounded: cython.bint
    listed: cython.bint = False
    label: cython.int = 0
    if (
        at > word.first
        and points[at - 1] == _OPENING
        and not (
            (at + 2 < word.last and points[at + 2] == _CLOSING)
            or (at + 3 < word.last and points[at + 3] == _CLOSING)
        )
    ):
        return
    if not _may_stop(tables, texts, at, word.limit):
        return
    while edge > word.floor and at - edge < _MAX_GAP and _is_gap(tables, texts, edge - 1, GAP):
        edge -= 1
        listed |= _is_gap(tables, texts, edge, LISTING)
    bounded = edge < at or at == word.floor or not _is_free_hanzi(texts, at - 1)
    if edge > word.floor and not listed and _is_gap(tables, texts, edge - 1, LABEL_ENDING):
        label = _label_before(tables, points, edge, word.floor)
        if points[edge - 1] < 128 and (edge == at or not _assigns(points[edge])):
            label = 0
    left = 0
    if label > 0:
        left |= 1 << (LABEL if edge < at else GLUED)
        if label > 1:
            left |= 1 << PERSON_LABEL
    elif not bounded:
        if not tables.flags[min(points[at - 1], 65535)] & INTRODUCER:
            return
        if at - 1 == word.floor or not _is_free_hanzi(texts, at - 2):
            left |= 1 << INTRODUCED
        if tables.flags[min(points[at - 1], 65535)] & NAMING:
            left |= 1 << NAMED
    if edge == word.first or points[edge - 1] == _LINE_FEED or points[edge - 1] == _CLOSING:
        left |= 1 << FIRST
    if word.before >= 0 and texts.stop[word.before] >= word.first:
        if texts.kind[word.before] == PERSON and texts.stop[word.before] == edge and edge < at:
            left |= 1 << AFTER_NAME
            if edge == at - 1 and points[edge] == _LIST_SIGN:
                if _is_sure(texts, word.before):
                    left |= 1 << LIST
    if _is_pair(tables.surname_pairs, tables.surname_count, points, at):
        surname = 2
    for stop in range(at + 2, at + 3 + surname):
        if (
            stop > word.limit
            or not _is_free_hanzi(texts, stop - 1)
            or not _is_free_hanzi(texts, at)
        ):
            break
        bounded = stop == word.limit or not _is_free_hanzi(texts, stop)
        follower = _follower(tables, points, stop, word.last)
        if not bounded and follower < 0 and not (left >> NAMED & 1 and points[stop] == _OF):
            continue
        if tables.flags[points[stop - 1]] & NO_ENDING or tables.flags[points[at]] & NO_START:
            continue
        evidence = left
        if follower >= 0 and not (bounded and follower == VERB):
            evidence |= 1 << follower
        end = stop
        while (
            end < word.limit
            and end - stop < _MAX_GAP
            and _is_gap(tables, texts, end, GAP | CLOSING)
        ):
            end += 1
        if end == word.last or points[end] == _LINE_FEED:
            evidence |= 1 << LAST
        elif end == word.limit:
            if texts.kind[word.after] == PERSON and end > stop:
                evidence |= 1 << BEFORE_NAME
                if end == stop + 1 and points[stop] == _LIST_SIGN:
                    if _is_sure(texts, word.after):
                        evidence |= 1 << LIST
            elif texts.kind[word.after] == ADDRESS:
                evidence |= 1 << BEFORE_ADDRESS
        elif texts.taken[end]:
            evidence |= 1 << BEFORE_VALUE
        if _is_number(texts, stop, word.last):
            evidence |= 1 << BEFORE_NUMBER
        if stop - at > surname + 1:
            evidence |= 1 << LONG
        if _is_form_word(tables, points, at, stop):
            evidence |= 1 << FORM_WORD
        if facts.has_value < 0:
            facts.has_value = _has_value(texts, word.first, word.last)
        if facts.has_value and _is_near_value(texts, at, stop, word.first, word.last):
            evidence |= 1 << NEAR_VALUE
            if _is_tagged(texts, word.after, at, stop):
                evidence |= 1 << TAGGED
        if facts.has_stop < 0:
            facts.has_stop = _has_char(points, word.first, word.last, _FULL_STOP)
        if facts.has_stop:
            evidence |= 1 << SENTENCE
            if _is_prose(evidence) or (
                stop < word.limit and _opens_sentence(evidence, points[stop])
            ):
                evidence |= 1 << PROSE
        if not bounded and follower == VERB and _needs_bound(evidence):
            continue  # 客户满意的, 前台都在
        total = 0
        for follower in range(EVIDENCE_KINDS):
            if evidence >> follower & 1:
                total += tables.points[follower]
        if total > word.points:
            word.points, word.evidence, word.stop = total, evidence, stop


@cython.cfunc
@cython.nogil
def _may_stop(
    tables: cython.pointer[EvidenceTables],
    texts: cython.pointer[Texts],
    at: int64_t,
    limit: int64_t,
) -> cython.bint:
    """Return True if a word of two to four characters from ``at`` on can end as names do."""
    for stop in range(at + 1, min(at + 5, limit)):
        if not _is_free_hanzi(texts, stop):
            return stop > at + 1
        if stop > at + 1 and tables.flags[texts.codes[stop]] & FOLLOWING:
            return True
    return limit <= at + 4


@cython.cfunc
@cython.nogil
def _is_prose(evidence: int64_t) -> cython.bint:
    """Return True if evidence from a text of sentences is one of those that mislead there."""
    if evidence & (1 << GLUED | 1 << LIST) and not evidence >> NEAR_VALUE & 1:
        return True
    return evidence >> TITLE & 1 and not evidence & (1 << FIRST | 1 << LABEL)


@cython.cfunc
@cython.nogil
def _opens_sentence(evidence: int64_t, sign: uint32_t) -> cython.bint:
    """Return True for the first word of a line before a comma and a name: 经查，张伟."""
    beside = evidence & (1 << FIRST | 1 << BEFORE_NAME | 1 << LABEL | 1 << GLUED)
    return (sign == 44 or sign == 0xFF0C) and beside == (1 << FIRST | 1 << BEFORE_NAME)


@cython.cfunc
@cython.nogil
def _needs_bound(evidence: int64_t) -> cython.bint:
    """Return True behind a label that need not mean a person, without a value near by."""
    return evidence & (1 << GLUED | 1 << PERSON_LABEL | 1 << NEAR_VALUE) == 1 << GLUED


@cython.cfunc
@cython.nogil
def _is_sure(texts: cython.pointer[Texts], row: int64_t) -> cython.bint:
    """Return True for a name that is no word by itself: three characters, or a high score."""
    return texts.stop[row] - texts.begin[row] > 2 or texts.score[row] > _VERY_SURE


@cython.cfunc
@cython.nogil
def _is_absent(texts: cython.pointer[Texts], row: int64_t) -> cython.bint:
    """Return True for a span that was dropped, and for a doubtful person: evidence may find it."""
    if texts.stop[row] == texts.begin[row]:
        return True
    return texts.kind[row] == PERSON and texts.score[row] < _SURE


@cython.cfunc
@cython.nogil
def _is_tagged(
    texts: cython.pointer[Texts], row: int64_t, at: int64_t, stop: int64_t
) -> cython.bint:
    """Return True if the word ``[at, stop)`` is a doubtful person before span ``row``."""
    while row > 0 and texts.begin[row - 1] >= at:
        row -= 1
        if texts.begin[row] == at and texts.stop[row] == stop:
            return True
    return False


@cython.cfunc
@cython.nogil
def _is_free_hanzi(texts: cython.pointer[Texts], at: int64_t) -> cython.bint:
    """Return True for a Hanzi outside the spans of patterns."""
    return 0x4E00 <= texts.codes[at] < 0xA000 and not texts.taken[at]


@cython.cfunc
@cython.nogil
def _is_gap(
    tables: cython.pointer[EvidenceTables],
    texts: cython.pointer[Texts],
    at: int64_t,
    flags: cython.int,
) -> cython.bint:
    """Return True for a sign or blank with one of ``flags`` outside the spans of patterns."""
    return (tables.flags[min(texts.codes[at], 65535)] & flags) != 0 and not texts.taken[at]


@cython.cfunc
@cython.nogil
def _label_before(
    tables: cython.pointer[EvidenceTables], points: UInt32, at: int64_t, floor: int64_t
) -> cython.int:
    """Return 2 for a label that ends at ``at`` and names a person, 1 for another label, else 0."""
    personal: cython.int = 1
    if points[at - 1] < 128 or tables.flags[min(points[at - 1], 65535)] & PERSONAL_ENDING:
        personal = 2
    if at - 1 > floor and _is_digit(points[at - 1]):
        at -= 1  # 联系人2：高原
    return personal if _ends_label(tables, points, at, floor) > 0 else 0


@cython.cfunc
@cython.nogil
def _is_digit(code: uint32_t) -> cython.bint:
    """Return True for a digit."""
    return 48 <= code < 58


@cython.cfunc
@cython.nogil
def _ends_label(
    tables: cython.pointer[EvidenceTables], points: UInt32, at: int64_t, floor: int64_t
) -> int64_t:
    """Return the length of the longest label that ends at ``at``, 0 for none.

    A Latin one begins behind no letter and no underscore.
    """
    mixed: int64_t = 0
    found: int64_t = 0
    place: int64_t = at
    if at - 1 <= floor or (
        points[at - 2] != 32
        and points[at - 2] != 0x3000
        and not tables.label_ends[
            (_base_of(points[at - 2]) * END_FACTOR ^ _base_of(points[at - 1])) & 0xFFFF
        ]
    ):
        return 0
    while place > floor and at - place < _MAX_LABEL:
        place -= 1
        if points[place] == 32 or points[place] == 0x3000:
            continue  # 户 主
        mixed = (mixed ^ _base_of(points[place])) * HASH_FACTOR
        if points[place] < 128 and place > floor:
            if points[place - 1] == _UNDERSCORE or _is_letter(points[place - 1]):
                continue
        if index_of(tables.labels, tables.label_count, mixed) >= 0:
            found = at - place
    return found


@cython.cfunc
@cython.nogil
def _assigns(sign: uint32_t) -> cython.bint:
    """Return True if ``sign`` may stand between a Latin label and its value: ``name=张三``."""
    return sign == 58 or sign == 61 or sign == 34 or sign == 39 or sign == 0xFF1A


@cython.cfunc
@cython.nogil
def _is_letter(code: uint32_t) -> cython.bint:
    """Return True for a Latin letter."""
    return 97 <= (code | 32) <= 122


@cython.cfunc
@cython.nogil
def _base_of(code: uint32_t) -> uint32_t:
    """Return a code point in lower case, and a full-width sign as its narrow form."""
    if code == 0x3000:
        return 32
    if 0xFF01 <= code < 0xFF5F:
        code -= 0xFEE0
    return code + 32 if 65 <= code <= 90 else code


@cython.cfunc
@cython.nogil
def _follower(
    tables: cython.pointer[EvidenceTables], points: UInt32, at: int64_t, last: int64_t
) -> int64_t:
    """Return the evidence of the longest word that begins at ``at`` behind a name, -1 for none."""
    mixed: int64_t = 0
    found: int64_t = -1
    place: int64_t = at
    if at == last or not tables.flags[min(points[at], 65535)] & FOLLOWING:
        return -1
    while place < last and place - at < _MAX_FOLLOWER:
        mixed = (mixed ^ _base_of(points[place])) * HASH_FACTOR
        place += 1
        index = index_of(tables.followers, tables.follower_count, mixed)
        if index < 0:
            continue
        found = tables.follower_kinds[index]
        if found == SEX and place < last and 0x4E00 <= points[place] < 0xA000:
            found = -1  # 高原，女儿
    return found


@cython.cfunc
@cython.nogil
def _is_pair(pairs: Int64, count: int64_t, points: UInt32, at: int64_t) -> cython.bint:
    """Return True if the two characters at ``at`` are one of the sorted ``pairs``."""
    wanted: int64_t = cython.cast(int64_t, points[at]) << PAIR_SHIFT | points[at + 1]
    return index_of(pairs, count, wanted) >= 0


@cython.cfunc
@cython.nogil
def _is_form_word(
    tables: cython.pointer[EvidenceTables], points: UInt32, at: int64_t, stop: int64_t
) -> cython.bint:
    """Return True for an ordinary word of forms, or a longer word that begins or ends as one."""
    return _is_pair(tables.form_pairs, tables.form_count, points, at) or (
        stop - at > 2 and _is_pair(tables.form_pairs, tables.form_count, points, stop - 2)
    )


@cython.cfunc
@cython.nogil
def _is_number(texts: cython.pointer[Texts], at: int64_t, last: int64_t) -> cython.bint:
    """Return True if digits outside the spans of patterns follow, also in brackets."""
    if at < last and (texts.codes[at] == 40 or texts.codes[at] == _ROUND):
        at += 1
    return at < last and _is_digit(texts.codes[at]) and not texts.taken[at]


@cython.cfunc
@cython.nogil
def _is_near_value(
    texts: cython.pointer[Texts], at: int64_t, stop: int64_t, first: int64_t, last: int64_t
) -> cython.bint:
    """Return True if a span of a pattern is near the word ``[at, stop)`` on its line."""
    place: int64_t = at - 1
    while place >= max(first, at - _NEAR) and texts.codes[place] != _LINE_FEED:
        if texts.taken[place]:
            return True
        place -= 1
    place = stop
    while place < min(last, stop + _NEAR) and texts.codes[place] != _LINE_FEED:
        if texts.taken[place]:
            return True
        place += 1
    return False


@cython.cfunc
@cython.nogil
def _has_value(texts: cython.pointer[Texts], first: int64_t, last: int64_t) -> cython.bint:
    """Return True if the text ``[first, last)`` has a span of a pattern."""
    for at in range(first, last):
        if texts.taken[at]:
            return True
    return False


@cython.cfunc
@cython.nogil
def _has_char(points: UInt32, first: int64_t, last: int64_t, code: uint32_t) -> cython.bint:
    """Return True if one of the code points ``[first, last)`` is ``code``."""
    for at in range(first, last):
        if points[at] == code:
            return True
    return False
