"""What people are called: names, forms of address, anonymous names, names in Latin letters.

The tagger's spans are made into what the catalogue tells apart: 王先生 is a form of address,
a surname by itself is no name, 谢某 ends where it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int64, UInt32
from piiscan.data import region_names, surnames
from piiscan.detect.catalog.recognizer import TAGGED
from piiscan.detect.ner.cell_addresses import is_place, reach_masks, seat_firms, seats
from piiscan.detect.ner.model.tagger import ADDRESS, ORGANIZATION, PERSON, Spans
from piiscan.detect.ner.model_input import text_of, trim
from piiscan.detect.ner.repeated_mentions import said_again
from piiscan.detect.scoring.candidate_score import LOW, WITH_WORD

#: Behind a surname alone, and in front of one: 王先生, 老王.
_TITLE: Final = re.compile(
    "先生|女士|小姐|太太|夫人|老师|師傅|师傅|老師|同志|同学|同學|医生|醫生|大夫|护士|教授|博士|律师|律師|警官|法官"
    "|检察官|主任|总?经理|總?經理|董事长|老板|主席|书记|总统|总理|首相|外长|[部局厅处科院校所省市县镇乡村社站队连排班组]长"
    "|教练|记者|工程师|总工|阿姨|叔叔|爷爷|奶奶|伯伯|大[爷妈姐哥叔娘]|[总總姐哥工嫂婶叔伯]"
)
_FAMILIAR: Final = "小老阿大"
#: A surname that so many in a hundred have makes 老王 a form of address; 老舍 is a name.
_COMMON: Final = 0.3
#: What stands behind 某 where there are several: 李某甲.
_SEVERAL: Final = "某甲乙丙丁戊己庚辛壬癸0123456789"
#: The kind of forms of address, behind the tagger's own.
NICKNAME: Final = TAGGED.index("nickname")
#: How a place is called that governs; who is called only that is no organisation.
_REGION: Final = np.array([ord(char) for char in "省市区县州盟旗镇乡道會县縣區鎮鄉"], np.uint32)
_TOWN: Final = re.compile("[\u4e00-\u9fff]{1,5}(?:镇|乡|街道|鎮|鄉)")
_FIRM: Final = re.compile("某(?!某)[\u4e00-\u9fff]{0,9}?(?:公司|集团)")
#: A department, which is no part of its firm's name, and what is written as an organisation is.
_OFFICE: Final = re.compile("(?<=公司|集团|银行)[\u4e00-\u9fff]{1,8}[部科处室]$")
_PEOPLE: Final = re.compile("[\u4e00-\u9fff]{1,5}族|[\u4e00-\u9fff]{1,4}党员")
_LAST: Final = np.array([ord(char) for char in "部科处室族员"], np.uint32)
#: Two words or more in Latin letters, behind a name or before a title.
_WORDS: Final = r"(?:[A-Z][A-Za-z'’.\-]{0,20},? {1,2}){1,4}[A-Z][A-Za-z'’.\-]{0,20}"
_LATIN: Final = re.compile(rf"[ \u3000]?[（(\[]?({_WORDS})(?![A-Za-z0-9@])")
_LATIN_TITLED: Final = re.compile(
    rf"(?<![A-Za-z0-9@.])({_WORDS}) ?(?:先生|女士|小姐|太太|教授|博士|律师|律師)$"
)
_FIRST_OF_TITLE: Final = np.array([ord(char) for char in "先女小太教博律"], np.uint32)
_LONGEST_LATIN: Final = 64
_OPENING: Final = np.array([ord(char) for char in " \u3000（(["], np.uint32)


def divide(
    codes: UInt32, offsets: Int64, taken: Bool, spans: Spans
) -> tuple[Int64, Int64, Int8, Float64]:
    """Begin, end, kind and score of what the spans hold, without blanks at their ends."""
    begin, stop = spans.start.copy(), spans.end.copy()
    trim(codes, begin, stop)
    kind, score = spans.kind.copy(), spans.score.astype(np.float64)
    _end_anonymous(codes, begin, stop, kind == PERSON)
    limit = np.minimum(np.append(begin[1:], len(codes)), offsets[np.searchsorted(offsets, stop)])
    for row in np.flatnonzero((kind == PERSON) & (stop - begin <= 2)).tolist():
        first, last = int(begin[row]), int(stop[row])
        text = text_of(codes, first, min(last + 3, int(limit[row])))
        end = _form(text, last - first)
        if end:
            kind[row], score[row], stop[row] = NICKNAME, LOW, first + end
        elif last - first == 1:
            stop[row] = first  # a surname by itself
    _end_firms(codes, begin, stop, kind == ORGANIZATION)
    reach_masks(codes, offsets, (begin, stop, kind, score))
    seat_firms(codes, offsets, (begin, stop, kind, score))
    regions = _governs(codes, begin, stop, kind)
    stop[regions] = begin[regions]
    held = begin, stop, kind, score
    more = [*_again(codes, limit, held), *_titled(codes, offsets), *_firms(codes, offsets, held)]
    more += [*said_again(codes, offsets, held), *seats(codes, offsets, held)]
    return _joined(sorted(set(more)), taken, held)


def _form(text: str, length: int) -> int:
    """Where the form of address ends that begins with a name of ``length``; 0 if it is none."""
    title = _TITLE.match(text, length)
    if title and (length == 1 or text[:2] in surnames()):
        return title.end()
    familiar = length == 2 and text[0] in _FAMILIAR and surnames().get(text[1], 0.0) >= _COMMON
    return 2 if familiar else 0


def _end_anonymous(codes: UInt32, begin: Int64, stop: Int64, person: Bool) -> None:
    """Let 谢某 end where it does in 谢某系: behind 某, and what tells several of them apart."""
    for ahead in (1, 2):
        at = np.minimum(begin + ahead, len(codes) - 1)
        for row in np.flatnonzero(person & (codes[at] == ord("某")) & (stop > at + 1)).tolist():
            end = int(at[row]) + 1
            while end < stop[row] and chr(codes[end]) in _SEVERAL:
                end += 1
            stop[row] = end


def _end_firms(codes: UInt32, begin: Int64, stop: Int64, firm: Bool) -> None:
    """Let 示例公司审计部 end where the firm does; a people, party members, one sign are none."""
    stop[firm & (stop - begin == 1)] -= 1
    last = codes[np.maximum(stop - 1, 0)]
    for row in np.flatnonzero(firm & np.isin(last, _LAST) & (stop > begin)).tolist():
        text = text_of(codes, int(begin[row]), int(stop[row]))
        inner = _OFFICE.search(text)
        if inner:
            stop[row] = begin[row] + inner.start()
        elif _PEOPLE.fullmatch(text):
            stop[row] = begin[row]


def _governs(codes: UInt32, begin: Int64, stop: Int64, kind: Int8) -> Int64:
    """The spans that are the bare name of a region: 长沙市; of organisations 湖南省长沙市 too."""
    last = codes[np.maximum(stop - 1, 0)]
    short = (stop - begin <= 15) & np.isin(last, _REGION)
    rows = np.flatnonzero(short & ((kind == ORGANIZATION) | (kind == ADDRESS))).tolist()
    known = region_names()
    names = ((row, text_of(codes, int(begin[row]), int(stop[row]))) for row in rows)
    bare = (
        row
        for row, name in names
        if name in known or (kind[row] == ORGANIZATION and _is_region(name))
    )
    return np.fromiter(bare, np.int64)


def _is_region(name: str) -> bool:
    """Whether this is a region with those above it, or a town."""
    known = region_names()
    return (
        name in known
        or _TOWN.fullmatch(name) is not None
        or any(name[:at] in known and _is_region(name[at:]) for at in range(2, len(name) - 1))
    )


def _joined(
    more: list[tuple[int, int, float, int]], taken: Bool, held: tuple[Int64, Int64, Int8, Float64]
) -> tuple[Int64, Int64, Int8, Float64]:
    """What is held, and ``more`` spans where none of them and nothing ``taken`` stands."""
    reached = np.maximum.accumulate(np.append(0, held[1]))
    free: list[tuple[int, int, float, int]] = []
    for span in more:
        start, end = span[:2]
        open_here = reached[np.searchsorted(held[0], end)] <= start and not taken[start:end].any()
        if open_here and (not free or start >= free[-1][1]):
            free.append(span)
    if not free:
        return held
    begin, stop, kind, score = held
    starts, ends, sures, kinds = zip(*free, strict=True)
    order = np.argsort(np.concatenate([begin, np.array(starts)]), kind="stable")
    return (
        np.concatenate([begin, np.array(starts, np.int64)])[order],
        np.concatenate([stop, np.array(ends, np.int64)])[order],
        np.concatenate([kind, np.array(kinds, np.int8)])[order],
        np.concatenate([score, np.array(sures)])[order],
    )


def _firms(
    codes: UInt32, offsets: Int64, held: tuple[Int64, Int64, Int8, Float64]
) -> Iterator[tuple[int, int, float, int]]:
    """Firms without their name, 长沙某医药公司; what is held of one gives way."""
    begin, stop, kind, _ = held
    for row in np.flatnonzero(codes == ord("某")).tolist():
        text = int(np.searchsorted(offsets, row, "right")) - 1
        ahead = text_of(codes, max(int(offsets[text]), row - 4), row)
        behind = _FIRM.match(text_of(codes, row, min(row + 14, int(offsets[text + 1]))))
        place = next(
            (each for each in (4, 3, 2) if len(ahead) >= each and is_place(ahead[-each:])), 0
        )
        if not behind or not place:
            continue
        start, end = row - place, row + behind.end()
        meets = slice(np.searchsorted(stop, start, "right"), np.searchsorted(begin, end))
        if not (kind[meets] == PERSON).any():
            stop[meets] = begin[meets]
            yield start, end, float(WITH_WORD[1]), ORGANIZATION


def _again(
    codes: UInt32, limit: Int64, held: tuple[Int64, Int64, Int8, Float64]
) -> Iterator[tuple[int, int, float, int]]:
    """Names written once more behind, in Latin letters: 张三 (Zhang San)."""
    begin, stop, kind, score = held
    after = codes[np.minimum(stop, len(codes) - 1)]
    opened = (kind == PERSON) & (stop > begin) & (stop < limit) & np.isin(after, _OPENING)
    for row in np.flatnonzero(opened).tolist():
        base = int(stop[row])
        match = _LATIN.match(text_of(codes, base, min(base + _LONGEST_LATIN, int(limit[row]))))
        if match:
            yield base + match.start(1), base + match.end(1), float(score[row]), PERSON


def _titled(codes: UInt32, offsets: Int64) -> Iterator[tuple[int, int, float, int]]:
    """Two words or more in Latin letters before a title: John Smith先生."""
    ahead = codes[:-1]
    lettered = (ahead < 0x7B) & ((ahead >= 0x61) | ((ahead >= 0x41) & (ahead < 0x5B)))
    lettered[1:] |= (ahead[1:] == 0x20) & lettered[:-1]
    for row in np.flatnonzero(lettered & np.isin(codes[1:], _FIRST_OF_TITLE)).tolist():
        text = int(np.searchsorted(offsets, row, "right")) - 1
        base, stop = max(int(offsets[text]), row + 1 - _LONGEST_LATIN), int(offsets[text + 1])
        match = _LATIN_TITLED.search(text_of(codes, base, min(row + 3, stop)))
        if match:
            yield base + match.start(1), base + match.end(1), float(WITH_WORD[2]), PERSON
