"""piiscan for Presidio: recognizers, Chinese NLP engine, ready analyzer and masking operators.

Importing this module imports Presidio and spaCy; no other module of piiscan does.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from piiscan.detect.catalog.catalog import Catalog
from piiscan.presidio.analyzer_engine import PiiscanAnalyzerEngine
from piiscan.presidio.entity_recognizers import (
    DEFAULT_MIN_SCORE,
    PiiscanRecognizer,
    PresidioNamesRecognizer,
    recognizers,
    shared_engine,
)
from piiscan.presidio.everyday_patterns import everyday_recognizers
from piiscan.presidio.masking_operators import Anonymizing, ChineseMask, anonymizer, operators
from piiscan.presidio.nlp_pipeline import nlp_engine
from piiscan.presidio.picture_ocr import PictureOcr, ocr
from piiscan.presidio.recognizer_registry import PiiscanRegistry
from piiscan.presidio.yaml_config import write_config

__all__ = [
    "Anonymizing",
    "ChineseMask",
    "PictureOcr",
    "PiiscanAnalyzerEngine",
    "PiiscanRecognizer",
    "PiiscanRegistry",
    "PresidioNamesRecognizer",
    "analyzer",
    "anonymizer",
    "nlp_engine",
    "ocr",
    "operators",
    "recognizers",
    "write_config",
]


def analyzer(
    catalog: Catalog | None = None,
    entities: Sequence[str] | None = None,
    as_of: datetime.date | None = None,
    *,
    beside: Iterable[Any] = (),
    languages: Sequence[str] = ("zh",),
    min_score: float = DEFAULT_MIN_SCORE,
    presidio_names: bool = False,
) -> PiiscanAnalyzerEngine:
    """Return a Presidio ``AnalyzerEngine`` with piiscan's recognizer; no model is downloaded.

    One recognizer finds all ``entities``; :func:`recognizers` returns one for each.
    ``beside``: additional recognizers, of Presidio or your own. Create them with
    ``supported_language="zh"``: Presidio calls only recognizers of the requested language.
    ``languages``: languages for which piiscan's recognizers are called. ``presidio_names``: call
    entities PHONE_NUMBER, LOCATION, CREDIT_CARD as Presidio does, and find DATE_TIME, AGE and URL.

    >>> results = analyzer().analyze("机主电话13800138000", language="zh")
    >>> [(each.entity_type, each.start, each.end) for each in results]
    [('CN_MOBILE', 4, 15)]
    """
    registry = PiiscanRegistry(supported_languages=list(languages))
    shared = shared_engine(catalog, as_of)
    kind = PresidioNamesRecognizer if presidio_names else PiiscanRecognizer
    for language in languages:
        registry.add_recognizer(
            kind(
                None if entities is None else list(entities),
                supported_language=language,
                shared=shared,
                min_score=min_score,
            )
        )
        for each in everyday_recognizers(language) if presidio_names else ():
            registry.add_recognizer(each)
    for other in beside:
        registry.add_recognizer(other)
    return PiiscanAnalyzerEngine(
        registry=registry,
        nlp_engine=nlp_engine(languages, shared),
        supported_languages=list(languages),
    )
