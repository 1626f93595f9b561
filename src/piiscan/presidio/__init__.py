"""piiscan inside Presidio: recognizers, a Chinese NLP engine, a ready analyzer, masking.

Importing this module imports Presidio and spaCy; nothing else in piiscan does.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

from piiscan.detect.catalog.catalog import Catalog
from piiscan.presidio.entity_recognizers import (
    DEFAULT_MIN_SCORE,
    PiiscanRecognizer,
    recognizers,
    shared_engine,
    views,
)
from piiscan.presidio.nlp_pipeline import nlp_engine
from piiscan.presidio.operators import Anonymizing, ChineseMask, anonymizer, operators
from piiscan.presidio.yaml_config import write_config

__all__ = [
    "Anonymizing",
    "ChineseMask",
    "PiiscanRecognizer",
    "analyzer",
    "anonymizer",
    "nlp_engine",
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
) -> Any:
    """A ready Presidio ``AnalyzerEngine`` with piiscan's recognizers and no model to download.

    ``beside`` are recognizers of Presidio's or your own that work beside them, for text in
    several languages: give them ``supported_language="zh"``, as Presidio asks only recognizers of
    the language it is called with.  With more ``languages`` piiscan answers in each of them.

    >>> results = analyzer().analyze("机主电话13800138000", language="zh")
    >>> [(each.entity_type, each.start, each.end) for each in results]
    [('CN_MOBILE', 4, 15)]
    """
    registry = RecognizerRegistry(supported_languages=list(languages))
    shared = shared_engine(catalog, as_of)
    for language in languages:
        for view in views(shared, entities, supported_language=language, min_score=min_score):
            registry.add_recognizer(view)
    for other in beside:
        registry.add_recognizer(other)
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=nlp_engine(languages, shared),
        supported_languages=list(languages),
    )
