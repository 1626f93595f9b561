"""Masked lists: values of a synthetic list as masked by a seller before it is passed on."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.synth.planted_cells import Cells, PlantedValues

#: Unmasked characters at the start and at the end; of a name the first, followed by one star.
MASKS: Final = {"masked_3_4": (3, 4), "masked_6_4": (6, 4), "masked_star": (1, 0)}


def mask_cells(cells: Cells, form: str) -> Cells:
    """Mask every complete value in ``cells``; masked and damaged values are unchanged.

    >>> from piiscan.synth.planted_cells import plant
    >>> mask_cells(plant(pa.array(["13800000000"]), "CN_MOBILE"), "masked_3_4").text.to_pylist()
    ['138****0000']
    """
    head, tail = MASKS[form]
    texts, planted = cells.text.to_pylist(), []
    for old in cells.planted:
        if old.entity != old.of:
            planted.append(old)
            continue
        for cell, text in zip(old.cell.tolist(), old.value.to_pylist(), strict=True):
            stars = 1 if form == "masked_star" else len(text) - head - tail
            texts[cell] = text[:head] + "*" * stars + text[len(text) - tail :]
        planted.append(_masked_values(old, [len(texts[cell]) for cell in old.cell.tolist()], form))
    return Cells(pa.array(texts, pa.string()), tuple(planted))


def _masked_values(old: PlantedValues, ends: list[int], form: str) -> PlantedValues:
    """Convert planted values to entity MASKED, from cell start to ``ends`` (code points)."""
    start, end = np.zeros(len(ends), np.int64), np.array(ends, np.int64)
    return replace(old, start=start, end=end, entity="MASKED", form=form, refuted=False)
