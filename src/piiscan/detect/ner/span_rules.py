"""Span rules: corrections of the model's spans, and names that the model misses.

``王先生`` -> form of address, a surname alone -> no name, ``谢某系`` -> 谢某, ``张三 (Zhang San)``
-> also Zhang San.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int64, UInt32
from piiscan.data import region_names, surnames
from piiscan.detect.catalog.recognizer import TAGGED
from piiscan.detect.ner.cell_addresses import (
    extend_to_masks,
    find_cell_addresses,
    firms_to_addresses,
    is_region_name,
)
from piiscan.detect.ner.model.tagger import ADDRESS, ORGANIZATION, PERSON, Spans
from piiscan.detect.ner.model_input import text_of, trim_blanks
from piiscan.detect.ner.repeated_mentions import find_repeated_mentions
from piiscan.detect.scoring.candidate_score import LOW, SCORE_WITH_WORD

#: Titles after a surname (王先生), and prefixes before one (老王).
_TITLE: Final = re.compile(
    "先生|女士|小姐|太太|夫人|老师|師傅|师傅|老師|同志|同学|同學|医生|醫生|大夫|护士|教授|博士|律师|律師|警官|法官"
    "|检察官|主任|总?经理|總?經理|董事长|老板|主席|书记|总统|总理|首相|外长|[部局厅处科院校所省市县镇乡村社站队连排班组]长"
    "|教练|记者|工程师|总工|阿姨|叔叔|爷爷|奶奶|伯伯|大[爷妈姐哥叔娘]|[总總姐哥工嫂婶叔伯]"
)
_FAMILIAR: Final = "小老阿大"
#: Share of people, in percent, from which a surname makes 老王 a form of address; 老舍 is a name.
_MIN_SURNAME_SHARE: Final = 0.3
#: Signs after 某 that distinguish several people: 李某甲.
_NAME_SUFFIXES: Final = "某甲乙丙丁戊己庚辛壬癸0123456789"
#: Kind number of forms of address, after the kinds of the tagger.
NICKNAME: Final = TAGGED.index("nickname")
#: Last characters of regions; an organisation with only a region as name is none.
_REGION_ENDINGS: Final = np.array(
    [ord(char) for char in "省市区县州盟旗镇乡道會县縣區鎮鄉"], np.uint32
)
_TOWN: Final = re.compile("[\u4e00-\u9fff]{1,5}(?:镇|乡|街道|鎮|鄉)")
_NAMELESS_FIRM: Final = re.compile("某(?!某)[\u4e00-\u9fff]{0,9}?(?:公司|集团)")
#: A department after its firm, and ethnic groups and party members tagged as organisations.
_OFFICE: Final = re.compile("(?<=公司|集团|银行)[\u4e00-\u9fff]{1,8}[部科处室]$")
_GROUP: Final = re.compile("[\u4e00-\u9fff]{1,5}族|[\u4e00-\u9fff]{1,4}党员")
_OFFICE_ENDINGS: Final = np.array([ord(char) for char in "部科处室族员"], np.uint32)
#: Two or more Latin words, after a name or before a title.
_LATIN_WORDS: Final = r"(?:[A-Z][A-Za-z'’.\-]{0,20},? {1,2}){1,4}[A-Z][A-Za-z'’.\-]{0,20}"
_LATIN: Final = re.compile(rf"[ \u3000]?[（(\[]?({_LATIN_WORDS})(?![A-Za-z0-9@])")
_LATIN_TITLED: Final = re.compile(
    rf"(?<![A-Za-z0-9@.])({_LATIN_WORDS}) ?(?:先生|女士|小姐|太太|教授|博士|律师|律師)$"
)
_FIRST_OF_TITLE: Final = np.array([ord(char) for char in "先女小太教博律"], np.uint32)
_MAX_LATIN: Final = 64
_OPENING: Final = np.array([ord(char) for char in " \u3000（(["], np.uint32)


def apply_span_rules(
    codes: UInt32, offsets: Int64, taken: Bool, spans: Spans
) -> tuple[Int64, Int64, Int8, Float64]:
    """Correct and complete the tagger's ``spans``.  Return (begin, end, kind, score) arrays.

    Blanks at both ends are dropped.  A span that a rule removes becomes empty (begin equals end).

    Args:
        codes: code points of all texts
        offsets: index at which each text starts
        taken: True for code points inside the span of a pattern
    """
    begin, stop = spans.start.copy(), spans.end.copy()
    trim_blanks(codes, begin, stop)
    kind, score = spans.kind.copy(), spans.score.astype(np.float64)
    _end_anonymous_names(codes, begin, stop, kind == PERSON)
    limit = np.minimum(np.append(begin[1:], len(codes)), offsets[np.searchsorted(offsets, stop)])
    for row in np.flatnonzero((kind == PERSON) & (stop - begin <= 2)).tolist():
        first, last = int(begin[row]), int(stop[row])
        text = text_of(codes, first, min(last + 3, int(limit[row])))
        end = _form_of_address_end(text, last - first)
        if end:
            kind[row], score[row], stop[row] = NICKNAME, LOW, first + end
        elif last - first == 1:
            stop[row] = first  # a surname alone
    _end_firms(codes, begin, stop, kind == ORGANIZATION)
    extend_to_masks(codes, offsets, (begin, stop, kind, score))
    firms_to_addresses(codes, offsets, (begin, stop, kind, score))
    regions = _bare_regions(codes, begin, stop, kind)
    stop[regions] = begin[regions]
    result = begin, stop, kind, score
    more = [
        *_latin_names_after(codes, limit, result),
        *_titled_latin_names(codes, offsets),
        *_nameless_firms(codes, offsets, result),
    ]
    more += [
        *find_repeated_mentions(codes, offsets, result),
        *find_cell_addresses(codes, offsets, result),
    ]
    return _add_free_spans(sorted(set(more)), taken, result)


def _form_of_address_end(text: str, length: int) -> int:
    """Return the end of the form of address (张先生) that begins ``text``; 0 if there is none.

    ``length``: length of the name at the start.  ``王先生``, 1 -> 3; ``老王``, 2 -> 2.
    """
    title = _TITLE.match(text, length)
    if title and (length == 1 or text[:2] in surnames()):
        return title.end()
    familiar = (
        length == 2 and text[0] in _FAMILIAR and surnames().get(text[1], 0.0) >= _MIN_SURNAME_SHARE
    )
    return 2 if familiar else 0


def _end_anonymous_names(codes: UInt32, begin: Int64, stop: Int64, person: Bool) -> None:
    """End an anonymous name after 某 and its distinguishing sign, in place: ``谢某系`` -> 谢某."""
    for distance in (1, 2):
        at = np.minimum(begin + distance, len(codes) - 1)
        for row in np.flatnonzero(person & (codes[at] == ord("某")) & (stop > at + 1)).tolist():
            end = int(at[row]) + 1
            while end < stop[row] and chr(codes[end]) in _NAME_SUFFIXES:
                end += 1
            stop[row] = end


def _end_firms(codes: UInt32, begin: Int64, stop: Int64, firm: Bool) -> None:
    """End a firm before its department, in place: ``示例公司审计部`` -> 示例公司.

    An ethnic group (苗族), party members (党员) and single signs become empty.
    """
    stop[firm & (stop - begin == 1)] -= 1
    last = codes[np.maximum(stop - 1, 0)]
    for row in np.flatnonzero(firm & np.isin(last, _OFFICE_ENDINGS) & (stop > begin)).tolist():
        text = text_of(codes, int(begin[row]), int(stop[row]))
        inner = _OFFICE.search(text)
        if inner:
            stop[row] = begin[row] + inner.start()
        elif _GROUP.fullmatch(text):
            stop[row] = begin[row]


def _bare_regions(codes: UInt32, begin: Int64, stop: Int64, kind: Int8) -> Int64:
    """Return the rows of spans that are only the name of a region: 长沙市.

    For organisations, the region with its parents counts too: 湖南省长沙市.
    """
    last = codes[np.maximum(stop - 1, 0)]
    short = (stop - begin <= 15) & np.isin(last, _REGION_ENDINGS)
    rows = np.flatnonzero(short & ((kind == ORGANIZATION) | (kind == ADDRESS))).tolist()
    known = region_names()
    names = ((row, text_of(codes, int(begin[row]), int(stop[row]))) for row in rows)
    bare = (
        row
        for row, name in names
        if name in known or (kind[row] == ORGANIZATION and _is_region_path(name))
    )
    return np.fromiter(bare, np.int64)


def _is_region_path(name: str) -> bool:
    """Return True if ``name`` is a region with its parents, or a town: 湖南省长沙市, 示例镇."""
    known = region_names()
    return (
        name in known
        or _TOWN.fullmatch(name) is not None
        or any(name[:at] in known and _is_region_path(name[at:]) for at in range(2, len(name) - 1))
    )


def _add_free_spans(
    more: list[tuple[int, int, float, int]], taken: Bool, spans: tuple[Int64, Int64, Int8, Float64]
) -> tuple[Int64, Int64, Int8, Float64]:
    """Add the spans in ``more`` that overlap no other span and no ``taken`` position."""
    last_end = np.maximum.accumulate(np.append(0, spans[1]))
    free: list[tuple[int, int, float, int]] = []
    for span in more:
        start, end = span[:2]
        is_free = last_end[np.searchsorted(spans[0], end)] <= start and not taken[start:end].any()
        if is_free and (not free or start >= free[-1][1]):
            free.append(span)
    if not free:
        return spans
    begin, stop, kind, score = spans
    starts, ends, scores, kinds = zip(*free, strict=True)
    order = np.argsort(np.concatenate([begin, np.array(starts)]), kind="stable")
    return (
        np.concatenate([begin, np.array(starts, np.int64)])[order],
        np.concatenate([stop, np.array(ends, np.int64)])[order],
        np.concatenate([kind, np.array(kinds, np.int8)])[order],
        np.concatenate([score, np.array(scores)])[order],
    )


def _nameless_firms(
    codes: UInt32, offsets: Int64, spans: tuple[Int64, Int64, Int8, Float64]
) -> Iterator[tuple[int, int, float, int]]:
    """Yield (begin, end, score, kind) of firms without a name: ``长沙某医药公司``.

    Skips firms that overlap a person.  Other overlapping spans are emptied in place.
    """
    begin, stop, kind, _ = spans
    for row in np.flatnonzero(codes == ord("某")).tolist():
        text = int(np.searchsorted(offsets, row, "right")) - 1
        before = text_of(codes, max(int(offsets[text]), row - 4), row)
        rest = _NAMELESS_FIRM.match(text_of(codes, row, min(row + 14, int(offsets[text + 1]))))
        region_length = next(
            (each for each in (4, 3, 2) if len(before) >= each and is_region_name(before[-each:])),
            0,
        )
        if not rest or not region_length:
            continue
        start, end = row - region_length, row + rest.end()
        overlapping = slice(np.searchsorted(stop, start, "right"), np.searchsorted(begin, end))
        if not (kind[overlapping] == PERSON).any():
            stop[overlapping] = begin[overlapping]
            yield start, end, float(SCORE_WITH_WORD[1]), ORGANIZATION


def _latin_names_after(
    codes: UInt32, limit: Int64, spans: tuple[Int64, Int64, Int8, Float64]
) -> Iterator[tuple[int, int, float, int]]:
    """Yield (begin, end, score, kind) of Latin spellings after a name: ``张三 (Zhang San)``.

    ``limit``: the code point at which the next span or the end of the text follows each span.
    """
    begin, stop, kind, score = spans
    after = codes[np.minimum(stop, len(codes) - 1)]
    opened = (kind == PERSON) & (stop > begin) & (stop < limit) & np.isin(after, _OPENING)
    for row in np.flatnonzero(opened).tolist():
        base = int(stop[row])
        match = _LATIN.match(text_of(codes, base, min(base + _MAX_LATIN, int(limit[row]))))
        if match:
            yield base + match.start(1), base + match.end(1), float(score[row]), PERSON


def _titled_latin_names(codes: UInt32, offsets: Int64) -> Iterator[tuple[int, int, float, int]]:
    """Yield (begin, end, score, kind) of Latin names before a title: ``John Smith先生``."""
    before = codes[:-1]
    lettered = (before < 0x7B) & ((before >= 0x61) | ((before >= 0x41) & (before < 0x5B)))
    lettered[1:] |= (before[1:] == 0x20) & lettered[:-1]
    for row in np.flatnonzero(lettered & np.isin(codes[1:], _FIRST_OF_TITLE)).tolist():
        text = int(np.searchsorted(offsets, row, "right")) - 1
        base, stop = max(int(offsets[text]), row + 1 - _MAX_LATIN), int(offsets[text + 1])
        match = _LATIN_TITLED.search(text_of(codes, base, min(row + 3, stop)))
        if match:
            yield base + match.start(1), base + match.end(1), float(SCORE_WITH_WORD[2]), PERSON
