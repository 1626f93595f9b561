"""Cells that say where something is without any road or number.

A firm in its district, a list of districts, a building in Latin letters, which the tagger does
not read: in running text these are no addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from piiscan.arrays import Float64, Int8, Int64, UInt32
from piiscan.data import region_names
from piiscan.detect.ner.model.tagger import ADDRESS, ORGANIZATION
from piiscan.detect.ner.model_input import text_of
from piiscan.detect.scoring.candidate_score import WITH_WORD

_DISTRICT: Final = re.compile("[\u4e00-\u9fff]{1,4}?区")
#: What registers write where there is no district.
_NO_DISTRICT: Final = "市辖区"
#: So many Hanzi may stand between an address and what is masked of it.
_REST: Final = 8
#: Longer cells say more than that.
_LONGEST: Final = 32
_BETWEEN: Final = re.compile("[、/，]")
_SIGNS: Final = np.array([ord(char) for char in "、/"], np.uint32)
#: Buildings that are called in Latin letters, with what may stand behind.
_LATIN: Final = "SOHO|IFC|WFC|ICC|CBD|MALL|PARK|PLAZA|CENTER|CENTRE|TOWER"
_WING: Final = "(?:[A-Z]|[0-9]{1,3}|[东西南北])(?:座|栋|幢|塔|号楼|期|区|馆)"
_ROOM: Final = "[0-9A-Z-]{1,6}(?:层|楼|室|号|F)"
_TOWER: Final = re.compile(
    f"[\u4e00-\u9fff]{{2,10}} ?(?:{_LATIN})(?: ?{_WING}(?: ?{_ROOM}){{0,2}})?", re.IGNORECASE
)


def is_place(name: str) -> bool:
    """Whether this is a region with or without its last word."""
    known = region_names()
    return len(name) > 1 and any(f"{name}{end}" in known for end in ("", *"市省县区"))


def seat_firms(codes: UInt32, offsets: Int64, held: tuple[Int64, Int64, Int8, Float64]) -> None:
    """Let a cell be an address that is a firm behind its district: 岳麓区示例公司."""
    begin, stop, kind, score = held
    last = (kind == ORGANIZATION) & np.isin(stop, offsets) & (codes[stop - 1] == ord("司"))
    # What stands for no district is no part of the firm that the tagger saw.
    size = len(_NO_DISTRICT)
    for row in np.flatnonzero(last & np.isin(begin - size, offsets)).tolist():
        if text_of(codes, int(begin[row]) - size, int(begin[row])) == _NO_DISTRICT:
            begin[row] -= size
    for row in np.flatnonzero(last & np.isin(begin, offsets)).tolist():
        text = text_of(codes, int(begin[row]), int(stop[row]))
        head = _DISTRICT.match(text)
        if head and (head[0] == _NO_DISTRICT or head[0] in region_names()):
            kind[row], score[row] = ADDRESS, max(score[row], WITH_WORD[1])


def reach_masks(codes: UInt32, offsets: Int64, held: tuple[Int64, Int64, Int8, Float64]) -> None:
    """Let an address hold what stands between it and its masked rest: 示例路1号示例新居***."""
    begin, stop, kind, _ = held
    masks = np.flatnonzero(codes == ord("*"))
    rows = np.searchsorted(stop, masks, "right") - 1
    text = np.searchsorted(offsets, masks, "right")
    for at, last, floor in zip(
        masks.tolist(), rows.tolist(), offsets[text - 1].tolist(), strict=True
    ):
        row = last
        while row >= 0 and kind[row] != ADDRESS and at - int(begin[row]) <= _REST:
            row -= 1
        if (
            row < 0
            or kind[row] != ADDRESS
            or begin[row] < floor
            or not 0 < at - int(stop[row]) <= _REST
        ):
            continue
        between = codes[stop[row] : at]
        if ((between >= 0x4E00) & (between < 0xA000)).all():
            inner = slice(row + 1, int(np.searchsorted(begin, at)))
            stop[row] = at
            stop[inner] = begin[inner]


def seats(
    codes: UInt32, offsets: Int64, held: tuple[Int64, Int64, Int8, Float64]
) -> Iterator[tuple[int, int, float, int]]:
    """Begin, end, score and kind of cells that are a list of places or a building.

    What is held in such a cell gives way.
    """
    begin, stop, kind, _ = held
    for first, last in _short(codes, offsets):
        rows = slice(np.searchsorted(stop, first, "right"), np.searchsorted(begin, last))
        if ((kind[rows] == ADDRESS) & (begin[rows] == first) & (stop[rows] == last)).any():
            continue
        text = text_of(codes, first, last)
        if _TOWER.fullmatch(text) or _is_list(text):
            stop[rows] = begin[rows]
            yield first, last, float(WITH_WORD[1]), ADDRESS


def _short(codes: UInt32, offsets: Int64) -> Iterator[tuple[int, int]]:
    """Bounds of short texts that begin with a Hanzi and hold a sign of a list or a capital."""
    capital = (codes >= ord("A")) & (codes <= ord("Z"))
    at = np.flatnonzero(capital | np.isin(codes, _SIGNS))
    texts = np.unique(np.searchsorted(offsets, at, "right") - 1)
    first, last = offsets[texts], offsets[texts + 1]
    short = (last - first <= _LONGEST) & (codes[first] >= 0x4E00) & (codes[first] < 0xA000)
    yield from zip(first[short].tolist(), last[short].tolist(), strict=True)


def _is_list(text: str) -> bool:
    """Whether all parts of a text are places, and there are several."""
    parts = _BETWEEN.split(text)
    return len(parts) > 1 and all(is_place(part) or _is_pair(part) for part in parts)


def _is_pair(name: str) -> bool:
    """Whether this is a place and one in it: 常州新北."""
    return any(is_place(name[:at]) and is_place(name[at:]) for at in range(2, len(name) - 1))
