"""Presidio recognizers: one per entity, all of them backed by one shared engine."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from presidio_analyzer import EntityRecognizer, RecognizerResult

from piiscan import __version__
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import Label
from piiscan.detect.engine import Engine
from piiscan.finding import engine_for
from piiscan.presidio.engine_cache import SharedEngine
from piiscan.presidio.recognizer_results import PiiscanResult, recognizer_name

DEFAULT_MIN_SCORE: Final = 0.5


class PiiscanRecognizer(EntityRecognizer):
    """Presidio recognizer of one or more entities found by piiscan's engine.

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
        self._supported = frozenset(supported_entities)
        super().__init__(
            supported_entities=supported_entities,
            name=name or _default_name(supported_entities),
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

    def _results(
        self, text: str, entities: Iterable[str] | None, label: Label | None
    ) -> list[RecognizerResult]:
        """Return Presidio results for the supported entities in ``entities`` (None: all)."""
        wanted = self._supported if entities is None else self._supported.intersection(entities)
        rules = self.shared.catalog.by_id
        return [
            PiiscanResult(each, rules[each.recognizer], self.id)
            for each in self.shared.findings(text, label)
            if each.entity in wanted
        ]


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


def _default_name(entities: Sequence[str]) -> str:
    """Return the name of a recognizer of ``entities``: that of its entity, or of its class."""
    return recognizer_name(entities[0]) if len(entities) == 1 else PiiscanRecognizer.__name__
