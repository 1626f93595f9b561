"""Whether texts look like addresses, and whether one goes on with the address before it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Float32
from piiscan.detect.address.parser import Parsed, parse_all
from piiscan.detect.address.part_kinds import BUILDING, ESTATE, OTHER, POSTCODE, REMARK, TOWN
from piiscan.detect.address.parts import Q_GROUP, Q_KIND, SAID
from piiscan.jit import kernel


def score_texts(texts: pa.Array) -> Float32:
    """How much each text looks like an address, from 0 to 1.

    >>> scores = score_texts(pa.array(["岳麓区示例路3号", "示例小区3栋501", "长沙示例公司"]))
    >>> (scores > 0.5).tolist()
    [True, True, False]
    """
    return parse_all(texts).scores


def continue_texts(ahead: Parsed, behind: Parsed) -> Bool:
    """Whether each text of ``behind`` goes on with the address that ``ahead`` begins.

    It does where its parts are smaller than those before and lie in the same region, or where it
    is the region alone that was left out before: 示例小区3栋501 and 长沙市天心区.

    >>> texts = ["湖南省长沙市", "示例小区3栋501", "长沙市岳麓区示例路", "湖南省"]
    >>> nexts = ["岳麓区示例路3号", "长沙市天心区", "广州市天河区", "示例商贸"]
    >>> continue_texts(parse_all(pa.array(texts)), parse_all(pa.array(nexts))).tolist()
    [True, True, False, False]
    """
    out = np.zeros(len(ahead.levels), np.bool_)
    _continue(ahead.first, ahead.parts, behind.first, behind.parts, out)
    for which in range(2):
        first, second = ahead.present[:, which], behind.present[:, which]
        out &= (first < 0) | (second < 0) | (first == second)
    return out


@kernel
def _continue(
    first: Any, parts: Any, next_first: Any, nexts: Any, out: Any
) -> None:  # pragma: no cover - compiled
    for row in range(len(out)):
        lowest, highest, last, regions = 0, OTHER, 0, 0
        for part in range(first[row], first[row + 1]):
            kind = parts[Q_KIND, part]
            if kind < REMARK:
                last, lowest = kind, max(lowest, kind)
                regions += kind <= TOWN
        alone, known, begin = True, False, 0
        for part in range(next_first[row], next_first[row + 1]):
            kind = nexts[Q_KIND, part]
            if kind in (REMARK, POSTCODE, OTHER):
                continue
            said = kind != ESTATE or nexts[Q_GROUP, part] == SAID
            begin = kind if begin == 0 else begin
            highest = min(highest, kind)
            known |= said
            alone &= kind <= TOWN
        smaller = begin > 0 and last > 0 and begin > last and highest > last
        region_behind = alone and known and regions == 0 and lowest >= BUILDING
        out[row] = known and (smaller or region_behind)
