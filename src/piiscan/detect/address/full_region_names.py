"""Full region names: match 湖南省, 长沙市 or 岳麓区 with its suffix at a character (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.lookup_tables import M_FORM, M_PLACE, P_LEVEL
from piiscan.detect.address.part_kinds import PROVINCE, as_int64
from piiscan.detect.address.place_names import FULL
from piiscan.detect.address.word_table import K_NAMES, NAMES_BASIS, PREFIX, extend_hash, word_value
from piiscan.jit import inner

_LONGEST: Final = 16
_ABOVE: Final = as_int64(0)
_SIGNS: Final = (ord("省"), ord("市"))
_SHORTEST: Final = 2
_SIGN_AT_MOST: Final = 5


@inner
def full_name_size(
    text: Any, at: int, end: int, level: int, tables: Any
) -> int:  # pragma: no cover - compiled
    """Return the characters of the longest full place name at ``at`` that ranks below ``level``.

    0 if there is none.  ``level`` 0 allows every place.
    """
    if at >= end:
        return 0
    best = 0
    hashed = NAMES_BASIS
    for count in range(min(int(tables.chars[K_NAMES, text[at]]), end - at, _LONGEST)):
        hashed = extend_hash(hashed, text[at + count])
        group = word_value(hashed, tables)
        if group < PREFIX:
            break
        if group < 0:
            continue
        for member in range(tables.group_from[group], tables.group_from[group + 1]):
            below = tables.place[P_LEVEL, tables.member[M_PLACE, member]] > level
            if below and tables.member[M_FORM, member] == FULL:
                best = count + 1
    return best


@inner
def region_begins(text: Any, at: int, end: int, tables: Any) -> bool:  # pragma: no cover - compiled
    """Return True if two full region names begin at ``at``: ``湖南省长沙市``.

    A name that contains such a pair ends before it.
    """
    for sign in range(at + _SHORTEST, min(at + _SIGN_AT_MOST, end)):
        stop = sign + 1
        if text[sign] in _SIGNS and full_name_size(text, at, stop, _ABOVE, tables) == stop - at:
            return bool(full_name_size(text, stop, end, PROVINCE, tables) > 0)
    return False
