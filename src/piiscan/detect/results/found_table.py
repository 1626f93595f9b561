"""From settled candidates to a FOUND table: columns, not objects."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Bool, Float64, Int16, Int64
from piiscan.arrow_strings import texts_of
from piiscan.detect.catalog.headers import Label
from piiscan.detect.checks import REASON
from piiscan.detect.matching.alphabet import ZERO_WIDTH, base_of
from piiscan.detect.matching.offsets import plain_hanzi
from piiscan.detect.results.alternatives import alternatives
from piiscan.detect.results.resolved import Settled, coded
from piiscan.detect.results.result_rows import Picked
from piiscan.detect.scoring.candidate_score import LOW
from piiscan.detect.scoring.isolated import Lone
from piiscan.jit import kernel
from piiscan.schemas import FOUND

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import Plan


def found_table(
    settled: Settled,
    lone: Lone,
    plan: Plan,
    label: Label | None,
    first: int,
    min_score: float,
    *,
    rejected: bool,
) -> pa.Table:
    """The FOUND rows of a chunk whose texts are numbered from ``first``: settled ones and lone."""
    rows, lost = _outcome(settled, min_score)
    if rejected:  # winners never overlap and are in order already
        rows = _with_rejected(settled, rows)
    places = settled.places
    own = texts_of(settled.data, places.byte_start[rows], places.byte_end[rows])
    strings = own, _values(settled, plan, rows, own)
    picked, at, (text, value) = Picked.of(settled, rows, lone, plan, first, min_score, strings)
    if rejected:
        winner = settled.winner[rows]
        picked.reason[(winner >= 0) & (winner != rows)] = REASON["LOST"]
    columns: list[Any] = [
        pa.array(picked.index),
        pa.array(picked.start),
        pa.array(picked.end),
        pa.array(picked.byte_start),
        coded(picked.entity, plan.names.entities),
        coded(picked.recognizer, plan.names.recognizers),
        text,
        value,
        coded(picked.verdict, plan.names.verdicts),
        pa.array(picked.score),
        _context(picked, plan, label, settled.traits.own_label),
        coded(picked.reason, plan.names.reasons, absent=0),
        _roles(settled.role, rows, at, len(picked.index), plan, label),
        alternatives(settled, plan, rows, at, len(picked.index), lost),
    ]
    return pa.Table.from_arrays(columns, schema=FOUND)


@kernel
def _divide(
    recognizer: Int16,
    winner: Int64,
    score: Float64,
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


def _values(settled: Settled, plan: Plan, rows: Int64, text: pa.Array) -> pa.Array:
    """Canonical values; those of names and the like are the text, tidied."""
    values, places = settled.values, settled.places
    data, start, end, more = values.of(rows, settled.candidates)
    width = places.byte_end[rows] - places.byte_start[rows]
    if values.as_spelt[rows].all() and (width == end - start).all():
        return text  # plain digits throughout: the values are what stands there
    made = texts_of(data, start, end, more)
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


#: Characters that tidying leaves as they are.
_PLAIN: Final = re.compile("[!-~\u4e00-\u9fa5]*")


@cache
def _known(replace: tuple[tuple[str, str], ...]) -> dict[str, str]:  # noqa: ARG001
    """What characters met so far become, by these replacements."""
    return {}


def _translated(text: str, replace: Mapping[str, str]) -> str:
    known = _known(tuple(replace.items()))
    try:
        return "".join(map(known.__getitem__, text))
    except KeyError:
        known |= {char: _tidied(char, replace) for char in text}
        return "".join(map(known.__getitem__, text))


def _tidied(char: str, replace: Mapping[str, str]) -> str:
    if ord(char) in ZERO_WIDTH:
        return ""
    base = base_of(char)
    made = replace.get(char, replace.get(base, base))
    return "".join(c for c in made if not c.isspace() and unicodedata.category(c) != "Cf")


def tidy(text: str, replace: Mapping[str, str], case: str | None = None) -> str:
    """A name or address as it is compared: width forms folded, ``replace`` applied, no blanks.

    >>> tidy('古丽．买买提', {'．': '·'}), tidy('湘ａ12345', {}, 'upper')
    ('古丽·买买提', '湘A12345')
    """
    if text.isascii() and not replace:
        plain = "".join(text.split())
    elif not replace and _PLAIN.fullmatch(text):
        plain = text  # the usual address
    else:
        plain = _translated(text, replace)
    if case is None:
        return plain
    return plain.upper() if case == "upper" else plain.lower()


def _context(picked: Picked, plan: Plan, label: Label | None, own: Bool) -> pa.Array:
    """The column label where it names the finding, else the word that speaks for or against it."""
    if label is None or not own.any():
        return coded(picked.word, plan.names.words, absent=-1)
    picked.word[own[picked.recognizer]] = len(plan.names.words)
    header = pa.array([label.header], pa.string())
    return coded(picked.word, pa.concat_arrays([plan.names.words, header]), absent=-1)


def _roles(
    said: Int16 | None, rows: Int64, at: Int64, count: int, plan: Plan, label: Label | None
) -> pa.Array:
    """Whose ``count`` findings are: as a word in the text says, else as the column's label does.

    ``at``: where ``rows``, of which the text says something, stand among them.
    """
    codes = plan.names.roles
    named = -1 if label is None or label.role is None else codes.index(label.role).as_py()
    if said is None and named < 0:
        return pa.DictionaryArray.from_arrays(pa.nulls(count, pa.int16()), codes)
    role = np.full(count, named, np.int16)
    if said is not None:
        role[at] = np.where(said[rows] < 0, np.int16(named), said[rows])
    return coded(role, codes, absent=-1)


def in_order(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of FOUND tables as one, by text, start, end and recognizer."""
    filled = [table for table in tables if table.num_rows]
    whole = pa.concat_tables(filled) if filled else FOUND.empty_table()
    if len(filled) < 2:
        return whole
    columns = [whole[name].to_numpy() for name in ("index", "start", "end")]
    which = np.concatenate([each.indices.to_numpy() for each in whole["recognizer"].chunks])
    order = np.lexsort((which, *reversed(columns)))
    return whole.take(pa.array(order)).combine_chunks()
