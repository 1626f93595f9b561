"""Address ends: extend an address to masks, unit numbers and brackets that the model omits.

``示例路1号示例新居***`` ends before the asterisks, ``2栋1101-A室`` and ``创意园CN15`` after them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from string import ascii_letters, digits
from typing import Final

import numpy as np

from piiscan.data import region_names
from piiscan.detect.ner.model.network_numbers import ADDRESS, PERSON
from piiscan.detect.ner.name_spans import (
    NameSpans,
    NameText,
    are_among,
    are_in,
    code_table,
    span_limits,
)

#: Most Hanzi between an address and its masked part.
_MAX_MASK_GAP: Final = 8
#: Characters with which the rest of a unit's number begins.
_VILLAGES: Final = "村组庄屯"
#: A part of a building or place that ends an address: 小区|东门底商.
_PART: Final = re.compile(
    "(?:[东南西北]{1,2}[门侧])?(?:底商|门面|大堂|大厅|内部|中间)(?![\u4e00-\u9fff])|角(?![\u4e00-\u9fff])"
)
UNIT_SIGNS: Final = f"{ascii_letters}{digits}-~{_VILLAGES}东南西北底门大内中角"
_UNIT_TABLE: Final = code_table(UNIT_SIGNS)
_AFTER_UNIT: Final = "(?![A-Za-z0-9@~_.-])(?:室|号|座|栋|幢|楼|层|单元|房|户)?"
#: The rest of a number that goes on after the address: 1101|-A室, C|N15.
_REST_OF_UNIT: Final = re.compile(
    f"(?:[A-Za-z0-9]{{1,4}}|(?:[-~][A-Za-z0-9]{{1,5}}){{1,2}}){_AFTER_UNIT}(?![件个元次份万])"
)
#: A number with a letter after a word: 单元|7B.
_LETTERED_UNIT: Final = re.compile(f"(?:[A-Za-z][0-9]{{1,4}}|[0-9]{{1,4}}[A-Za-z]){_AFTER_UNIT}")
_MAX_REST: Final = 16
_MAX_PART: Final = 8  # characters of a part with the one behind it
_BRACKETS: Final = ("（）", "()", "【】")
#: Brackets in which an address may end.
BRACKETS: Final = "".join(_BRACKETS)
_BRACKET_TABLE: Final = code_table(BRACKETS)
_MAX_IN_BRACKETS: Final = 12

#: Words before an address that are tagged with it, unless a region begins so: 隔|离于示例路1号.
_BEFORE_ADDRESS: Final = re.compile(
    "(?:终点站?|起点站?|目的地|出发地|雇主|抬头)[：: ]*"
    "|(?<=[\u4e00-\u9fff])[离住位设居存放置寄发送]?[于至到在](?=[\u4e00-\u9fff])"
)
ADDRESS_WORD_STARTS: Final = "终起目出雇抬件离住位设居存放置寄发送于至到在"
_START_TABLE: Final = code_table(ADDRESS_WORD_STARTS)
#: A code for a parcel shelf, which is no address.
_SHELF: Final = re.compile("件码[0-9-]+")
#: Words for a place beside an address, behind its number.
_BESIDE: Final = re.compile("(?<=[0-9A-Za-z室号栋幢座层元户])(?:附近|旁边|门口|楼下|一带|周边)$")
PLACE_ENDS: Final = "近边口下带"
_PLACE_END_TABLE: Final = code_table(PLACE_ENDS)
#: Sites that the public goes to, without the words of an address before them.
_SITE: Final = re.compile(
    "[^0-9A-Za-z省市县镇乡街路巷村号栋幢]*"
    "(?:超市|商圈|景区|金融区|百货|广场|商城|商场|公园|大桥|步行街|机场|瀑布|雪山)"
)
SITE_ENDS: Final = "市圈区货场城园桥街布山"
_SITE_END_TABLE: Final = code_table(SITE_ENDS)


def begin_addresses(text: NameText, spans: NameSpans) -> NameSpans:
    """Begin an address behind the word before it: ``终点示例路1号`` -> 示例路1号.

    The code of a parcel shelf (取件码17-7) is dropped.
    """
    begin, known = spans.begin.copy(), region_names()
    chosen = (spans.kind == ADDRESS) & are_in(text.codes[begin], _START_TABLE)
    for row in np.flatnonzero(chosen & (spans.stop > begin)).tolist():
        first, is_first = int(begin[row]), begin[row] in text.offsets
        address = text.slice(first, int(spans.stop[row]))
        word = _BEFORE_ADDRESS.match(text.slice(first - (not is_first), first + 8), not is_first)
        if _SHELF.fullmatch(address):
            begin[row] = spans.stop[row]
        elif word and not any(address[:length] in known for length in (2, 3, 4)):
            begin[row] += word.end() - (not is_first)
    return replace(spans, begin=begin)


def end_addresses(text: NameText, spans: NameSpans) -> NameSpans:
    """End an address in running text before a word for a place beside it: ``示例路1号附近``.

    In a cell that it fills, the word is a part of it.
    """
    begin, stop = spans.begin, spans.stop.copy()
    last = text.codes[np.maximum(stop - 1, 0)]
    chosen = (spans.kind == ADDRESS) & are_in(last, _PLACE_END_TABLE) & (stop > begin)
    chosen &= ~(are_among(begin, text.offsets) & are_among(stop, text.offsets))
    for row in np.flatnonzero(chosen).tolist():
        word = _BESIDE.search(text.slice(int(begin[row]), int(stop[row])))
        stop[row] -= len(word[0]) if word else 0
    return replace(spans, stop=stop)


def drop_public_sites(text: NameText, spans: NameSpans) -> NameSpans:
    """Drop a site that is nobody's address: a mall, park or airport among other words.

    It has no region, road or number, it is not the whole text, and its text has neither a person
    nor a value of a pattern.
    """
    begin, stop, offsets = spans.begin, spans.stop, text.offsets
    last = text.codes[np.maximum(stop - 1, 0)]
    dropped = []
    for row in np.flatnonzero((spans.kind == ADDRESS) & are_in(last, _SITE_END_TABLE)).tolist():
        number = int(np.searchsorted(offsets, begin[row], "right")) - 1
        first, end = int(offsets[number]), int(offsets[number + 1])
        inside = (begin >= first) & (stop <= end) & (stop > begin)
        if (
            _SITE.fullmatch(text.slice(int(begin[row]), int(stop[row])))
            and not (begin[row] == first and stop[row] == end)
            and not text.taken[first:end].any()
            and not (inside & (spans.kind == PERSON)).any()
        ):
            dropped.append(row)
    return spans.drop(np.array(dropped, np.int64)) if dropped else spans


def extend_to_masks(text: NameText, spans: NameSpans) -> NameSpans:
    """Extend an address up to the asterisks after it: ``示例路1号`` in ``示例路1号示例新居***``.

    At most 8 Hanzi are added.  Other spans among them are dropped.
    """
    codes, offsets, begin, kind = text.codes, text.offsets, spans.begin, spans.kind
    masks = np.flatnonzero(codes == ord("*"))
    if not len(masks):
        return spans
    rows = np.searchsorted(spans.stop, masks, "right") - 1
    floors = offsets[np.searchsorted(offsets, masks, "right") - 1]
    stop = spans.stop.copy()
    for at, last, floor in zip(masks.tolist(), rows.tolist(), floors.tolist(), strict=True):
        row = last
        while row >= 0 and kind[row] != ADDRESS and at - int(begin[row]) <= _MAX_MASK_GAP:
            row -= 1
        if (
            row < 0
            or kind[row] != ADDRESS
            or begin[row] < floor
            or not 0 < at - int(stop[row]) <= _MAX_MASK_GAP
        ):
            continue
        between = codes[stop[row] : at]
        if ((between >= 0x4E00) & (between < 0xA000)).all():
            inner = slice(row + 1, int(np.searchsorted(begin, at)))
            stop[row] = at
            stop[inner] = begin[inner]
    return replace(spans, stop=stop)


def extend_to_units(text: NameText, spans: NameSpans) -> NameSpans:
    """Extend an address by its last number's rest, village or part: ``…1101`` in ``…1101-A室``.

    It stays as it is behind a dash, and if a finding of a pattern is in or at that rest.
    """
    codes, begin, stop, taken = text.codes, spans.begin, spans.stop.copy(), text.taken
    limit = span_limits(text, spans)
    after = codes[np.minimum(stop, len(codes) - 1)]
    chosen = (spans.kind == ADDRESS) & (stop > begin) & (stop < limit) & are_in(after, _UNIT_TABLE)
    for row in np.flatnonzero(chosen).tolist():
        end, last = int(stop[row]), int(limit[row])
        if begin[row] and codes[begin[row] - 1] == ord("-"):
            continue
        part = _PART.match(text.slice(end, min(end + _MAX_PART, last)))
        if part and not taken[end : end + part.end()].any():
            stop[row] += part.end()
            continue
        if chr(codes[end]) in _VILLAGES:
            bounded = end + 1 == last or not "\u4e00" <= chr(codes[end + 1]) <= "\u9fff"
            stop[row] += bounded and not taken[end]
            continue
        lettered = chr(codes[end - 1]).isascii() and chr(codes[end - 1]).isalnum()
        form = _REST_OF_UNIT if lettered else _LETTERED_UNIT
        rest = form.match(text.slice(end, min(end + _MAX_REST, last)))
        if rest and not taken[end : end + rest.end() + 1].any():
            stop[row] += rest.end()
    return replace(spans, stop=stop)


def balance_brackets(text: NameText, spans: NameSpans) -> NameSpans:
    """End an address before a bracket that it does not open, and after one that it opens.

    ``示例路1号）`` -> 示例路1号, ``示例路1号（示例公司`` before 旁） -> 示例路1号（示例公司旁）.
    """
    stop, limit = spans.stop.copy(), span_limits(text, spans)
    before = np.append(0, np.cumsum(are_in(text.codes, _BRACKET_TABLE)))
    for row in np.flatnonzero((spans.kind == ADDRESS) & (before[stop] > before[spans.begin])):
        begin, end = int(spans.begin[row]), int(stop[row])
        address = text.slice(begin, end)
        for opening, closing in _BRACKETS:
            unclosed = address.count(opening) - address.count(closing)
            if unclosed < 0 and address.endswith(closing):
                stop[row] -= 1
            elif unclosed == 1:
                rest = text.slice(end, min(end + _MAX_IN_BRACKETS, int(limit[row])))
                more = rest.find(closing) + 1
                if not text.taken[end : end + more].any():
                    stop[row] += more
    return replace(spans, stop=stop)
