"""From settled candidates to a FOUND table: columns, not objects."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from piiscan.compiled import kernel
from piiscan.detect.alphabet import ZERO_WIDTH, base_of
from piiscan.detect.alternatives import alternatives
from piiscan.detect.checks import REASON
from piiscan.detect.labels import Label
from piiscan.detect.outcome import Settled, coded, texts_of
from piiscan.detect.places import plain_hanzi
from piiscan.detect.plan import Plan
from piiscan.detect.weigh import LOW
from piiscan.schemas import FOUND

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]


def found_table(
    settled: Settled,
    plan: Plan,
    label: Label | None,
    first: int,
    min_score: float,
    *,
    rejected: bool,
) -> pa.Table:
    """The FOUND rows of a chunk whose texts are numbered from ``first``."""
    rows, lost = _outcome(settled, min_score)
    if rejected:  # winners never overlap and are in order already
        rows = _with_rejected(settled, rows)
    picked = Picked.of(settled, rows, plan, first)
    if rejected:
        winner = settled.winner[rows]
        picked.reason[(winner >= 0) & (winner != rows)] = REASON["LOST"]
    text = texts_of(settled.data, settled.places.byte_start[rows], settled.places.byte_end[rows])
    columns: list[Any] = [
        pa.array(picked.index),
        pa.array(picked.start),
        pa.array(picked.end),
        pa.array(picked.byte_start),
        coded(picked.entity, plan.names.entities),
        coded(picked.recognizer, plan.names.recognizers),
        text,
        _values(settled, plan, rows, text),
        coded(picked.verdict, plan.names.verdicts),
        pa.array(picked.score),
        _context(picked, plan, label, settled.own),
        coded(picked.reason, plan.names.reasons, absent=0),
        _roles(settled.role, rows, plan, label),
        alternatives(settled, plan, rows, lost),
    ]
    return pa.Table.from_arrays(columns, schema=FOUND)


@kernel
def _divide(
    recognizer: Int16,
    winner: Int64,
    score: npt.NDArray[np.float64],
    min_score: float,
    rows: Int64,
    lost: Int64,
) -> tuple[int, int]:  # pragma: no cover - compiled
    won = losers = 0
    for row in range(len(winner)):
        if winner[row] == row:
            if score[row] >= min_score:
                rows[won] = row
                won += 1
        elif (
            winner[row] >= 0
            and score[row] >= LOW
            and recognizer[row] != recognizer[winner[row]]  # +86 with and without its prefix
        ):
            lost[losers] = row
            losers += 1
    return won, losers


def _outcome(settled: Settled, min_score: float) -> tuple[Int64, Int64]:
    """The candidates that won with at least ``min_score``, and those worth naming that lost."""
    winner = settled.winner
    rows, lost = np.empty(len(winner), np.int64), np.empty(len(winner), np.int64)
    score, which = settled.weights.score, settled.candidates.recognizer
    won, losers = _divide(which, winner, score, min_score, rows, lost)
    return rows[:won], lost[:losers]


def _with_rejected(settled: Settled, rows: Int64) -> Int64:
    """``rows`` and all that did not win, in text order."""
    rows = np.union1d(rows, np.flatnonzero(settled.winner != np.arange(len(settled.winner))))
    keys = settled.candidates.take(rows)
    return rows[np.lexsort((keys.recognizer, keys.end, keys.start))]


@dataclass(frozen=True, slots=True)
class Picked:
    """The plain columns of the rows that are reported, taken in one pass."""

    index: Int64
    start: Int32
    end: Int32
    byte_start: Int32
    entity: Int16
    recognizer: Int16
    verdict: Int16
    score: npt.NDArray[np.float64]
    reason: Int16
    word: Int16  # the word that speaks for it (or against, if that is the reason), else -1

    @classmethod
    def of(cls, settled: Settled, rows: Int64, plan: Plan, first: int) -> Picked:
        """Those of ``rows``; texts are numbered from ``first``."""
        count = len(rows)
        picked = cls(
            index=np.empty(count, np.int64),
            start=np.empty(count, np.int32),
            end=np.empty(count, np.int32),
            byte_start=np.empty(count, np.int32),
            entity=np.empty(count, np.int16),
            recognizer=np.empty(count, np.int16),
            verdict=np.empty(count, np.int16),
            score=np.empty(count, np.float64),
            reason=np.empty(count, np.int16),
            word=np.empty(count, np.int16),
        )
        places, words = settled.places, settled.words
        _pick(
            rows, first, settled.candidates.recognizer, places.text, places.base, places.start,
            places.end, places.byte_start, settled.judged.verdict, settled.weights.score,
            settled.weights.reason, words.word, words.against, plan.entity, picked.index,
            picked.start, picked.end, picked.byte_start, picked.entity, picked.recognizer,
            picked.verdict, picked.score, picked.reason, picked.word,
        )  # fmt: skip
        return picked


_AGAINST: Final = REASON["CONTEXT_AGAINST"]


@kernel
def _pick(
    rows: Int64,
    first: int,
    recognizer: Int16,
    text: Int64,
    base: Int64,
    start: Int32,
    end: Int32,
    byte_start: Int64,
    verdict: npt.NDArray[np.int8],
    score: npt.NDArray[np.float64],
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
    out_score: npt.NDArray[np.float64],
    out_reason: Int16,
    out_word: Int16,
) -> None:  # pragma: no cover - compiled
    for at in range(len(rows)):
        row = rows[at]
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


def _values(settled: Settled, plan: Plan, rows: Int64, text: pa.Array) -> pa.Array:
    """Canonical values; those of names and the like are the text, tidied."""
    values = settled.values
    places = settled.places
    if values.as_spelt[rows].all():
        width = places.byte_end[rows] - places.byte_start[rows]
        if (width == values.end[rows] - values.start[rows]).all():
            return text  # plain digits throughout: the values are what stands there
    made = texts_of(values.data, values.start[rows], values.end[rows])
    as_text = values.as_text[rows]
    if not as_text.any():
        return made
    untidy = as_text & ~plain_hanzi(settled.data, places.byte_start[rows], places.byte_end[rows])
    if not (as_text == untidy).all():
        made = pa.compute.if_else(pa.array(as_text), text, made)
    which = settled.candidates.recognizer[rows]
    for number in np.unique(which[untidy]):
        put = untidy & (which == number)
        value = plan.catalog.recognizers[number].value
        distinct = text.filter(pa.array(put)).dictionary_encode()
        tidied = [tidy(each, value.replace, value.case) for each in _decoded(distinct.dictionary)]
        made = pa.compute.replace_with_mask(
            made, pa.array(put), pa.array(tidied, pa.string()).take(distinct.indices)
        )
    return made


def _decoded(texts: pa.Array) -> list[str]:
    """The texts as str, whatever their bytes are."""
    return [each.decode("utf-8", "replace") for each in texts.cast(pa.binary()).to_pylist()]


def tidy(text: str, replace: Mapping[str, str], case: str | None = None) -> str:
    """A name or address as it is compared: width forms folded, ``replace`` applied, no blanks.

    >>> tidy('古丽．买买提', {'．': '·'}), tidy('湘ａ12345', {}, 'upper')
    ('古丽·买买提', '湘A12345')
    """
    if text.isascii() and not replace:
        plain = "".join(text.split())
    else:
        bases = ((char, base_of(char)) for char in text if ord(char) not in ZERO_WIDTH)
        folded = "".join(replace.get(char, replace.get(base, base)) for char, base in bases)
        plain = "".join(
            char for char in folded if not char.isspace() and unicodedata.category(char) != "Cf"
        )
    if case is None:
        return plain
    return plain.upper() if case == "upper" else plain.lower()


def _context(
    picked: Picked, plan: Plan, label: Label | None, own: npt.NDArray[np.bool_]
) -> pa.Array:
    """The column label where it names the finding, else the word that speaks for or against it."""
    if label is None or not own.any():
        return coded(picked.word, plan.names.words, absent=-1)
    picked.word[own[picked.recognizer]] = len(plan.names.words)
    header = pa.array([label.header], pa.string())
    return coded(picked.word, pa.concat_arrays([plan.names.words, header]), absent=-1)


def _roles(said: Int16 | None, rows: Int64, plan: Plan, label: Label | None) -> pa.Array:
    """Whose the findings are: as a word in the text says, else as the column's label does."""
    codes = plan.names.roles
    named = -1 if label is None or label.role is None else codes.index(label.role).as_py()
    if said is None and named < 0:
        return pa.DictionaryArray.from_arrays(pa.nulls(len(rows), pa.int16()), codes)
    if said is None:
        return coded(np.full(len(rows), named, np.int16), codes, absent=-1)
    role = said[rows]
    return coded(np.where(role < 0, np.int16(named), role), codes, absent=-1)
