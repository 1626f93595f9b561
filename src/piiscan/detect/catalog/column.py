"""Column: role and recognizers of the texts of one search, from the label of their column."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int64
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import OTHER_NUMBERS, SYSTEM_NUMBER, Label

#: Ranks by which the cells of a column raise or lower a recognizer.
_RANK_SHIFT: Final = 16


class ColumnTraits(NamedTuple):
    """Traits of a column for kernels.

    Attributes:
        labelled: ``bool[recognizer]``, True if the column's label names the recognizer
        by_chance: ``bool[recognizer]``, True if the cells pass its check only by chance
        other_label: ``bool[recognizer]``, True if the label names a thing that the recognizer does
            not find (an amount), or a number of a system (uid) and its values are digits
        rank_shift: ``int64[recognizer]``, added to its rank because of all cells
    """

    labelled: Bool
    by_chance: Bool
    other_label: Bool
    rank_shift: Int64


@dataclass(frozen=True, slots=True)
class Column:
    """Label of the column of some texts, None for running text, and its traits for kernels.

    ``is_labelled``: True if the label names any recognizer.
    """

    label: Label | None
    traits: ColumnTraits
    is_labelled: bool

    @classmethod
    def of(cls, catalog: Catalog, label: Label | None) -> Column:
        """Return the column with this ``label`` for the recognizers of ``catalog``."""
        named = label.recognizers if label and not (label.parts or label.mixed) else ()
        labelled = _mask(catalog, named)
        by_chance = _mask(catalog, label.chance if label else ())
        other = label.other if label is not None else None
        other_label = np.full(len(labelled), other in OTHER_NUMBERS)
        if other == SYSTEM_NUMBER:
            other_label[:] = [recognizer.is_number for recognizer in catalog.recognizers]
        shift = np.zeros(len(labelled), np.int64)
        if label is not None:
            shift[_mask(catalog, label.raised)] = _RANK_SHIFT
            shift[_mask(catalog, label.lowered)] = -_RANK_SHIFT
        traits = ColumnTraits(labelled, by_chance, other_label, shift)
        return cls(label, traits, bool(labelled.any()))

    @property
    def labelled(self) -> Bool:
        """Return ``bool[recognizer]``: True if the label names the recognizer."""
        return self.traits.labelled


def _mask(catalog: Catalog, ids: Collection[str]) -> Bool:
    """Return ``bool[recognizer]``: True for the recognizers in ``ids``."""
    mask = np.zeros(len(catalog.recognizers), np.bool_)
    if ids:
        mask[:] = [recognizer.id in ids for recognizer in catalog.recognizers]
    return mask
