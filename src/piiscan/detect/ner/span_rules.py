"""Span rules: corrections of the model's spans, and names that the model misses.

``王先生`` -> form of address, a surname alone -> no name, ``谢某系`` -> 谢某, ``张三 (Zhang San)``
-> also Zhang San.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from string import ascii_letters, ascii_uppercase, digits
from typing import Final

import numpy as np

from piiscan.arrays import Int64, UInt32
from piiscan.data import region_names, rows, surnames, word_lists
from piiscan.detect.catalog.recognizer import TAGGED
from piiscan.detect.ner.address_ends import (
    ADDRESS_WORD_STARTS,
    BRACKETS,
    PLACE_ENDS,
    SITE_ENDS,
    UNIT_SIGNS,
    balance_brackets,
    begin_addresses,
    drop_public_sites,
    end_addresses,
    extend_to_masks,
    extend_to_units,
)
from piiscan.detect.ner.cell_addresses import (
    CELL_SIGNS,
    column_firms_to_addresses,
    firms_to_addresses,
    is_region_name,
    propose_cell_addresses,
)
from piiscan.detect.ner.masked_names import drop_names_before_masks
from piiscan.detect.ner.model.network_numbers import ADDRESS, ORGANIZATION, PERSON
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.name_evidence import propose_evident_names
from piiscan.detect.ner.name_kernels import rules_with_signs, rules_with_spans
from piiscan.detect.ner.name_spans import (
    LONG_SPAN,
    MASK_SIGNS,
    NameSpans,
    NameText,
    Proposal,
    RuleConditions,
    SpanRule,
    are_among,
    are_in,
    code_table,
    span_limits,
)
from piiscan.detect.ner.repeated_mentions import MIN_REPEATED, propose_repeated_mentions
from piiscan.detect.scoring.score_kernels import LOW, SCORE_WITH_WORD

#: Titles after a surname (王先生), and prefixes before one (老王).
_TITLE: Final = re.compile(
    "先生|女士|小姐|太太|夫人|老师|師傅|师傅|老師|同志|同学|同學|医生|醫生|大夫|护士|教授|博士|律师|律師|警官|法官"
    "|检察官|主任|总?经理|總?經理|董事长|老板|主席|书记|总统|总理|首相|外长|[部局厅处科院校所省市县镇乡村社站队连排班组]长"
    "|教练|记者|工程师|总工|阿姨|叔叔|爷爷|奶奶|伯伯|大[爷妈姐哥叔娘]|[总總姐哥工嫂婶叔伯]"
)
_FAMILIAR: Final = "小老阿大"
#: A form of address with a greeting, which is tagged as one name.
_GREETED: Final = "王总好"
_LAST_GREETED: Final = ord(_GREETED[-1])
#: Share of people, in percent, from which a surname makes 老王 a form of address; 老舍 is a name.
_MIN_SURNAME_SHARE: Final = 0.3
#: Signs after 某 that distinguish several people: 李某甲.
_NAME_SUFFIXES: Final = "某甲乙丙丁戊己庚辛壬癸0123456789"
#: Lengths of a name with the first character of another word behind it, and length of one of two
#: characters with a whole word.
_BEFORE_WORD: Final = 3, 5
_WITH_WORD: Final = 4
_PAIR_SHIFT: Final = 21  # bits of a code point


def _pair_table(pairs: Iterable[str]) -> Int64:
    """Return character pairs as sorted integers, as :func:`_pairs` computes them."""
    return np.array(sorted({ord(pair[0]) << _PAIR_SHIFT | ord(pair[1]) for pair in pairs}))


def _last_chars(name: str) -> str:
    """Return the last characters of the words of a list of name_endings.tsv."""
    return "".join(word[-1] for word in _ENDINGS[name].split())


_ENDINGS: Final = word_lists("name_endings")
#: Characters that begin a verb or a particle and end hardly any name.
VERBS: Final = _ENDINGS["verbs"]
#: Characters that end names as well, and are words before some characters only.
BEFORE_SOME: Final = "".join(word[0] for word in _ENDINGS["either"].split())
_WHOLE_ENDINGS: Final = _pair_table(_ENDINGS["whole_endings"].split())
_END_WORDS: Final = _pair_table(_ENDINGS["end_words"].split())
_ROLES: Final = _pair_table(_ENDINGS["roles"].split())
_ROLE_LENGTHS: Final = 2, 4
_WORDS_OF_FORMS: Final = [
    word for row in rows("name_evidence") if row[0] == "form_word" for word in row[3].split()
]
_FORM_WORDS: Final = _pair_table(_WORDS_OF_FORMS)
_FORM_ENDS: Final = "".join({word[-1] for word in _WORDS_OF_FORMS})
_VERB_TABLE: Final = code_table(VERBS)
_BEFORE_NUMBER_TABLE: Final = code_table(_ENDINGS["before_numbers"])
_EITHER: Final = _pair_table(
    word[0] + each for word in _ENDINGS["either"].split() for each in word[1:]
)
_FIRST_OF_TWO_TABLE: Final = code_table(_ENDINGS["first_of_two"])
_DIGIT_TABLE: Final = code_table(digits)
#: Surnames that are another word behind these: 微信加张三, 9000000002向张三.
_BEFORE_ADDING: Final = {"加": "信薇扣友QqXxVv", "向": f"{digits}”\"’'），,、；"}
#: Characters that introduce a name at the start of a clause: 母张三, 收张三; and how much more
#: frequent the surname behind them is.
_INTRODUCING: Final = "父母夫妻爷奶姥哥弟姐妹儿女媳婿收寄发经由找给让请帮替欠叫访送转跟与被问"
_LEAST_RATIO: Final = 5.0
#: Last characters of labels with which a name can begin by mistake: 介绍|人方玲.
_LABEL_ENDS: Final = "人名员长主件货户方家客生者师"
_INTRODUCING_TABLE: Final = code_table(_INTRODUCING + _LABEL_ENDS + "".join(_BEFORE_ADDING))
_HANZI: Final = re.compile("[\u4e00-\u9fff]")
#: Dots in names, and the parts before and behind one, up to a word that follows names.
_DOTS: Final = "·•‧・"
_DOT_TABLE: Final = code_table(_DOTS)
_MAX_PART: Final = 6
_LAST_PART: Final = re.compile("[\u4e00-\u9fff]+$")
_FIRST_PART: Final = re.compile(
    "[\u4e00-\u9fff]{1,4}?(?=[^\u4e00-\u9fff]|$|来电|反映|投诉|证实|先生|女士|老人|同志|的|住|说|在|于|与|和)"
)
_FIRST_HANZI: Final = 0x4E00
_LAST_HANZI: Final = 0x9FFF
#: Kind number of forms of address, after the kinds of the tagger.
NICKNAME: Final = TAGGED.index("nickname")
#: Longest name, address, organisation and form of address, in code points.
_MAX_LENGTH: Final = np.array([40, 250, 100, 40])
#: Last characters of regions; an organisation with only a region as name is none.
_REGION_ENDINGS: Final = "省市区县州盟旗镇乡道會县縣區鎮鄉"
_REGION_ENDING_TABLE: Final = code_table(_REGION_ENDINGS)
_TOWN: Final = re.compile("[\u4e00-\u9fff]{1,5}(?:镇|乡|街道|鎮|鄉)")
_NAMELESS_FIRM: Final = re.compile("某(?!某)[\u4e00-\u9fff]{0,9}?(?:公司|集团)")
#: A department after its firm, and ethnic groups and party members tagged as organisations.
_OFFICE: Final = re.compile("(?<=公司|集团|银行)[\u4e00-\u9fff]{1,8}[部科处室]$")
_GROUP: Final = re.compile(
    "[\u4e00-\u9fff]{1,5}族|[\u4e00-\u9fff]{1,4}党员|[\u4e00-\u9fff]{2,4}(?:同学|先生|女士|老师)"
)
_OFFICE_ENDINGS: Final = code_table("部科处室族员学生士师")
#: Labels of employers, behind which a clinic or works that is tagged as an address is a firm.
_EMPLOYER: Final = re.compile("(?:单位|公司|雇主|抬头|就职于|任职于|供职于|来自)[：: ]*$")
_FIRM_ENDINGS: Final = "所厂院司店社心校行局园"
_FIRM_TABLE: Final = code_table(_FIRM_ENDINGS)
#: Last characters of provinces, before which a firm behind a label can be cut: 江|苏示例公司.
_PROVINCE_ENDS: Final = "京津海庆北西宁林江苏徽建东南川州藏肃疆古"
_PROVINCE_TABLE: Final = code_table(_PROVINCE_ENDS)
#: Letters behind a name in Hanzi.
_WITH_LETTERS: Final = re.compile("[\u4e00-\u9fff]+([a-z]+|[A-Z]{2,}|X)")
_LETTER_TABLE: Final = code_table(ascii_letters)
#: Two or more Latin words, after a name or before a title.
_LATIN_WORDS: Final = r"(?:[A-Z][A-Za-z'’.\-]{0,20},? {1,2}){1,4}[A-Z][A-Za-z'’.\-]{0,20}"
_LATIN_START: Final = re.compile(r"(?:[ \u3000][（(\[]?|[（(\[])[A-Z]")
_LATIN: Final = re.compile(rf"[ \u3000]?[（(\[]?({_LATIN_WORDS})(?![A-Za-z0-9@])")
_LATIN_TITLED: Final = re.compile(
    rf"(?<![A-Za-z0-9@.])({_LATIN_WORDS}) ?(?:先生|女士|小姐|太太|教授|博士|律师|律師)$"
)
_FIRST_OF_TITLE: Final = "先女小太教博律"
_FIRST_OF_TITLE_TABLE: Final = code_table(_FIRST_OF_TITLE)
_MAX_LATIN: Final = 64
_OPENING: Final = " \u3000（(["


def complete_forms_of_address(text: NameText, spans: NameSpans) -> NameSpans:
    """Turn a surname with a title into a form of address: ``王`` in ``王先生`` -> nickname.

    A surname alone is dropped.
    """
    begin, stop, kind, score = spans.begin, spans.stop, spans.kind, spans.score
    limit = span_limits(text, spans)
    for row in np.flatnonzero((kind == PERSON) & (stop - begin <= len(_GREETED))).tolist():
        first, last = int(begin[row]), int(stop[row])
        length = last - first
        if length == len(_GREETED):
            if text.codes[last - 1] != _LAST_GREETED:
                continue
            length = 1
        end = _form_of_address_end(text.slice(first, min(last + 3, int(limit[row]))), length)
        if (end or last - first == 1) and stop is spans.stop:
            stop, kind, score = stop.copy(), kind.copy(), score.copy()
        if end:
            kind[row], score[row], stop[row] = NICKNAME, LOW, first + end
        elif last - first == 1:
            stop[row] = first
    return spans if stop is spans.stop else replace(spans, stop=stop, kind=kind, score=score)


def _form_of_address_end(text: str, length: int) -> int:
    """Return the end of the form of address (张先生) that begins ``text``; 0 without one.

    ``length``: length of the name at the start.  ``王先生``, 1 -> 3; ``老王``, 2 -> 2.
    """
    title = _TITLE.match(text, length)
    if title and (length == 1 or text[:2] in surnames()):
        return title.end()
    familiar = (
        length == 2 and text[0] in _FAMILIAR and surnames().get(text[1], 0.0) >= _MIN_SURNAME_SHARE
    )
    return 2 if familiar else 0


def end_anonymous_names(text: NameText, spans: NameSpans) -> NameSpans:
    """End an anonymous name after 某 and its distinguishing sign: ``谢某系`` -> 谢某."""
    codes, begin, person = text.codes, spans.begin, spans.kind == PERSON
    stop = spans.stop.copy()
    for distance in (1, 2):
        at = np.minimum(begin + distance, len(codes) - 1)
        for row in np.flatnonzero(person & (codes[at] == ord("某")) & (stop > at + 1)).tolist():
            end = int(at[row]) + 1
            while end < stop[row] and chr(codes[end]) in _NAME_SUFFIXES:
                end += 1
            stop[row] = end
    return replace(spans, stop=stop)


def end_before_other_words(text: NameText, spans: NameSpans) -> NameSpans:
    """End a name before 收 (receive) and before words that end no name: ``张三收 -> 张三``.

    ``张三收`` -> 张三, ``找张三都知道`` -> 张三, ``张三先付钱`` -> 张三.  Long names stay,
    and so do names with whole endings (王丰收, 买买提) or nothing but signs behind them.
    """
    codes, stop = text.codes, spans.stop
    last, before = codes[stop - 1], codes[stop - 2]
    is_last = are_among(stop, text.offsets)
    after = np.where(is_last, 0, codes[np.minimum(stop, len(codes) - 1)])
    ends = last == ord("收")
    ends |= are_in(last, _VERB_TABLE) & (after >= _FIRST_HANZI) & (after <= _LAST_HANZI)
    ends |= are_in(last, _BEFORE_NUMBER_TABLE) & are_in(after, _DIGIT_TABLE)
    ends |= are_among(_pairs(last, after), _EITHER) & ~are_in(before, _FIRST_OF_TWO_TABLE)
    least, longest = _BEFORE_WORD
    length = stop - spans.begin
    ends &= (spans.kind == PERSON) & (length >= least) & (length <= longest)
    ending = _pairs(before, last)
    ends &= ~are_among(ending, _WHOLE_ENDINGS)
    words = (spans.kind == PERSON) & (length == _WITH_WORD) & are_among(ending, _END_WORDS)
    cut = np.where(words, 2, ends)
    return replace(spans, stop=stop - cut) if cut.any() else spans


def drop_roles(text: NameText, spans: NameSpans) -> NameSpans:
    """Drop a name that is a word for people in a role: ``原车主``."""
    return _drop_words(text, spans, _ROLES, _ROLE_LENGTHS)


def drop_form_words(text: NameText, spans: NameSpans) -> NameSpans:
    """Drop a name that is a word of forms (时间); evidence beside it may propose it again."""
    return _drop_words(text, spans, _FORM_WORDS, (2, 2))


def _drop_words(
    text: NameText, spans: NameSpans, pairs: Int64, lengths: tuple[int, int]
) -> NameSpans:
    """Drop the names of these least and most characters that end in one of ``pairs``."""
    codes, stop = text.codes, spans.stop
    length = stop - spans.begin
    words = (spans.kind == PERSON) & (length >= lengths[0]) & (length <= lengths[1])
    words &= are_among(_pairs(codes[stop - 2], codes[stop - 1]), pairs)
    return spans.drop(words) if words.any() else spans


def _pairs(first: UInt32, second: UInt32) -> Int64:
    """Return pairs of code points as one integer each: ``int64[n]``."""
    return first.astype(np.int64) << _PAIR_SHIFT | second


def begin_after_labels(text: NameText, spans: NameSpans) -> NameSpans:
    """Begin a name after a label or a word that introduces it: ``母张三 -> 张三``.

    ``介绍人方玲`` with the span 人方玲 -> 方玲, ``，收林刚`` -> 林刚, ``微信加张三`` -> 张三.  The
    first character stays where it is the more frequent surname, and 向 and 和 behind a word.
    """
    codes, begin, known = text.codes, spans.begin.copy(), surnames()
    chosen = (spans.kind == PERSON) & are_in(codes[begin], _INTRODUCING_TABLE)
    chosen &= spans.stop - begin >= _BEFORE_WORD[0]
    for row in np.flatnonzero(chosen).tolist():
        at = int(begin[row])
        floor = int(text.offsets[np.searchsorted(text.offsets, at, "right") - 1])
        name, before = text.slice(at, int(spans.stop[row])), text.slice(max(floor, at - 1), at)
        if name[1] not in known:
            continue
        if before and name[0] in _BEFORE_ADDING:
            rarer = before.isascii() or known.get(name[0], 0.0) < known[name[1]]
            begin[row] += before in _BEFORE_ADDING[name[0]] and rarer
        elif text.evidence is not None and text.evidence.label_length(codes, at + 1, floor) > 1:
            begin[row] += 1
        elif name[0] in _INTRODUCING and not _HANZI.match(before):
            begin[row] += known[name[1]] > _LEAST_RATIO * known.get(name[0], 0.0)
    return replace(spans, begin=begin)


def join_dotted_names(text: NameText, spans: NameSpans) -> NameSpans:
    """Join a name over a dot that is in none of its spans: ``钮祜禄`` in ``钮祜禄·婉清来电``.

    It begins where the span before the dot does, and ends with the span behind it, else with the
    Hanzi or before a word that follows names.
    """
    begin, stop = spans.begin.copy(), spans.stop.copy()
    for dot in np.flatnonzero(are_in(text.codes, _DOT_TABLE)).tolist():
        number = int(np.searchsorted(text.offsets, dot, "right")) - 1
        floor, last = int(text.offsets[number]), int(text.offsets[number + 1])
        left = _LAST_PART.search(text.slice(max(floor, dot - _MAX_PART), dot))
        right = _FIRST_PART.match(text.slice(dot + 1, min(last, dot + 1 + _MAX_PART)))
        inside = (begin < dot) & (stop > dot)
        near = (stop > dot - (len(left[0]) if left else 0)) & (begin <= dot + 1) & (stop > begin)
        rows = np.flatnonzero(near).tolist()
        if not left or not rows or inside.any() or (spans.kind[rows] != PERSON).any():
            continue
        end = int(stop[rows[-1]])
        if begin[rows[-1]] < dot:
            end = dot + 1 + (right.end() if right else 0)
        if end == dot + 1:
            continue
        if not text.taken[dot:end].any():
            begin[rows[0]], stop[rows[0]] = min(int(begin[rows[0]]), dot - len(left[0])), end
            if begin[rows[0]] < spans.begin[rows[0]] < dot:
                begin[rows[0]] = spans.begin[rows[0]]
            stop[rows[1:]] = begin[rows[1:]]
    return replace(spans, begin=begin, stop=stop)


def end_before_letters(text: NameText, spans: NameSpans) -> NameSpans:
    """End a name in Hanzi before small letters or several capitals: ``张三hhh`` -> 张三.

    A name with a Latin part (陈David) stays, and so does an anonymous one (李X, 李xx) that no
    letter or digit follows (鲁X7B6DI).
    """
    stop = spans.stop.copy()
    last = text.codes[np.maximum(stop - 1, 0)]
    for row in np.flatnonzero((spans.kind == PERSON) & are_in(last, _LETTER_TABLE)).tolist():
        name = _WITH_LETTERS.fullmatch(text.slice(int(spans.begin[row]), int(stop[row])))
        after = chr(text.codes[stop[row]]) if stop[row] < len(text.codes) else ""
        if name and (name[1].strip("Xx") or (after.isascii() and after.isalnum())):
            stop[row] = spans.begin[row] + name.start(1)
    return replace(spans, stop=stop)


def end_firms(text: NameText, spans: NameSpans) -> NameSpans:
    """End a firm before its department: ``示例公司审计部`` -> 示例公司.

    An ethnic group (苗族), party members (党员) and single signs are dropped.
    """
    begin, firm = spans.begin, spans.kind == ORGANIZATION
    stop = spans.stop.copy()
    stop[firm & (stop - begin == 1)] -= 1
    last = text.codes[np.maximum(stop - 1, 0)]
    for row in np.flatnonzero(firm & are_in(last, _OFFICE_ENDINGS) & (stop > begin)).tolist():
        end = int(stop[row])
        name = text.slice(int(begin[row]), end)
        inner = _OFFICE.search(name)
        if inner:
            stop[row] = begin[row] + inner.start()
        elif _GROUP.fullmatch(name) and not _HANZI.match(text.slice(end, end + 1)):
            stop[row] = begin[row]
    return replace(spans, stop=stop)


def begin_firms(text: NameText, spans: NameSpans) -> NameSpans:
    """Begin a firm with its whole region: ``单位江苏示例公司`` with the span 苏示例公司.

    Behind the label of an employer, an address that ends as firms do is a firm.
    """
    begin, kind = spans.begin.copy(), spans.kind.copy()
    first, last = text.codes[begin], text.codes[np.maximum(spans.stop - 1, 0)]
    cut = (kind == ORGANIZATION) & are_in(first, _PROVINCE_TABLE)
    firms = (kind == ADDRESS) & are_in(last, _FIRM_TABLE)
    for row in np.flatnonzero((cut | firms) & (spans.stop > begin)).tolist():
        at = int(begin[row])
        floor = int(text.offsets[np.searchsorted(text.offsets, at, "right") - 1])
        if firms[row]:
            if _EMPLOYER.search(text.slice(max(floor, at - 5), at)):
                kind[row] = ORGANIZATION
        elif at > floor and is_region_name(text.slice(at - 1, at + 1)):
            begin[row] -= not text.taken[at - 1] and (row == 0 or spans.stop[row - 1] < at)
    return replace(spans, begin=begin, kind=kind)


def drop_regions(text: NameText, spans: NameSpans) -> NameSpans:
    """Drop an organisation or address that is only the name of a region: 长沙市.

    For organisations, the region with its parents counts too: 湖南省长沙市.
    """
    begin, stop, kind = spans.begin, spans.stop, spans.kind
    last = text.codes[np.maximum(stop - 1, 0)]
    short = (stop - begin <= 15) & are_in(last, _REGION_ENDING_TABLE)
    rows = np.flatnonzero(short & ((kind == ORGANIZATION) | (kind == ADDRESS))).tolist()
    known = region_names()
    names = ((row, text.slice(int(begin[row]), int(stop[row]))) for row in rows)
    bare = [
        row
        for row, name in names
        if name in known or (kind[row] == ORGANIZATION and _is_region_path(name))
    ]
    return spans.drop(np.array(bare, np.int64)) if bare else spans


def _is_region_path(name: str) -> bool:
    """Return True if ``name`` is a region with its parents, or a town: 湖南省长沙市, 示例镇."""
    known = region_names()
    return (
        name in known
        or _TOWN.fullmatch(name) is not None
        or any(name[:at] in known and _is_region_path(name[at:]) for at in range(2, len(name) - 1))
    )


def propose_latin_names(text: NameText, spans: NameSpans) -> NameSpans:
    """Propose the Latin spelling after a name: ``张三 (Zhang San)`` -> Zhang San."""
    kinds, stops = spans.kind.tolist(), spans.stop.tolist()
    opened = [
        row
        for row, (kind, stop) in enumerate(zip(kinds, stops, strict=True))
        if kind == PERSON and _LATIN_START.match(text.slice(stop, stop + 3))
    ]
    if not opened:
        return spans
    limits = span_limits(text, spans)
    proposed = []
    for row in opened:
        base = stops[row]
        if base == spans.begin[row]:
            continue
        match = _LATIN.match(text.slice(base, min(base + _MAX_LATIN, int(limits[row]))))
        if match:
            start, end = match.span(1)
            score = float(spans.score[row])
            proposed.append(Proposal(base + start, base + end, score, PERSON))
    return spans.propose(proposed)


def propose_titled_latin_names(text: NameText, spans: NameSpans) -> NameSpans:
    """Propose Latin names before a title: ``John Smith先生`` -> John Smith."""
    codes, offsets = text.codes, text.offsets
    before = codes[:-1]
    lettered = (before < 0x7B) & ((before >= 0x61) | ((before >= 0x41) & (before < 0x5B)))
    lettered[1:] |= (before[1:] == 0x20) & lettered[:-1]
    proposed = []
    for row in np.flatnonzero(lettered & are_in(codes[1:], _FIRST_OF_TITLE_TABLE)).tolist():
        number = int(np.searchsorted(offsets, row, "right")) - 1
        base, end = max(int(offsets[number]), row + 1 - _MAX_LATIN), int(offsets[number + 1])
        match = _LATIN_TITLED.search(text.slice(base, min(row + 3, end)))
        if match:
            first, last = match.span(1)
            score = float(SCORE_WITH_WORD[2])
            proposed.append(Proposal(base + first, base + last, score, PERSON))
    return spans.propose(proposed)


def propose_nameless_firms(text: NameText, spans: NameSpans) -> NameSpans:
    """Propose firms without a name: ``长沙某医药公司``.

    Skips firms that overlap a person.  Other overlapping spans are dropped.
    """
    begin, stop, kind, offsets = spans.begin, spans.stop.copy(), spans.kind, text.offsets
    proposed = []
    for row in np.flatnonzero(text.codes == ord("某")).tolist():
        number = int(np.searchsorted(offsets, row, "right")) - 1
        before = text.slice(max(int(offsets[number]), row - 4), row)
        rest = _NAMELESS_FIRM.match(text.slice(row, min(row + 14, int(offsets[number + 1]))))
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
            proposed.append(Proposal(start, end, float(SCORE_WITH_WORD[1]), ORGANIZATION))
    return replace(spans, stop=stop).propose(proposed) if proposed else spans


def add_proposals(text: NameText, spans: NameSpans) -> NameSpans:
    """Add the proposals that overlap no span, no other proposal and no pattern, in text order."""
    if not spans.proposed:
        return spans
    last_end = np.maximum.accumulate(np.append(0, spans.stop))
    free: list[Proposal] = []
    for each in sorted(set(spans.proposed)):
        start, end = each.begin, each.stop
        is_free = last_end[np.searchsorted(spans.begin, end)] <= start
        is_free = is_free and not text.taken[start:end].any()
        if is_free and (not free or start >= free[-1].stop):
            free.append(each)
    if not free:
        return replace(spans, proposed=())
    starts, ends, scores, kinds, _ = zip(*free, strict=True)
    order = np.argsort(np.concatenate([spans.begin, np.array(starts)]), kind="stable")
    return NameSpans(
        np.concatenate([spans.begin, np.array(starts, np.int64)])[order],
        np.concatenate([spans.stop, np.array(ends, np.int64)])[order],
        np.concatenate([spans.kind, np.array(kinds, np.int8)])[order],
        np.concatenate([spans.score, np.array(scores)])[order],
    )


def drop_long_spans(_text: NameText, spans: NameSpans) -> NameSpans:
    """Drop spans longer than names, addresses or organisations can be."""
    long = spans.stop - spans.begin > _MAX_LENGTH[spans.kind]
    return spans.drop(long) if long.any() else spans


_PERSONS: Final = 1 << PERSON
_ADDRESSES: Final = 1 << ADDRESS
_FIRMS: Final = 1 << ORGANIZATION
#: All span rules in order: correct, propose, add, then drop.  Proposals do not see one another.
SPAN_RULES: Final = (
    SpanRule(end_anonymous_names, _PERSONS, "某"),
    SpanRule(
        end_before_other_words,
        _PERSONS,
        lengths=_BEFORE_WORD,
        ends="收" + VERBS + BEFORE_SOME + _last_chars("end_words"),
    ),
    SpanRule(drop_roles, _PERSONS, lengths=_ROLE_LENGTHS, ends=_last_chars("roles")),
    SpanRule(drop_form_words, _PERSONS, lengths=(2, 2), ends=_FORM_ENDS),
    SpanRule(
        begin_after_labels, _PERSONS, lengths=_BEFORE_WORD,
        begins=_INTRODUCING + _LABEL_ENDS + "".join(_BEFORE_ADDING),
    ),
    SpanRule(join_dotted_names, _PERSONS, _DOTS),
    SpanRule(end_before_letters, _PERSONS, lengths=(2, LONG_SPAN), ends=ascii_letters),
    SpanRule(complete_forms_of_address, _PERSONS, lengths=(0, 2)),
    SpanRule(complete_forms_of_address, _PERSONS, lengths=(3, 3), ends=_GREETED[-1]),
    SpanRule(begin_firms, _FIRMS, begins=_PROVINCE_ENDS),
    SpanRule(begin_firms, _ADDRESSES, ends=_FIRM_ENDINGS),
    SpanRule(end_firms, _FIRMS),
    SpanRule(begin_addresses, _ADDRESSES, begins=ADDRESS_WORD_STARTS),
    SpanRule(end_addresses, _ADDRESSES, ends=PLACE_ENDS),
    SpanRule(extend_to_masks, _ADDRESSES, "*"),
    SpanRule(extend_to_units, _ADDRESSES, follows=UNIT_SIGNS),
    SpanRule(balance_brackets, _ADDRESSES, BRACKETS),
    SpanRule(firms_to_addresses, _FIRMS, "司"),
    SpanRule(drop_regions, _ADDRESSES | _FIRMS, lengths=(1, 15), ends=_REGION_ENDINGS),
    SpanRule(
        propose_latin_names, _PERSONS, ascii_uppercase, lengths=(1, LONG_SPAN), follows=_OPENING
    ),
    SpanRule(propose_titled_latin_names, signs=_FIRST_OF_TITLE),
    SpanRule(propose_evident_names),
    SpanRule(propose_nameless_firms, signs="某"),
    SpanRule(propose_repeated_mentions, _PERSONS | _FIRMS, lengths=(MIN_REPEATED, LONG_SPAN)),
    SpanRule(propose_cell_addresses, signs=CELL_SIGNS),
    SpanRule(add_proposals),
    SpanRule(column_firms_to_addresses, _FIRMS),
    SpanRule(drop_public_sites, _ADDRESSES, ends=SITE_ENDS),
    SpanRule(drop_names_before_masks, _PERSONS, MASK_SIGNS),
    SpanRule(
        drop_long_spans, _PERSONS | _ADDRESSES | _FIRMS | 1 << NICKNAME,
        lengths=(int(_MAX_LENGTH.min()) + 1, LONG_SPAN),
    ),
)  # fmt: skip
_CONDITIONS: Final = RuleConditions.of(SPAN_RULES)


def apply_span_rules(text: NameText, spans: Spans) -> NameSpans:
    """Return the tagger's ``spans``, corrected and completed by all rules."""
    found = NameSpans.of(text, spans)
    signed, concerned = rules_with_signs(
        text.codes, found.begin, found.stop, found.kind, _CONDITIONS
    )
    number = 0
    while later := concerned >> number:
        number += (later & -later).bit_length()
        changed = SPAN_RULES[number - 1].apply(text, found)
        if changed is not found:
            found, concerned = changed, signed & _rules_with_spans(text, changed)
    return found


def _rules_with_spans(text: NameText, spans: NameSpans) -> int:
    """Return the bits of the rules whose conditions ``spans`` fulfil."""
    return rules_with_spans(text.codes, spans.begin, spans.stop, spans.kind, _CONDITIONS)
