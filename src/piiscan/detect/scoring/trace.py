"""Score trace: the stages of a score, from base score to cap or refusal, for ``explain``."""

from __future__ import annotations

from dataclasses import dataclass

from piiscan.detect.checks import Verdict
from piiscan.detect.context.context_numbers import LABEL
from piiscan.detect.scoring.score_kernels import (
    BASE_SCORE,
    LABELLED,
    REFUTED_LABELLED,
    SCORE_WITH_WORD,
    WORD_NEEDED,
)


@dataclass(frozen=True, slots=True)
class ScoreStage:
    """One stage of a score: its name, and the score after it.

    ``name``: bare, tagger, check, word, label, refuted, held or refused.
    """

    name: str
    score: float


def trace_score(
    base_level: int, check_level: int, nearness: int, verdict: int, score: float, *, own_label: bool
) -> tuple[ScoreStage, ...]:
    """Return the stages of one candidate's score; the last one has the final ``score``.

    Args:
        base_level: level of the recognizer, 1 (low) to 3 (high)
        check_level: level set by its check, 0 if it sets none
        nearness: nearness of its context word, 0 (none) to 4, as in ``context_words``
        verdict: verdict of its check
        score: score from ``score_candidate``
        own_label: True if the column's label names the recognizer

    >>> [(stage.name, stage.score) for stage in trace_score(2, 0, 3, 1, 0.85, own_label=False)]
    [('bare', 0.6), ('word', 0.85)]
    """
    value = float(BASE_SCORE[base_level])
    stages = [ScoreStage("bare", value)]
    level = check_level or base_level
    if level != base_level:
        value = float(BASE_SCORE[level])
        stages.append(ScoreStage("check", value))
    supported = nearness >= WORD_NEEDED[level]
    if supported and not own_label:
        value = float(SCORE_WITH_WORD[level])
        stages.append(ScoreStage("word", value))
    if own_label:
        value = LABELLED
        stages.append(ScoreStage("label", value))
    if verdict == Verdict.REFUTED:
        value = REFUTED_LABELLED
        if score:
            stages.append(ScoreStage("refuted", value))
    if not score:
        stages.append(ScoreStage("refused", 0.0))
    elif score != value:
        stages.append(ScoreStage("held", score))
    return tuple(stages)


def trace_name_score(nearness: int, score: float, *, own_label: bool) -> tuple[ScoreStage, ...]:
    """Return the one stage that decided the score of a span of the name tagger."""
    if not score:
        return (ScoreStage("refused", 0.0),)
    if own_label:
        return (ScoreStage("label", score),)
    raised = nearness == LABEL and score == float(SCORE_WITH_WORD[-1])
    return (ScoreStage("word" if raised else "tagger", score),)
