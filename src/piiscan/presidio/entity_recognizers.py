"""Presidio's recognizers: one a kind of information, each a view of the one engine."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult

from piiscan import __version__
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.engine import Engine
from piiscan.finding import engine_for
from piiscan.presidio.shared_engine import Row, SharedEngine

DEFAULT_MIN_SCORE: Final = 0.5
_VALIDATED: Final = {"verified": True, "refuted": False, "plausible": None}


class PiiscanRecognizer(EntityRecognizer):
    """Presidio's view of one entity that piiscan's engine finds.

    Results of every score are returned; ``score_thresholds`` keeps those below 0.5 from the
    caller unless ``analyze(score_threshold=…)`` asks for them.  Built from YAML (without
    ``shared``) all views share one engine with the shipped catalogue, as of today.
    """

    def __init__(
        self,
        supported_entities: list[str],
        name: str | None = None,
        supported_language: str = "zh",
        *,
        shared: SharedEngine | None = None,
        min_score: float = DEFAULT_MIN_SCORE,
    ) -> None:
        self.shared = shared or default_engine(datetime.date.today())
        known = self.shared.catalog.entities
        unknown = sorted(set(supported_entities) - set(known))
        if unknown or not supported_entities:
            raise ValueError(f"{unknown}: no such entity; known are {', '.join(known)}")
        super().__init__(
            supported_entities=supported_entities,
            name=name or name_of(supported_entities[0]),
            supported_language=supported_language,
            version=__version__,
            score_thresholds={"default": min_score},
        )

    def load(self) -> None:
        """Nothing to load: the engine is ready."""

    def analyze(
        self, text: str, entities: Iterable[str] | None = None, nlp_artifacts: Any = None
    ) -> list[RecognizerResult]:
        """The findings of this view in ``text``; the NLP artifacts are not needed."""
        return self._results(text, entities, None)

    def enhance_using_context(
        self,
        text: str,
        raw_recognizer_results: list[RecognizerResult],
        other_raw_recognizer_results: list[RecognizerResult],
        nlp_artifacts: Any,
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """The findings as if ``text`` stood under a column called like the caller's ``context``.

        Words in the text itself have already been heard by the engine.
        """
        label = self.shared.label(context) if context else None
        return self._results(text, None, label) if label else raw_recognizer_results

    def _results(self, text: str, entities: Iterable[str] | None, label: Any) -> list[Any]:
        asked = self.supported_entities if entities is None else entities
        wanted = [each for each in self.supported_entities if each in asked]
        return [self._result(row) for each in wanted for row in self.shared.rows(text, each, label)]

    def _result(self, row: Row) -> RecognizerResult:
        return RecognizerResult(
            entity_type=row["entity"],
            start=row["start"],
            end=row["end"],
            score=row["score"],
            analysis_explanation=self._explanation(row),
            recognition_metadata={
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                RecognizerResult.IS_SCORE_ENHANCED_BY_CONTEXT_KEY: row["context"] is not None,
                "piiscan_recognizer": row["recognizer"],
                "verdict": row["verdict"],
                "reason": row["reason"],
                "role": row["role"],
            },
        )

    def _explanation(self, row: Row) -> AnalysisExplanation:
        """Pattern, check, context word and reason, for ``return_decision_process``."""
        rule = self.shared.catalog.by_id[row["recognizer"]]
        raised = row["context"] is not None and row["score"] > rule.score
        explanation = AnalysisExplanation(
            recognizer=self.name,
            original_score=rule.score if raised else row["score"],
            pattern_name=rule.id,
            pattern=" | ".join(rule.shape or rule.pattern),
            validation_result=_VALIDATED[row["verdict"]],
            textual_explanation=_sentence(rule.title["en"], rule.check, row),
        )
        if row["context"] is not None:
            explanation.set_supportive_context_word(row["context"])
            explanation.set_improved_score(row["score"])
        return explanation


def _sentence(title: str, check: str | None, row: Row) -> str:
    checked = f"check {check}: {row['verdict']}" if check else f"no check: {row['verdict']}"
    parts = [title, checked]
    if row["context"] is not None:
        parts.append(f"context {row['context']}")
    if row["reason"] is not None:
        parts.append(f"reason {row['reason']}")
    return "; ".join(parts)


def recognizers(
    catalog: Catalog | None = None,
    entities: Sequence[str] | None = None,
    as_of: datetime.date | None = None,
    *,
    supported_language: str = "zh",
    min_score: float = DEFAULT_MIN_SCORE,
) -> list[PiiscanRecognizer]:
    """One recognizer an entity (all of the catalogue's, or ``entities``), sharing one engine.

    They are called PiiscanCnMobile, PiiscanPerson, … and can be added to and removed from a
    Presidio registry by that name.  ``as_of`` (today if None) is the last possible birth date.
    """
    shared = shared_engine(catalog, as_of)
    return views(shared, entities, supported_language=supported_language, min_score=min_score)


def views(
    shared: SharedEngine,
    entities: Sequence[str] | None = None,
    *,
    supported_language: str,
    min_score: float,
) -> list[PiiscanRecognizer]:
    """One recognizer an entity (all of the catalogue's, or ``entities``) of ``shared``."""
    return [
        PiiscanRecognizer(
            [entity],
            supported_language=supported_language,
            shared=shared,
            min_score=min_score,
        )
        for entity in (shared.catalog.entities if entities is None else entities)
    ]


def shared_engine(catalog: Catalog | None, as_of: datetime.date | None) -> SharedEngine:
    """An engine for ``catalog``; that of the shipped catalogue is made once a day."""
    day = as_of or datetime.date.today()
    return default_engine(day) if catalog is None else SharedEngine(Engine(catalog, as_of=day))


@lru_cache(maxsize=2)
def default_engine(as_of: datetime.date) -> SharedEngine:
    """The shared engine over the shipped catalogue."""
    return SharedEngine(engine_for(as_of))


def name_of(entity: str) -> str:
    """The name of an entity's recognizer.

    >>> name_of("CN_MOBILE")
    'PiiscanCnMobile'
    """
    return "Piiscan" + "".join(part.capitalize() for part in entity.split("_"))
