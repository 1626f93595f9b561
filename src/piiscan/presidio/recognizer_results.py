"""Presidio results of piiscan's findings, with explanations that are made when they are read."""

from __future__ import annotations

from typing import Any, Final, Self

from presidio_analyzer import AnalysisExplanation, RecognizerResult

from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.findings.finding import Finding

_VALIDATED: Final = {"verified": True, "refuted": False, "plausible": None}


class PiiscanResult(RecognizerResult):
    """Presidio result of one finding; it keeps no text and no value.

    Presidio drops most explanations unread, so each is made on first use.
    """

    def __init__(self, finding: Finding, rule: Recognizer, identifier: str) -> None:
        """Create the result of ``finding`` by the recognizer object ``identifier``."""
        name = recognizer_name(finding.entity)
        self._explanation: AnalysisExplanation | None = None
        super().__init__(
            finding.entity,
            finding.start,
            finding.end,
            finding.score,
            recognition_metadata={
                RecognizerResult.RECOGNIZER_NAME_KEY: name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: identifier,
                RecognizerResult.IS_SCORE_ENHANCED_BY_CONTEXT_KEY: finding.context is not None,
                "piiscan_recognizer": finding.recognizer,
                "verdict": finding.verdict,
                "reason": finding.reason,
                "role": finding.role,
            },
        )
        self._reasoning: tuple[Recognizer, str, float, str | None] | None = (
            rule, name, finding.score, finding.context,
        )  # fmt: skip

    @property
    def analysis_explanation(self) -> AnalysisExplanation | None:
        """Return the explanation for ``return_decision_process``: pattern, check, word, reason."""
        if self._explanation is None and self._reasoning is not None:
            self._explanation = _explain(*self._reasoning, self.recognition_metadata)
            self._reasoning = None
        return self._explanation

    @analysis_explanation.setter
    def analysis_explanation(self, explanation: AnalysisExplanation | None) -> None:
        self._explanation, self._reasoning = explanation, None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields of Presidio's result as a dictionary."""
        return {
            "entity_type": self.entity_type,
            "start": self.start,
            "end": self.end,
            "score": self.score,
            "analysis_explanation": self.analysis_explanation,
            "recognition_metadata": self.recognition_metadata,
        }

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
    rule: Recognizer, name: str, score: float, context: str | None, metadata: dict[str, Any]
) -> AnalysisExplanation:
    """Return pattern, check, context word and reason of a finding as Presidio explains them."""
    raised = context is not None and score > rule.score
    explanation = AnalysisExplanation(
        recognizer=name,
        original_score=rule.score if raised else score,
        pattern_name=rule.id,
        pattern=" | ".join(rule.shape or rule.pattern),
        validation_result=_VALIDATED[metadata["verdict"]],
        textual_explanation=_explanation_text(rule, context, metadata),
    )
    if context is not None:
        explanation.set_supportive_context_word(context)
        explanation.set_improved_score(score)
    return explanation


def _explanation_text(rule: Recognizer, context: str | None, metadata: dict[str, Any]) -> str:
    """Describe a finding in words: title, check and verdict, context word, reason."""
    verdict, reason = metadata["verdict"], metadata["reason"]
    checked = f"check {rule.check}: {verdict}" if rule.check else f"no check: {verdict}"
    parts = [rule.title["en"], checked]
    if context is not None:
        parts.append(f"context {context}")
    if reason is not None:
        parts.append(f"reason {reason}")
    return "; ".join(parts)


def recognizer_name(entity: str) -> str:
    """Return the Presidio recognizer name for ``entity``.

    >>> recognizer_name("CN_MOBILE")
    'PiiscanCnMobile'
    """
    return "Piiscan" + "".join(part.capitalize() for part in entity.split("_"))
