"""Where a name ends and what it names: a road, a town, a village, an estate (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.full_region_names import region_begins
from piiscan.detect.address.lookup_tables import M_BETWEEN, M_GOES_ON, M_LEAD, NO_NUMERAL
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
_JOINTS: Final = 2
#: From this size on a name may end in one character like 城 before the name of a road.
_LONG_NAME: Final = 3


@inner
def road_behind(text: Any, at: int, end: int, tables: Any) -> int:  # pragma: no cover - compiled
    """The end of a road word at ``at``, with up to two characters like 东 before it; 0 for none."""
    here = at
    for _ in range(_JOINTS + 1):
        said, size = longest_word(text, here, end, tables, L_WORDS)
        if said == W_ROAD:
            return here + size
        if here >= end:
            return 0
        counted = text[here] == _ORDER_CHAR or tables.chars[K_CLASS, text[here]] == C_DIGIT
        if not counted and tables.chars[K_MARK, text[here]] & M_BETWEEN == 0:
            return 0
        here += 1
    return 0


@inner
def numeral_end(text: Any, at: int, end: int, tables: Any) -> int:  # pragma: no cover - compiled
    """The end of the Chinese numerals at ``at``."""
    here = at
    while here < end and tables.chars[K_NUMERAL, text[here]] < NO_NUMERAL:
        here += 1
    return here


@inner
def counts_here(text: Any, at: int, end: int, tables: Any) -> bool:  # pragma: no cover - compiled
    """Whether a Chinese numeral with a unit of buildings, rooms or groups begins at ``at``."""
    here = at + 1 if tables.chars[K_MARK, text[at]] & M_LEAD else at
    stop = numeral_end(text, here, end, tables)
    if stop == here:
        return False
    said, size = longest_word(text, stop, end, tables, L_UNITS)
    if said < 0 or said in (U_ROAD, U_VILLAGE, U_METRES):
        return False
    behind, _ = longest_word(text, stop + size, end, tables, L_WORDS)
    return bool(behind != W_ROAD)


@inner
def letters_count(text: Any, at: int, end: int, tables: Any) -> bool:  # pragma: no cover - compiled
    """Whether up to three letters and digits with a unit begin at ``at``: A座, B1栋."""
    here = at
    while here < end and here < at + 3 and C_DIGIT <= tables.chars[K_CLASS, text[here]] <= C_LETTER:
        here += 1
    said, _ = longest_word(text, here, end, tables, L_UNITS)
    if said >= 0:
        return True
    while here < end and C_DIGIT <= tables.chars[K_CLASS, text[here]] <= C_LETTER:
        here += 1
    ends = here >= end or tables.chars[K_CLASS, text[here]] != C_HAN
    digit = tables.chars[K_CLASS, text[here - 1]] == C_DIGIT
    return bool(ends and (here == at + 1 or digit))


@inner
def han_at(text: Any, at: int, end: int, tables: Any) -> bool:  # pragma: no cover - compiled
    """Whether a Hanzi stands at ``at``."""
    return bool(at < end and tables.chars[K_CLASS, text[at]] == C_HAN)


@inner
def road_end(
    text: Any, at: int, size: int, end: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """The end of the road whose word of ``size`` is at ``at``; 0 if it is only part of a name."""
    stop = at + size
    if (
        size == 1
        and (text[at] == _WAY_CHAR or text[at] == _LINE_CHAR)
        and stop < end
        and tables.chars[K_CLASS, text[stop]] == C_HAN
    ):
        said, _ = longest_word(text, stop, end, tables, L_WORDS)
        counted = tables.chars[K_NUMERAL, text[at - 1]] < NO_NUMERAL
        if said != W_REMARK and not counted and tables.chars[K_MARK, text[stop]] & M_BETWEEN == 0:
            return 0
    if stop < end and text[at] != _ROAD_CHAR and tables.chars[K_MARK, text[stop]] & M_GOES_ON:
        return 0
    further = road_behind(text, stop, end, tables)
    if further and text[further - 1] == _ROAD_CHAR and text[stop - 1] != _ROAD_CHAR:
        stop = further
    said, more = longest_word(text, stop, end, tables, L_WORDS)
    alone = more > 1 or not han_at(text, stop + more, end, tables)  # 莫干山路乡邻村
    wider = said == W_VILLAGE or (said == W_TOWN and alone)
    if (said == W_ESTATE and more > 1) or wider:
        return 0
    return stop


@inner
def find_name(  # noqa: C901 - one walk over a name
    text: Any, at: int, end: int, tables: Any
) -> tuple[int, int, bool]:  # pragma: no cover - compiled
    """Where the name at ``at`` ends, what it is, and whether a word says so."""
    here, estate_end, estate_size = at, 0, 0
    while here < end:
        char = text[here]
        group = tables.chars[K_CLASS, char]
        if group != C_HAN and group != C_LETTER and group != C_DIGIT:
            break
        behind_han = here > at and tables.chars[K_CLASS, text[here - 1]] == C_HAN
        if group == C_DIGIT and behind_han:
            stop = here
            while stop < end and tables.chars[K_CLASS, text[stop]] == C_DIGIT:
                stop += 1
            lane, _ = longest_word(text, stop, end, tables, L_UNITS)
            stop = road_behind(text, stop, end, tables)
            if stop and estate_end == 0 and lane != U_LANE:
                return stop, ROAD, True
            break
        if group == C_LETTER and behind_han and letters_count(text, here, end, tables):
            break
        if group == C_HAN and here == at:
            said, size = longest_word(text, here, end, tables, L_WORDS)
            road = road_behind(text, at + size, end, tables)
            if said == W_ZONE and size > _JOINTS and not road:
                behind, more = longest_word(text, at + size, end, tables, L_WORDS)
                if behind != W_ZONE and (behind != W_ESTATE or more == 1):
                    return at + size, ZONE, True
        if group == C_HAN and here > at:
            if region_begins(text, here, end, tables):
                break
            if here > at + 1 and counts_here(text, here, end, tables):
                break
            said, size = longest_word(text, here, end, tables, L_WORDS)
            stop = here + size
            gap = 2 + (estate_size == 1 and estate_end - at < _LONG_NAME)
            apart = estate_end > 0 and here - estate_end >= gap
            if said == W_ROAD:
                stop = road_end(text, here, size, end, tables)
                if stop:
                    return (estate_end, ESTATE, True) if apart else (stop, ROAD, True)
            elif said in (W_TOWN, W_VILLAGE, W_ZONE):
                behind, more = longest_word(text, stop, end, tables, L_WORDS)
                longer = (behind == W_ESTATE and more > 1) or behind == W_ZONE
                road = road_behind(text, stop, end, tables) if size == 1 else 0
                direct = behind == W_ROAD and (more == 1 or road - stop == _JOINTS)
                if said == W_TOWN and here - at > 1 and not direct:
                    road = 0
                if longer and road_behind(text, stop + more, end, tables):
                    longer = False  # 东风村花园路
                if not longer and not road:
                    if apart:
                        return estate_end, ESTATE, True
                    if said == W_TOWN:
                        return stop, TOWN, True
                    if said == W_VILLAGE and behind == W_VILLAGE:
                        stop += more  # 协议村村委会
                    return stop, VILLAGE if said == W_VILLAGE else ZONE, True
            elif said == W_ESTATE:
                if size > 1 or here - at >= 2:
                    estate_end, estate_size = stop, size
                here = stop - 1
            elif said == W_REMARK and (size > 1 or not han_at(text, stop, end, tables)):
                break
        here += 1
    return here, ESTATE if here - at > 1 else OTHER, estate_end > 0
