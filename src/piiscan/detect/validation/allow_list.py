"""Allow lists: refute candidates whose text is in the recognizer's ``never`` list.

Presidio calls such values, which are not reported, an allow list.

    candidate 先生 as a name -> REFUTED, PLACEHOLDER
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int64
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.validation.validation_kernels import checksum

_BLANKS: Final = dict.fromkeys(map(ord, " \t\u3000\xa0"))


class Checksums(NamedTuple):
    """Checksums of the texts in the allow lists, which reject most candidates.

    ``row``: row of ``known`` of each recognizer, -1 for one without a list.  ``known[row, sum]``:
    True if a text of the list has this checksum.
    """

    row: Int64
    known: Bool


@dataclass(frozen=True, slots=True)
class AllowLists:
    """Allow lists of a catalogue: texts by recognizer, and their checksums."""

    texts: dict[int, frozenset[str]]
    checksums: Checksums

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer]) -> AllowLists:
        """Return the lists of ``recognizers``."""
        lists = {number: r.never for number, r in enumerate(recognizers) if r.never}
        row = np.full(len(recognizers), -1, np.int64)
        row[list(lists)] = np.arange(len(lists))
        known = np.zeros((len(lists), 1 << 16), np.bool_)
        for number, allowed in enumerate(lists.values()):
            encoded = [np.frombuffer(word.encode(), np.uint8) for word in allowed]
            known[number, [checksum(each, 0, len(each)) for each in encoded]] = True
        texts = {number: frozenset(each) for number, each in lists.items()}
        return cls(texts, Checksums(row, known))

    def has(self, recognizer: int, text: bytes) -> bool:
        """Return True if the list of ``recognizer`` has ``text``, whose blanks are ignored."""
        return text.decode("utf-8", "replace").translate(_BLANKS) in self.texts[recognizer]
