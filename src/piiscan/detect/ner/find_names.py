"""Names, addresses and organisations in running text: read by the tagger where no pattern stands.

What patterns found is settled first and taken from the tagger, so that the two never overlap.
Equal texts (the cells of a column) are read once: what a text holds depends on it alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Float64, Int16, Int64, UInt32
from piiscan.data import surnames
from piiscan.detect.catalog.headers import Label
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.compiled_catalog import Plan
from piiscan.detect.context import context_words
from piiscan.detect.context.roles import roles_of
from piiscan.detect.matching.batch import Chunk
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import locate
from piiscan.detect.ner.model.tagger import ADDRESS, ORGANIZATION, PERSON, Tagger
from piiscan.detect.ner.model_input import Reading, claimed_by
from piiscan.detect.ner.span_rules import divide
from piiscan.detect.results.resolved import Settled
from piiscan.detect.scoring.candidate_score import (
    LABELLED,
    LOW,
    REFUTED_LABELLED,
    WITH_WORD,
    Weights,
)
from piiscan.detect.scoring.isolated import Lone
from piiscan.detect.scoring.overlap_resolution import REFUSED
from piiscan.detect.validation.allow_list import bar
from piiscan.detect.validation.canonical_values import values_of

#: A finding of so many characters in a cell is one of its own.
_NUMBER: Final = 7
#: What stands for the hidden characters of a name.
_MASKS: Final = np.array([ord(char) for char in "*＊×●○"], np.uint32)
#: Some of them begin the items of a list too: ●王建国; a name of so many characters is whole then.
_SIGNS: Final = "●○"
_WHOLE: Final = 3
#: No name, address, organisation or form of address is longer; text without an end is none.
_LONGEST: Final = np.array([40, 250, 100, 40])
#: Kinds of other columns whose cells may still name somebody; goods and amounts do not.
_TELLING: Final = frozenset({"account", "employer"})


def may_name(label: Label | None) -> bool:
    """Whether cells under ``label`` can hold names beside what the label says."""
    if label is None:
        return True
    return not label.parts and (label.other is None or label.other in _TELLING)


def make_way(candidates: Candidates, weights: Weights, plan: Plan, own: Bool) -> None:
    """Refuse whole cells that hold a number too (示例路1号 13800138000): they are divided."""
    divisible = np.zeros(len(own), np.bool_)
    divisible[plan.tagged[plan.tagged >= 0]] = True
    whole = np.flatnonzero((divisible & own & plan.whole_cell)[candidates.recognizer])
    if not len(whole):
        return
    number = ~divisible[candidates.recognizer] & (weights.score >= REFUTED_LABELLED)
    number &= candidates.end - candidates.start >= _NUMBER
    rows = np.flatnonzero(number)
    at = np.searchsorted(candidates.start[whole], candidates.start[rows], "right") - 1
    holds = whole[np.maximum(at, 0)]
    inside = (at >= 0) & (candidates.end[rows] <= candidates.end[holds])
    weights.refused[holds[inside]] = True
    weights.score[holds[inside]] = 0.0
    weights.reason[holds[inside]] = REASON["MIXED_CELL"]


def _read(
    reading: Reading, starts: Int64, tagged: Int16, own: Bool
) -> tuple[Candidates, Float64, Bool]:
    """What the tagger finds in a chunk, ordered by start, how sure it is, what is masked."""
    spans = Tagger.load().spans(reading.codes, reading.offsets, taken=reading.taken)
    begin, stop, kind, score = divide(reading.codes, reading.offsets, reading.taken, spans)
    if tagged[ADDRESS] >= 0 and own[tagged[ADDRESS]]:
        # In a column of addresses a firm or tower by itself says where, not who.
        whole = np.isin(begin, reading.offsets) & np.isin(stop, reading.offsets)
        kind[whole & (kind == ORGANIZATION)] = ADDRESS
    hidden = np.append(np.isin(reading.codes, _MASKS), False)
    ahead, behind = _beside(hidden, reading.offsets, begin, stop)
    ahead &= ~_listed(reading.codes, begin, stop, ahead & (kind == PERSON))
    sound = (stop > begin) & (stop - begin <= _LONGEST[kind])
    sound &= (kind != PERSON) | ahead | ~behind  # 万和城*** is the rest of an address
    kept = np.flatnonzero(sound & (tagged[kind] >= 0))
    begin, stop, kind, score = begin[kept], stop[kept], kind[kept], score[kept]
    start, end = reading.place[begin], reading.place[stop - 1] + 1
    # The spans of each distinct text, once for every text that is spelt so.
    first = np.searchsorted(begin, reading.offsets)
    many = np.diff(first)[reading.which]
    row = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    row += np.repeat(first[:-1][reading.which], many)
    base = np.repeat(starts[reading.text], many)
    lead = np.zeros(len(row), np.uint8)
    found = Candidates(tagged[kind[row]], base + start[row], base + end[row], lead)
    many_hidden = np.concatenate([[0], np.cumsum(hidden)])
    masked = (kind == PERSON) & ((many_hidden[stop] > many_hidden[begin]) | ahead[kept])
    return found, np.round(score[row].astype(np.float64), 3), masked[row]


def _beside(hidden: Bool, offsets: Int64, begin: Int64, stop: Int64) -> tuple[Bool, Bool]:
    """Whether what is ``hidden`` stands right ahead of each span in its text, and right behind."""
    first, last = np.isin(begin, offsets), np.isin(stop, offsets)
    return hidden[begin - 1] & ~first, hidden[stop] & ~last


def _listed(codes: UInt32, begin: Int64, stop: Int64, rows: Bool) -> Bool:
    """Which of the names of ``rows`` are whole, and only have the sign of a list ahead: ●王建国."""
    listed = np.zeros(len(begin), np.bool_)
    for row in np.flatnonzero(rows & (stop - begin >= _WHOLE)).tolist():
        sign, first = map(chr, codes[begin[row] - 1 : begin[row] + 1].tolist())
        listed[row] = sign in _SIGNS and first in surnames()
    return listed


def _raise_masked(settled: Settled, spans: Candidates, sure: Float64, plan: Plan) -> None:
    """Report masked names (李*) that are held low where the tagger reads a name there."""
    if not len(spans.start):
        return
    held = settled.winner == np.arange(len(settled.winner))
    held &= plan.masked_name[settled.candidates.recognizer]
    rows = np.flatnonzero(held & (settled.weights.score < REFUTED_LABELLED))
    at = np.searchsorted(spans.start, settled.candidates.end[rows], "left") - 1
    met = (at >= 0) & (spans.end[np.maximum(at, 0)] > settled.candidates.start[rows])
    rows, at = rows[met], at[met]
    settled.weights.score[rows] = np.maximum(settled.weights.score[rows], sure[at])


def settle_names(
    chunk: Chunk, settled: Settled, lone: Lone, plan: Plan, day: int
) -> Settled | None:
    """The tagger's findings where none of those ``settled`` stands; None where there is none.

    Masked names among those settled are worth more where the tagger reads a name.
    """
    own = settled.traits.own_label
    claimed = claimed_by(settled, lone, len(chunk.folded))
    reading = Reading.of(chunk, claimed, plan.alphabet.kind)
    if reading is None:
        return None
    candidates, sure, masked = _read(reading, chunk.starts, plan.tagged, own)
    _raise_masked(settled, candidates.take(masked), sure[masked], plan)
    candidates, sure = candidates.take(~masked), sure[~masked]
    if not len(candidates.start):
        return None
    spans = candidates.start, candidates.end
    places = locate(chunk.laid, *spans)
    values, judged = values_of(chunk.folded, candidates, plan, day)
    bar(chunk.data, candidates, places, judged, plan)
    words = context_words.judge(
        chunk.folded, chunk.data, chunk.offsets, candidates, places, chunk.ends, own,
        plan.words, plan.alphabet,
    )  # fmt: skip
    weights = _weigh(sure, judged, words, own[candidates.recognizer])
    winner = np.where(weights.refused, REFUSED, np.arange(len(sure)))
    role = roles_of(
        chunk.folded, chunk.data, chunk.offsets, chunk.starts, chunk.ends, candidates, places,
        plan.roles, plan.role_pairs, plan.alphabet,
    )  # fmt: skip
    return Settled(
        chunk.data, candidates, places, values, judged, words, weights, winner, role,
        settled.traits, settled.other_label, tagged=True,
    )  # fmt: skip


def _weigh(sure: Float64, judged: Judgement, words: context_words.Context, own: Bool) -> Weights:
    """As sure as the tagger is, more behind a label of its own, 0.3 by a word against it."""
    direct = words.nearness == context_words.LABEL
    labelled = np.where(own, LABELLED, np.where(direct, np.maximum(sure, WITH_WORD[3]), sure))
    score = np.where(sure >= LOW, labelled, sure)
    against = (words.against >= 0) & ~direct & ~own
    score[against] = np.minimum(score[against], LOW)
    reason = np.where(against, REASON["CONTEXT_AGAINST"], 0).astype(np.int16)
    refused = judged.verdict == Verdict.REFUTED
    score[refused], reason[refused] = 0.0, judged.reason[refused]
    return Weights(score, reason, refused, np.zeros(len(sure), np.int64))
