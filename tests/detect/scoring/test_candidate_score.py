"""Scores, reasons and priorities are those of the rules, read aloud one candidate at a time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from piiscan.bundles import empty_rows
from piiscan.detect.catalog.column import ColumnTraits
from piiscan.detect.checks import REASON, REASONS, Judgement, Verdict
from piiscan.detect.context.context_numbers import (
    AMOUNT_SIGN,
    AMOUNT_UNIT,
    CLEAR,
    DECIMAL,
    FAR_LABEL,
    GLUED,
    INSIDE_TOKEN,
    LABEL,
    NEAR,
    NEAREST,
    NONE,
)
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.scoring.candidate_score import CandidateScores, ScoringTables
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.priority import PRIORITY_PARTS
from piiscan.detect.scoring.score_kernels import score_all

LOW, MEDIUM, HIGH = 1, 2, 3
SCORES = {LOW: (0.3, 0.6), MEDIUM: (0.6, 0.85), HIGH: (0.85, 0.85)}
REASON_OF = {
    GLUED: "GLUED",
    DECIMAL: "DECIMAL",
    AMOUNT_UNIT: "AMOUNT",
    AMOUNT_SIGN: "AMOUNT",
    INSIDE_TOKEN: "INSIDE_TOKEN",
}
SIDES = {True: 46, False: 97}  # a stop beside the candidate, or a letter


def expected(c: SimpleNamespace) -> tuple[float, str, bool]:
    """(score, reason, refused) of one candidate."""
    level = c.strength or c.base
    direct = c.nearness in (LABEL, FAR_LABEL)
    enough = NEAREST if level == LOW else NEAR
    score = SCORES[level][c.nearness >= enough]
    cut = c.surroundings in (GLUED, DECIMAL, AMOUNT_UNIT)
    doubts = {
        "CONTEXT_AGAINST": c.against and not direct,
        "NOT_LABELLED": c.other_label and c.verdict == Verdict.PLAUSIBLE and not direct,
        "CHANCE": c.by_chance and c.verdict == Verdict.VERIFIED and not direct,
    }
    if cut or any(doubts.values()):
        score = min(score, 0.3)
    if c.labelled:
        score = 0.9
    if c.verdict == Verdict.REFUTED:
        score = 0.5
    reason = c.reason
    if not reason and not cut:
        reason = next((name for name, doubt in doubts.items() if doubt), "")
    if c.verdict != Verdict.REFUTED and c.surroundings and not (c.labelled and cut):
        reason = REASON_OF[c.surroundings]
    refused = (
        c.surroundings in (AMOUNT_SIGN, INSIDE_TOKEN)
        or c.reason == "PLACEHOLDER"
        or (c.verdict == Verdict.REFUTED and not c.labelled and not direct)
    )
    if c.anchored and c.nearness != LABEL and not (c.labelled and c.left and c.right):
        return 0.0, "NO_CONTEXT", True
    return (0.0 if refused else score), reason, refused


def expected_priority(c: SimpleNamespace, reported: bool) -> int:
    """Parts of the priority, the weightiest first."""
    verified, length = c.verdict == Verdict.VERIFIED, min(c.length, 4095)
    if c.labelled:
        label = 1 if c.verdict == Verdict.REFUTED else 3
    else:
        label = 2 if verified and reported and c.outranks >= 50 else 0
    parts = (
        label,
        reported,
        c.verdict != Verdict.REFUTED,
        verified,
        length if verified else 0,
        min(max(c.outranks + 512, 0), 1023),
        length,
    )
    priority = 0
    for (_, size), part in zip(PRIORITY_PARTS, parts, strict=True):
        assert 0 <= part < size
        priority = priority * size + int(part)
    return priority


CHOICES: dict[str, list[Any]] = {
    "base": [LOW, MEDIUM, HIGH],
    "strength": [0, LOW, MEDIUM, HIGH],
    "verdict": [0, 1, 2],
    "reason": ["", "", "CHECK_FAIL", "PLACEHOLDER"],
    "nearness": [NONE, NEAR, NEAREST, LABEL, FAR_LABEL],
    "against": [False, False, True],
    "surroundings": [CLEAR, CLEAR, CLEAR, *REASON_OF],
    "labelled": [False, True],
    "by_chance": [False, True],
    "anchored": [False, False, True],
    "left": [True, False],
    "right": [True, False],
    "outranks": [0, 25, 49, 50, 60, -511, -512, -513, 511, 512, 600],
    "length": [1, 18, 4094, 4095, 4096],
}


def draw(count: int, other_label: bool) -> list[SimpleNamespace]:
    rng = np.random.default_rng(count + other_label)
    rows = {name: rng.integers(len(values), size=count) for name, values in CHOICES.items()}
    return [
        SimpleNamespace(
            other_label=other_label,
            **{name: values[rows[name][at]] for name, values in CHOICES.items()},
        )
        for at in range(count)
    ]


def column(drawn: list[SimpleNamespace], name: str, kind: Any) -> Any:
    return np.array([getattr(each, name) for each in drawn], kind)


def inputs(drawn: list[SimpleNamespace]) -> tuple[Any, ScoringTables, ColumnTraits]:
    """The candidates as the stages before hand them on; each has a recognizer of its own."""
    folded, start = [0], []
    for each in drawn:
        folded.append(SIDES[each.left])
        start.append(len(folded))
        folded += [48] * each.length
        folded.append(SIDES[each.right])
    begin = np.array(start, np.int64)
    numbers = np.arange(len(drawn), dtype=np.int16)
    end = begin + column(drawn, "length", np.int64)
    reason = np.array([REASON[each.reason] if each.reason else 0 for each in drawn], np.int16)
    outside = np.zeros(256, np.bool_)
    outside[SIDES[True]] = True
    validated = SimpleNamespace(
        candidates=Candidates(numbers, begin, end, np.zeros(len(drawn), np.uint8)),
        judgement=Judgement(
            column(drawn, "verdict", np.int8), reason, column(drawn, "strength", np.int8)
        ),
        texts=SimpleNamespace(folded=np.array(folded, np.uint8)),
    )
    against = column(drawn, "against", np.int32) - 1  # 0: a word, -1: none
    word = np.full(len(drawn), -1, np.int32)
    tables = ScoringTables(
        column(drawn, "base", np.int8),
        column(drawn, "anchored", np.uint8),
        column(drawn, "outranks", np.int64),
        outside,
    )
    traits = ColumnTraits(
        column(drawn, "labelled", np.bool_),
        column(drawn, "by_chance", np.bool_),
        column(drawn, "other_label", np.bool_),
        np.zeros(len(drawn), np.int64),
    )
    annotated = SimpleNamespace(
        validated=validated,
        context=Context(
            word,
            column(drawn, "nearness", np.uint8),
            against,
            implied=np.full(len(drawn), -1, np.int16),
            label=np.full(len(drawn), -1, np.int64),
        ),
        surroundings=column(drawn, "surroundings", np.uint8),
    )
    return annotated, tables, traits


@pytest.mark.parametrize("other_label", [False, True])
def test_scores_reasons_and_priorities_are_those_of_the_rules(other_label: bool) -> None:
    drawn = draw(6_000, other_label)
    annotated, tables, traits = inputs(drawn)
    validated, scores = annotated.validated, empty_rows(CandidateScores, len(drawn))
    score_all(
        validated.texts.folded,
        validated.candidates,
        (validated.judgement, annotated.context, annotated.surroundings),
        tables,
        traits,
        scores,
    )
    for at, each in enumerate(drawn):
        score, reason, refused = expected(each)
        found = (float(scores.score[at]), REASONS[scores.reason[at]], bool(scores.refused[at]))
        assert found == (score, reason, refused), each
        # a refused candidate takes no place, whatever its priority
        if not refused:
            assert scores.priority[at] == expected_priority(each, score >= 0.5), each


@pytest.mark.parametrize("other_label", [False, True])
def test_an_isolated_candidate_has_the_score_of_one_without_words_and_neighbours(
    other_label: bool,
) -> None:
    drawn = draw(3_000, other_label)
    for each in drawn:
        each.nearness, each.against, each.surroundings, each.anchored = NONE, False, CLEAR, False
    annotated, tables, traits = inputs(drawn)
    rows = np.arange(0, len(drawn), 2, dtype=np.int64)
    spans = IsolatedSpans(rows, 0, annotated.validated, tables, traits)
    assert spans.scores().tolist() == [expected(drawn[row])[0] for row in rows]
