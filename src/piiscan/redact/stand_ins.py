"""What is written for each value: what an operator makes first, or another where that is misread.

A value is replaced in the same way in all copies, so where another is drawn every copy that holds
the first is made anew.  What can be drawn anew is known by a hash, its mark: for pseudonyms that of
the value, for masks that of the mask.  A folder can hold millions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.masking.pseudonym import SILENT, Item

Marks = npt.NDArray[np.int64]
#: The mark of what cannot be drawn anew.
NONE: Final = 0
_HIDDEN: Final = "*"


def mark(item: Item) -> int:
    """What an item's value is known by, equal for all ways to write it."""
    return NONE if item.entity in SILENT else hash((item.entity, item.value))


@dataclass(slots=True)
class Draws:
    """How often each was drawn anew, and which marks the copy under way holds.

    ``masks``: the second of a mask hides all of it; else an operator is asked for another one, and
    asks :meth:`times` for which.
    """

    masks: bool = False
    _times: dict[int, int] = field(default_factory=dict)
    _held: list[Marks] = field(default_factory=list)

    def __len__(self) -> int:
        """How many are no longer the first."""
        return len(self._times)

    def times(self, item: Item) -> int:
        """How often the stand-in of an item's value was drawn anew."""
        return self._times.get(mark(item), 0) if self._times else 0

    def again(self, marks: Iterable[int]) -> Marks:
        """Draw another for each of these from now on; the same marks."""
        drawn = [each for each in marks if each != NONE]
        for each in drawn:
            self._times[each] = self._times.get(each, 0) + 1
        return np.array(drawn, np.int64)

    def settled(self, items: Sequence[Item], made: Sequence[str]) -> list[tuple[str, int]]:
        """What is written for each item, with its mark; the copy under way holds them."""
        if self.masks:
            marks = [NONE if set(new) == {_HIDDEN} else hash(new) for new in made]
            told = [
                (_HIDDEN * len(new), NONE) if each in self._times else (new, each)
                for new, each in zip(made, marks, strict=True)
            ]
        else:
            marks = [mark(item) for item in items]
            told = list(zip(made, marks, strict=True))
        self._held.append(np.unique(np.array(marks, np.int64)))
        return told

    def held(self) -> Marks:
        """What the copy under way holds; another one is under way from now on."""
        held = np.unique(np.concatenate([np.zeros(0, np.int64), *self._held]))
        self._held = []
        return held
