"""From settled candidates to a FOUND table: columns, not objects."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from piiscan.detect.candidates import Candidates
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.context import Context
from piiscan.detect.fold import UInt8, base_of
from piiscan.detect.labels import Label
from piiscan.detect.places import Places, slices
from piiscan.detect.plan import Plan
from piiscan.detect.values import Values
from piiscan.detect.weigh import LOW, Weights
from piiscan.schemas import ALTERNATIVE, FOUND

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settled:
    """One chunk's candidates with all that was found out about them.

    ``winner[i]`` is the candidate that took i's place (i itself if it won), -1 if i was refused.
    """

    data: UInt8
    candidates: Candidates
    places: Places
    values: Values
    judged: Judgement
    words: Context
    weights: Weights
    winner: Int64


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
    own = np.arange(len(settled.winner))
    wins = settled.winner == own
    rows = np.flatnonzero(wins & (settled.weights.score >= min_score))
    if rejected:  # winners never overlap and are in order already
        rows = np.union1d(rows, np.flatnonzero(~wins))
        keys = settled.candidates.take(rows)
        rows = rows[np.lexsort((keys.recognizer, keys.end, keys.start))]
    which = settled.candidates.recognizer[rows]
    reason = settled.weights.reason[rows].copy()
    reason[(settled.winner[rows] >= 0) & ~wins[rows]] = REASON["LOST"]
    places = settled.places
    text = _texts(settled.data, places.byte_start[rows], places.byte_end[rows])
    columns: list[Any] = [
        pa.array(places.text[rows] + first),
        pa.array(places.start[rows]),
        pa.array(places.end[rows]),
        pa.array((places.byte_start[rows] - places.base[rows]).astype(np.int32)),
        _words(plan.entity[which], plan.names.entities),
        _words(which, plan.names.recognizers),
        text,
        _values(settled, plan, rows, text),
        _words(settled.judged.verdict[rows].astype(np.int16), plan.names.verdicts),
        pa.array(settled.weights.score[rows]),
        _context(settled, plan, label, rows),
        _words(reason, plan.names.reasons, absent=0),
        _alternatives(settled, plan, rows),
    ]
    return pa.Table.from_arrays(columns, schema=FOUND)


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
    made = _texts(values.data, values.start[rows], values.end[rows])
    which = settled.candidates.recognizer[rows]
    for number in np.unique(which[values.as_text[rows]]):
        put = values.as_text[rows] & (which == number)
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


def _context(settled: Settled, plan: Plan, label: Label | None, rows: Int64) -> pa.Array:
    """The column label where it names the finding, else the word that speaks for or against it."""
    number = settled.words.word[rows].astype(np.int32)
    against = (number < 0) & (settled.weights.reason[rows] == REASON["CONTEXT_AGAINST"])
    number[against] = settled.words.against[rows][against]
    named = label.recognizers if label and not label.parts else ()
    own = np.array([r.id in named for r in plan.catalog.recognizers], np.bool_)
    number[own[settled.candidates.recognizer[rows]]] = len(plan.words.words)
    header = pa.array([label.header if label else ""], pa.string())
    return _words(number, pa.concat_arrays([plan.names.words, header]), absent=-1)


def _alternatives(settled: Settled, plan: Plan, rows: Int64) -> pa.Array:
    """Per row the losers of its place, best first, and what it implies; FOUND's last column."""
    own = np.arange(len(settled.winner))
    lost = np.flatnonzero((settled.winner >= 0) & (settled.winner != own))
    lost = lost[settled.weights.score[lost] >= LOW]
    which = settled.candidates.recognizer
    lost = lost[which[lost] != which[settled.winner[lost]]]  # +86 with and without its prefix
    position = np.full(len(settled.winner), -1, np.int64)
    position[rows] = np.arange(len(rows))
    at = position[settled.winner[lost]]
    lost, at = lost[at >= 0], at[at >= 0]
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
    offsets = np.searchsorted(at, np.arange(len(rows) + 1)).astype(np.int32)
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
