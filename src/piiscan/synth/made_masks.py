"""Values of a made list as somebody masked them before handing it on."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.synth.planted_cells import Cells, Marks

#: Characters shown at the head and at the tail; a name keeps its first one and gets one star.
MASKS: Final = {"masked_3_4": (3, 4), "masked_6_4": (6, 4), "masked_star": (1, 0)}


def mask_cells(cells: Cells, form: str) -> Cells:
    """The same cells with every value masked that was whole; others stay what they are.

    >>> from piiscan.synth.planted_cells import mark
    >>> mask_cells(mark(pa.array(["13800000000"]), "CN_MOBILE"), "masked_3_4").text.to_pylist()
    ['138****0000']
    """
    head, tail = MASKS[form]
    texts, marks = cells.text.to_pylist(), []
    for old in cells.marks:
        if old.entity != old.of:
            marks.append(old)
            continue
        for cell, text in zip(old.cell.tolist(), old.value.to_pylist(), strict=True):
            stars = 1 if form == "masked_star" else len(text) - head - tail
            texts[cell] = text[:head] + "*" * stars + text[len(text) - tail :]
        marks.append(_hidden(old, [len(texts[cell]) for cell in old.cell.tolist()], form))
    return Cells(pa.array(texts, pa.string()), tuple(marks))


def _hidden(old: Marks, ends: list[int], form: str) -> Marks:
    start, end = np.zeros(len(ends), np.int64), np.array(ends, np.int64)
    return replace(old, start=start, end=end, entity="MASKED", form=form, refuted=False)
