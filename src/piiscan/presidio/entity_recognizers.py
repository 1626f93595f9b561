"""Presidio recognizers: one per entity, all of them backed by one shared engine."""

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
from piiscan.presidio.engine_cache import Row, SharedEngine

DEFAULT_MIN_SCORE: Final = 0.5
_VALIDATED: Final = {"verified": True, "refuted": False, "plausible": None}


class PiiscanRecognizer(EntityRecognizer):
    """Presidio recognizer of one entity found by piiscan's engine.

    It returns results of every score. ``score_thresholds`` makes Presidio drop those below 0.5,
    unless ``analyze(score_threshold=…)`` sets another threshold. Recognizers built from YAML
    (without ``shared``) share one engine with the shipped catalogue, as of today.
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
        """Create a recognizer. Raise ValueError if an entity is unknown or none is given."""
        self.shared = shared or default_engine(datetime.date.today())
        known = self.shared.catalog.entities
        unknown = sorted(set(supported_entities) - set(known))
        if unknown or not supported_entities:
            raise ValueError(f"{unknown}: no such entity; known are {', '.join(known)}")
        super().__init__(
            supported_entities=supported_entities,
            name=name or recognizer_name(supported_entities[0]),
            supported_language=supported_language,
            version=__version__,
            score_thresholds={"default": min_score},
        )

    def load(self) -> None:
        """Do nothing: the engine is ready."""

    def analyze(
        self, text: str, entities: Iterable[str] | None = None, nlp_artifacts: Any = None
    ) -> list[RecognizerResult]:
        """Return the results of this recognizer in ``text``; ``nlp_artifacts`` is not used."""
        return self._results(text, entities, None)

    def enhance_using_context(
        self,
        text: str,
        raw_recognizer_results: list[RecognizerResult],
        other_raw_recognizer_results: list[RecognizerResult],
        nlp_artifacts: Any,
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """Return the results for ``text`` as if in a column named by the caller's ``context``.

        The engine has already scored the context words in the text itself. Without ``context``, or
        if it names no column, the raw results are returned.
        """
        label = self.shared.label(context) if context else None
        return self._results(text, None, label) if label else raw_recognizer_results

    def _results(self, text: str, entities: Iterable[str] | None, label: Any) -> list[Any]:
        """Return Presidio results for the supported entities in ``entities`` (None: all)."""
        requested = self.supported_entities if entities is None else entities
        wanted = [each for each in self.supported_entities if each in requested]
        return [self._result(row) for each in wanted for row in self.shared.rows(text, each, label)]

    def _result(self, row: Row) -> RecognizerResult:
        """Convert one FOUND row to a Presidio RecognizerResult."""
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
        """Explain one FOUND row for ``return_decision_process``: pattern, check, word, reason."""
        rule = self.shared.catalog.by_id[row["recognizer"]]
        raised = row["context"] is not None and row["score"] > rule.score
        explanation = AnalysisExplanation(
            recognizer=self.name,
            original_score=rule.score if raised else row["score"],
            pattern_name=rule.id,
            pattern=" | ".join(rule.shape or rule.pattern),
            validation_result=_VALIDATED[row["verdict"]],
            textual_explanation=_explanation_text(rule.title["en"], rule.check, row),
        )
        if row["context"] is not None:
            explanation.set_supportive_context_word(row["context"])
            explanation.set_improved_score(row["score"])
        return explanation


def _explanation_text(title: str, check: str | None, row: Row) -> str:
    """Describe a finding in words: title, check and verdict, context word, reason."""
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
    """Return one recognizer per entity, sharing one engine.

    ``entities``: the entities, by default all of the catalogue's.

    They are named PiiscanCnMobile, PiiscanPerson, …: names to add them to a Presidio registry and
    remove them. ``as_of`` is the last possible birth date (today if None).
    """
    shared = shared_engine(catalog, as_of)
    return build_recognizers(
        shared, entities, supported_language=supported_language, min_score=min_score
    )


def build_recognizers(
    shared: SharedEngine,
    entities: Sequence[str] | None = None,
    *,
    supported_language: str,
    min_score: float,
) -> list[PiiscanRecognizer]:
    """Return one recognizer per entity, using the engine ``shared``.

    ``entities``: the entities, by default all of the catalogue's.
    """
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
    """Return an engine for ``catalog``; None: the shipped catalogue, cached per day."""
    day = as_of or datetime.date.today()
    return default_engine(day) if catalog is None else SharedEngine(Engine(catalog, as_of=day))


@lru_cache(maxsize=2)
def default_engine(as_of: datetime.date) -> SharedEngine:
    """Return the cached engine of the shipped catalogue."""
    return SharedEngine(engine_for(as_of))


def recognizer_name(entity: str) -> str:
    """Return the Presidio recognizer name for ``entity``.

    >>> recognizer_name("CN_MOBILE")
    'PiiscanCnMobile'
    """
    return "Piiscan" + "".join(part.capitalize() for part in entity.split("_"))
