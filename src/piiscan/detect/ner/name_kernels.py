# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of the name finder: model input, conditions of span rules, mentions, and scores.

``张三住在示例路1号`` -> code points -> 张三 (person), 示例路1号 (address), each with its score.
"""

from typing import TYPE_CHECKING

import cython
import numpy as np
from cython.cimports.libc.math import rint
from cython.cimports.libc.stdint import int16_t, int64_t, uint32_t, uint64_t
from cython.cimports.piiscan.detect.checks import CONTEXT_AGAINST, REFUTED, Judgement, judgement_of
from cython.cimports.piiscan.detect.context.context_numbers import LABEL
from cython.cimports.piiscan.detect.context.context_words import Context, context_of
from cython.cimports.piiscan.detect.matching.match_kernels import *
from cython.cimports.piiscan.detect.ner.find_names import *
from cython.cimports.piiscan.detect.ner.model.network_numbers import ORGANIZATION, PERSON
from cython.cimports.piiscan.detect.ner.model_input import ModelInputOut, model_input_out
from cython.cimports.piiscan.detect.ner.name_spans import *
from cython.cimports.piiscan.detect.ner.repeated_mentions import MIN_REPEATED
from cython.cimports.piiscan.detect.scoring.candidate_score import *
from cython.cimports.piiscan.detect.scoring.overlap_resolution import REFUSED
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays
from piiscan.detect.checks import Strength
from piiscan.detect.scoring import score_kernels

if TYPE_CHECKING:
    from piiscan.detect import checks
    from piiscan.detect.context import context_words
    from piiscan.detect.matching import offsets
    from piiscan.detect.ner import find_names, model_input, name_spans
    from piiscan.detect.scoring import candidate_score

#: Fewest Hanzi outside pattern spans in a text that can have a name.
_MIN_HANZI = cython.declare(cython.int, 2)
#: Longest cell to examine, in code points: longer ones are more than a place.
_MAX_CELL = cython.declare(int64_t, 32)
#: Leading characters by which names are looked up.
_HEAD = cython.declare(int64_t, 3)
#: Fewest characters of a confident name of a firm that is repeated, and the lowest scores.
_MIN_FIRM = cython.declare(int64_t, 4)
_MIN_PERSON_SCORE = cython.declare(cython.double, 0.85)
_MIN_FIRM_SCORE = cython.declare(cython.double, 0.7)

_SURE = cython.declare(cython.double, score_kernels.REFUTED_LABELLED)
_LOW = cython.declare(cython.double, score_kernels.LOW)
_LABELLED = cython.declare(cython.double, score_kernels.LABELLED)
_WITH_LABEL = cython.declare(cython.double, score_kernels.SCORE_WITH_WORD[Strength.HIGH])


def find_readable_texts(
    folded: arrays.UInt8,
    starts: arrays.Int64,
    claimed: arrays.Bool,
    kind: arrays.UInt8,
    found: arrays.Int64,
) -> tuple[int, int]:
    """Write the numbers of texts with two Hanzi outside ``claimed`` to ``found``.

    Return how many they are, and their length in code points.
    """
    texts: cython.Py_ssize_t = len(starts) - 1
    source: UInt8 = uint8(folded)
    begins: Int64 = int64(starts)
    hidden: Bool = boolean(claimed)
    kinds: UInt8 = uint8(kind)
    out: Int64Out = int64_out(found)
    count: int64_t = 0
    size: int64_t = 0
    hanzi: cython.int
    with cython.nogil:
        for text in range(texts):
            hanzi = 0
            for place in range(begins[text], begins[text + 1] - 1):
                byte_kind = kinds[source[place]]
                if (byte_kind == KIND_HAN or byte_kind == KIND_HAN_DIGIT) and not hidden[place]:
                    hanzi += 1
                    if hanzi == _MIN_HANZI:
                        out[count] = text
                        count += 1
                        size += begins[text + 1] - 1 - begins[text]
                        break
    return count, size


def decode_texts(
    source: offsets.FoldedTexts,
    claimed: arrays.Bool,
    texts: arrays.Int64,
    out: model_input.ModelInput,
) -> int:
    """Write the code points of ``texts`` to ``out``, invalid UTF-8 as U+FFFD.

    Zero-width characters are left out. Return the number of code points.
    """
    folded: FoldedTexts = folded_texts_of(source)
    hidden: Bool = boolean(claimed)
    count: cython.Py_ssize_t = len(texts)
    numbers: Int64 = int64(texts)
    decoded: ModelInputOut = model_input_out(out)
    data: UInt8 = folded.data
    size: int64_t = 0
    width: int64_t
    byte: uint32_t
    code: uint32_t
    with cython.nogil:
        for row in range(count):
            text = numbers[row]
            at = folded.offsets[text]
            end = folded.offsets[text + 1]
            here = folded.starts[text]
            while at < end:
                byte = data[at]
                code = 0xFFFD
                width = 1
                if byte < 0x80:
                    code = byte
                elif 0xE0 <= byte < 0xF0 and at + 2 < end:
                    code = (byte & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)
                    width = 3
                elif 0xC0 <= byte < 0xE0 and at + 1 < end:
                    code = (byte & 0x1F) << 6 | (data[at + 1] & 0x3F)
                    width = 2
                elif byte >= 0xF0 and at + 3 < end:
                    code = (byte & 0x07) << 18 | (data[at + 1] & 0x3F) << 12
                    code |= (data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F)
                    if code > 0x10FFFF:  # malformed; Python has no such character
                        code = 0xFFFD
                    width = 4
                if folded.folded[here] != SKIP:
                    decoded.codes[size] = code
                    decoded.position[size] = here - folded.starts[text]
                    decoded.taken[size] = hidden[here]
                    size += 1
                at += width
                here += 1
            decoded.offsets[row + 1] = size
    return size


def trim_ends(
    codes: arrays.UInt32, begin: arrays.Int64, stop: arrays.Int64, strict: arrays.Bool
) -> None:
    """Drop blanks from both ends of the spans ``codes[begin:stop]``, in place.

    ``strict``: True for spans of which signs (②, <, emoji) are dropped too.
    """
    rows: cython.Py_ssize_t = len(begin)
    points: UInt32 = uint32(codes)
    begins: Int64Out = int64_out(begin)
    stops: Int64Out = int64_out(stop)
    signs_too: Bool = boolean(strict)
    with cython.nogil:
        for row in range(rows):
            while stops[row] > begins[row] and _is_outside(points[stops[row] - 1], signs_too[row]):
                stops[row] -= 1
            while stops[row] > begins[row] and _is_outside(points[begins[row]], signs_too[row]):
                begins[row] += 1


@cython.cfunc
@cython.nogil
def _is_outside(code: uint32_t, strict: cython.bint) -> cython.bint:
    """Return True for a control character or blank, and if ``strict`` for other signs.

    Those begin and end no name.
    """
    if code <= 32 or code == 0xA0 or code == 0x3000 or code == 0xFEFF:
        return True
    return strict and (
        0x2190 <= code < 0x25A0
        or 0x2600 <= code < 0x2E80
        or 0x1F000 <= code < 0x20000
        or code == 60  # <
        or code == 62  # >
        or code == 124  # |
        or code == 35  # number sign
        or 0x300C <= code < 0x3012  # 「」『』【】
        or 0x201C <= code < 0x201E  # quotes
    )


def mark_chars(codes: arrays.UInt32, table: arrays.Bool, marks: arrays.Bool) -> None:
    """Set ``marks[i]`` to True if ``codes[i]`` is in the ``code_table`` ``table``."""
    count: cython.Py_ssize_t = len(codes)
    points: UInt32 = uint32(codes)
    chars: Bool = boolean(table)
    out: BoolOut = boolean_out(marks)
    with cython.nogil:
        for at in range(count):
            out[at] = chars[_in_plane(points[at])]


def has_char(codes: arrays.UInt32, table: arrays.Bool) -> bool:
    """Return True if one of ``codes`` is in the ``code_table`` ``table``."""
    count: cython.Py_ssize_t = len(codes)
    points: UInt32 = uint32(codes)
    chars: Bool = boolean(table)
    for at in range(count):
        if chars[_in_plane(points[at])]:
            return True
    return False


@cython.cfunc
@cython.inline
@cython.nogil
def _in_plane(code: uint32_t) -> uint32_t:
    """Return the code point, or U+FFFF for one beyond the BMP."""
    return min(65535, code)


Spans = cython.struct(rows=cython.Py_ssize_t, begin=Int64, stop=Int64, kind=Int8)


def rules_with_signs(
    codes: arrays.UInt32,
    begin: arrays.Int64,
    stop: arrays.Int64,
    kind: arrays.Int8,
    conditions: name_spans.RuleConditions,
) -> tuple[int, int]:
    """Return the bits of the rules that need no sign or have one in ``codes``.

    Also return those of them that :func:`rules_with_spans` returns for the spans.
    """
    count: cython.Py_ssize_t = len(codes)
    size: uint32_t = len(conditions[0])
    points: UInt32 = uint32(codes)
    spans: Spans
    tables: RuleConditions = rule_conditions_of(conditions)
    bits: uint32_t = tables.signs[0]
    met: uint32_t
    spans.rows, spans.begin, spans.stop = len(begin), int64(begin), int64(stop)
    spans.kind = int8(kind)
    with cython.nogil:
        for at in range(count):
            if points[at] < size:
                bits |= tables.signs[points[at]]
        met = bits & _bits_of_spans(points, count, cython.address(spans), cython.address(tables))
    return bits, met


def rules_with_spans(
    codes: arrays.UInt32,
    begin: arrays.Int64,
    stop: arrays.Int64,
    kind: arrays.Int8,
    conditions: name_spans.RuleConditions,
) -> int:
    """Return the bits of the rules that need no span or have one that meets their conditions.

    An empty span meets those on the characters.
    """
    points: UInt32 = uint32(codes)
    spans: Spans
    tables: RuleConditions = rule_conditions_of(conditions)
    spans.rows, spans.begin, spans.stop = len(begin), int64(begin), int64(stop)
    spans.kind = int8(kind)
    return _bits_of_spans(points, len(codes), cython.address(spans), cython.address(tables))


@cython.cfunc
@cython.nogil
def _bits_of_spans(
    points: UInt32,
    count: int64_t,
    spans: cython.pointer[Spans],
    tables: cython.pointer[RuleConditions],
) -> uint32_t:
    """Return the bits of the rules that need no span or have one that meets their conditions."""
    bits: uint32_t = tables.free[0]
    for row in range(spans.rows):
        length = spans.stop[row] - spans.begin[row]
        met = tables.kinds[spans.kind[row]] & tables.lengths[min(length, LONG_SPAN)]
        if length > 0:
            met &= tables.ends[_in_plane(points[spans.stop[row] - 1])]
            met &= tables.begins[_in_plane(points[spans.begin[row]])]
            if spans.stop[row] < count:
                met &= tables.follows[_in_plane(points[spans.stop[row]])]
            else:
                met &= tables.follows[0xFFFF]
        bits |= met
    return bits


def write_limits(
    offsets: arrays.Int64, begin: arrays.Int64, stop: arrays.Int64, limits: arrays.Int64
) -> None:
    """Write the first of the next span and the end of the text to ``limits``; spans in order."""
    rows: cython.Py_ssize_t = len(begin)
    bounds: Int64 = int64(offsets)
    begins: Int64 = int64(begin)
    stops: Int64 = int64(stop)
    out: Int64Out = int64_out(limits)
    text: int64_t = 0
    with cython.nogil:
        for row in range(rows):
            while bounds[text] < stops[row]:
                text += 1
            out[row] = bounds[text]
            if row + 1 < rows:
                out[row] = min(out[row], begins[row + 1])


def find_candidate_cells(
    codes: arrays.UInt32, offsets: arrays.Int64, signs: arrays.Bool, texts: arrays.Int64
) -> int:
    """Write the short texts with a Hanzi first and one of ``signs`` inside; return their number."""
    count: int64_t = 0
    cells: cython.Py_ssize_t = len(offsets) - 1
    points: UInt32 = uint32(codes)
    bounds: Int64 = int64(offsets)
    chars: Bool = boolean(signs)
    out: Int64Out = int64_out(texts)
    with cython.nogil:
        for text in range(cells):
            first, last = bounds[text], bounds[text + 1]
            if not 0 < last - first <= _MAX_CELL or not 0x4E00 <= points[first] < 0xA000:
                continue
            for at in range(first, last):
                if chars[_in_plane(points[at])]:
                    out[count] = text
                    count += 1
                    break
    return count


@cython.cfunc
@cython.nogil
def _repeatable_names(
    bounds: Int64, spans: cython.pointer[Spans], scores: Float64, out: Int64Out
) -> int64_t:
    """Write the confident names that their text may repeat; return their number.

    A text shorter than two names, such as a cell, cannot repeat one.
    """
    count: int64_t = 0
    text: int64_t = 0
    for row in range(spans.rows):
        length = spans.stop[row] - spans.begin[row]
        if not (
            spans.kind[row] == PERSON
            and length >= MIN_REPEATED
            and scores[row] >= _MIN_PERSON_SCORE
        ) and not (
            spans.kind[row] == ORGANIZATION
            and length >= _MIN_FIRM
            and scores[row] >= _MIN_FIRM_SCORE
        ):
            continue
        while bounds[text + 1] <= spans.begin[row]:
            text += 1
        if bounds[text + 1] - bounds[text] >= 2 * length:
            out[count] = row
            count += 1
    return count


def find_mentions(
    codes: arrays.UInt32,
    offsets: arrays.Int64,
    begin: arrays.Int64,
    stop: arrays.Int64,
    kind: arrays.Int8,
    score: arrays.Float64,
    starts: arrays.Int64,
    names: arrays.Int64,
) -> int:
    """Write further mentions of confident names to ``starts``, the names' rows to ``names``.

    Of several names with the same first three characters only the first is searched. So the cost
    is linear in the length of the text. Return the number of mentions.

    Args:
        begin, stop, kind, score: all spans, in order
        starts, names: outputs
    """
    spans: cython.Py_ssize_t = len(begin)
    rows: object = np.empty(spans, np.int64)
    points: UInt32 = uint32(codes)
    bounds: Int64 = int64(offsets)
    begins: Int64 = int64(begin)
    stops: Int64 = int64(stop)
    numbers: Int64Out = int64_out(rows)
    tagged: Spans
    tagged.rows, tagged.begin, tagged.stop, tagged.kind = spans, begins, stops, int8(kind)
    wanted: int64_t = _repeatable_names(bounds, cython.address(tagged), float64(score), numbers)
    if wanted == 0:
        return 0
    out_starts: Int64Out = int64_out(starts)
    out_names: Int64Out = int64_out(names)
    scratch: object = np.empty(_table_size(wanted), np.int64)
    table: Int64Out = int64_out(scratch)
    count: int64_t = 0
    at: int64_t = 0
    span: int64_t = 0
    text: int64_t = 0
    with cython.nogil:
        while at < wanted:
            while bounds[text + 1] <= begins[numbers[at]]:
                text += 1
            end = bounds[text + 1]
            last = at
            while last < wanted and begins[numbers[last]] < end:
                last += 1
            size = _table_size(last - at)
            _hash_names(points, begins, numbers + at, last - at, table, size)
            place = bounds[text]
            while place + _HEAD <= end:
                while span < spans and stops[span] <= place:
                    span += 1
                room = end
                if span < spans:
                    if begins[span] <= place:
                        place = stops[span]
                        continue
                    room = min(end, begins[span])
                name = table[_slot(points, begins, table, size, place)]
                if (
                    name >= 0
                    and place + stops[name] - begins[name] <= room
                    and _equal_chars(points, begins[name], place, stops[name] - begins[name])
                ):
                    out_starts[count] = place
                    out_names[count] = name
                    count += 1
                    place += stops[name] - begins[name]
                else:
                    place += 1
            at = last
    return count


@cython.cfunc
@cython.nogil
def _table_size(rows: int64_t) -> int64_t:
    """Return the number of slots of a hash table of ``rows`` names."""
    size: int64_t = 4
    while size < 2 * rows:
        size *= 2
    return size


@cython.cfunc
@cython.nogil
def _hash_names(
    codes: UInt32, begin: Int64, rows: Int64, count: int64_t, table: Int64Out, size: int64_t
) -> cython.void:
    """Fill the hash table of the names ``rows``, keyed by their first three characters."""
    for slot in range(size):
        table[slot] = -1
    for row in range(count):
        slot = _slot(codes, begin, table, size, begin[rows[row]])
        if table[slot] < 0:
            table[slot] = rows[row]


@cython.cfunc
@cython.nogil
def _slot(codes: UInt32, begin: Int64, table: Int64, size: int64_t, place: int64_t) -> int64_t:
    """Return the slot of the name that starts like the text at ``place``, or a free slot."""
    mixed: uint64_t = 0
    slot: int64_t
    for each in range(_HEAD):
        mixed = (mixed ^ codes[place + each]) * cython.cast(uint64_t, 0x9E3779B97F4A7C15)
    slot = (mixed >> 40) & (size - 1)
    while table[slot] >= 0 and not _equal_chars(codes, begin[table[slot]], place, _HEAD):
        slot = (slot + 1) & (size - 1)
    return slot


@cython.cfunc
@cython.nogil
def _equal_chars(codes: UInt32, one: int64_t, other: int64_t, length: int64_t) -> cython.bint:
    """Return True if ``length`` code points at ``one`` and at ``other`` are equal."""
    each: int64_t = 0
    while each < length and codes[one + each] == codes[other + each]:
        each += 1
    return each == length


@cython.cfunc
@cython.nogil
def _is_name(names: cython.pointer[Names], row: int64_t, tagged: Int16) -> cython.bint:
    """Return True if span ``row`` was not dropped, and a recognizer reports its kind."""
    return names.stop[row] > names.begin[row] and tagged[names.kind[row]] >= 0


def count_names(
    names: find_names.Names,
    offsets: arrays.Int64,
    distinct: arrays.Int64,
    tagged: arrays.Int16,
    first: arrays.Int64,
) -> int:
    """Count the names of all texts, and write the first span of each distinct text to ``first``.

    ``offsets``: code point at which each distinct text starts, and the end. ``distinct``: number of
    the distinct text of each text. ``tagged``: recognizer of each kind of span, -1 for none.
    """
    found: Names = names_of(names)
    bounds: Int64 = int64(offsets)
    bound_count: cython.Py_ssize_t = len(offsets)
    texts: cython.Py_ssize_t = len(distinct)
    distincts: Int64 = int64(distinct)
    recognizers: Int16 = int16(tagged)
    firsts: Int64Out = int64_out(first)
    count: int64_t = 0
    row: int64_t = 0
    with cython.nogil:
        for number in range(bound_count):
            while row < found.rows and found.begin[row] < bounds[number]:
                row += 1
            firsts[number] = row
        for number in range(texts):
            for row in range(firsts[distincts[number]], firsts[distincts[number] + 1]):
                count += _is_name(cython.address(found), row, recognizers)
    return count


def repeat_names(
    names: find_names.Names,
    first: arrays.Int64,
    texts: find_names.Texts,
    tagged: arrays.Int16,
    out: find_names.TaggedNames,
) -> None:
    """Write the names of each distinct text for every text that is equal to it.

    ``first``: index of the first span of each distinct text. ``texts``: texts to read, distinct
    text of each, positions of code points, and starts of all texts.
    """
    source: Names = names_of(names)
    firsts: Int64 = int64(first)
    read: Texts = texts_of(texts)
    recognizers: Int16 = int16(tagged)
    names_out: TaggedNamesOut = tagged_names_out(out)
    found: CandidatesOut = names_out.candidates
    at: int64_t = 0
    with cython.nogil:
        for number in range(read.rows):
            base = read.starts[read.text[number]]
            for row in range(firsts[read.distinct[number]], firsts[read.distinct[number] + 1]):
                if not _is_name(cython.address(source), row, recognizers):
                    continue
                found.recognizer[at] = recognizers[source.kind[row]]
                found.start[at] = base + read.position[source.begin[row]]
                found.end[at] = base + read.position[source.stop[row] - 1] + 1
                found.leading_digits[at] = 0
                names_out.confidence[at] = rint(source.score[row] * 1000) / 1000
                names_out.masked[at] = source.masked[row]
                at += 1


def score_names(
    recognizer: arrays.Int16,
    judgement: checks.Judgement,
    context: context_words.Context,
    confidence: arrays.Float64,
    labelled: arrays.Bool,
    out: candidate_score.CandidateScores,
    winner: arrays.Int64,
) -> None:
    """Write the scores of names, and to ``winner`` each name itself unless it is refused."""
    rows: cython.Py_ssize_t = len(confidence)
    recognizers: Int16 = int16(recognizer)
    judged: Judgement = judgement_of(judgement)
    near: Context = context_of(context)
    confidences: Float64 = float64(confidence)
    with_label: Bool = boolean(labelled)
    scored: CandidateScoresOut = candidate_scores_out(out)
    winners: Int64Out = int64_out(winner)
    row: cython.Py_ssize_t
    score: cython.double
    reason: int16_t
    own_label: cython.bint
    direct: cython.bint
    with cython.nogil:
        for row in range(rows):
            score, reason = confidences[row], 0
            own_label = with_label[recognizers[row]]
            direct = near.nearness[row] == LABEL
            if score >= _LOW:
                if own_label:
                    score = _LABELLED
                elif direct and score < _WITH_LABEL:
                    score = _WITH_LABEL
            if near.against[row] >= 0 and not direct and not own_label:
                score, reason = min(score, _LOW), CONTEXT_AGAINST
            scored.refused[row] = judged.verdict[row] == REFUTED
            if scored.refused[row]:
                score, reason = 0, judged.reason[row]
            scored.score[row] = score
            scored.reason[row] = reason
            scored.priority[row] = 0
            winners[row] = REFUSED if scored.refused[row] else row
