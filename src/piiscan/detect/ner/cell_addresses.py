"""Cell addresses: whole cells that are an address without road and number.

``岳麓区示例公司``, ``长沙市、株洲市`` and ``示例广场IFC A座`` -> ADDRESS.  In running text these
are no addresses, so the model does not tag them.
"""

from __future__ import annotations

import re
import string
from dataclasses import replace
from typing import Final

import numpy as np

from piiscan.arrays import Int64, UInt32
from piiscan.data import region_names
from piiscan.detect.ner.model.network_numbers import ADDRESS, ORGANIZATION
from piiscan.detect.ner.name_kernels import find_candidate_cells
from piiscan.detect.ner.name_spans import NameSpans, NameText, Proposal, are_among, code_table
from piiscan.detect.scoring.score_kernels import SCORE_WITH_WORD

_DISTRICT: Final = re.compile("[\u4e00-\u9fff]{1,4}?区")
#: Placeholder of registers for a city without districts.
_NO_DISTRICT: Final = "市辖区"
_LIST_SEPARATORS: Final = re.compile("[、/，]")
#: Characters of which such a cell has one: signs of a list, or a capital.
CELL_SIGNS: Final = f"、/{string.ascii_uppercase}"
_IS_CELL_SIGN: Final = code_table(CELL_SIGNS)
#: Latin names of buildings, with wing, floor and room.
_LATIN_BUILDING: Final = "SOHO|IFC|WFC|ICC|CBD|MALL|PARK|PLAZA|CENTER|CENTRE|TOWER"
_WING: Final = "(?:[A-Z]|[0-9]{1,3}|[东西南北])(?:座|栋|幢|塔|号楼|期|区|馆)"
_ROOM: Final = "[0-9A-Z-]{1,6}(?:层|楼|室|号|F)"
_TOWER: Final = re.compile(
    f"[\u4e00-\u9fff]{{2,10}} ?(?:{_LATIN_BUILDING})(?: ?{_WING}(?: ?{_ROOM}){{0,2}})?",
    re.IGNORECASE,
)


def is_region_name(name: str) -> bool:
    """Return True if ``name`` is a region, with or without its suffix (湖南, 湖南省)."""
    known = region_names()
    return len(name) > 1 and any(f"{name}{suffix}" in known for suffix in ("", *"市省县区"))


def firms_to_addresses(text: NameText, spans: NameSpans) -> NameSpans:
    """Retype a firm after its district that fills a cell as an address: ``岳麓区示例公司``."""
    codes, offsets, stop = text.codes, text.offsets, spans.stop
    last = (spans.kind == ORGANIZATION) & are_among(stop, offsets) & (codes[stop - 1] == ord("司"))
    if not last.any():
        return spans
    begin, kind, score = spans.begin.copy(), spans.kind.copy(), spans.score.copy()
    # The tagger excludes the placeholder from the firm: include it again.
    size = len(_NO_DISTRICT)
    for row in np.flatnonzero(last & are_among(begin - size, offsets)).tolist():
        if text.slice(int(begin[row]) - size, int(begin[row])) == _NO_DISTRICT:
            begin[row] -= size
    for row in np.flatnonzero(last & are_among(begin, offsets)).tolist():
        head = _DISTRICT.match(text.slice(int(begin[row]), int(stop[row])))
        if head and (head[0] == _NO_DISTRICT or head[0] in region_names()):
            kind[row], score[row] = ADDRESS, max(score[row], SCORE_WITH_WORD[1])
    return replace(spans, begin=begin, kind=kind, score=score)


def column_firms_to_addresses(text: NameText, spans: NameSpans) -> NameSpans:
    """Retype a firm that fills a cell of an address column as an address: ``示例大厦``."""
    if not text.is_address_column:
        return spans
    whole = are_among(spans.begin, text.offsets) & are_among(spans.stop, text.offsets)
    whole &= spans.kind == ORGANIZATION
    return replace(spans, kind=np.where(whole, np.int8(ADDRESS), spans.kind))


def propose_cell_addresses(text: NameText, spans: NameSpans) -> NameSpans:
    """Propose whole cells that list regions (``长沙市、株洲市``) or name a building (``示例SOHO``).

    Other spans inside such a cell are dropped.
    """
    cells = _candidate_cells(text.codes, text.offsets)
    if not cells:
        return spans
    begin, stop, kind = spans.begin, spans.stop.copy(), spans.kind
    proposed = []
    for first, last in cells:
        rows = slice(np.searchsorted(stop, first, "right"), np.searchsorted(begin, last))
        if ((kind[rows] == ADDRESS) & (begin[rows] == first) & (stop[rows] == last)).any():
            continue
        cell = text.slice(first, last)
        if _TOWER.fullmatch(cell) or _is_region_list(cell):
            stop[rows] = begin[rows]
            proposed.append(Proposal(first, last, float(SCORE_WITH_WORD[1]), ADDRESS))
    return replace(spans, stop=stop).propose(proposed) if proposed else spans


def _candidate_cells(codes: UInt32, offsets: Int64) -> list[tuple[int, int]]:
    """Return (start, end) of short texts with a Hanzi first and a list sign or capital in them."""
    texts = np.empty(len(offsets) - 1, np.int64)
    count = find_candidate_cells(codes, offsets, _IS_CELL_SIGN, texts)
    if not count:
        return []
    texts = texts[:count]
    return list(zip(offsets[texts].tolist(), offsets[texts + 1].tolist(), strict=True))


def _is_region_list(text: str) -> bool:
    """Return True if ``text`` has several parts and all are regions: ``长沙市、株洲市``."""
    parts = _LIST_SEPARATORS.split(text)
    return len(parts) > 1 and all(is_region_name(part) or _is_region_pair(part) for part in parts)


def _is_region_pair(name: str) -> bool:
    """Return True if ``name`` is two regions in a row: ``常州新北``."""
    return any(
        is_region_name(name[:at]) and is_region_name(name[at:]) for at in range(2, len(name) - 1)
    )
