"""Canonical values of candidates, and what each recognizer's check says of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from piiscan.compiled import kernel
from piiscan.detect.candidates import Candidates
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.fold import UInt8
from piiscan.detect.places import Places, gather, slices
from piiscan.detect.plan import Plan
from piiscan.detect.recognizer import Value

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Values:
    """ASCII values as slices of one buffer.

    ``as_text`` marks values that are the text itself; ``as_spelt`` those whose folded characters
    all stand in the value, unchanged.
    """

    data: UInt8
    start: Int64
    end: Int64
    as_text: Bool
    as_spelt: Bool

    def take(self, rows: Int64) -> Values:
        """Those of ``rows``."""
        return Values(
            self.data, self.start[rows], self.end[rows], self.as_text[rows], self.as_spelt[rows]
        )


def values_of(
    folded: UInt8, candidates: Candidates, plan: Plan, as_of: int
) -> tuple[Values, Judgement]:
    """The value of every candidate and the judgement of its recognizer's check.

    Candidates are taken a recognizer at a time, as matrices uint8[k, w].
    """
    count = len(candidates.start)
    judged = Judgement.of(count, Verdict.PLAUSIBLE)
    values = Values(
        np.empty(0, np.uint8),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.bool_),
        np.zeros(count, np.bool_),
    )
    room = _Room(int((candidates.end - candidates.start).sum()))
    for which, rows in _by_recognizer(candidates.recognizer, len(plan.kept)):
        kept = plan.kept[which]
        if kept is None:
            values.as_text[rows] = True
            continue
        begin, end = candidates.start[rows], candidates.end[rows]
        gathered = room.matrix(len(rows), int((end - begin).max()))
        length, spelt = gather(folded, begin, end, kept, gathered)
        chars, whole = gathered, length.copy()
        _cut(chars, length, plan.catalog.recognizers[which].value)
        arithmetic = plan.arithmetic[which]
        if arithmetic.canonical is not None:
            chars, length = arithmetic.canonical(chars, length)
        else:
            values.as_spelt[rows] = spelt & (length == whole)
        if arithmetic.check is not None:
            judged.put(rows, arithmetic.check(chars, length, as_of=as_of))
        first = room.keep(chars, gathered)
        _place(rows, first, chars.shape[1], length, values.start, values.end)
    return dataclasses.replace(values, data=room.data()), judged


@kernel
def _place(
    rows: Int64, first: int, width: int, length: Int32, start: Int64, end: Int64
) -> None:  # pragma: no cover - compiled
    for at in range(len(rows)):
        start[rows[at]] = first + at * width
        end[rows[at]] = first + at * width + length[at]


class _Room:
    """One buffer for all values: gathered into directly where they fit, appended otherwise."""

    def __init__(self, size: int) -> None:
        self._pieces = [np.empty(size, np.uint8)]
        self._used = 0  # of the first piece
        self._beyond = size  # where the next further piece will begin

    def matrix(self, rows: int, width: int) -> UInt8:
        """Room for ``rows`` values of up to ``width`` characters."""
        free = self._pieces[0][self._used : self._used + rows * width]
        if len(free) < rows * width:  # spans of very different length
            free = np.empty(rows * width, np.uint8)
        return free.reshape(rows, width)

    def keep(self, chars: UInt8, gathered: UInt8) -> int:
        """Where ``chars`` begin in the buffer, kept there now; ``gathered`` is what was lent."""
        if chars is gathered and np.may_share_memory(gathered, self._pieces[0]):
            self._used += chars.size
            return self._used - chars.size
        self._pieces.append(np.ascontiguousarray(chars).reshape(-1))
        self._beyond += chars.size
        return self._beyond - chars.size

    def data(self) -> UInt8:
        """The whole buffer."""
        return self._pieces[0] if len(self._pieces) == 1 else np.concatenate(self._pieces)


@kernel
def _order(
    recognizer: npt.NDArray[np.int16], place: Int64, order: Int64
) -> None:  # pragma: no cover - compiled
    for row in range(len(recognizer)):
        which = recognizer[row]
        order[place[which]] = row
        place[which] += 1


def _by_recognizer(recognizer: npt.NDArray[np.int16], count: int) -> Iterator[tuple[int, Int64]]:
    """(recognizer, its rows in order) for each of ``count`` that occurs."""
    ends = np.cumsum(np.bincount(recognizer, minlength=count))
    order = np.empty(len(recognizer), np.int64)
    _order(recognizer, np.concatenate([[0], ends[:-1]]), order)
    first = 0
    for which, end in enumerate(ends.tolist()):
        if end > first:
            yield which, order[first:end]
        first = end


def bar(data: UInt8, candidates: Candidates, places: Places, judged: Judgement, plan: Plan) -> None:
    """Refute in ``judged`` what a recognizer's ``never`` names: 先生 is no name (PLACEHOLDER)."""
    for which in plan.with_never:
        rows = np.flatnonzero(candidates.recognizer == which)
        if len(rows):
            barred = plan.catalog.recognizers[which].never
            barred_rows = _is_one_of(data, places, rows, barred)
            judged.verdict[barred_rows] = Verdict.REFUTED
            judged.reason[barred_rows] = REASON["PLACEHOLDER"]


def _is_one_of(
    data: UInt8, places: Places, rows: npt.NDArray[np.intp], barred: tuple[str, ...]
) -> npt.NDArray[np.intp]:
    """Those of ``rows`` whose text, without blanks, is one of ``barred``."""
    known = np.zeros(1 << 16, np.bool_)
    spelt = np.frombuffer("".join(barred).encode(), np.uint8)
    ends = np.cumsum([len(word.encode()) for word in barred], dtype=np.int64)
    known[_sums(spelt, np.concatenate([[0], ends[:-1]]), ends)] = True
    start, end = places.byte_start[rows], places.byte_end[rows]
    rows = rows[known[_sums(data, start, end)]]
    out, offsets = slices(data, places.byte_start[rows], places.byte_end[rows])
    texts = pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(out))
    stripped = pa.compute.replace_substring_regex(texts, r"[ \t\x{3000}\x{A0}]", "")
    is_barred = pa.compute.is_in(stripped, value_set=pa.array(barred, pa.string()))
    found: npt.NDArray[np.intp] = rows[is_barred.to_numpy(zero_copy_only=False)]
    return found


@kernel
def _sum_up(
    data: UInt8, start: Int64, end: Int64, sums: npt.NDArray[np.uint16]
) -> None:  # pragma: no cover - compiled
    for row in range(len(start)):
        total = 0
        for place in range(start[row], end[row]):
            byte = np.int64(data[place])
            blank = byte == 32 or byte == 9
            blank |= byte == 0xC2 or byte == 0xA0 or byte == 0xE3 or byte == 0x80
            total += 0 if blank else int(byte * byte)
        sums[row] = total & 0xFFFF


def _sums(data: UInt8, start: Int64, end: Int64) -> npt.NDArray[np.uint16]:
    """A small check sum of each text that blanks do not change; equal texts have equal sums."""
    sums = np.empty(len(start), np.uint16)
    _sum_up(data, start, end, sums)
    return sums


def _cut(chars: UInt8, length: Int32, value: Value) -> None:
    """Leave only the first or last so many characters of each row, in place."""
    if value.first is not None:
        _keep(chars, length, np.zeros(len(length), np.int32), value.first)
    elif value.last is not None and (length > value.last).any():
        _keep(chars, length, np.maximum(length - np.int32(value.last), 0), value.last)


@kernel
def _keep(
    chars: UInt8, length: Int32, first: Int32, most: int
) -> None:  # pragma: no cover - compiled
    for row in range(len(chars)):
        if length[row] <= most:
            continue
        for place in range(chars.shape[1]):
            source = first[row] + place
            chars[row, place] = chars[row, source] if place < most else 0
        length[row] = most
