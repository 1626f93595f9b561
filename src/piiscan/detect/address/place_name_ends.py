"""Place-name ends: find the end and kind of a name: road, town, village, zone, estate (kernels).

``麓山南路三号 -> 麓山南路 (road)``, ``示例小区2栋 -> 示例小区 (estate)``
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.full_region_names import region_begins
from piiscan.detect.address.lookup_tables import M_LEAD, M_NAME_TAIL, M_ROAD_AFFIX, NO_NUMERAL
from piiscan.detect.address.normalized_text import C_DIGIT, C_HAN, C_LETTER
from piiscan.detect.address.part_kinds import ESTATE, OTHER, ROAD, TOWN, VILLAGE, ZONE
from piiscan.detect.address.part_words import (
    U_LANE,
    U_METRES,
    U_ROAD,
    U_VILLAGE,
    W_ESTATE,
    W_REMARK,
    W_ROAD,
    W_TOWN,
    W_VILLAGE,
    W_ZONE,
)
from piiscan.detect.address.word_table import (
    K_CLASS,
    K_MARK,
    K_NUMERAL,
    L_UNITS,
    L_WORDS,
    longest_word,
)
from piiscan.jit import inner

_ROAD_CHAR: Final = ord("路")
_ORDER_CHAR: Final = ord("第")
_WAY_CHAR: Final = ord("道")
_LINE_CHAR: Final = ord("线")
_MAX_AFFIXES: Final = 2
#: Minimum length of a name that ends in one character such as 城 before a road name.
_LONG_NAME: Final = 3


@inner
def road_word_end(text: Any, at: int, end: int, tables: Any) -> int:  # pragma: no cover - compiled
    """Return the end of a road word (路, 大道) that begins at ``at``, 0 if there is none.

    Up to two characters such as 东 may precede it: ``东路, 一西路``.
    """
    here = at
    for _ in range(_MAX_AFFIXES + 1):
        word, size = longest_word(text, here, end, tables, L_WORDS)
        if word == W_ROAD:
            return here + size
        if here >= end:
            return 0
        counted = text[here] == _ORDER_CHAR or tables.chars[K_CLASS, text[here]] == C_DIGIT
        if not counted and tables.chars[K_MARK, text[here]] & M_ROAD_AFFIX == 0:
            return 0
        here += 1
    return 0


@inner
def numeral_end(text: Any, at: int, end: int, tables: Any) -> int:  # pragma: no cover - compiled
    """Return the end of the Chinese numerals that begin at ``at``; ``at`` if there are none."""
    here = at
    while here < end and tables.chars[K_NUMERAL, text[here]] < NO_NUMERAL:
        here += 1
    return here


@inner
def is_counted_unit(
    text: Any, at: int, end: int, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if a Chinese numeral with a unit of buildings, rooms or groups begins at ``at``.

    ``三栋, 第二单元`` are True; numerals before a road, village or metre word are not.
    """
    here = at + 1 if tables.chars[K_MARK, text[at]] & M_LEAD else at
    stop = numeral_end(text, here, end, tables)
    if stop == here:
        return False
    word, size = longest_word(text, stop, end, tables, L_UNITS)
    if word < 0 or word in (U_ROAD, U_VILLAGE, U_METRES):
        return False
    next_word, _ = longest_word(text, stop + size, end, tables, L_WORDS)
    return bool(next_word != W_ROAD)


@inner
def is_lettered_unit(
    text: Any, at: int, end: int, tables: Any
) -> bool:  # pragma: no cover - compiled
    """Return True if up to three letters and digits with a unit begin at ``at``: ``A座, B1栋``."""
    here = at
    while here < end and here < at + 3 and C_DIGIT <= tables.chars[K_CLASS, text[here]] <= C_LETTER:
        here += 1
    word, _ = longest_word(text, here, end, tables, L_UNITS)
    if word >= 0:
        return True
    while here < end and C_DIGIT <= tables.chars[K_CLASS, text[here]] <= C_LETTER:
        here += 1
    ends = here >= end or tables.chars[K_CLASS, text[here]] != C_HAN
    digit = tables.chars[K_CLASS, text[here - 1]] == C_DIGIT
    return bool(ends and (here == at + 1 or digit))


@inner
def is_hanzi(text: Any, at: int, end: int, tables: Any) -> bool:  # pragma: no cover - compiled
    """Return True if ``text[at]`` is a Hanzi."""
    return bool(at < end and tables.chars[K_CLASS, text[at]] == C_HAN)


@inner
def road_end(
    text: Any, at: int, size: int, end: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """Return the end of the road name whose road word (路) is ``text[at:at + size]``; 0 for none.

    Return 0 if the word is only part of a longer name: ``街`` in ``新街口``.
    """
    stop = at + size
    if (
        size == 1
        and (text[at] == _WAY_CHAR or text[at] == _LINE_CHAR)
        and stop < end
        and tables.chars[K_CLASS, text[stop]] == C_HAN
    ):
        word, _ = longest_word(text, stop, end, tables, L_WORDS)
        counted = tables.chars[K_NUMERAL, text[at - 1]] < NO_NUMERAL
        if (
            word != W_REMARK
            and not counted
            and tables.chars[K_MARK, text[stop]] & M_ROAD_AFFIX == 0
        ):
            return 0
    if stop < end and text[at] != _ROAD_CHAR and tables.chars[K_MARK, text[stop]] & M_NAME_TAIL:
        return 0
    further = road_word_end(text, stop, end, tables)
    if further and text[further - 1] == _ROAD_CHAR and text[stop - 1] != _ROAD_CHAR:
        stop = further
    word, more = longest_word(text, stop, end, tables, L_WORDS)
    # 乡 in 莫干山路乡邻村 is no town
    alone = more > 1 or not is_hanzi(text, stop + more, end, tables)
    wider = word == W_VILLAGE or (word == W_TOWN and alone)
    if (word == W_ESTATE and more > 1) or wider:
        return 0
    return stop


@inner
def find_name(  # noqa: C901 - one walk over a name
    text: Any, at: int, end: int, tables: Any
) -> tuple[int, int, bool]:  # pragma: no cover - compiled
    """Find the road, village or estate name at ``at``.  Return (end, kind, a word gave the kind).

    The last is True if a word such as 路 or 小区 gives the kind.  Without such a word the kind is
    ESTATE, or OTHER for a single character.
    """
    here, estate_end, estate_size = at, 0, 0
    while here < end:
        char = text[here]
        group = tables.chars[K_CLASS, char]
        if group != C_HAN and group != C_LETTER and group != C_DIGIT:
            break
        after_han = here > at and tables.chars[K_CLASS, text[here - 1]] == C_HAN
        if group == C_DIGIT and after_han:
            stop = here
            while stop < end and tables.chars[K_CLASS, text[stop]] == C_DIGIT:
                stop += 1
            lane, _ = longest_word(text, stop, end, tables, L_UNITS)
            stop = road_word_end(text, stop, end, tables)
            if stop and estate_end == 0 and lane != U_LANE:
                return stop, ROAD, True
            break
        if group == C_LETTER and after_han and is_lettered_unit(text, here, end, tables):
            break
        if group == C_HAN and here == at:
            word, size = longest_word(text, here, end, tables, L_WORDS)
            road = road_word_end(text, at + size, end, tables)
            if word == W_ZONE and size > _MAX_AFFIXES and not road:
                next_word, more = longest_word(text, at + size, end, tables, L_WORDS)
                if next_word != W_ZONE and (next_word != W_ESTATE or more == 1):
                    return at + size, ZONE, True
        if group == C_HAN and here > at:
            if region_begins(text, here, end, tables):
                break
            if here > at + 1 and is_counted_unit(text, here, end, tables):
                break
            word, size = longest_word(text, here, end, tables, L_WORDS)
            stop = here + size
            gap = 2 + (estate_size == 1 and estate_end - at < _LONG_NAME)
            apart = estate_end > 0 and here - estate_end >= gap
            if word == W_ROAD:
                stop = road_end(text, here, size, end, tables)
                if stop:
                    return (estate_end, ESTATE, True) if apart else (stop, ROAD, True)
            elif word in (W_TOWN, W_VILLAGE, W_ZONE):
                next_word, more = longest_word(text, stop, end, tables, L_WORDS)
                longer = (next_word == W_ESTATE and more > 1) or next_word == W_ZONE
                road = road_word_end(text, stop, end, tables) if size == 1 else 0
                direct = next_word == W_ROAD and (more == 1 or road - stop == _MAX_AFFIXES)
                if word == W_TOWN and here - at > 1 and not direct:
                    road = 0
                if longer and road_word_end(text, stop + more, end, tables):
                    longer = False  # in 东风村花园路 the village ends before 花园路
                if not longer and not road:
                    if apart:
                        return estate_end, ESTATE, True
                    if word == W_TOWN:
                        return stop, TOWN, True
                    if word == W_VILLAGE and next_word == W_VILLAGE:
                        stop += more  # 协议村村委会 is one name
                    return stop, VILLAGE if word == W_VILLAGE else ZONE, True
            elif word == W_ESTATE:
                if size > 1 or here - at >= 2:
                    estate_end, estate_size = stop, size
                here = stop - 1
            elif word == W_REMARK and (size > 1 or not is_hanzi(text, stop, end, tables)):
                break
        here += 1
    return here, ESTATE if here - at > 1 else OTHER, estate_end > 0
