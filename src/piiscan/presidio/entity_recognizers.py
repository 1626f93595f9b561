"""Presidio recognizers: one per entity, all of them backed by one shared engine."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from presidio_analyzer import EntityRecognizer, RecognizerResult

from piiscan import __version__
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.catalog.headers import Label
from piiscan.detect.engine import engine_of
from piiscan.finding import engine_for
from piiscan.presidio.engine_cache import SharedEngine, shared_of
from piiscan.presidio.recognizer_results import PiiscanResult, recognizer_name

DEFAULT_MIN_SCORE: Final = 0.5


class PiiscanRecognizer(EntityRecognizer):
    """Presidio recognizer of one or more entities found by piiscan's engine.

    It returns results of every score. ``score_thresholds`` makes Presidio drop those below 0.5,
    unless ``analyze(score_threshold=…)`` sets another threshold.
    """

    COUNTRY_CODE = "cn"
    #: Entity of a class that finds one; None: those that a caller names.
    ENTITY: ClassVar[str | None] = None

    def __init__(
        self,
        supported_entities: list[str] | None = None,
        name: str | None = None,
        supported_language: str = "zh",
        version: str = __version__,
        context: list[str] | None = None,
        country_code: str | None = None,
        score_thresholds: dict[str, float] | None = None,
        *,
        shared: SharedEngine | None = None,
        min_score: float = DEFAULT_MIN_SCORE,
        as_of: datetime.date | str | None = None,
        recognizers: Path | str | None = None,
        entity_names: Mapping[str, str] | None = None,
        removed: Iterable[str] = (),
    ) -> None:
        """Create a recognizer of ``supported_entities``, by default all of the catalogue's.

        ``as_of``: last possible birth date (today if None). ``recognizers``: folder with rules of
        your own. ``shared`` is an engine for both. ``entity_names``: entity -> name in the results
        (``{"CN_MOBILE": "PHONE_NUMBER"}``), also for ``supported_entities``. ``removed``: entities
        that are not found all the same. The other arguments are Presidio's. Raise ValueError if an
        entity is unknown or the list is empty.
        """
        self.shared = shared or default_engine(
            _day(as_of), None if recognizers is None else Path(recognizers)
        )
        self.entity_names = dict(self._names() if entity_names is None else entity_names)
        if supported_entities is None and self.ENTITY is not None:
            supported_entities = [self.ENTITY]
        self._removed = frozenset(removed)
        self._thresholds = {"default": min_score}
        known = self._named(self.shared.catalog.entities)
        entities = known if supported_entities is None else self._named(supported_entities)
        unknown = sorted(set(entities) - set(known))
        if unknown or not entities:
            raise ValueError(f"{unknown}: no such entity; known are {', '.join(known)}")
        self._supported = frozenset(entities)
        super().__init__(
            supported_entities=entities,
            name=name
            or (recognizer_name(entities[0]) if len(entities) == 1 else PiiscanRecognizer.__name__),
            supported_language=supported_language,
            version=version,
            context=context,
            country_code=country_code,
            score_thresholds=self._thresholds if score_thresholds is None else score_thresholds,
        )
        left = self._named(self.own_entities)
        self.supported_entities = [each for each in entities if each in left]

    @property
    def score_thresholds(self) -> dict[str, float]:
        """Return the lowest score of a result, by entity or ``default``."""
        return self._thresholds

    @score_thresholds.setter
    def score_thresholds(self, thresholds: dict[str, float] | None) -> None:
        """Set the thresholds; Presidio's loader of YAML files sets none of an entry without."""
        self._thresholds = thresholds or self._thresholds

    @property
    def own_entities(self) -> list[str]:
        """Return the entities that are found, under piiscan's names."""
        names = self.entity_names
        return [
            each
            for each in self.shared.catalog.entities
            if names.get(each, each) in self._supported and each not in self._removed
        ]

    def without(self, name: str) -> Self | None:
        """Return the recognizer without the entity whose results have this recognizer name.

        None if it finds no other one. ``PiiscanCnMobile``: without CN_MOBILE.
        """
        rest = [each for each in self.own_entities if recognizer_name(each) != name]
        return self if rest == self.own_entities else self._only(rest) if rest else None

    def one_by_one(self) -> list[Self]:
        """Return a recognizer for each entity, under the names in results."""
        return [self._only([each], recognizer_name(each)) for each in self.own_entities]

    def _only(self, entities: list[str], name: str | None = None) -> Self:
        """Return a recognizer of some of the entities."""
        twin = copy.copy(self)
        twin.name = name or self.name
        twin._id = f"{twin.name}_{id(twin)}"
        twin.supported_entities = self._named(entities)
        twin._removed = frozenset(self.shared.catalog.entities) - frozenset(entities)
        return twin

    def _names(self) -> Mapping[str, str]:
        """Return the default of ``entity_names`` (entity -> name): empty."""
        return {}

    def _named(self, entities: Iterable[str]) -> list[str]:
        """Return the distinct names in results of ``entities``."""
        return list(dict.fromkeys(self.entity_names.get(each, each) for each in entities))

    def to_dict(self) -> dict[str, Any]:
        """Return the arguments of ``from_dict``, as JSON types."""
        fields = {**super().to_dict(), "score_thresholds": self.score_thresholds}
        if self.context:
            fields["context"] = self.context
        if left_out := sorted(self._removed):
            fields["removed"] = left_out
        if self.entity_names:
            fields["entity_names"] = self.entity_names
        fields["as_of"] = self.shared.engine.as_of.isoformat()
        if self.shared.catalog.folder is not None:
            fields["recognizers"] = str(self.shared.catalog.folder)
        return fields

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
        rules, names = self.shared.catalog.by_id, self.entity_names
        return [
            PiiscanResult(each, rules[each.recognizer], self.id, name)
            for each in self.shared.findings(text, label)
            if each.entity not in self._removed
            and (name := names.get(each.entity, each.entity)) in wanted
        ]


class PresidioNamesRecognizer(PiiscanRecognizer):
    """Recognizer whose results use Presidio's names: PHONE_NUMBER, LOCATION, CREDIT_CARD.

    The table is the section ``presidio_names`` of vocabulary.yaml.
    """

    def _names(self) -> Mapping[str, str]:
        """Return entity -> Presidio's name, for entities that have one."""
        return self.shared.catalog.presidio_names


#: Classes of one entity each by the name in results, for Presidio's YAML files.
_CLASSES: Final = {
    recognizer_name(entity): type(
        recognizer_name(entity),
        (PiiscanRecognizer,),
        {
            "__doc__": f"Presidio recognizer of {entity}.",
            "__module__": __name__,
            "ENTITY": entity,
        },
    )
    for entity in load().entities
}
globals().update(_CLASSES)  # pickles name them


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
            [entity], supported_language=supported_language, shared=shared, min_score=min_score
        )
        for entity in (shared.catalog.entities if entities is None else entities)
    ]


def shared_engine(catalog: Catalog | None, as_of: datetime.date | None) -> SharedEngine:
    """Return an engine for ``catalog``; None: the shipped catalogue, cached per day."""
    return (
        default_engine(_day(as_of))
        if catalog is None
        else shared_of(engine_of(catalog, _day(as_of)))
    )


def default_engine(as_of: datetime.date, folder: Path | None = None) -> SharedEngine:
    """Return the cached engine of the shipped catalogue with the user's rules in ``folder``."""
    return shared_of(engine_for(as_of, folder))


def _day(as_of: datetime.date | str | None) -> datetime.date:
    """Return ``as_of`` as a date: today for None, ``"2026-12-31"`` parsed as ISO."""
    return (
        datetime.date.fromisoformat(as_of)
        if isinstance(as_of, str)
        else (as_of or datetime.date.today())
    )
