"""The plain columns of the rows that are reported: what settling left, and what stood alone."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Float64, Int8, Int16, Int32, Int64, UInt8
from piiscan.arrow_strings import (
    Room,
    Source,
    bytes_of,
    copied,
    give,
    room_for,
    source_of,
    strings_in,
)
from piiscan.detect.checks import REASON
from piiscan.detect.matching.offsets import byte_at, text_at
from piiscan.detect.results.resolved import Settled
from piiscan.detect.scoring.candidate_score import worth_alone
from piiscan.detect.scoring.isolated import Lone
from piiscan.jit import kernel

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import Plan

#: Texts and values of rows.
Strings = tuple[pa.Array, pa.Array]

_AGAINST: Final = REASON["CONTEXT_AGAINST"]
#: Numbers without a sign, which index arrays without a look at their ends.
_NONE: Final = np.uint64(0)
_ONE: Final = np.uint64(1)


@dataclass(frozen=True, slots=True)
class Picked:
    """The rows of a table in order, by column.

    ``word`` is the one that speaks for a finding (or against it, if that is the reason), else -1.
    """

    index: Int64
    start: Int32
    end: Int32
    byte_start: Int32
    entity: Int16
    recognizer: Int16
    verdict: Int16
    score: Float64
    reason: Int16
    word: Int16

    @classmethod
    def empty(cls, room: int) -> Picked:
        """Room for so many."""
        return cls(
            index=np.empty(room, np.int64),
            start=np.empty(room, np.int32),
            end=np.empty(room, np.int32),
            byte_start=np.empty(room, np.int32),
            entity=np.empty(room, np.int16),
            recognizer=np.empty(room, np.int16),
            verdict=np.empty(room, np.int16),
            score=np.empty(room, np.float64),
            reason=np.empty(room, np.int16),
            word=np.empty(room, np.int16),
        )

    def first(self, count: int) -> Picked:
        """The first ``count`` rows."""
        return Picked(*(getattr(self, each.name)[:count] for each in dataclasses.fields(self)))

    @classmethod
    def of(
        cls, settled: Settled, rows: Int64, lone: Lone, plan: Plan, first: int, min_score: float,
        strings: Strings,
    ) -> tuple[Picked, Int64, Strings]:  # fmt: skip
        """``rows`` of ``settled`` and all of ``lone`` with at least ``min_score``, in order.

        With them where the settled rows stand, and the texts and values of all; ``strings`` are
        those of ``rows``.  Texts are numbered from ``first``.
        """
        picked, at = cls.empty(len(rows) + len(lone)), np.arange(len(rows))
        count = len(rows)
        if len(lone):
            own = settled, rows, strings
            count, strings = _lone_into(picked, at, own, lone, plan, first, min_score)
        places, words = settled.places, settled.words
        _pick(
            rows, at, first, settled.candidates.recognizer, places.text, places.base, places.start,
            places.end, places.byte_start, settled.judged.verdict,
            settled.weights.score, settled.weights.reason, words.word, words.against, plan.entity,
            picked.index, picked.start, picked.end, picked.byte_start, picked.entity,
            picked.recognizer, picked.verdict, picked.score, picked.reason, picked.word,
        )  # fmt: skip
        return picked.first(count), at, strings


def _lone_into(
    picked: Picked, at: Int64, own: tuple[Settled, Int64, Strings], lone: Lone, plan: Plan,
    first: int, min_score: float,
) -> tuple[int, Strings]:  # fmt: skip
    """Fill ``picked`` from ``lone``, and ``at`` with the places left for the settled rows.

    Gives how many there are of both, and the texts and values of all.
    """
    settled, rows, strings = own
    candidates, judged, traits = lone.candidates, lone.judged, settled.traits
    texts, values = map(bytes_of, strings)
    offsets = lone.laid[1]
    most = min(4 * lone.size, int(offsets[-1] - offsets[0]))  # bytes; a character has at most four
    text = room_for(most + len(texts[0]), len(picked.index))
    value = room_for(lone.size + len(values[0]), len(picked.index))
    count: int = _pick_lone(
        source_of(lone.laid[0]), source_of(lone.folded), *lone.laid[1:],
        lone.row, candidates.start, candidates.end, candidates.recognizer, judged.verdict,
        judged.reason, judged.strength, plan.entity, traits.strength, traits.own_label,
        traits.by_chance, settled.other_label, min_score, first,
        settled.candidates.start[rows], at, texts, values, text, value,
        picked.index, picked.start, picked.end, picked.byte_start, picked.entity,
        picked.recognizer, picked.verdict, picked.score, picked.reason, picked.word,
    )  # fmt: skip
    return count, (strings_in(text, count), strings_in(value, count))


@kernel
def _pick(
    rows: Int64,
    places: Int64,
    first: int,
    recognizer: Int16,
    text: Int64,
    base: Int64,
    start: Int32,
    end: Int32,
    byte_start: Int64,
    verdict: Int8,
    score: Float64,
    reason: Int16,
    word: Int32,
    against: Int32,
    entity_of: Int16,
    index: Int64,
    out_start: Int32,
    out_end: Int32,
    out_byte_start: Int32,
    entity: Int16,
    out_recognizer: Int16,
    out_verdict: Int16,
    out_score: Float64,
    out_reason: Int16,
    out_word: Int16,
) -> None:  # pragma: no cover - compiled
    for number in range(len(rows)):
        row, at = rows[number], places[number]
        index[at] = text[row] + first
        out_start[at] = start[row]
        out_end[at] = end[row]
        out_byte_start[at] = byte_start[row] - base[row]
        entity[at] = entity_of[recognizer[row]]
        out_recognizer[at] = recognizer[row]
        out_verdict[at] = verdict[row]
        out_score[at] = score[row]
        out_reason[at] = reason[row]
        speaks = word[row]
        out_word[at] = against[row] if speaks < 0 and reason[row] == _AGAINST else speaks


@kernel
def _pick_lone(
    source: Source,
    folded: Source,
    offsets: Int64,
    starts: Int64,
    tail: Int32,
    rows: Int64,
    start: Int64,
    end: Int64,
    recognizer: Int16,
    verdict: Int8,
    checked: Int16,
    strength: Int8,
    entity_of: Int16,
    bare: Int8,
    own_label: Bool,
    by_chance: Bool,
    other_label: bool,
    min_score: float,
    first: int,
    others: Int64,
    places: Int64,
    texts: tuple[UInt8, Int32],
    values: tuple[UInt8, Int32],
    text_room: Room,
    value_room: Room,
    index: Int64,
    out_start: Int32,
    out_end: Int32,
    out_byte_start: Int32,
    entity: Int16,
    out_recognizer: Int16,
    out_verdict: Int16,
    score: Float64,
    reason: Int16,
    word: Int16,
) -> int:  # pragma: no cover - compiled
    """Weigh, locate and write those that are worth enough; leave a place for each of ``others``.

    Texts and values are copied for both: ``texts`` and ``values`` are those of ``others``.
    """
    at = other = text = text_behind = value_behind = _NONE
    data, left = source[0], np.uint64(len(others))
    place, byte = starts[0], offsets[0]  # a place that was passed, and its byte
    for number in range(len(rows)):
        row = np.uint64(rows[number])
        begin, finish, which = start[row], end[row], np.uint64(recognizer[row])
        value, why, out = worth_alone(
            verdict[row], checked[row], strength[row], bare[which],
            own_label[which], by_chance[which], other_label,
        )  # fmt: skip
        if out or value < min_score:
            continue
        while other < left and others[other] < begin:
            places[other] = at
            text_behind = give(texts, other, text_room, text_behind, at)
            value_behind = give(values, other, value_room, value_behind, at)
            other += _ONE
            at += _ONE
        if begin >= starts[text + _ONE]:
            text = np.uint64(text_at(starts, np.int64(text), begin))
            place, byte = starts[text], offsets[text]
        byte = byte_at(data, offsets, starts, tail, text, begin, place, byte)
        place = begin
        index[at] = np.int64(text) + first
        out_start[at] = place - starts[text]
        out_end[at] = finish - starts[text]
        out_byte_start[at] = byte - offsets[text]
        entity[at] = entity_of[which]
        out_recognizer[at] = which
        out_verdict[at] = verdict[row]
        score[at] = value
        reason[at] = why
        word[at] = -1
        behind = byte_at(data, offsets, starts, tail, text, finish, place, byte)
        text_behind = copied(
            *source, np.uint64(byte), np.uint64(behind), text_room[0], text_room[1], text_behind
        )
        value_behind = copied(
            *folded, np.uint64(place), np.uint64(finish),
            value_room[0], value_room[1], value_behind,
        )  # fmt: skip
        place, byte = finish, behind
        at += _ONE
        text_room[2][at] = text_behind
        value_room[2][at] = value_behind
    while other < left:
        places[other] = at
        text_behind = give(texts, other, text_room, text_behind, at)
        value_behind = give(values, other, value_room, value_behind, at)
        other += _ONE
        at += _ONE
    return int(at)
