"""Presidio configuration: a YAML file from which ``AnalyzerEngineProvider`` loads piiscan.

It names no path, so it can be copied to any machine with piiscan, and Presidio's own server reads
it (``ANALYZER_CONF_FILE``). The process need not import piiscan: :mod:`piiscan.pydantic_plugin`
does. Presidio warns about a language without a SpacyRecognizer, so each has one; the pipeline
:mod:`piiscan.cn` leaves it nothing to find.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from presidio_analyzer import EntityRecognizer, PatternRecognizer

from piiscan.presidio.entity_recognizers import (
    DEFAULT_MIN_SCORE,
    PiiscanRecognizer,
    PresidioNamesRecognizer,
)
from piiscan.presidio.everyday_patterns import everyday_recognizers
from piiscan.presidio.recognizer_registry import match_hanzi

#: Name of the pipeline for ``spacy.load``: :mod:`piiscan.cn`.
MODEL_NAME: Final = "piiscan.cn"


def write_config(
    folder: Path | str,
    *,
    languages: Sequence[str] = ("zh",),
    entities: Sequence[str] | None = None,
    beside: Iterable[Any] = (),
    min_score: float = DEFAULT_MIN_SCORE,
    presidio_names: bool = False,
) -> Path:
    """Write ``analyzer.yaml`` into ``folder``. Return the path of the file.

    Load it with ``AnalyzerEngineProvider(write_config("conf")).create_engine()``.

    ``languages``: languages for which piiscan's recognizer is called. ``entities``: by default all
    of the catalogue's. ``beside``: additional recognizers, each an object, the name of a class of
    Presidio, or an entry of the file as a dictionary. ``presidio_names``: as for
    :func:`piiscan.presidio.analyzer`.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    path = target / "analyzer.yaml"
    kind = PresidioNamesRecognizer if presidio_names else PiiscanRecognizer
    everyday = [each for lang in languages if presidio_names for each in everyday_recognizers(lang)]
    ours: dict[str, Any] = {"score_thresholds": {"default": min_score}}
    if entities is not None:
        ours["supported_entities"] = list(entities)
    config = {
        "supported_languages": list(languages),
        "default_score_threshold": 0,
        "nlp_configuration": {
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": each, "model_name": MODEL_NAME} for each in languages],
        },
        "recognizer_registry": {
            "supported_languages": list(languages),
            "global_regex_flags": 26,  # Presidio's default: DOTALL | MULTILINE | IGNORECASE
            "recognizers": [
                _predefined(kind.__name__, languages) | ours,
                _predefined("SpacyRecognizer", languages) | {"supported_entities": ["PERSON"]},
                *(_entry(each, languages) for each in [*everyday, *beside]),
            ],
        },
    }
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def _entry(recognizer: Any, languages: Sequence[str]) -> dict[str, Any]:
    """Return the YAML entry of a recognizer: of an object, a class name, or an entry itself."""
    if isinstance(recognizer, dict):
        return recognizer
    if isinstance(recognizer, EntityRecognizer):
        if type(recognizer) is PatternRecognizer:
            match_hanzi(recognizer)  # the pattern of a deny list then is the list
            fields: dict[str, Any] = recognizer.to_dict() | {"type": "custom", "deny_list": []}
            if recognizer.name == PatternRecognizer.__name__:  # not allowed as a name in a file
                fields["name"] = f"{fields['supported_entity']} recognizer"
            thresholds = recognizer.score_thresholds
            return fields | ({"score_thresholds": thresholds} if thresholds else {})
        return _predefined(type(recognizer).__name__, [recognizer.supported_language])
    return _predefined(str(recognizer), languages)


def _predefined(name: str, languages: Sequence[str]) -> dict[str, Any]:
    """Return the YAML entry of the recognizer class ``name`` for ``languages``."""
    return {"name": name, "type": "predefined", "supported_languages": list(languages)}
