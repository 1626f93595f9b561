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
from piiscan.detect.candidates import Candidates
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.context import Context
from piiscan.detect.fold import UInt8, base_of
from piiscan.detect.labels import Label
from piiscan.detect.places import Places, plain_hanzi, slices
from piiscan.detect.plan import Plan
from piiscan.detect.values import Values
from piiscan.detect.weigh import LOW, Weights
from piiscan.schemas import ALTERNATIVE, FOUND

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Settled:
    """One chunk's candidates with all that was found out about them.

    ``winner[i]`` is the candidate that took i's place: i itself if it won, REFUSED if refused.
    """

    data: UInt8
    candidates: Candidates
    places: Places
    values: Values
    judged: Judgement
    words: Context
    weights: Weights
    winner: Int64
    own: npt.NDArray[np.bool_]  # by recognizer: named by the label of the column


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
    wins = settled.winner == np.arange(len(settled.winner))
    rows = np.flatnonzero(wins & (settled.weights.score >= min_score))
    if rejected:  # winners never overlap and are in order already
        rows = np.union1d(rows, np.flatnonzero(~wins))
        keys = settled.candidates.take(rows)
        rows = rows[np.lexsort((keys.recognizer, keys.end, keys.start))]
    picked = Picked.of(settled, rows, plan, first)
    if rejected:
        picked.reason[(settled.winner[rows] >= 0) & ~wins[rows]] = REASON["LOST"]
    text = _texts(settled.data, settled.places.byte_start[rows], settled.places.byte_end[rows])
    columns: list[Any] = [
        pa.array(picked.index),
        pa.array(picked.start),
        pa.array(picked.end),
        pa.array(picked.byte_start),
        _words(picked.entity, plan.names.entities),
        _words(picked.recognizer, plan.names.recognizers),
        text,
        _values(settled, plan, rows, text),
        _words(picked.verdict, plan.names.verdicts),
        pa.array(picked.score),
        _context(picked, plan, label, settled.own),
        _words(picked.reason, plan.names.reasons, absent=0),
        _alternatives(settled, plan, rows),
    ]
    return pa.Table.from_arrays(columns, schema=FOUND)


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


def _words(numbers: npt.NDArray[Any], words: pa.Array, absent: int | None = None) -> pa.Array:
    """A dictionary column; the number ``absent`` is null."""
    indices = pa.array(numbers.astype(np.int16), mask=None if absent is None else numbers == absent)
    return pa.DictionaryArray.from_arrays(indices, words)


def _texts(data: UInt8, start: Int64, end: Int64) -> pa.Array:
    out, offsets = slices(data, start, end)
    return pa.StringArray.from_buffers(len(start), pa.py_buffer(offsets), pa.py_buffer(out))


def _values(settled: Settled, plan: Plan, rows: Int64, text: pa.Array) -> pa.Array:
    """Canonical values; those of names and the like are the text, tidied."""
    values = settled.values
    places = settled.places
    if values.as_spelt[rows].all():
        width = places.byte_end[rows] - places.byte_start[rows]
        if (width == values.end[rows] - values.start[rows]).all():
            return text  # plain digits throughout: the values are what stands there
    made = _texts(values.data, values.start[rows], values.end[rows])
    as_text = values.as_text[rows]
    if not as_text.any():
        return made
    untidy = as_text & ~plain_hanzi(settled.data, places.byte_start[rows], places.byte_end[rows])
    if not (as_text == untidy).all():
        made = pa.compute.if_else(pa.array(as_text), text, made)
    which = settled.candidates.recognizer[rows]
    for number in np.unique(which[untidy]):
        put = untidy & (which == number)
        replace = plan.catalog.recognizers[number].value.replace
        distinct = text.filter(pa.array(put)).dictionary_encode()
        tidied = [tidy(each, replace) for each in _decoded(distinct.dictionary)]
        made = pa.compute.replace_with_mask(
            made, pa.array(put), pa.array(tidied, pa.string()).take(distinct.indices)
        )
    return made


def _decoded(texts: pa.Array) -> list[str]:
    """The texts as str, whatever their bytes are."""
    return [each.decode("utf-8", "replace") for each in texts.cast(pa.binary()).to_pylist()]


def tidy(text: str, replace: Mapping[str, str]) -> str:
    """A name or address as it is compared: width forms folded, ``replace`` applied, no blanks.

    >>> tidy('古丽．买买提', {'．': '·'})
    '古丽·买买提'
    """
    folded = "".join(replace.get(char, base_of(char)) for char in text)
    return "".join(
        char for char in folded if not char.isspace() and unicodedata.category(char) != "Cf"
    )


def _context(
    picked: Picked, plan: Plan, label: Label | None, own: npt.NDArray[np.bool_]
) -> pa.Array:
    """The column label where it names the finding, else the word that speaks for or against it."""
    if label is None or not own.any():
        return _words(picked.word, plan.names.words, absent=-1)
    picked.word[own[picked.recognizer]] = len(plan.words.words)
    header = pa.array([label.header], pa.string())
    return _words(picked.word, pa.concat_arrays([plan.names.words, header]), absent=-1)


def _alternatives(settled: Settled, plan: Plan, rows: Int64) -> pa.Array:
    """Per row the losers of its place, best first, and what it implies; FOUND's last column."""
    own = np.arange(len(settled.winner))
    lost = np.flatnonzero((settled.winner >= 0) & (settled.winner != own))
    lost = lost[settled.weights.score[lost] >= LOW]
    which = settled.candidates.recognizer
    lost = lost[which[lost] != which[settled.winner[lost]]]  # +86 with and without its prefix
    at = np.searchsorted(rows, settled.winner[lost])
    kept = at < len(rows)
    kept[kept] = rows[at[kept]] == settled.winner[lost[kept]]
    lost, at = lost[kept], at[kept]
    columns = [
        at,
        which[lost],
        settled.places.start[lost],
        settled.places.end[lost],
        settled.judged.verdict[lost],
        settled.weights.score[lost],
        settled.weights.reason[lost],
    ]
    implied = np.flatnonzero(plan.implies[which[rows]] >= 0)
    if len(implied):
        more = _implied(settled, plan, rows, implied)
        columns = [np.concatenate(pair) for pair in zip(columns, more, strict=True)]
    order = np.lexsort((columns[1], -columns[5], columns[0]))
    at, which, start, end, verdict, score, reason = (column[order] for column in columns)
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(np.bincount(at, minlength=len(rows)), out=offsets[1:])
    fields = [
        _words(plan.entity[which], plan.names.entities).dictionary_decode(),
        _words(which, plan.names.recognizers).dictionary_decode(),
        pa.array(start),
        pa.array(end),
        _words(verdict, plan.names.verdicts).dictionary_decode(),
        pa.array(score),
        _words(reason, plan.names.reasons, absent=0).dictionary_decode(),
    ]
    struct = pa.StructArray.from_arrays(fields, fields=list(ALTERNATIVE))
    return pa.ListArray.from_arrays(pa.array(offsets), struct)


def _implied(settled: Settled, plan: Plan, rows: Int64, implied: Int64) -> list[Any]:
    """The alternatives that findings imply: the digits they start with (a QQ mail's QQ number)."""
    these = rows[implied]
    value = _texts(settled.values.data, settled.values.start[these], settled.values.end[these])
    digits = pa.compute.replace_substring_regex(value, r"[^0-9].*", "")
    start = settled.places.start[these]
    length = pa.compute.utf8_length(digits).to_numpy()
    return [
        implied,
        plan.implies[settled.candidates.recognizer[these]],
        start,
        (start + length).astype(np.int32),
        np.full(len(these), Verdict.PLAUSIBLE, np.int8),
        np.full(len(these), LOW),
        np.zeros(len(these), np.int16),
    ]
