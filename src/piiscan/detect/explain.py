"""Why a text gives what it gives: folding, candidates, check steps, context, score, outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category

import numpy as np
import pyarrow as pa

from piiscan.detect.arithmetic.check_steps import Step, steps_of
from piiscan.detect.attributes import attributes
from piiscan.detect.catalog.headers import Label
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.context.context_words import AHEAD, FAR_LABEL, LABEL, NEAR, NEAREST
from piiscan.detect.context.separators import SEPARATORS
from piiscan.detect.context.word_trie import WINDOW
from piiscan.detect.engine import Engine
from piiscan.detect.matching.alphabet import SKIP, base_of
from piiscan.detect.matching.batch import Texts
from piiscan.detect.matching.fold import fold_texts
from piiscan.detect.results.found_table import found_table
from piiscan.detect.results.resolved import Settled
from piiscan.detect.scoring.candidate_score import deciding
from piiscan.detect.scoring.trace import Stage, path_of, tagged_path

#: How a word stands to its candidate, by the levels of detect.context.
#: What separators of lists are made of.
_JOINTS: Final = frozenset("".join(SEPARATORS) + " ")
_NEARNESS: Final = {NEAR: "near", NEAREST: "nearest", LABEL: "direct", FAR_LABEL: "behind_another"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word beside a candidate; ``start`` is its code point, None where it cannot be told.

    ``distance`` counts the characters between both, below 0 where the word stands behind.
    ``nearness``: direct, nearest, near, behind_another; ``against`` where it speaks against;
    ``list`` for the separator of a list, with the span of the account in front of it.
    """

    word: str
    nearness: str
    start: int | None
    distance: int | None
    account: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Rival:
    """The other one of a contest for a place, and which part of their priorities decided it."""

    recognizer: Recognizer
    start: int
    end: int
    decided_by: str


@dataclass(frozen=True, slots=True, repr=False)
class Candidate:
    """What stood at one place, what was made of it, and what became of it; its repr shows nothing.

    ``outcome``: found, low (below the lowest score), lost or refused; ``lost_to`` is who took the
    place, ``won_over`` who else wanted it.
    """

    recognizer: Recognizer
    start: int
    end: int
    text: str
    value: str
    verdict: str  # verified | plausible | refuted
    reason: str | None
    word: Word | None
    against: Word | None
    labelled: bool
    role: str | None
    path: tuple[Stage, ...]
    steps: tuple[Step, ...]
    attributes: Mapping[str, str | int]
    score: float
    outcome: str
    lost_to: Rival | None
    won_over: tuple[Rival, ...]
    implied: tuple[str, ...]  # recognizers whose value the finding's first digits also are


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """``folded`` is the text as shapes see it; ``candidates`` are all, in text order."""

    text: str
    folded: str
    label: Label | None
    candidates: tuple[Candidate, ...]


def explain(
    engine: Engine, text: str, label: Label | None = None, *, min_score: float = 0.5
) -> Explanation:
    """Every candidate in ``text``, those refused and those that lost included."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    plain = "".join(map(_bare, text))
    found: list[Candidate] = []
    for settled, lone in engine.settle_one(text, label):
        rows = found_table(settled, lone, engine.plan, label, 0, 0.0, rejected=True).to_pylist()
        # The table's order: by start, end and recognizer.
        keys = settled.candidates
        order = np.lexsort((keys.recognizer, keys.end, keys.start)).tolist()
        view = _View(engine, settled, plain, label, min_score)
        found += [_candidate(view, at, row) for at, row in zip(order, rows, strict=True)]
    found.sort(key=lambda each: (each.start, each.end))
    return Explanation(text, _folded(engine, text), label, tuple(found))


@dataclass(frozen=True, slots=True, repr=False)
class _View:
    engine: Engine
    settled: Settled
    plain: str
    label: Label | None
    min_score: float

    def rule(self, at: int) -> Recognizer:
        return self.engine.catalog.recognizers[int(self.settled.candidates.recognizer[at])]

    def rival(self, at: int, winner: int, loser: int) -> Rival:
        priority, places = self.settled.weights.priority, self.settled.places
        why = deciding(int(priority[winner]), int(priority[loser]))
        return Rival(self.rule(at), int(places.start[at]), int(places.end[at]), why)


def _candidate(view: _View, at: int, row: Mapping[str, Any]) -> Candidate:
    settled, rule = view.settled, view.rule(at)
    winner, score = int(settled.winner[at]), float(settled.weights.score[at])
    reasons = view.engine.plan.names.reasons
    reason = reasons[int(settled.weights.reason[at])].as_py() or None
    own = bool(settled.traits.own_label[settled.candidates.recognizer[at]])
    day = view.engine.as_of
    losers = np.flatnonzero((settled.winner == at) & (np.arange(len(settled.winner)) != at))
    outcome = "found" if score >= view.min_score else "low"
    if winner != at:
        outcome = "lost" if winner >= 0 else "refused"
    listed = {(each["recognizer"], each["start"]) for each in row["alternatives"]}
    lost = {(view.rule(i).id, int(settled.places.start[i])) for i in losers.tolist()}
    return Candidate(
        rule,
        row["start"],
        row["end"],
        row["text"],
        row["value"],
        row["verdict"],
        reason,
        None if own else _word(view, at, settled.words.word[at], settled.words.nearness[at]),
        None if own else _word(view, at, settled.words.against[at], None),
        own,
        row["role"],
        _path(view, at, own=own),
        tuple(
            steps_of(rule.check, row["value"], as_of=day.year * 10000 + day.month * 100 + day.day)
        ),
        attributes(rule.entity, rule.id, row["value"], as_of=day),
        score,
        outcome,
        view.rival(winner, winner, at) if outcome == "lost" else None,
        tuple(view.rival(loser, at, loser) for loser in losers.tolist()),
        tuple(sorted(name for name, start in listed - lost)),
    )


def _path(view: _View, at: int, *, own: bool) -> tuple[Stage, ...]:
    settled = view.settled
    if settled.tagged:
        return tagged_path(
            int(settled.words.nearness[at]), float(settled.weights.score[at]), own=own
        )
    return path_of(
        int(view.engine.plan.strength[settled.candidates.recognizer[at]]),
        int(settled.judged.strength[at]),
        int(settled.words.nearness[at]),
        int(settled.judged.verdict[at]),
        float(settled.weights.score[at]),
        own=own,
    )


def _word(view: _View, at: int, number: int, nearness: int | None) -> Word | None:
    """The context word ``number`` with its place beside candidate ``at``; None for -1."""
    if number < 0:
        return None
    start, end = int(view.settled.places.start[at]), int(view.settled.places.end[at])
    words = view.engine.plan.words.words
    if number >= len(words):
        begin, joint = _account(view, start)
        return Word(SEPARATORS[number - len(words)], "list", joint, None, (begin, joint))
    word = words[number]
    near = _NEARNESS.get(int(nearness), "near") if nearness is not None else "against"
    spelt = "".join(map(_bare, word))
    place = view.plain.rfind(spelt, max(0, start - WINDOW - len(word)), start)
    if place >= 0:
        return Word(word, near, place, start - place - len(word))
    place = view.plain.find(spelt, end, end + AHEAD + len(word))
    return Word(word, near, place, end - place - 1) if place >= 0 else Word(word, near, None, None)


def _account(view: _View, start: int) -> tuple[int, int]:
    """Where the account that labels what starts at ``start`` stands: a candidate, or a word."""
    text, places = view.plain, view.settled.places
    end = start
    while end and (text[end - 1] in _JOINTS or category(text[end - 1]) == "Cf"):
        end -= 1
    begin = int(places.start[places.end == end].min(initial=end))
    while begin and (begin == end or text[begin - 1].isalnum()):
        begin -= 1
    return begin, end


def _bare(char: str) -> str:
    """A character as context words compare it."""
    low = base_of(char).lower()
    return low if len(low) == 1 else char


def _folded(engine: Engine, text: str) -> str:
    """The text as shapes see it; ∅ for what they do not see, such as zero-width characters."""
    texts = Texts.of(pa.array([text], pa.string()))
    codes, *_ = fold_texts(texts.data, texts.offsets, engine.plan.alphabet.table)
    return "".join(
        "∅" if code == SKIP else base_of(char)
        for char, code in zip(text, codes[1:-1].tolist(), strict=True)
    )
