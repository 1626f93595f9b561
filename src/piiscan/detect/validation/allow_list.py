"""Allow lists: refute candidates whose text is in the recognizer's ``never`` list.

Presidio calls such values, which are not reported, an allow list.

    candidate 先生 as a name -> REFUTED, PLACEHOLDER
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.arrow_strings import constant_strings, strings_of_slices
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets
from piiscan.detect.validation.validation_kernels import checksum


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

    texts: dict[int, pa.Array]
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
        texts = {number: constant_strings(each) for number, each in lists.items()}
        return cls(texts, Checksums(row, known))


def apply_allow_lists(
    data: UInt8,
    candidates: Candidates,
    located: Offsets,
    judgement: Judgement,
    allow_lists: AllowLists,
    rows: Int64,
) -> Judgement:
    """Refute the candidates whose text is in their recognizer's allow list; reason PLACEHOLDER.

    ``rows``: candidates with a checksum of their list. Blanks in the text are ignored. Return the
    judgements, ``judgement`` itself if none changes.
    """
    if not len(rows):
        return judgement
    texts = strings_of_slices(data, located.byte_start[rows], located.byte_end[rows])
    stripped = pa.compute.replace_substring_regex(texts, r"[ \t\x{3000}\x{A0}]", "")
    which, is_allowed = candidates.recognizer[rows], np.zeros(len(rows), np.bool_)
    for recognizer in np.unique(which).tolist():
        listed = pa.compute.is_in(stripped, value_set=allow_lists.texts[recognizer])
        is_allowed |= (which == recognizer) & listed.to_numpy(zero_copy_only=False)
    allowed = rows[is_allowed]
    if not len(allowed):
        return judgement
    verdict, reason = judgement.verdict.copy(), judgement.reason.copy()
    verdict[allowed], reason[allowed] = Verdict.REFUTED, REASON["PLACEHOLDER"]
    return judgement._replace(verdict=verdict, reason=reason)
