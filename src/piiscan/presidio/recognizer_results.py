"""Presidio results of piiscan's findings, with explanations computed at first use."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Self

from presidio_analyzer import AnalysisExplanation, RecognizerResult

from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.findings.finding import Finding

_FIELDS: Final = (
    "entity_type", "start", "end", "score", "analysis_explanation", "recognition_metadata",
)  # fmt: skip
_NAME_KEY: Final = RecognizerResult.RECOGNIZER_NAME_KEY
_IDENTIFIER_KEY: Final = RecognizerResult.RECOGNIZER_IDENTIFIER_KEY
_ENHANCED_KEY: Final = RecognizerResult.IS_SCORE_ENHANCED_BY_CONTEXT_KEY
_VALIDATED: Final = {"verified": True, "refuted": False, "plausible": None}


class PiiscanResult(RecognizerResult):
    """Presidio result of one finding; it contains no text and no value.

    Presidio drops most explanations unread, so each is made on first use.
    """

    def __init__(self, finding: Finding, rule: Recognizer, identifier: str, entity: str) -> None:
        """Create the result of ``finding`` by the recognizer object ``identifier``.

        All fields of Presidio's class are set here, because its own call costs as much again.
        ``entity``: name of its entity for Presidio.
        """
        name = recognizer_name(finding.entity)
        self._explanation: AnalysisExplanation | None = None
        self.entity_type, self.score = entity, finding.score
        self.start, self.end = finding.start, finding.end
        self.recognition_metadata = {
            _NAME_KEY: name,
            _IDENTIFIER_KEY: identifier,
            _ENHANCED_KEY: finding.context is not None,
            "piiscan_recognizer": finding.recognizer,
            "verdict": finding.verdict,
            "reason": finding.reason,
            "role": finding.role,
        }
        self._reasoning: tuple[Any, ...] | None = (
            rule, name, finding.score, finding.context, finding.verdict, finding.reason,
        )  # fmt: skip

    @property
    def analysis_explanation(self) -> AnalysisExplanation | None:
        """Return the explanation for ``return_decision_process``: pattern, check, word, reason."""
        if self._explanation is None and self._reasoning is not None:
            self._explanation = _explain(*self._reasoning)
            self._reasoning = None
        return self._explanation

    @analysis_explanation.setter
    def analysis_explanation(self, explanation: AnalysisExplanation | None) -> None:
        self._explanation, self._reasoning = explanation, None

    def to_dict(self) -> dict[str, Any]:
        """Return the set fields of Presidio's result; its server deletes the metadata."""
        return {key: getattr(self, key) for key in _FIELDS if hasattr(self, key)}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy whose fields can be changed; Presidio copies all results of a text."""
        twin = self.__class__.__new__(self.__class__)
        twin.__dict__ |= self.__dict__
        twin.recognition_metadata = dict(self.recognition_metadata)
        if self._explanation is not None:
            twin._explanation = AnalysisExplanation.__new__(AnalysisExplanation)
            twin._explanation.__dict__ |= self._explanation.__dict__
        memo[id(self)] = twin
        return twin


def _explain(
    rule: Recognizer, name: str, score: float, context: str | None, verdict: str, reason: str | None
) -> AnalysisExplanation:
    """Build Presidio's explanation of a finding: pattern, check, context word, reason."""
    raised = context is not None and score > rule.score
    explanation = AnalysisExplanation(
        recognizer=name,
        original_score=rule.score if raised else score,
        pattern_name=rule.id,
        pattern=" | ".join(rule.shape or rule.pattern),
        validation_result=_VALIDATED[verdict],
        textual_explanation=_explanation_text(rule, context, verdict, reason),
    )
    if context is not None:
        explanation.set_supportive_context_word(context)
        explanation.set_improved_score(score)
    return explanation


def _explanation_text(
    rule: Recognizer, context: str | None, verdict: str, reason: str | None
) -> str:
    """Describe a finding in words: title, check and verdict, context word, reason."""
    checked = f"check {rule.check}: {verdict}" if rule.check else f"no check: {verdict}"
    parts = [rule.title["en"], checked]
    if context is not None:
        parts.append(f"context {context}")
    if reason is not None:
        parts.append(f"reason {reason}")
    return "; ".join(parts)


@cache
def recognizer_name(entity: str) -> str:
    """Return the Presidio recognizer name for ``entity``.

    >>> recognizer_name("CN_MOBILE")
    'PiiscanCnMobile'
    """
    return "Piiscan" + "".join(part.capitalize() for part in entity.split("_"))
