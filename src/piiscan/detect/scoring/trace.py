"""How a score came about: what a bare value is worth, and what raised, held or refused it."""

from __future__ import annotations

from dataclasses import dataclass

from piiscan.detect.checks import Verdict
from piiscan.detect.context.context_words import LABEL, NEAREST
from piiscan.detect.scoring.candidate_score import BARE, LABELLED, REFUTED_LABELLED, WITH_WORD


@dataclass(frozen=True, slots=True)
class Stage:
    """What a candidate was worth from then on: its ``score``.

    ``name``: bare, tagger, check, word, label, refuted, held or refused.
    """

    name: str
    score: float


def path_of(
    bare: int, strength: int, nearness: int, verdict: int, score: float, *, own: bool
) -> tuple[Stage, ...]:
    """The stages of one candidate; the last one's score is ``score``, as ``weigh`` gave it.

    ``bare`` and ``strength`` are levels of checks.Strength (0: the check leaves it alone), ``own``
    says that the column's label names the recognizer.

    >>> [(stage.name, stage.score) for stage in path_of(2, 0, 3, 1, 0.85, own=False)]
    [('bare', 0.6), ('word', 0.85)]
    """
    value = float(BARE[bare])
    stages = [Stage("bare", value)]
    worth = strength or bare
    if worth != bare:
        value = float(BARE[worth])
        stages.append(Stage("check", value))
    spoken_for = nearness >= NEAREST if worth <= 1 else nearness > 0
    if spoken_for and not own:
        value = float(WITH_WORD[worth])
        stages.append(Stage("word", value))
    if own:
        value = LABELLED
        stages.append(Stage("label", value))
    if verdict == Verdict.REFUTED:
        value = REFUTED_LABELLED
        if score:
            stages.append(Stage("refuted", value))
    if not score:
        stages.append(Stage("refused", 0.0))
    elif score != value:
        stages.append(Stage("held", score))
    return tuple(stages)


def tagged_path(nearness: int, score: float, *, own: bool) -> tuple[Stage, ...]:
    """The stage that decided the score of what the tagger read."""
    if not score:
        return (Stage("refused", 0.0),)
    if own:
        return (Stage("label", score),)
    raised = nearness == LABEL and score == float(WITH_WORD[-1])
    return (Stage("word" if raised else "tagger", score),)
