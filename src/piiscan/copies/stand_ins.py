"""Stand-ins: the replacement text of each value, as first computed or redrawn.

The text around a stand-in can turn it into a finding again; then another one is drawn. A value
has one stand-in in all copies, so every copy that contains it is made again. A *mark* identifies
a value by a hash: for pseudonyms of the value, for masks of the mask. Hashes save memory:
a folder can contain millions of values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.masking.pseudonym import HIDDEN_KINDS, Item

Marks = npt.NDArray[np.int64]
#: Mark of a value that is never redrawn.
NO_MARK: Final = 0
_HIDDEN: Final = "*"


def value_mark(item: Item) -> int:
    """Return a hash that identifies the value of ``item`` in all its spellings.

    ``138-0013-8000`` and ``13800138000`` have one mark. Return ``NO_MARK`` for a secret, which is
    never redrawn.
    """
    return NO_MARK if item.entity in HIDDEN_KINDS else hash((item.entity, item.value))


@dataclass(slots=True)
class StandIns:
    """Redraws per value, and the marks (hashes) of the values in the current copy.

    ``is_mask``: the operator masks; a redrawn mask is asterisks only. Otherwise the operator draws
    another text, numbered by :meth:`redraw_count`.
    """

    is_mask: bool = False
    _counts: dict[int, int] = field(default_factory=dict)
    _marks: list[Marks] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of redrawn values."""
        return len(self._counts)

    def redraw_count(self, item: Item) -> int:
        """Return the number of redraws so far of the stand-in for an item's value."""
        return self._counts.get(value_mark(item), 0) if self._counts else 0

    def redraw(self, marks: Iterable[int]) -> Marks:
        """Request new stand-ins for the values with these marks; return the real marks.

        ``NO_MARK`` is dropped.
        """
        drawn = [each for each in marks if each != NO_MARK]
        for each in drawn:
            self._counts[each] = self._counts.get(each, 0) + 1
        return np.array(drawn, np.int64)

    def assign(self, items: Sequence[Item], texts: Sequence[str]) -> list[tuple[str, int]]:
        """Return (text, mark) per item: as in ``texts``, but a redrawn mask is asterisks alone.

        ``texts``: the replacement that the operator computed for each item. A mark is a hash, of
        the mask or value that is drawn again together; ``NO_MARK`` is never drawn again. The marks
        are recorded for the current copy.
        """
        if self.is_mask:
            marks = [hash(new) if new.strip(_HIDDEN) or not new else NO_MARK for new in texts]
            assigned = [
                (_HIDDEN * len(new), NO_MARK) if each in self._counts else (new, each)
                for new, each in zip(texts, marks, strict=True)
            ]
        else:
            marks = [value_mark(item) for item in items]
            assigned = list(zip(texts, marks, strict=True))
        self._marks.append(np.unique(np.array(marks, np.int64)))
        return assigned

    @property
    def marks(self) -> Marks:
        """Return the distinct value marks of the current copy, sorted."""
        return np.unique(np.concatenate([np.zeros(0, np.int64), *self._marks]))

    def start_copy(self) -> None:
        """Drop the value marks of the previous copy."""
        self._marks.clear()
