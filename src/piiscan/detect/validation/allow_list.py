"""Allow lists: refute candidates whose text is in the recognizer's ``never`` list.

Presidio calls such values, which are not reported, an allow list.

    candidate 先生 as a name -> REFUTED, PLACEHOLDER
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Bool, Int64, UInt8, UInt16
from piiscan.arrow_strings import strings_of_slices
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets
from piiscan.jit import kernel


@dataclass(frozen=True, slots=True)
class AllowList:
    """Texts that one recognizer must not report, and a mask of their checksums."""

    recognizer: int
    texts: pa.Array
    checksums: Bool

    @classmethod
    def of(cls, recognizer: int, allowed: tuple[str, ...]) -> AllowList:
        """Return the list of one recognizer."""
        known = np.zeros(1 << 16, np.bool_)
        encoded = np.frombuffer("".join(allowed).encode(), np.uint8)
        ends = np.cumsum([len(word.encode()) for word in allowed], dtype=np.int64)
        known[_checksums(encoded, np.concatenate([[0], ends[:-1]]), ends)] = True
        return cls(recognizer, pa.array(allowed, pa.string()), known)

    def rows_in_list(
        self, data: UInt8, located: Offsets, rows: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.intp]:
        """Return the ``rows`` whose text, without blanks, is in the list.

        A checksum rejects most rows before any text is compared.
        """
        start, end = located.byte_start[rows], located.byte_end[rows]
        rows = rows[self.checksums[_checksums(data, start, end)]]
        if not len(rows):
            return rows
        texts = strings_of_slices(data, located.byte_start[rows], located.byte_end[rows])
        stripped = pa.compute.replace_substring_regex(texts, r"[ \t\x{3000}\x{A0}]", "")
        is_allowed = pa.compute.is_in(stripped, value_set=self.texts)
        found: npt.NDArray[np.intp] = rows[is_allowed.to_numpy(zero_copy_only=False)]
        return found


@dataclass(frozen=True, slots=True)
class AllowLists:
    """Allow lists of a catalogue. ``listed``: ``bool[recognizer]``, True if it has one."""

    lists: tuple[AllowList, ...]
    listed: Bool

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer]) -> AllowLists:
        """Return the lists of ``recognizers``."""
        lists = tuple(
            AllowList.of(number, r.never) for number, r in enumerate(recognizers) if r.never
        )
        return cls(lists, np.array([bool(r.never) for r in recognizers], np.bool_))


def apply_allow_lists(
    data: UInt8,
    candidates: Candidates,
    located: Offsets,
    judgement: Judgement,
    allow_lists: AllowLists,
) -> Judgement:
    """Refute the candidates whose text is in their recognizer's allow list; reason PLACEHOLDER.

    Blanks in the text are ignored. Return the judgements, ``judgement`` itself if none changes.
    """
    if not allow_lists.listed[candidates.recognizer].any():
        return judgement
    found = []
    for each in allow_lists.lists:
        rows = np.flatnonzero(candidates.recognizer == each.recognizer)
        if len(rows):
            found.append(each.rows_in_list(data, located, rows))
    if not any(map(len, found)):
        return judgement
    allowed = np.concatenate(found)
    verdict, reason = judgement.verdict.copy(), judgement.reason.copy()
    verdict[allowed], reason[allowed] = Verdict.REFUTED, REASON["PLACEHOLDER"]
    return judgement._replace(verdict=verdict, reason=reason)


@kernel
def _checksum_texts(
    data: UInt8, start: Int64, end: Int64, sums: UInt16
) -> None:  # pragma: no cover - compiled
    """Write each text's 16-bit checksum to ``sums``: sum of squared bytes, without blanks."""
    for row in range(len(start)):
        total = 0
        for at in range(start[row], end[row]):
            byte = np.int64(data[at])
            blank = byte == 32 or byte == 9
            blank |= byte == 0xC2 or byte == 0xA0 or byte == 0xE3 or byte == 0x80
            total += 0 if blank else int(byte * byte)
        sums[row] = total & 0xFFFF


def _checksums(data: UInt8, start: Int64, end: Int64) -> UInt16:
    """Return a 16-bit checksum of each text.

    Equal texts have equal checksums, and blanks do not count.
    """
    sums = np.empty(len(start), np.uint16)
    _checksum_texts(data, start, end, sums)
    return sums
