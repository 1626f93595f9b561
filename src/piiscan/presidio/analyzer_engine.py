"""Analyzer engine of Presidio whose allow list compares canonical values, in any spelling."""

from __future__ import annotations

from typing import Any, Final, Self

from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts

from piiscan.presidio.entity_recognizers import PiiscanRecognizer, PresidioNamesRecognizer
from piiscan.presidio.recognizer_registry import PiiscanRegistry

#: Recognizers that make new results for each call.
_OURS: Final = (PiiscanRecognizer, PresidioNamesRecognizer)
_RULE: Final = "piiscan_recognizer"


class PiiscanAnalyzerEngine(AnalyzerEngine):
    """Presidio's ``AnalyzerEngine`` with an ``allow_list`` that also compares canonical values.

    ``allow_list=["13800138000"]`` also drops ``138-0013-8000``, and the other way round. A result
    holds no value: the engine still has the findings of the text.
    """

    def __init__(self, registry: RecognizerRegistry | None = None, *args: Any, **options: Any):
        """Create the engine as Presidio's; a registry of Presidio becomes one of piiscan."""
        super().__init__(registry, *args, **options)
        if type(self.registry) is RecognizerRegistry:
            self.registry.__class__ = PiiscanRegistry

    @classmethod
    def of(cls, engine: AnalyzerEngine) -> Self:
        """Return an engine with the recognizers and settings of Presidio's ``engine``."""
        return cls(
            registry=engine.registry,
            nlp_engine=engine.nlp_engine,
            app_tracer=engine.app_tracer,
            log_decision_process=engine.log_decision_process,
            default_score_threshold=engine.default_score_threshold,
            supported_languages=engine.supported_languages,
            context_aware_enhancer=engine.context_aware_enhancer,
        )

    def analyze(self, text: str, language: str, *args: Any, **options: Any) -> Any:
        """Return the results of a text, as Presidio's engine; raise TypeError for anything else."""
        if not isinstance(text, str):
            raise TypeError(f"a text is expected, not {type(text).__name__}")
        for each in options.get("allow_list") or ():
            if not isinstance(each, str):
                raise TypeError(f"an allow list has texts, not {type(each).__name__}")
        return super().analyze(text, language, *args, **options)

    def get_supported_entities(self, language: str | None = None) -> list[str]:
        """Return the entities of ``language``, each once; None: of Presidio's default language.

        One recognizer of piiscan is asked at once, because Presidio's engine asks for every text.
        """
        known = self.registry.recognizers
        ours = [each for each in known if each.supported_language == language]
        if len(ours) == 1 and type(ours[0]) in _OURS:
            return list(ours[0].supported_entities)
        found = super().get_recognizers(language)
        return list({entity for each in found for entity in each.get_supported_entities()})

    def get_recognizers(self, language: str | None = None) -> list[EntityRecognizer]:
        """Return the recognizers of ``language``, one for each entity, as results name them."""
        return [
            one
            for each in super().get_recognizers(language)
            for one in (each.one_by_one() if type(each) in _OURS else [each])
        ]

    def _enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """Return the results with the scores that ``context`` gives them.

        Presidio's enhancer would only copy the results of one recognizer of piiscan.
        """
        only = recognizers[0]
        if (
            len(recognizers) == 1
            and type(only) in _OURS
            and not only.context
            and type(self.context_aware_enhancer) is LemmaContextAwareEnhancer
        ):
            enhanced: list[RecognizerResult] = only.enhance_using_context(
                text, raw_results, [], nlp_artifacts, context
            )
            return enhanced
        results: list[RecognizerResult] = super()._enhance_using_context(
            text, raw_results, nlp_artifacts, recognizers, context
        )
        return results

    def _remove_allow_list(  # Presidio's is static
        self,
        results: list[RecognizerResult],
        allow_list: list[str],
        text: str,
        regex_flags: int | None,
        allow_list_match: str,
    ) -> list[RecognizerResult]:
        """Return the results whose text and canonical value are not on the allow list."""
        remove = super()._remove_allow_list
        listed = allow_list, text, regex_flags, allow_list_match
        kept: list[RecognizerResult] = remove(results, *listed)
        places = [_place(each) for each in kept]
        ours = [each for each in self.registry.recognizers if isinstance(each, PiiscanRecognizer)]
        if not ours or not any(places):
            return kept
        shared = ours[0].shared
        values, allowed = shared.values(text), list(allow_list)
        if allow_list_match == "exact":
            allowed += shared.canonical_values(allow_list)
        return [
            each
            for each, place in zip(kept, places, strict=True)
            if place not in values
            or remove(
                [RecognizerResult(each.entity_type, 0, len(values[place]), each.score)],
                allowed, values[place], regex_flags, allow_list_match,
            )
        ]  # fmt: skip


def _place(result: RecognizerResult) -> tuple[int, int, str] | None:
    """Return (start, end, recognizer id) of a piiscan result; None for other recognizers."""
    rule = (result.recognition_metadata or {}).get(_RULE)
    return None if rule is None else (result.start, result.end, rule)
