"""Allow lists: refute candidates whose text is in the recognizer's ``never`` list.

Presidio calls such values, which are not reported, an allow list.

    candidate 先生 as a name -> REFUTED, PLACEHOLDER
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Int64, UInt8, UInt16
from piiscan.arrow_strings import strings_of_slices
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Offsets
from piiscan.jit import kernel

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import CompiledCatalog


def apply_allow_lists(
    data: UInt8,
    candidates: Candidates,
    located: Offsets,
    judgement: Judgement,
    compiled: CompiledCatalog,
) -> None:
    """Refute, in ``judgement``, the candidates whose text is in the recognizer's ``never`` list.

    The reason is PLACEHOLDER. Blanks in the text are ignored.
    """
    for number in compiled.with_allow_list:
        rows = np.flatnonzero(candidates.recognizer == number)
        if len(rows):
            allowed = compiled.catalog.recognizers[number].never
            allowed_rows = _rows_in_list(data, located, rows, allowed)
            judgement.verdict[allowed_rows] = Verdict.REFUTED
            judgement.reason[allowed_rows] = REASON["PLACEHOLDER"]


def _rows_in_list(
    data: UInt8, located: Offsets, rows: npt.NDArray[np.intp], allowed: tuple[str, ...]
) -> npt.NDArray[np.intp]:
    """Return the indices in ``rows`` whose text, without blanks, is one of ``allowed``.

    A checksum rejects most rows before any text is compared.
    """
    known_checksums = np.zeros(1 << 16, np.bool_)
    encoded = np.frombuffer("".join(allowed).encode(), np.uint8)
    ends = np.cumsum([len(word.encode()) for word in allowed], dtype=np.int64)
    known_checksums[_checksums(encoded, np.concatenate([[0], ends[:-1]]), ends)] = True
    start, end = located.byte_start[rows], located.byte_end[rows]
    rows = rows[known_checksums[_checksums(data, start, end)]]
    texts = strings_of_slices(data, located.byte_start[rows], located.byte_end[rows])
    stripped = pa.compute.replace_substring_regex(texts, r"[ \t\x{3000}\x{A0}]", "")
    is_allowed = pa.compute.is_in(stripped, value_set=pa.array(allowed, pa.string()))
    found: npt.NDArray[np.intp] = rows[is_allowed.to_numpy(zero_copy_only=False)]
    return found


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
