"""Canonical values of candidates, and what each recognizer's check says of them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from piiscan.arrays import Bool, Int8, Int16, Int32, Int64, UInt8, UInt64
from piiscan.detect.catalog.recognizer import Value
from piiscan.detect.checks import UNSAID, Judgement, Verdict
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.validation.single_value import judge_single, tables
from piiscan.detect.validation.value_matrix import Gathered
from piiscan.jit import eights, kernel

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import Plan

_PLAUSIBLE: Final = int(Verdict.PLAUSIBLE)


@dataclass(frozen=True, slots=True)
class Values:
    """ASCII values: as they stand in folded text, or as slices of a buffer of their own.

    ``as_text`` marks values that are the text itself; ``as_spelt`` those whose folded characters
    all stand in the value, unchanged: only the others have a ``start`` and ``end`` in ``data``.
    """

    folded: UInt8
    data: UInt8
    start: Int64
    end: Int64
    as_text: Bool
    as_spelt: Bool

    def take(self, rows: Int64) -> Values:
        """Those of ``rows``."""
        return Values(
            self.folded, self.data, self.start[rows], self.end[rows], self.as_text[rows],
            self.as_spelt[rows],
        )  # fmt: skip

    def of(self, rows: Int64, candidates: Candidates) -> tuple[UInt8, Int64, Int64, UInt8]:
        """A buffer, where the values of ``rows`` begin and end in it (text: 0), what follows it."""
        spelt, first = self.as_spelt[rows], len(self.folded)
        start = np.where(spelt, candidates.start[rows], self.start[rows] + first)
        end = np.where(spelt, candidates.end[rows], self.end[rows] + first)
        as_text = self.as_text[rows]
        start[as_text] = end[as_text] = 0
        return self.folded, start, end, self.data


@kernel
def _judge_plain(
    folded: UInt8,
    words: UInt64,
    recognizer: Int16,
    start: Int64,
    end: Int64,
    lead: UInt8,
    single: UInt8,
    most: Int64,
    unchanged: Bool,
    levels: UInt8,
    allotted: Bool,
    as_of: int,
    verdict: Int8,
    reason: Int16,
    strength: Int8,
    spelt: Bool,
    rest: Int64,
) -> int:  # pragma: no cover - compiled
    """Judge digits (perhaps with a last letter) as they stand; ``rest`` gets all others.

    Those are plausible until their check is asked.
    """
    others = 0
    for row in range(len(start)):
        which, at = np.uint64(recognizer[row]), start[row]
        length = end[row] - at
        said, why, worth = UNSAID, 0, 0
        if single[which] and lead[row] + 1 >= length and length <= most[which]:
            last = folded[np.uint64(at + length - 1)]
            if lead[row] == length or unchanged[which << np.uint64(8) | last]:
                said, why, worth = judge_single(
                    single[which], folded, words, at, length, levels, allotted, as_of
                )
        spelt[row] = said != UNSAID
        if said == UNSAID:
            rest[others] = row
            others += 1
            said = _PLAUSIBLE
        verdict[row] = said
        reason[row] = why
        strength[row] = worth
    return others


def values_of(
    folded: UInt8, candidates: Candidates, plan: Plan, as_of: int
) -> tuple[Values, Judgement]:
    """The value of every candidate and the judgement of its recognizer's check.

    Digits that tables are full of are judged where they stand, all else a recognizer at a time,
    as matrices uint8[k, w].
    """
    count = len(candidates.start)
    judged = Judgement.empty(count)
    values = Values(
        folded,
        np.empty(0, np.uint8),
        np.empty(count, np.int64),
        np.empty(count, np.int64),
        np.zeros(count, np.bool_),
        np.empty(count, np.bool_),
    )
    rest = np.empty(count, np.int64)
    others = _judge_plain(
        folded, eights(folded), candidates.recognizer, candidates.start, candidates.end,
        candidates.lead, plan.single.number, plan.single.most, plan.single.unchanged,
        *tables(), as_of,
        judged.verdict, judged.reason, judged.strength, values.as_spelt, rest,
    )  # fmt: skip
    rest = rest[:others]
    gathered = Gathered.of(folded, candidates, rest, plan.kept, values.as_spelt)
    for which, entries, matrix in gathered.each():
        rows, chars, length = gathered.rows[entries], matrix, gathered.length[entries]
        if chars.shape[1] == 0:
            values.as_text[rows] = True
            continue
        value, arithmetic = plan.catalog.recognizers[which].value, plan.arithmetic[which]
        if value.first is not None or value.last is not None:
            whole = length.copy()
            _cut(chars, length, value)
            values.as_spelt[rows] &= length == whole
        if arithmetic.canonical is not None:
            chars, length = arithmetic.canonical(chars, length)
            gathered.put(which, entries, chars, length)
            values.as_spelt[rows] = False
        if arithmetic.check is not None:
            judged.put(rows, arithmetic.check(chars, length, as_of=as_of))
    data = gathered.place(values.start, values.end)
    return dataclasses.replace(values, data=data), judged


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
